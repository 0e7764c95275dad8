"""What a microphone hears when nobody comes: wind in its foam, water, insects, and itself.

Frames of noise are made with the spectrum and the coherence that they should have, and laid over
each other under a window whose squares add up to one, so that the level is even.

Wind       pressure of turbulence: grows with the square of the wind's speed, falls with f^-2 (van
           den Berg 2006, screened microphones), not alike at two microphones
Ambience   comes from all sides: alike at two microphones as sin(kd) / kd
Insects    one cricket near each mast: 4 kHz in pulses
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

from tocsin.simulate.flight import F64
from tocsin.simulate.passage import C64, F32, FRAME, FREQUENCIES_HZ, HOP, RATE_HZ

_FRAMES = RATE_HZ // HOP
"""Frames a block of one second."""
_WINDOW = np.sqrt(np.hanning(FRAME + 1)[:FRAME]).astype(np.float32)
_WIND_TOP_HZ = 1_000.0
_WIND_FROM_HZ = 10.0  # below, the microphone itself hears nothing
_BINS = len(FREQUENCIES_HZ)
_NEVER_ALIKE = 1e-4  # of the power: no two microphones are exactly alike


@dataclass(frozen=True)
class Weather:
    """`wind_mps` on average; `wind_db` is the level of 5 m/s in the foam, dB; `ambience_db` of
    everything far away, `insects_db` of the cricket at the mast, dB SPL each."""

    wind_mps: float = 2.0
    wind_db: float = 62.0
    ambience_db: float = 36.0
    insects_db: float = 38.0


CALM = Weather()
"""A rural night with a light air."""


def gusts(rng: np.random.Generator, seconds: float) -> F64:
    """The wind over its mean, a value a frame: 25 % of turbulence that lasts some 4 s."""
    count = int(np.ceil(seconds)) * _FRAMES + _FRAMES
    keep = float(np.exp(-1.0 / (_FRAMES * 4.0)))
    kicks = rng.standard_normal(count) * np.sqrt(1.0 - keep * keep)
    state, walk = float(rng.standard_normal()), np.empty(count)
    for k, kick in enumerate(kicks.tolist()):
        state = keep * state + kick
        walk[k] = state
    return np.maximum(1.0 + 0.25 * walk, 0.0)


class Noise:
    """The noise of one sensor, block by block of a second, in pascals. `places` (n, 3) are its
    microphones', metres; `self_db` what each hears of itself, dB SPL."""

    def __init__(
        self,
        rng: np.random.Generator,
        places: F64,
        weather: Weather,
        wind: Sequence[float] | F64,
        *,
        self_db: float,
        sound_mps: float,
    ) -> None:
        self._rng, self._weather, self._wind = rng, weather, np.asarray(wind)
        self._count = len(places)
        self._mix = _mixer(places, weather.ambience_db, self_db, sound_mps)
        self._gust, self._low = _wind_shape()
        self._tail = np.zeros((self._count, HOP), np.float32)
        self._block = 0
        self._cricket = _cricket(rng, places, weather.insects_db, sound_mps)

    def next(self) -> F32:
        """(microphones, RATE_HZ) of the next second."""
        spectra = self._spectra()
        pieces = fft.irfft(spectra, FRAME, axis=2) * _WINDOW
        out = np.zeros((self._count, RATE_HZ + HOP), np.float32)
        out[:, :HOP] = self._tail
        for k in range(_FRAMES):
            out[:, k * HOP : k * HOP + FRAME] += pieces[k]
        self._tail = out[:, RATE_HZ:]
        self._block += 1
        out = out[:, :RATE_HZ]
        return out + self._cricket

    def _spectra(self) -> C64:
        """(frames, microphones, bins) of this block, with its own chance."""
        dice = self._rng.standard_normal((_FRAMES, self._count, _BINS, 2), dtype=np.float32)
        white = dice.view(np.complex64)[..., 0]
        mixed = np.empty_like(white)
        for row in range(self._count):
            total = white[:, 0] * self._mix[row, 0]
            for column in range(1, row + 1):
                total += white[:, column] * self._mix[row, column]
            mixed[:, row] = total
        size = (_FRAMES, self._count, self._low.stop - self._low.start, 2)
        turbulent = self._rng.standard_normal(size, dtype=np.float32).view(np.complex64)[..., 0]
        at = self._block * _FRAMES
        wind = self._weather.wind_mps * self._wind[at : at + _FRAMES]
        strength = 20e-6 * 10.0 ** (self._weather.wind_db / 20.0) * (wind / 5.0) ** 2
        mixed[:, :, self._low] += turbulent * (
            self._gust * strength.astype(np.float32)[:, None, None]
        )
        return mixed


def _mixer(places: F64, ambience_db: float, self_db: float, sound_mps: float) -> F32:
    """(n, n, bins) lower triangles that give independent noise its level and coherence."""
    far = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=-1))
    alike = np.sinc(2.0 * FREQUENCIES_HZ[:, None, None] * far / sound_mps)  # sin(kd) / kd
    alike = alike * (1.0 - _NEVER_ALIKE) + _NEVER_ALIKE * np.eye(len(places))
    outside = _level(_ambient_shape(), ambience_db) ** 2
    inside = _level(np.ones(_BINS), self_db) ** 2
    power = outside[:, None, None] * alike + inside[:, None, None] * np.eye(len(places))
    power[0] = np.eye(len(places)) * 1e-20
    return np.linalg.cholesky(power).transpose(1, 2, 0).astype(np.float32)


def _ambient_shape() -> F64:
    """Amplitude over frequency of far engines, water and leaves: even to 100 Hz, then −5 dB an
    octave, as a rural night is."""
    f = np.maximum(FREQUENCIES_HZ, 1.0)
    return np.asarray((1.0 + f / 100.0) ** -0.85 / (1.0 + (20.0 / f) ** 2))


def _wind_shape() -> tuple[F32, slice]:
    """Amplitude of unit level over the bins that wind reaches, and those bins."""
    step = FREQUENCIES_HZ[1]
    low = slice(int(np.ceil(_WIND_FROM_HZ / step)), int(_WIND_TOP_HZ / step))
    shape = np.zeros(_BINS)
    shape[low] = 1.0 / FREQUENCIES_HZ[low]
    unit = shape / np.sqrt(2.0 * 2.0 * (shape**2).sum() / FRAME**2)
    return unit[low].astype(np.float32), low


def _level(shape: F64, level_db: float) -> F64:
    """The shape scaled so that complex normal bins (variance 2 each) sum to a level, pascals."""
    shape = shape.copy()
    shape[0] = 0.0
    unit = np.sqrt(2.0 * 2.0 * (shape**2).sum() / FRAME**2)
    return np.asarray(shape / unit * 20e-6 * 10.0 ** (level_db / 20.0))


def _cricket(rng: np.random.Generator, places: F64, level_db: float, sound_mps: float) -> F32:
    """(n, RATE_HZ) pascals of a second of song; whole hertz, so that it goes round."""
    hertz, beat = int(rng.integers(3_800, 4_700)), int(rng.integers(1, 4))
    azimuth = rng.uniform(0.0, 2.0 * np.pi)
    toward = np.array([np.sin(azimuth), np.cos(azimuth), -0.3])
    toward /= np.sqrt((toward**2).sum())
    early = (places - places.mean(axis=0)) @ toward / sound_mps
    t = np.arange(RATE_HZ) / RATE_HZ
    pulses = np.maximum(np.sin(2.0 * np.pi * 28 * t), 0.0)
    chirps = np.sqrt(np.maximum(np.sin(2.0 * np.pi * beat * t), 0.0))
    song = np.sin(2.0 * np.pi * hertz * (t + early[:, None])) * pulses * chirps
    loud = 20e-6 * 10.0 ** (level_db / 20.0) / np.sqrt((song**2).mean())
    return np.asarray(song * loud, np.float32)
