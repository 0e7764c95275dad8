"""Where an array that was put up heard something: a window of sound → bearings.

A microphone that is deaf in a window is left out; those that remain must still be two. An angle
whose error is beyond `WORST_DEG` is not told. What stands on a line tells a cone of directions,
which no bearing can say: nothing is told, unless it stands upright and tells an elevation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ConfigError
from tocsin.hear.array import FEWEST, array_of
from tocsin.hear.deaf import judge
from tocsin.hear.directions import Bearings, Direction, Errors
from tocsin.hear.mounting import Mounting
from tocsin.hear.sound import Sound
from tocsin.words import Bearing, Sigma

WORST_DEG = 30.0
LONGEST_S = 1.0
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
            self._bearings(48_000, np.ones(len(mounting.microphones), np.bool_))
        except ConfigError as error:
            raise ConfigError(error.what, key=where, remedy=error.remedy) from None

    def find(self, sound: Sound) -> list[Direction]:
        """Directions of the sources in up to a second of sound, the most certain first. Raises
        ConfigError where it has fewer channels than the array microphones."""
        count = len(self._mounting.microphones)
        if sound.samples.shape[1] < count:
            raise ConfigError(
                f"{sound.samples.shape[1]} channels of sound for {count} microphones",
                remedy="microphones are the channels, in their order",
            )
        samples = sound.samples[: round(LONGEST_S * sound.rate_hz), :count]
        live = np.array([judge(samples[:, k], sound.rate_hz).deaf is None for k in range(count)])
        if live.sum() < FEWEST:
            return []
        bearings = self._bearings(sound.rate_hz, live)
        return bearings.find(samples[:, live].astype(np.float64), self._mounting.sources)

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
