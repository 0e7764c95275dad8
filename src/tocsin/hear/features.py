"""What the ear looks at in a second of sound: its colour in time, and its combs of harmonics.

Colour     64 mel bands, 50 to 7,600 Hz, 47 steps of 20 ms, in units of 10 dB about their mean
Combs      96 fundamentals, 45 to 1,800 Hz in even ratios, 22 steps of 40 ms: how far the lines at
           their harmonics stand above the gaps between, after the local mean of the spectrum is
           taken off, so that neither microphone nor distance paints a comb
Shared by  training and running: one truth
Independent of the level of the sound and of its DC
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

RATE_HZ = 16_000
WINDOW = 16_000
"""Samples of a window: one second."""
MELS, MEL_STEPS = 64, 47
COMBS, COMB_STEPS = 96, 22
COMB_LOW_HZ, COMB_HIGH_HZ = 45.0, 1_800.0

_SHORT, _SHORT_HOP = 1_024, 320
_LONG, _LONG_HOP = 2_048, 640
_FLOOR = 1e-7
"""Power against the window's mean below which nothing is told apart: -70 dB."""
_TO_BASE_TEN = np.float32(1.0 / math.log(10.0))
"""numpy has a fast natural logarithm of float32, and a slow one of base 10."""
_HARMONICS = 10
_LOCAL = 32
"""Bins (250 Hz) either side that make a line's local mean."""


def features(windows: F32) -> tuple[F32, F32]:
    """(n, 16000) samples → (n, 1, 64, 47) colour and (n, 1, 96, 22) combs."""
    sound = windows - windows.mean(axis=1, keepdims=True)
    rms = np.sqrt(np.mean(sound * sound, axis=1, keepdims=True))
    sound = sound / np.maximum(rms, np.float32(1e-9))
    return _colour(_power(sound, _SHORT, _SHORT_HOP)), _combs(_power(sound, _LONG, _LONG_HOP))


def comb_hz() -> F32:
    """The fundamentals of the combs in hertz."""
    return np.geomspace(COMB_LOW_HZ, COMB_HIGH_HZ, COMBS).astype(np.float32)


def _power(sound: F32, size: int, hop: int) -> F32:
    """(n, steps, bins) power, with the bottom two octaves, where wind lives, turned down."""
    steps = np.lib.stride_tricks.sliding_window_view(sound, size, axis=1)[:, ::hop]
    spectrum = np.fft.rfft(steps * _taper(size), axis=2)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power * _tilt(size), np.float32)


def _colour(power: F32) -> F32:
    """Mel bands of a power spectrum, as logarithms about the window's mean."""
    mel = power @ _mel_bands()
    mean = mel.mean(axis=(1, 2), keepdims=True)
    level = np.log(mel + _FLOOR * mean + np.float32(1e-20)) * _TO_BASE_TEN
    level -= level.mean(axis=(1, 2), keepdims=True)
    return np.ascontiguousarray(level.transpose(0, 2, 1)[:, None], np.float32)


def _combs(power: F32) -> F32:
    """How far each fundamental's harmonics stand out of the whitened spectrum, in 10 dB."""
    mean = power.mean(axis=(1, 2), keepdims=True)
    lines = np.clip(whitened(power + _FLOOR * mean + np.float32(1e-20)), -1.0, 2.5)
    return np.ascontiguousarray((lines @ _comb_rows()).transpose(0, 2, 1)[:, None], np.float32)


def whitened(power: F32, local: int = _LOCAL) -> F32:
    """Logarithm (base 10) of power less its mean over `local` bins either side, along the last."""
    level = np.log(power) * _TO_BASE_TEN
    bins = level.shape[-1]
    total = np.zeros((*level.shape[:-1], bins + 1), np.float64)
    np.cumsum(level, axis=-1, out=total[..., 1:])
    mean = np.empty(level.shape)
    mean[..., local:-local] = total[..., 2 * local + 1 :] - total[..., : -2 * local - 1]
    mean[..., :local] = total[..., local + 1 : 2 * local + 1]
    mean[..., -local:] = total[..., -1:] - total[..., -2 * local - 1 : -local - 1]
    at = np.arange(bins)
    mean /= np.minimum(at + local + 1, bins) - np.maximum(at - local, 0)
    return np.asarray(level - mean, np.float32)


@cache
def _taper(size: int) -> F32:
    return np.hanning(size + 1)[:size].astype(np.float32)


@cache
def _tilt(size: int) -> F32:
    f_hz = np.fft.rfftfreq(size, 1.0 / RATE_HZ)
    return (f_hz**2 / (f_hz**2 + 200.0**2)).astype(np.float32)


@cache
def _mel_bands() -> F32:
    """(bins, 64) triangles of unit area, even in mel (O'Shaughnessy: 2595 log10(1 + f / 700))."""
    low_mel, high_mel = (2_595.0 * math.log10(1.0 + hz / 700.0) for hz in (50.0, 7_600.0))
    edges_mel = np.linspace(low_mel, high_mel, MELS + 2)
    edges_hz = 700.0 * (10.0 ** (edges_mel / 2_595.0) - 1.0)
    f_hz = np.fft.rfftfreq(_SHORT, 1.0 / RATE_HZ)[:, None]
    low, top, high = edges_hz[:-2], edges_hz[1:-1], edges_hz[2:]
    rows = np.maximum(np.minimum((f_hz - low) / (top - low), (high - f_hz) / (high - top)), 0.0)
    return np.asarray(rows / rows.sum(axis=0), np.float32)


@cache
def _comb_rows() -> F32:
    """(bins, 96): plus at the harmonics of each fundamental, minus half-way between them."""
    f_hz = np.fft.rfftfreq(_LONG, 1.0 / RATE_HZ)
    rows = np.zeros((f_hz.size, COMBS))
    for column, low in enumerate(comb_hz()):
        harmonic = np.arange(1, _HARMONICS + 1)
        harmonic = harmonic[harmonic * low < 0.95 * RATE_HZ / 2]
        for place, sign in ((harmonic, 1.0), (harmonic - 0.5, -1.0)):
            weight = 1.0 / np.sqrt(harmonic)
            for number, share in zip(place, weight / weight.sum(), strict=True):
                half_hz = max(8.5, 0.02 * number * low)
                bump = np.maximum(1.0 - np.abs(f_hz - number * low) / half_hz, 0.0)
                rows[:, column] += sign * share * bump / max(bump.sum(), 1e-9)
    return rows.astype(np.float32)
