"""Broadcast Remote ID messages → their 25 bytes, and packs of them.

Standard   ASTM F3411-22a, 5.4.5 (message contents) and 5.4.6 (message pack); EN 4709-002
Carries    Basic ID, Location/Vector, Authentication, Self ID, System, Operator ID, Message Pack
Version    2 by default; 0 and 1 leave out the fields that they do not know
Unknown    None is written as the sentinel of the standard; a value out of its range is a
           ValueError, because we would be the ones to lie
Units      degrees, metres, metres a second, seconds
"""

from __future__ import annotations

import math
import struct
import uuid
from collections.abc import Sequence

from tocsin.words.remote_id import (
    AIRCRAFT_TYPES,
    AUTH_TYPES,
    CLASSIFICATIONS,
    EU_CATEGORIES,
    EU_CLASSES,
    HEIGHT_REFERENCES,
    HORIZONTAL_BOUNDS_M,
    ID_TYPES,
    MESSAGE_BYTES,
    NEWEST_VERSION,
    ODID_EPOCH_T,
    OPERATOR_ID_KINDS,
    OPERATOR_PLACES,
    SELF_ID_KINDS,
    SPEED_BOUNDS_MPS,
    STATUSES,
    TIME_BOUNDS_S,
    VERTICAL_BOUNDS_M,
)

PACK_MOST = 9
"""Messages in one pack: nine fill a Bluetooth 5 advertisement (F3411-22a, 5.4.6)."""

_FIRST_PAGE_BYTES = 17
_PAGE_BYTES = 23
_LOCATION = struct.Struct("<BBBBbiiHHHBBHBx")
_SYSTEM = struct.Struct("<BBiiHBHHBHIx")


def basic_id(
    uas_id: str,
    *,
    id_type: str = "serial",
    aircraft_type: str = "multirotor",
    version: int = NEWEST_VERSION,
) -> bytes:
    """Basic ID: a serial or registration as text, a UUID, or a session's bytes in hex."""
    if id_type == "utm-uuid":
        identity = uuid.UUID(uas_id).bytes
    elif id_type == "session":
        identity = bytes.fromhex(uas_id)
    else:
        identity = uas_id.encode("ascii")
    kinds = ID_TYPES.index(id_type) << 4 | AIRCRAFT_TYPES.index(aircraft_type)
    return bytes((_head(0, version), kinds)) + _padded(identity, 20) + bytes(3)


def location(
    lat: float | None,
    lon: float | None,
    *,
    alt_m: float | None = None,
    pressure_alt_m: float | None = None,
    height_m: float | None = None,
    height_reference: str = "take-off",
    direction_deg: float | None = None,
    speed_mps: float | None = None,
    climb_mps: float | None = None,
    status: str = "airborne",
    horizontal_bound_m: float | None = None,
    vertical_bound_m: float | None = None,
    pressure_bound_m: float | None = None,
    speed_bound_mps: float | None = None,
    after_hour_s: float | None = None,
    time_bound_s: float | None = None,
    version: int = NEWEST_VERSION,
) -> bytes:
    """Location/Vector. A bound is written as the narrowest accuracy code that still holds it."""
    direction, west = _direction(direction_deg)
    speed, fast = _speed(speed_mps)
    flags = (
        STATUSES.index(status) << 4
        | HEIGHT_REFERENCES.index(height_reference) << 2
        | west << 1
        | fast
    )
    return _LOCATION.pack(
        _head(1, version),
        flags,
        direction,
        speed,
        _climb(climb_mps),
        *_degrees(lat, lon),
        _altitude(pressure_alt_m),
        _altitude(alt_m),
        _altitude(height_m),
        _code(VERTICAL_BOUNDS_M, vertical_bound_m) << 4
        | _code(HORIZONTAL_BOUNDS_M, horizontal_bound_m),
        _code(VERTICAL_BOUNDS_M, pressure_bound_m) << 4 | _code(SPEED_BOUNDS_MPS, speed_bound_mps),
        0xFFFF if after_hour_s is None else _within(round(after_hour_s * 10), 0, 36_000),
        0 if time_bound_s is None else TIME_BOUNDS_S.index(round(time_bound_s, 1)),
    )


def authentication(
    data: bytes,
    *,
    auth_type: str = "uas-id",
    signed_t: float | None = None,
    version: int = NEWEST_VERSION,
) -> list[bytes]:
    """The pages of a signature of at most 255 bytes (F3411-22a, 5.4.5.8)."""
    length = _within(len(data), 0, 255)
    kind = AUTH_TYPES.index(auth_type) << 4
    rest = data[_FIRST_PAGE_BYTES:]
    parts = [rest[at : at + _PAGE_BYTES] for at in range(0, len(rest), _PAGE_BYTES)]
    # Version 0 counts pages, later versions name the last one.
    pages = len(parts) + 1 if version == 0 else len(parts)
    first = struct.pack("<BBBBI", _head(2, version), kind, pages, length, _since_epoch(signed_t))
    return [
        first + _padded(data[:_FIRST_PAGE_BYTES], _FIRST_PAGE_BYTES),
        *(
            bytes((_head(2, version), kind | page)) + _padded(part, _PAGE_BYTES)
            for page, part in enumerate(parts, start=1)
        ),
    ]


def self_id(text: str, *, kind: str = "text", version: int = NEWEST_VERSION) -> bytes:
    """Self ID: what the operator says that it does, 23 characters."""
    head = bytes((_head(3, version), SELF_ID_KINDS.index(kind)))
    return head + _padded(text.encode("ascii"), 23)


def system(
    operator_lat: float | None,
    operator_lon: float | None,
    *,
    operator_alt_m: float | None = None,
    operator_place: str = "take-off",
    area_count: int | None = 1,
    area_radius_m: float | None = 0.0,
    area_ceiling_m: float | None = None,
    area_floor_m: float | None = None,
    classification: str = "undeclared",
    eu_category: str = "undeclared",
    eu_class: str = "undeclared",
    sent_t: float | None = None,
    version: int = NEWEST_VERSION,
) -> bytes:
    """System: where the operator stands, and the area of a group. `sent_t` is Unix seconds."""
    category = EU_CATEGORIES.index(eu_category) << 4 | EU_CLASSES.index(eu_class)
    classes = CLASSIFICATIONS.index(classification) << 2
    return _SYSTEM.pack(
        _head(4, version),
        OPERATOR_PLACES.index(operator_place) | (classes if version else 0),
        *_degrees(operator_lat, operator_lon),
        _within(area_count or 0, 0, 0xFFFF),
        _within(round((area_radius_m or 0.0) / 10), 0, 255),
        _altitude(area_ceiling_m),
        _altitude(area_floor_m),
        category if version else 0,
        _altitude(operator_alt_m) if version else 0,
        _since_epoch(sent_t) if version > 1 else 0,
    )


def operator_id(number: str, *, kind: str = "operator-id", version: int = NEWEST_VERSION) -> bytes:
    """Operator ID: the number under which an authority knows the operator, 20 characters."""
    head = bytes((_head(5, version), OPERATOR_ID_KINDS.index(kind)))
    return head + _padded(number.encode("ascii"), 20) + bytes(3)


def pack(messages: Sequence[bytes], *, version: int = NEWEST_VERSION) -> bytes:
    """One to nine messages in one, each of 25 bytes."""
    _within(len(messages), 1, PACK_MOST)
    if any(len(message) != MESSAGE_BYTES for message in messages):
        raise ValueError(f"a message has {MESSAGE_BYTES} bytes")
    return bytes((_head(15, version), MESSAGE_BYTES, len(messages))) + b"".join(messages)


def _head(kind: int, version: int) -> int:
    return kind << 4 | _within(version, 0, NEWEST_VERSION)


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(f"{value} is not within {least} to {most}")
    return value


def _padded(content: bytes, size: int) -> bytes:
    _within(len(content), 0, size)
    return content.ljust(size, b"\0")


def _direction(direction_deg: float | None) -> tuple[int, int]:
    """(byte, west flag): west of the meridian it counts from 180; unknown is 361."""
    if direction_deg is None:
        return 181, 1
    whole = round(direction_deg) % 360
    return (whole, 0) if whole < 180 else (whole - 180, 1)


def _speed(speed_mps: float | None) -> tuple[int, int]:
    """(byte, multiplier flag): steps of 0.25 m/s to 63.75, then of 0.75; over 254.25 is 254.25."""
    if speed_mps is None:
        return 255, 1
    if not speed_mps >= 0.0:
        raise ValueError(f"speed {speed_mps} is negative or not a number")
    if speed_mps <= 63.75:
        return round(speed_mps / 0.25), 0
    return min(254, round((speed_mps - 63.75) / 0.75)), 1


def _climb(climb_mps: float | None) -> int:
    """Steps of 0.5 m/s, at most 62 either way; unknown is 63."""
    return 126 if climb_mps is None else max(-124, min(124, round(climb_mps / 0.5)))


def _degrees(lat: float | None, lon: float | None) -> tuple[int, int]:
    if lat is None or lon is None:
        return 0, 0
    if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
        raise ValueError(f"{lat}, {lon} is no place on Earth")
    return round(lat * 1e7), round(lon * 1e7)


def _altitude(metres: float | None) -> int:
    """Steps of 0.5 m from -1000 m, which itself means unknown."""
    return 0 if metres is None else _within(round((metres + 1000.0) * 2.0), 1, 0xFFFF)


def _code(bounds: tuple[float | None, ...], bound: float | None) -> int:
    """The code of the smallest bound that is not below `bound`; 0, unknown, if there is none."""
    if bound is None or math.isnan(bound):
        return 0
    holding = [code for code, limit in enumerate(bounds) if limit is not None and limit >= bound]
    return max(holding, default=0)


def _since_epoch(t: float | None) -> int:
    return 0 if t is None else _within(int(t - ODID_EPOCH_T), 1, 0xFFFF_FFFF)
