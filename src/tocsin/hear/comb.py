"""How fast the blades pass: the comb of harmonics in a second of sound, and how far it stands out.

Estimate   of each fundamental from 40 to 1,800 Hz, how far the lines at its first harmonics stand
           above the gaps between, in the whitened spectrum (harmonic sum, Noll 1970, against the
           gaps so that half the true pitch does not win); then up an octave or two where the lines
           between, those of the shaft, are far weaker than the blades'
Salience   mean height of the lines over the gaps in units of 10 dB; below about 0.6 there is none
Accuracy   on 400 random synthetic craft 62 % within 5 % (median error of those 1.2 %) and 92 %
           right but for a whole ratio; 85 % and 96 % where neither shaft, motor nor noise is as
           loud as the blades. Rotors of different speeds give one of them or a mean
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tocsin.hear.features import RATE_HZ, WINDOW, whitened

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

LOW_HZ, HIGH_HZ = 40.0, 1_800.0
_SIZE = 4_096
"""Points of a spectrum (0.26 s, lines of 4 Hz): longer, and a flying craft's lines smear."""
_HOP = 2_048
_PADDED = 2 * _SIZE
_CANDIDATES = 660
"""Fundamentals tried, 0.58 % apart."""
_APART = 0.0058
_HARMONICS = 6
_LOCAL = 128
"""Padded bins (250 Hz) either side that make a line's local mean."""
_REACHES = (0, 1, 3, 7)
"""Bins either side in which a line is looked for: a high harmonic lies between the candidates."""
_BLADES_ABOVE_SHAFT = 0.9
"""9 dB: weaker lines between the harmonics are the shaft's, or the motor's."""


def blade_pass(windows: F32) -> tuple[F32, F32]:
    """(n, 16000) samples at 16 kHz → blade-pass frequency in hertz (n,) and salience (n,)."""
    if windows.ndim != 2 or windows.shape[1] != WINDOW:
        raise ValueError(f"windows are (n, {WINDOW}), not {windows.shape}")
    steps = np.lib.stride_tricks.sliding_window_view(windows, _SIZE, axis=1)[:, ::_HOP]
    steps = steps - steps.mean(axis=2, keepdims=True)
    spectrum = np.fft.rfft(steps * np.hanning(_SIZE).astype(np.float32), _PADDED, axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    power = power + 1e-7 * power.mean(axis=1, keepdims=True) + np.float32(1e-20)
    lines = _reached(np.clip(whitened(power, _LOCAL), -0.5, 2.5))
    reach, bins, signs = _places()
    told = np.empty((len(windows), _CANDIDATES), np.float32)
    for row, one in enumerate(lines):
        told[row] = (one[reach, bins] * signs).sum(axis=1)
    best = told.argmax(axis=1)
    salience = told[np.arange(len(told)), best]
    hertz = _candidates()[best]
    return np.array(
        [_up(one, float(f)) for one, f in zip(lines, hertz, strict=True)], np.float32
    ), (salience)


def _reached(lines: F32) -> F32:
    """(n, reaches, bins): the highest line within so many bins."""
    found = [lines]
    for before, reach in pairwise(_REACHES):
        wide = found[-1].copy()
        step = reach - before
        for shift in range(1, step + 1):
            np.maximum(wide[:, shift:], found[-1][:, :-shift], out=wide[:, shift:])
            np.maximum(wide[:, :-shift], found[-1][:, shift:], out=wide[:, :-shift])
        found.append(wide)
    return np.stack(found, axis=1)


def _up(lines: F32, shaft_hz: float) -> float:
    """The blade-pass frequency, a multiple of `shaft_hz` if its other lines are weak."""
    for blades in (4, 3, 2):
        if shaft_hz * blades > HIGH_HZ:
            continue
        number = np.arange(1, 3 * blades + 1)
        number = number[number * shaft_hz < 0.9 * RATE_HZ / 2]
        bins = np.rint(number * shaft_hz * _PADDED / RATE_HZ).astype(np.int64)
        height = lines[np.searchsorted(_REACHES[:-1], bins * _APART / 2), bins]
        blade = number % blades == 0
        if blade.sum() < 2:
            continue
        if height[blade].mean() - height[~blade].mean() > _BLADES_ABOVE_SHAFT:
            return shaft_hz * blades
    return shaft_hz


@cache
def _candidates() -> F32:
    return np.geomspace(LOW_HZ, HIGH_HZ, _CANDIDATES).astype(np.float32)


@cache
def _places() -> tuple[I64, I64, F32]:
    """(candidates, 2 x harmonics): reach and bin of the lines and the gaps, and signed weights."""
    number = np.arange(1, _HARMONICS + 1)
    weight = 1.0 / np.sqrt(number)
    f0 = _candidates()[:, None]
    f_hz = np.concatenate([f0 * number, f0 * (number - 0.5)], axis=1)
    weights = np.concatenate([weight, -weight])
    heard = f_hz < 0.95 * RATE_HZ / 2
    signs = np.where(heard, weights, 0.0)
    total = np.where(heard[:, :_HARMONICS], weight, 0.0).sum(axis=1, keepdims=True)
    bins = np.minimum(np.rint(f_hz * _PADDED / RATE_HZ), _PADDED // 2).astype(np.int64)
    reach = np.searchsorted(_REACHES[:-1], bins * _APART / 2)
    return reach, bins, np.asarray(signs / total, np.float32)
