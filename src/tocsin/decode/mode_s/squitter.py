"""What an aircraft says of itself unasked: the 56 bits of an extended squitter → its parts.

Standard   DO-260B 2.2.3.2.3 to 2.2.3.2.7 (ICAO Doc 9871 appendix C); bits are counted from 1 at the
           most significant, as there
Carries    type 1-4 identification · 5-8 surface position · 9-18, 20-22 airborne position · 19
           velocity (subtypes 1-4) · 29 target state (its accuracy only) · 31 operational status
Leaves out the height of types 20-22, which some decoders read as code of feet and others as metres;
           types 23-28 and 30 (tests, emergencies, resolution advisories); intent and autopilot
Units      knots, feet, feet a minute, degrees; as sent, not converted
Unknown    a part that the code for "not available" stands for is None
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec

from tocsin.decode.mode_s.altitude import altitude_of_12_ft
from tocsin.decode.mode_s.cpr import Code

_LETTERS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"
_SUPERSONIC = 4
_GNSS_HEIGHT_TYPES = range(20, 23)


class Identification(msgspec.Struct, frozen=True):
    """Callsign (None if a letter is none or it is blank) and kind: "A3" is set A, code 3."""

    callsign: str | None
    category: str


class AirbornePosition(msgspec.Struct, frozen=True):
    """A place in the air. `altitude_ft` is barometric."""

    type_code: int
    code: Code
    altitude_ft: int | None
    nic_b: int


class SurfacePosition(msgspec.Struct, frozen=True):
    """A place on the ground; speed (knots) and course over ground."""

    type_code: int
    code: Code
    speed_kt: float | None
    course_deg: float | None


class Velocity(msgspec.Struct, frozen=True):
    """Velocity over ground (`east_kt`, `north_kt`) or through the air (`heading_deg`,
    `airspeed_kt`, `airspeed_true`). `above_baro_ft` is ellipsoidal less barometric height."""

    subtype: int
    accuracy: int
    east_kt: int | None = None
    north_kt: int | None = None
    heading_deg: float | None = None
    airspeed_kt: int | None = None
    airspeed_true: bool | None = None
    climb_fpm: int | None = None
    climb_barometric: bool = False
    above_baro_ft: int | None = None


class Quality(msgspec.Struct, frozen=True):
    """What the aircraft says of its own accuracy; None where this message does not tell it.

    `version` 0 is DO-260, 1 DO-260A, 2 DO-260B; the rest are the standard's codes NACp, SIL, GVA
    and supplements of NIC.
    """

    nac_p: int
    sil: int
    version: int | None = None
    gva: int | None = None
    nic_a: int | None = None
    nic_c: int | None = None


Squitter = Identification | AirbornePosition | SurfacePosition | Velocity | Quality


def read_squitter(me: int) -> Squitter | None:
    """The message in these 56 bits; None for a type that nobody here reads."""
    type_code = me >> 51
    if 9 <= type_code <= 18 or type_code in _GNSS_HEIGHT_TYPES:
        return AirbornePosition(
            type_code,
            _code(me),
            None if type_code in _GNSS_HEIGHT_TYPES else altitude_of_12_ft(me >> 36 & 0xFFF),
            me >> 48 & 1,
        )
    if type_code == 19:
        return _velocity(me)
    if 5 <= type_code <= 8:
        course = (me >> 36 & 0x7F) * 360.0 / 128.0 if me >> 43 & 1 else None
        return SurfacePosition(type_code, _code(me), movement_kt(me >> 44 & 0x7F), course)
    if 1 <= type_code <= 4:
        category = f"{'DCBA'[type_code - 1]}{me >> 48 & 7}"
        return Identification(callsign(me & 0xFFFFFFFFFFFF), category)
    if type_code == 31 and me >> 48 & 7 <= 1:
        return _status(me)
    if type_code == 29 and me >> 49 & 3 <= 1:
        return Quality(me >> 13 & 0xF, me >> 10 & 3)
    return None


@lru_cache(maxsize=4096)
def callsign(letters: int) -> str | None:
    """Eight letters of six bits (ICAO Annex 10 vol IV, table 3-9), without the spaces around."""
    text = "".join(_LETTERS[letters >> shift & 0x3F] for shift in range(42, -1, -6))
    return None if "#" in text else text.strip() or None


_MOVEMENTS = ((2, 0.125, 0.125), (9, 1.0, 0.25), (13, 2.0, 0.5), (39, 15.0, 1.0), (94, 70.0, 2.0),
              (109, 100.0, 5.0), (124, 175.0, 0.0))  # fmt: skip
"""First code of a range, knots there, knots a code (DO-260B table 2-12; 124 is 175 and more)."""


def movement_kt(code: int) -> float | None:
    """Speed on the ground; None for no information and for codes that are reserved."""
    if code == 1:
        return 0.0
    if not 2 <= code <= 124:
        return None
    first, knots, step = next(r for r in reversed(_MOVEMENTS) if r[0] <= code)
    return knots + (code - first) * step


def _code(me: int) -> Code:
    return Code(me >> 17 & 0x1FFFF, me & 0x1FFFF, bool(me >> 34 & 1))


def _velocity(me: int) -> Velocity | None:
    subtype = me >> 48 & 7
    if not 1 <= subtype <= 4:
        return None
    scale = _SUPERSONIC if subtype in (2, 4) else 1
    first, second = me >> 32 & 0x3FF, me >> 21 & 0x3FF
    east = north = airspeed = None
    heading: float | None = None
    if subtype <= 2:
        if first and second:
            east = _signed(first - 1, me >> 42 & 1) * scale
            north = _signed(second - 1, me >> 31 & 1) * scale
    else:
        heading = first * 360.0 / 1024.0 if me >> 42 & 1 else None
        airspeed = (second - 1) * scale if second else None
    climb, above = me >> 10 & 0x1FF, me & 0x7F
    return Velocity(
        subtype,
        me >> 43 & 7,
        east,
        north,
        heading,
        airspeed,
        None if subtype <= 2 else bool(me >> 31 & 1),
        _signed(climb - 1, me >> 19 & 1) * 64 if climb else None,
        bool(me >> 20 & 1),
        _signed(above - 1, me >> 7 & 1) * 25 if above else None,
    )


def _signed(value: int, negative: int) -> int:
    return -value if negative else value


def _status(me: int) -> Quality:
    surface = me >> 48 & 7 == 1
    version = me >> 13 & 7
    if version == 0:  # DO-260 left these bits empty
        return Quality(0, 0, 0)
    return Quality(
        nac_p=me >> 8 & 0xF,
        sil=me >> 4 & 3,
        version=version,
        gva=me >> 6 & 3 if version == 2 and not surface else None,
        nic_a=me >> 12 & 1,
        nic_c=me >> 36 & 1 if version == 2 and surface else None,
    )


def course_deg(east_kt: float, north_kt: float) -> float:
    """Degrees clockwise from true north, 0 to 360."""
    return math.degrees(math.atan2(east_kt, north_kt)) % 360.0
