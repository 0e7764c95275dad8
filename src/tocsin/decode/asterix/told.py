"""What the tellers of all categories share: who says it, when, and how sure barometers are."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from tocsin.decode.asterix.day import read_ticks, time_of_day
from tocsin.decode.asterix.items import letters
from tocsin.words import ClassScores, Detection, Frame, Identity, Sigma

NAUTICAL_MILE_M = 1852.0
FOOT_M = 0.3048

BAROMETRIC_SIGMA_M = 150.0
"""A flight level is a pressure. Against the ellipsoid it is off by the pressure of the day (one
sigma some 10 hPa: 80 m), its temperature (4 % of the height) and the geoid (up to 100 m)."""

PLANE_95 = 2.4477
"""Sigmas an axis in the radius that holds 95 % in the plane: the root of -2 ln 0.05."""

AIRCRAFT = ClassScores(drone=0.01, bird=0.0, aircraft=0.97, other=0.02)
"""A transponder answered, or an ADS-B transmitter said what carries it. Neither is proof."""

UNMANNED = 13
"""Emitter category of unmanned aircraft."""
DRONE = ClassScores(drone=0.95, bird=0.0, aircraft=0.04, other=0.01)

pair_u16 = struct.Struct(">HH").unpack_from
pair_i16 = struct.Struct(">hh").unpack_from
pair_i32 = struct.Struct(">ii").unpack_from
one_i16 = struct.Struct(">h").unpack_from


class AsterixSettings(msgspec.Struct, frozen=True):
    """`[decoder.asterix]` which editions are spoken, and how plots are believed.

    editions: edition of a category where it is not the usual one, such as {"021" = "0.23"}
    clock: whose time detections bear: the record's own ("message") or ours ("received")
    doppler: what a positive Doppler speed of CAT 048 means, which the standard does not say
    sigma_range_m: 1-sigma range error of plots; by the kind of radar if absent
    sigma_azimuth_deg: 1-sigma azimuth error of plots; by the kind of radar if absent
    """

    editions: dict[str, str] = {}
    clock: Literal["message", "received"] = "message"
    doppler: Literal["receding", "approaching", "unknown"] = "receding"
    sigma_range_m: float | None = None
    sigma_azimuth_deg: float | None = None


Tell = Callable[[bytes, Sequence[int], Frame, AsterixSettings], Detection | None]
"""(data, where the wanted items of a record lie, -1 where not there, frame, settings) to what the
record tells."""


def sensor_of(data: bytes, at: int, frame: Frame) -> str:
    """The frame's sensor, else "asterix-SAC-SIC"; empty where the record does not say."""
    if frame.sensor or at < 0:
        return frame.sensor
    return _source(data[at : at + 2])


def times(
    data: bytes, at: int, frame: Frame, settings: AsterixSettings
) -> tuple[float, float | None]:
    """(t, received) of a record whose time of day stands at `at`, -1 where it tells none."""
    received = math.floor(frame.t * 1e3 + 0.5) / 1e3
    if at < 0 or settings.clock == "received":
        return received, None
    t = time_of_day(read_ticks(data, at), frame.t)
    return t, (None if received == t else received)


def callsign_of(data: bytes, at: int) -> str | None:
    """Eight six-bit letters without the blanks around them; None where one is no letter."""
    return _callsign(data[at : at + 6])


# An aircraft says its name a thousand times a flight: each of these is worked out once.
@lru_cache(maxsize=8192)
def _callsign(six: bytes) -> str | None:
    text = letters(int.from_bytes(six, "big"), 8)
    return None if "?" in text else text.strip() or None


@lru_cache(maxsize=8192)
def identity_of(address: str | None, callsign: str | None) -> Identity | None:
    """What it claims to be, None if nothing."""
    if address is None and callsign is None:
        return None
    return Identity(icao24=address, callsign=callsign)


@lru_cache(maxsize=1024)
def _source(sac_sic: bytes) -> str:
    return f"asterix-{sac_sic[0]}-{sac_sic[1]}"


sigma_of = lru_cache(maxsize=8192)(Sigma)
"""Of few different errors: each is made once."""
