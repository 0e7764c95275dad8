"""The colours of a window in 32 bands: enough to see a rotor, too little to make out a word.

Bands     `BANDS` triangles, 50 to 8,000 Hz, even in mel: 2595 log10(1 + f / 700)
          (O'Shaughnessy 1987)
Levels    mean power of the window in each band against full scale, 0.1 dB
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tocsin.hear.resample import RATE_HZ
from tocsin.words.hearing import BANDS

F32 = NDArray[np.float32]

LOW_HZ, HIGH_HZ = 50.0, 8_000.0
LEAST_DB = -127.5
"""Below this nothing is told apart."""
_FRAME, _STEP = 1_024, 512


def bands_db(window: F32) -> tuple[float, ...]:
    """(16000,) samples → levels of `BANDS` bands, dB against a full-scale square wave."""
    power = spectrogram(window).mean(axis=0) @ _bands()
    level = 10.0 * np.log10(np.maximum(power, 1e-13))
    return tuple(np.round(np.maximum(level, LEAST_DB), 1).tolist())


def spectrogram(samples: F32) -> NDArray[np.float64]:
    """(n,) samples at 16 kHz → (frames, 513): the part of their mean square in each bin."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_STEP]
    taper = np.hanning(_FRAME + 1)[:-1].astype(np.float32)
    spectrum = np.fft.rfft(frames * taper, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / (_FRAME * float(np.square(taper).sum()))
    power[:, 1:-1] *= 2.0
    return np.asarray(power, np.float64)


@cache
def _bands() -> NDArray[np.float64]:
    """(513, BANDS): shares of each bin, which sum to 1 between the outer bands' peaks."""
    edges = _hertz(np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2))
    bins = np.fft.rfftfreq(_FRAME, 1.0 / RATE_HZ)[:, None]
    low, top, high = edges[:-2], edges[1:-1], edges[2:]
    up, down = (bins - low) / (top - low), (high - bins) / (high - top)
    shares = np.clip(np.minimum(up, down), 0.0, None)
    # A low band narrower than a bin takes its share of the bin that it lies in.
    bare = shares.sum(axis=0) == 0.0
    nearest = np.abs(bins - top).argmin(axis=0)
    width = (high - low) / 2.0 * _FRAME / RATE_HZ
    shares[nearest[bare], np.flatnonzero(bare)] = width[bare]
    return np.asarray(shares)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
