"""What an aircraft may say of itself by broadcast Remote ID, message by message.

Standard   ASTM F3411-22a, 5.4.5; EN 4709-002; protocol versions 0 (F3411-19), 1 and 2
Units      in the names; degrees, metres, metres a second, seconds; `alt_m` above the ellipsoid
Unknown    None; every sentinel of the standard (direction 361, speed 255, vertical speed 63,
           altitude -1000, latitude and longitude both 0, time stamp 0xFFFF, code 0) reads as None
Bounds     `*_bound_m` are the 95 % upper bounds that an accuracy code stands for, not the codes

`System` holds the operator's position. It is sealed (DESIGN 6.3): no Detection carries it.
"""

from __future__ import annotations

import msgspec

MESSAGE_BYTES = 25
NEWEST_VERSION = 2

ODID_EPOCH_T = 1_546_300_800.0
"""1 January 2019, 00:00 UTC, from which System and Authentication time stamps count seconds."""


def _names(known: tuple[str, ...], size: int, private_from: int) -> tuple[str, ...]:
    """A name for every code, so that a code reads the same way back."""
    rest = (
        f"private-{code}" if code >= private_from else f"reserved-{code}"
        for code in range(len(known), size)
    )
    return (*known, *rest)


ID_TYPES = _names(("none", "serial", "caa-registration", "utm-uuid", "session"), 16, 16)
AIRCRAFT_TYPES = (
    "undeclared", "aeroplane", "multirotor", "gyroplane", "hybrid-lift", "ornithopter", "glider",
    "kite", "free-balloon", "captive-balloon", "airship", "parachute", "rocket", "tethered",
    "ground-obstacle", "other",
)  # fmt: skip
STATUSES = _names(("undeclared", "ground", "airborne", "emergency", "remote-id-failure"), 16, 16)
HEIGHT_REFERENCES = ("take-off", "ground")
AUTH_TYPES = _names(("none", "uas-id", "operator-id", "message-set", "network", "specific"), 16, 10)
SELF_ID_KINDS = _names(("text", "emergency", "extended-status"), 256, 201)
OPERATOR_PLACES = ("take-off", "live", "fixed", "reserved-3")
CLASSIFICATIONS = _names(("undeclared", "eu"), 8, 8)
EU_CATEGORIES = _names(("undeclared", "open", "specific", "certified"), 16, 16)
EU_CLASSES = _names(("undeclared", "C0", "C1", "C2", "C3", "C4", "C5", "C6"), 16, 16)
OPERATOR_ID_KINDS = _names(("operator-id",), 256, 201)

_RESERVED = (None, None, None)
HORIZONTAL_BOUNDS_M: tuple[float | None, ...] = (
    None, 18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0, 1.0,
    *_RESERVED,
)  # fmt: skip
VERTICAL_BOUNDS_M: tuple[float | None, ...] = (
    None, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0, *_RESERVED, *_RESERVED, *_RESERVED,
)  # fmt: skip
SPEED_BOUNDS_MPS: tuple[float | None, ...] = (
    None, 10.0, 3.0, 1.0, 0.3, *_RESERVED, *_RESERVED, *_RESERVED, None, None,
)  # fmt: skip
TIME_BOUNDS_S: tuple[float | None, ...] = (None, *(code / 10 for code in range(1, 16)))


class BasicId(msgspec.Struct, frozen=True, omit_defaults=True, tag="basic-id"):
    """Who. `uas_id` is text for a serial or registration, a UUID, or a session's bytes in hex."""

    version: int
    id_type: str
    aircraft_type: str
    uas_id: str | None = None


class Location(msgspec.Struct, frozen=True, omit_defaults=True, tag="location"):
    """Where, and whither. `direction_deg` clockwise from true north, `climb_mps` positive up.

    `pressure_alt_m` is by the standard atmosphere, `height_m` over `height_reference`.
    `after_hour_s` is when it was so, in seconds after a full UTC hour that is not said.
    """

    version: int
    status: str
    lat: float | None = None
    lon: float | None = None
    alt_m: float | None = None
    pressure_alt_m: float | None = None
    height_m: float | None = None
    height_reference: str = "take-off"
    direction_deg: float | None = None
    speed_mps: float | None = None
    climb_mps: float | None = None
    horizontal_bound_m: float | None = None
    vertical_bound_m: float | None = None
    pressure_bound_m: float | None = None
    speed_bound_mps: float | None = None
    after_hour_s: float | None = None
    time_bound_s: float | None = None


class Authentication(msgspec.Struct, frozen=True, omit_defaults=True, tag="authentication"):
    """One page of a signature. Page 0 alone has `last_page`, `length` in bytes and `signed_t`."""

    version: int
    auth_type: str
    page: int
    data: bytes
    last_page: int | None = None
    length: int | None = None
    signed_t: float | None = None


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pages of one Authentication put together, last heard at `t`. Nobody has checked it: it
    proves nothing by itself.

    `data` is the signature, `length` bytes once it is `complete`; before that, what stands before
    the first page that is missing. `last_page`, `length`, `signed_t`: None until page 0 came.
    """

    auth_type: str
    t: float
    data: bytes
    complete: bool
    last_page: int | None = None
    length: int | None = None
    signed_t: float | None = None


class SelfId(msgspec.Struct, frozen=True, omit_defaults=True, tag="self-id"):
    """What the operator says that it does, in his own words."""

    version: int
    kind: str
    text: str | None = None


class System(msgspec.Struct, frozen=True, omit_defaults=True, tag="system"):
    """The operator, and the area of a group of aircraft. Sealed: holds a person's position.

    Version 0 knows neither `operator_alt_m`, `classification`, `eu_category`, `eu_class` nor
    `sent_t`; version 1 no `sent_t`. `sent_t` is Unix seconds.
    """

    version: int
    operator_place: str
    operator_lat: float | None = None
    operator_lon: float | None = None
    operator_alt_m: float | None = None
    area_count: int | None = None
    area_radius_m: float | None = None
    area_ceiling_m: float | None = None
    area_floor_m: float | None = None
    classification: str | None = None
    eu_category: str | None = None
    eu_class: str | None = None
    sent_t: float | None = None


class OperatorId(msgspec.Struct, frozen=True, omit_defaults=True, tag="operator-id"):
    """The number under which an authority knows the operator."""

    version: int
    kind: str
    operator_id: str | None = None


Message = BasicId | Location | Authentication | SelfId | System | OperatorId
