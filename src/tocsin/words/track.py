"""What we believe flies: the line of `tracks.ndjson`."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.detection import ClassScores
from tocsin.words.place import Position
from tocsin.words.reason import Reason
from tocsin.words.sensor import SensorKind

TrackStatus = Literal["tentative", "confirmed", "coasting", "ended"]


class ClaimedIdentity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The identity a track claims, how much we doubt it (0 to 1), and why, in plain English.

    `because` holds the same reasons as codes, for other languages.
    """

    serial: str | None = None
    session: str | None = None
    operator: str | None = None
    icao24: str | None = None
    suspicion: float = 0.0
    reasons: tuple[str, ...] = ()
    because: tuple[Reason, ...] = ()
    callsign: str | None = None


class Witness(msgspec.Struct, frozen=True):
    """A sensor whose measurement agreed with the track, and when it last did."""

    sensor: str
    kind: SensorKind
    t: float


class Ellipse(msgspec.Struct, frozen=True):
    """The 1-sigma horizontal error ellipse: semi-axes in metres, azimuth of the major axis."""

    major_m: float
    minor_m: float
    azimuth_deg: float


class Track(msgspec.Struct, frozen=True, omit_defaults=True):
    """A flying thing as we know it at `t`.

    `ve`, `vn`, `vu` are metres a second east, north, up. `sigma_m` is the 1-sigma horizontal
    position error (root of half the trace of the horizontal covariance), `sigma_mps` the same of
    the velocity. `witnesses` are the sensors that agreed with it lately; `sensors` their ids.
    """

    t: float
    track: str
    status: TrackStatus
    lat: float
    lon: float
    ve: float
    vn: float
    sigma_m: float
    alt_m: float | None = None
    vu: float | None = None
    class_: ClassScores = msgspec.field(name="class", default=ClassScores())
    identity: ClaimedIdentity | None = None
    sensors: tuple[str, ...] = ()
    sigma_mps: float | None = None
    sigma_alt_m: float | None = None
    ellipse: Ellipse | None = None
    witnesses: tuple[Witness, ...] = ()
    first_t: float | None = None

    @property
    def position(self) -> Position:
        """Where it is believed to be."""
        return Position(self.lat, self.lon, self.alt_m)
