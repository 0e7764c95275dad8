"""A known chirp, and whether an ear that was given it heard it: the self-test of a microphone.

Makes      half a second that rises from 1,000 to 6,000 Hz, faded in and out; unlike rotors, and
           within what a cheap microphone and a cheap loudspeaker do
Finds      by a matched filter: the peak of the cross-correlation, against the root mean square of
           the correlation away from it. In noise alone the highest of 50,000 values reaches 4.6
           times that; 10 times is heard, 6 times is faint
Source     C. E. Cook, M. Bernfeld: Radar Signals, 1967, chapter 6
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.words.ear_report import Verdict

F32 = NDArray[np.float32]

CHIRP_S = 0.5
FROM_HZ, TO_HZ = 1_000.0, 6_000.0
_FADE_S = 0.02
_HEARD, _FAINT = 10.0, 6.0
_BESIDE_S = 0.01


class Found(NamedTuple):
    """How the chirp was heard: the time of its start after the recording's, its level (root mean
    square against full scale), and how far it stands out of the rest."""

    verdict: Verdict
    delay_s: float
    level_dbfs: float
    stands_out: float


def chirp(rate_hz: int) -> F32:
    """The chirp at full scale, (rate_hz / 2,)."""
    t = np.arange(round(CHIRP_S * rate_hz)) / rate_hz
    phase = 2.0 * np.pi * (FROM_HZ * t + (TO_HZ - FROM_HZ) / (2.0 * CHIRP_S) * t * t)
    edge = np.minimum(t, CHIRP_S - t) / _FADE_S
    fade = np.sin(0.5 * np.pi * np.clip(edge, 0.0, 1.0)) ** 2
    return np.asarray(np.sin(phase) * fade, np.float32)


def find_chirp(samples: F32, rate_hz: int) -> Found:
    """The best place of the chirp in `samples` (n,), which are longer than it is."""
    pattern = chirp(rate_hz).astype(np.float64)
    heard = np.nan_to_num(samples.astype(np.float64), posinf=0.0, neginf=0.0)
    heard -= heard.mean()
    size = 1 << (len(heard) + len(pattern)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(pattern, size))
    match = np.fft.irfft(spectrum, size)[: max(1, len(heard) - len(pattern) + 1)]
    at = int(np.argmax(np.abs(match)))
    beside = round(_BESIDE_S * rate_hz)
    rest = np.concatenate([match[: max(0, at - beside)], match[at + beside :]])
    noise = float(np.sqrt(np.mean(rest * rest))) if len(rest) else 0.0
    energy = float(pattern @ pattern)
    peak = abs(float(match[at]))
    root_mean_square = peak / energy * np.sqrt(energy / len(pattern))
    stands_out = peak / max(noise, 1e-9)
    verdict: Verdict = "not-heard"
    if stands_out >= _FAINT:
        verdict = "heard" if stands_out >= _HEARD else "faint"
    level = 20.0 * float(np.log10(max(root_mean_square, 1e-9)))
    return Found(verdict, at / rate_hz, level, stands_out)
