"""Sound at every microphone of a small array: sources that fly, and three kinds of noise.

Source     what arrives at t left at t - r/c, so that delay, Doppler and the curved front follow
           from the path alone; the level is that of the source at 1 m over r
Noise      "white": each microphone's own; "wind": each its own too, falling with 9 dB an octave
           above 60 Hz (of turbulence that passes a capsule); "around": pink, from everywhere at
           once, so that near microphones hear the same (sin(kd)/kd, Cook 1955)
Leaves out air absorption and the ground (`air.py`)
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tocsin.simulate.flight import F64

Noise = Literal["white", "wind", "around"]

_TAPS = 16
"""Half the points of the windowed sine that reads between samples: errors below -70 dB to 0.4 of
the rate."""
_ROUNDING = 1e-7
_GUST_HZ = 60.0
_PINK_FROM_HZ = 30.0


def arriving(source: F64, rate_hz: int, path: F64, places: F64, mps: float, start_s: float) -> F64:
    """What microphones at `places` (m, 3) hear (n, m) of a source, pressure at 1 m (k,), whose
    sample 0 left at 0 s. `path` (n, 3) is where it is at each sample heard, the first `start_s`
    after 0; it flies straight for as long as sound takes. Metres."""
    n = len(path)
    velocity = np.gradient(path, 1.0 / rate_hz, axis=0) if n > 1 else np.zeros_like(path)
    heard = np.empty((n, len(places)))
    for k, place in enumerate(places):
        ray = path - place
        # |p - v tau - m| = c tau
        along, room = (ray * velocity).sum(axis=1), mps**2 - (velocity**2).sum(axis=1)
        tau = (np.sqrt(along**2 + room * (ray**2).sum(axis=1)) - along) / room
        at = (start_s + np.arange(n) / rate_hz - tau) * rate_hz
        heard[:, k] = _between(source, at) / np.maximum(mps * tau, 1.0)
    return heard


def noise(
    kind: Noise, rng: np.random.Generator, rate_hz: int, n: int, places: F64, mps: float
) -> F64:
    """Noise (n, m) of unit power at each of the microphones at `places` (m, 3)."""
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    spectrum = np.fft.rfft(rng.standard_normal((len(places), n)), axis=1)
    if kind == "around":
        apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
        alike = np.sinc(2.0 * hz[:, None, None] * apart / mps)
        mixer = np.linalg.cholesky(alike + _ROUNDING * np.eye(len(places)))
        spectrum = np.einsum("fab,bf->af", mixer, spectrum)
        spectrum /= np.sqrt(np.maximum(hz, _PINK_FROM_HZ))
    elif kind == "wind":
        spectrum /= (1.0 + (hz / _GUST_HZ) ** 2) ** 0.75
    spectrum[:, 0] = 0.0
    sound = np.fft.irfft(spectrum, n, axis=1).T
    return np.asarray(sound / np.sqrt((sound**2).mean(axis=0)))


def _between(sound: F64, at: F64) -> F64:
    """Values of a sound at places `at` between its samples; zero outside."""
    first = np.floor(at).astype(np.int64)
    taps = np.arange(-_TAPS + 1, _TAPS + 1)
    away = (at - first)[:, None] - taps
    weight = np.sinc(away) * np.cos(np.pi / 2 * np.clip(away / _TAPS, -1.0, 1.0)) ** 2
    where = first[:, None] + taps
    inside = (where >= 0) & (where < len(sound))
    return np.asarray(
        (np.where(inside, sound[np.clip(where, 0, len(sound) - 1)], 0.0) * weight).sum(axis=1)
    )
