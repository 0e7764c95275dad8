"""Where an array that was put up heard something: a window of sound → bearings.

A microphone that is deaf in a window is left out; those that remain must still be two. An angle
whose error is beyond `WORST_DEG` is not told. What stands on a line tells a cone of directions,
which no bearing can say: nothing is told, unless it stands upright and tells an elevation.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tocsin.errors import ConfigError
from tocsin.hear.array import FEWEST, array_of
from tocsin.hear.deaf import judge
from tocsin.hear.directions import Bearings, Direction, Errors
from tocsin.hear.mounting import Mounting
from tocsin.hear.sound import Sound
from tocsin.words import Bearing, Detection, Sigma

WORST_DEG = 30.0
BLOCK_S = 0.5
"""The middle of a window: a source at 100 m and 20 m/s turns by 6 degrees in it."""
_MOST_KEPT = 8


class Pointing:
    """One array, at whatever rate it samples. Raises ConfigError for places that make no array."""

    def __init__(self, mounting: Mounting, where: str = "") -> None:
        self._mounting = mounting
        self._errors = Errors(
            mounting.place_sigma_m, mounting.heading_sigma_deg, mounting.tilt_sigma_deg
        )
        self._kept: dict[tuple[int, bytes], Bearings] = {}
        try:
            self._bearings(48_000, np.ones(self.count, np.bool_))
        except ConfigError as error:
            raise ConfigError(error.what, key=where, remedy=error.remedy) from None

    @property
    def count(self) -> int:
        """How many microphones it has."""
        return len(self._mounting.microphones)

    def find(self, sound: Sound) -> list[Direction]:
        """Directions of the sources in the middle of a window, the most certain first. The sound
        has at least as many channels as the array microphones."""
        half = round(BLOCK_S * sound.rate_hz / 2)
        middle = len(sound.samples) // 2
        samples = sound.samples[max(0, middle - half) : middle + half, : self.count]
        live = np.array(
            [judge(samples[:, k], sound.rate_hz).deaf is None for k in range(self.count)]
        )
        if live.sum() < FEWEST:
            return []
        bearings = self._bearings(sound.rate_hz, live)
        return bearings.find(samples[:, live].astype(np.float64), self._mounting.sources)

    def bearings(self, sound: Sound, heard: Detection) -> list[Detection]:
        """What was heard in a window as bearings, if any can be told. The level is each source's
        own share of the sound's; class and time are those of the whole."""
        found = []
        for direction in self.find(sound):
            told = bearing_of(direction)
            if told is None:
                continue
            level_db = heard.level_db
            if level_db is not None and direction.share > 0.0:
                level_db = round(level_db + 10.0 * math.log10(direction.share), 1)
            bearing, sigma = told
            found.append(
                replace(heard, position=None, bearing=bearing, sigma=sigma, level_db=level_db)
            )
        return found

    def _bearings(self, rate_hz: int, live: NDArray[np.bool_]) -> Bearings:
        key = (rate_hz, live.tobytes())
        if key not in self._kept:
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            m = self._mounting
            array = array_of(
                np.array(m.microphones, np.float64)[live],
                heading_deg=m.heading_deg,
                pitch_deg=m.pitch_deg,
                roll_deg=m.roll_deg,
            )
            self._kept[key] = Bearings(array, rate_hz, air_c=m.air_c, errors=self._errors)
        return self._kept[key]


def bearing_of(direction: Direction) -> tuple[Bearing, Sigma] | None:
    """A direction as a detection says it, rounded to 0.01 degrees; None where neither angle is
    known well enough to say."""
    azimuth, turned = _known(direction.azimuth_deg, direction.sigma_azimuth_deg)
    elevation, raised = _known(direction.elevation_deg, direction.sigma_elevation_deg)
    if azimuth is None and elevation is None:
        return None
    if azimuth is not None:
        azimuth %= 360.0
    return Bearing(azimuth, elevation), Sigma(azimuth_deg=turned, elevation_deg=raised)


def _known(angle: float | None, sigma: float | None) -> tuple[float | None, float | None]:
    if angle is None or sigma is None or sigma > WORST_DEG:
        return None, None
    return round(angle, 2), round(max(sigma, 0.01), 2)
