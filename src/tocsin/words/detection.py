"""What one sensor said at one time: the line of `detections.ndjson`.

A detection is a *fix* (`position`), a *bearing* (`bearing`) or a bare *presence* (neither, or the
microphone's own position with a large sigma). Identity is what was *claimed*, never what is so.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.place import Position
from tocsin.words.sensor import SensorKind

Statement = Literal["fix", "bearing", "presence"]


Said = Literal["heard", "seen", "dropped", "gone"]
"""What a person reports: a drone heard, seen, one that fell or dropped something, one that left."""


class Bearing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A direction from the sensor. Degrees, azimuth clockwise from true north, elevation up.

    `range_rate_mps` is positive when the target recedes.
    """

    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    range_m: float | None = None
    range_rate_mps: float | None = None


class Sigma(msgspec.Struct, frozen=True, omit_defaults=True):
    """1-sigma errors of what the detection states; None where the sensor does not know."""

    azimuth_deg: float | None = None
    elevation_deg: float | None = None
    range_m: float | None = None
    range_rate_mps: float | None = None
    horizontal_m: float | None = None
    alt_m: float | None = None


class ClassScores(msgspec.Struct, frozen=True, omit_defaults=True):
    """Probabilities of what it is; None means that the sensor does not tell that class."""

    drone: float | None = None
    bird: float | None = None
    aircraft: float | None = None
    other: float | None = None


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the emitter claims to be. `operator` is an operator *id*, never a place.

    `registration` is what a civil aviation authority gave the aircraft, `callsign` the name of its
    flight, `icao24` the 24-bit address of its transponder in small hexadecimal letters.
    """

    serial: str | None = None
    session: str | None = None
    operator: str | None = None
    icao24: str | None = None
    registration: str | None = None
    callsign: str | None = None


class ClaimedMotion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Velocity that the emitter claims: metres a second east, north, up; and its 1-sigma."""

    ve: float | None = None
    vn: float | None = None
    vu: float | None = None
    sigma_mps: float | None = None


class Detection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sensor's statement at one time.

    `t` is Unix seconds by the sensor's clock, `received` by ours (None: not known, take `t`).
    `signal_dbm` is the received radio power, `level_db` the sound level. `source` names the
    transmitter address a claim came from: it may rotate and may be shared by several aircraft.
    `claimed_t` is when the emitter says that it was there; nothing is reckoned from it but doubt.
    `said` is a person's report; then `position` is the middle of the cell it came from, not of a
    drone, and `bearing` the direction that was pointed to.
    """

    t: float
    sensor: str
    kind: SensorKind
    position: Position | None = None
    bearing: Bearing | None = None
    sigma: Sigma = Sigma()
    class_: ClassScores | None = msgspec.field(name="class", default=None)
    identity: Identity | None = None
    level_db: float | None = None
    received: float | None = None
    motion: ClaimedMotion | None = None
    signal_dbm: float | None = None
    source: str | None = None
    claimed_t: float | None = None
    said: Said | None = None

    @property
    def statement(self) -> Statement:
        """Which of the three kinds of statement this is."""
        if self.bearing is not None:
            return "bearing"
        if self.position is not None and self.kind != "acoustic":
            return "fix"
        return "presence"
