"""Cheap microphones: pascals to the samples that a node would hand on, and back to decibels.

A digital MEMS part of two dollars hears 94 dB SPL at −26 dBFS (root mean square; full scale is a
square wave of 1) and itself at 30 dB(A). A node shifts its 24 bits up so that 16 are enough.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np

from tocsin.simulate.flight import F64
from tocsin.simulate.passage import F32, RATE_HZ

_PASCALS_AT_94_DB = 1.0024
_FULL_SCALE = 32_767.0


@dataclass(frozen=True)
class Microphone:
    """`sensitivity_dbfs` at 94 dB SPL, `gain_db` of the node after it, `self_db` what it hears of
    itself (dB SPL, 50 Hz to 8 kHz)."""

    sensitivity_dbfs: float = -26.0
    gain_db: float = 24.0
    self_db: float = 30.0

    @property
    def full_scale_db(self) -> float:
        """The sound level that fills the scale, dB SPL."""
        return 94.0 - self.sensitivity_dbfs - self.gain_db

    def samples(self, pascals: F32) -> F32:
        """Samples of full scale 1, clipped as the part clips."""
        share = 10.0 ** (-(self.full_scale_db - 94.0) / 20.0) / _PASCALS_AT_94_DB
        return np.asarray(np.clip(pascals * np.float32(share), -1.0, 1.0))


CHEAP = Microphone()
"""What stands on the evening's masts."""


def tetrahedron(edge_m: float) -> F64:
    """(4, 3) places about their middle, one on top: the least array that hears all directions."""
    height = edge_m * np.sqrt(2.0 / 3.0)
    around = np.radians([0.0, 120.0, 240.0])
    radius = edge_m / np.sqrt(3.0)
    base = np.column_stack(
        [radius * np.sin(around), radius * np.cos(around), np.full(3, -height / 4.0)]
    )
    return np.round(np.vstack([base, [0.0, 0.0, 0.75 * height]]), 4)


def wav(samples: F32, rate_hz: int = RATE_HZ) -> bytes:
    """(microphones, n) samples of full scale 1 as a WAV file of 16 bits."""
    whole = np.round(samples.T * _FULL_SCALE).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as stream:
        stream.setnchannels(whole.shape[1])
        stream.setsampwidth(2)
        stream.setframerate(rate_hz)
        stream.writeframes(whole.tobytes())
    return file.getvalue()
