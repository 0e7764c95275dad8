"""What listens: a sensor's place, its reach, and how honest its numbers are (`sensors.json`)."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.hearing import SelfTest
from tocsin.words.place import Position

SensorKind = Literal["radar", "rf", "acoustic", "camera", "remote_id", "adsb", "human"]


class FieldOfView(msgspec.Struct, frozen=True):
    """The sector a sensor covers. Degrees; azimuth clockwise from true north, elevation up."""

    azimuth_center_deg: float = 0.0
    azimuth_width_deg: float = 360.0
    elevation_min_deg: float = -90.0
    elevation_max_deg: float = 90.0


class Sensor(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sensor as `sensors.json` describes it; sigmas are 1-sigma, absent where not measured."""

    id: str
    kind: SensorKind
    lat: float
    lon: float
    alt_m: float | None = None
    max_range_m: float | None = None
    p_detect: float | None = None
    clutter_per_scan: float | None = None
    scan_period_s: float | None = None
    sigma_azimuth_deg: float | None = None
    sigma_elevation_deg: float | None = None
    sigma_range_m: float | None = None
    sigma_range_rate_mps: float | None = None
    sigma_horizontal_m: float | None = None
    sigma_alt_m: float | None = None
    fov: FieldOfView = FieldOfView()

    @property
    def position(self) -> Position:
        """Where the sensor stands. Sealed: shown by role only (DESIGN 6.3)."""
        return Position(self.lat, self.lon, self.alt_m)


SensorState = Literal["alive", "degraded", "deaf", "silent", "never-heard"]
"""*deaf*: data come, and they say that nothing could have been heard."""


class SensorHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Proof of life by data: a sensor is alive only because something of it was decoded.

    `north_error_deg` and `clock_lag_s` are how far it was found turned and late (its azimuths less
    the true ones, its time stamps less the true ones); they are corrected. None: found sound.
    `why` is a `Deafness` where it is deaf (since `since_t`), or "self-test" where that failed.
    """

    sensor: str
    kind: SensorKind
    state: SensorState
    last_data_t: float | None = None
    seen: int = 0
    decoded: int = 0
    refused: int = 0
    late: int = 0
    why: str | None = None
    north_error_deg: float | None = None
    clock_lag_s: float | None = None
    since_t: float | None = None
    self_test: SelfTest | None = None
