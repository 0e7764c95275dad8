"""The sounds of a loudspeaker that needs no words: one for each level, and the mark of a drill.

Sounds      alarm       a wail that rises from 500 to 1,200 Hz once a second, for 8 s
            warning     two notes in turn, 600 and 900 Hz, half a second each, for 4 s
            watch       two short soft notes of 800 Hz
            all-clear   three long falling notes, 784, 659 and 523 Hz
            drill       four short notes of 1,000 Hz before and after whatever sounds
Shape       mono samples of 16 bits, 22,050 a second
Standard    RIFF WAVE, PCM (IBM and Microsoft, 1991)
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tocsin.words import Level

Samples: TypeAlias = NDArray[np.int16]

RATE = 22_050
"""Samples a second; what espeak-ng speaks in."""

_LOUD = 0.8 * 32_767
_SOFT = 0.4 * 32_767
_FADE_S = 0.01  # without it every note begins and ends with a crack
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


def signal(level: Level) -> Samples:
    """The sound of a level."""
    return _SIGNALS[level]()


def drill_mark() -> Samples:
    """The sound before and after a drill."""
    note = np.concatenate((_note(1000.0, 0.12), silence(0.12)))
    return np.concatenate((np.tile(note, 4), silence(0.4)))


def silence(seconds: float) -> Samples:
    """Nothing, for so long."""
    return np.zeros(round(seconds * RATE), np.int16)


def write_wav(samples: Samples, rate: int = RATE) -> bytes:
    """The samples as a file."""
    data = samples.astype("<i2").tobytes()
    head = _HEADER.pack(
        b"RIFF", len(data) + 36, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data",
        len(data),
    )  # fmt: skip
    return head + data


def _alarm() -> Samples:
    t = np.arange(RATE) / RATE
    sweep = np.sin(2.0 * np.pi * (500.0 * t + 350.0 * t * t))
    return np.tile(_faded(sweep * _LOUD), 8)


def _warning() -> Samples:
    return np.tile(np.concatenate((_note(600.0, 0.5), _note(900.0, 0.5))), 4)


def _watch() -> Samples:
    note = np.concatenate((_note(800.0, 0.2, _SOFT), silence(0.2)))
    return np.tile(note, 2)


def _all_clear() -> Samples:
    return np.concatenate([_note(pitch_hz, 1.0) for pitch_hz in (784.0, 659.0, 523.0)])


def _note(pitch_hz: float, seconds: float, loudness: float = _LOUD) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return _faded(np.sin(2.0 * np.pi * pitch_hz * t) * loudness)


def _faded(wave: NDArray[np.float64]) -> Samples:
    edge = round(_FADE_S * RATE)
    ramp = np.ones(wave.size)
    ramp[:edge] = np.linspace(0.0, 1.0, edge)
    ramp[-edge:] = ramp[edge - 1 :: -1]
    return np.asarray(np.round(wave * ramp), np.int16)


_SIGNALS: dict[Level, Callable[[], Samples]] = {
    "alarm": _alarm,
    "warning": _warning,
    "watch": _watch,
    "all-clear": _all_clear,
}
