"""Broadcast Remote ID bytes → messages.

Standard   ASTM F3411-22a, 5.4.5 (messages) and 5.4.6 (pack); EN 4709-002; F3411-19 for version 0

    byte 0        message type (high four bits), protocol version (low four)
    Basic ID      1 id and aircraft type · 2-21 id
    Location      1 status and flags · 2 direction · 3 speed · 4 climb · 5-8 lat · 9-12 lon
                  13-14 pressure altitude · 15-16 altitude · 17-18 height · 19-20 accuracies
                  21-22 tenths of a second after the hour · 23 time accuracy
    Authent.      1 type and page · page 0: 2 last page · 3 length · 4-7 time · 8-24 data
                  other pages: 2-24 data
    Self ID       1 kind · 2-24 text
    System        1 classification and operator place · 2-5 lat · 6-9 lon · 10-11 count
                  12 radius · 13-14 ceiling · 15-16 floor · 17 category and class
                  18-19 operator altitude · 20-23 time
    Operator ID   1 kind · 2-21 id
    Pack          1 message size (25) · 2 count (1-9, version 0: 1-10) · messages

Versions   0 has no classification, category, class, operator altitude nor time in System, and
           counts authentication pages where later ones name the last page; 1 has no time in
           System. Bytes that a version reserves are 0; where they are not, the sender wrote what
           later versions define (many did in 2020 and 2021), and they are read so. 3 and above
           are refused: nobody can say what their bytes mean.
Unknown    every sentinel is None; so is a speed, climb, direction or time outside its range
Errors     Truncated; Refused "protocol-version", "message-type", "message-size", "pack-count",
           "pack-nested", "pack-repeats", "latitude", "longitude", "authentication-pages"
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from tocsin.decode.remote_id.text import read_text, read_uas_id
from tocsin.errors import Refused, Truncated
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
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)

_LOCATION = struct.Struct("<BBBbiiHHHBBHB")
_SYSTEM = struct.Struct("<BiiHBHHBHI")
_PAGE_ZERO = struct.Struct("<BBI")

_PACK = 15
_PACK_MOST = (10, 9, 9)
"""Messages in a pack by version; F3411-19 allowed ten."""

_LAT_MOST = 900_000_000
_LON_MOST = 1_800_000_000
_HOUR_TENTHS = 36_000
_UNKNOWN_TENTHS = 0xFFFF
_FIRST_PAGE_BYTES, _PAGE_BYTES = 17, 23


def _direction(code: int) -> float | None:
    """Bit 8 set: west of the meridian, counted from 180. 361 is unknown, 360 is north."""
    degrees = (code & 0xFF) + (180 if code & 0x100 else 0)
    return None if degrees > 360 else float(degrees % 360)


def _speed(code: int) -> float | None:
    """Steps of 0.25 m/s, with bit 8 of 0.75 m/s from 63.75 on; 255 is unknown."""
    if code == 0x1FF:
        return None
    return (code & 0xFF) * 0.75 + 63.75 if code & 0x100 else code * 0.25


_DIRECTIONS = tuple(_direction(code) for code in range(0x200))
_SPEEDS = tuple(_speed(code) for code in range(0x200))
_CLIMBS = {code: code * 0.5 for code in range(-124, 125)}
"""Steps of 0.5 m/s; 126 (63 m/s) is unknown, and nothing beyond 62 m/s is allowed."""


def read_basic_id(data: bytes, at: int, version: int) -> BasicId:
    """Basic ID at byte `at`."""
    kinds = data[at + 1]
    id_type = ID_TYPES[kinds >> 4]
    uas_id = read_uas_id(id_type, data[at + 2 : at + 22])
    return BasicId(version, id_type, AIRCRAFT_TYPES[kinds & 0x0F], uas_id)


def read_location(data: bytes, at: int, version: int) -> Location:
    """Location/Vector at byte `at`. Refuses a place that is not on Earth."""
    (
        flags, direction, speed, climb, lat, lon, pressure, altitude, height,
        accuracy, accuracy_2, tenths, time_accuracy,
    ) = _LOCATION.unpack_from(data, at + 1)  # fmt: skip
    known = lat != 0 or lon != 0
    if known:
        _check_place(lat, lon)
    return Location(
        version,
        STATUSES[flags >> 4],
        lat / 1e7 if known else None,
        lon / 1e7 if known else None,
        altitude * 0.5 - 1000.0 if altitude else None,
        pressure * 0.5 - 1000.0 if pressure else None,
        height * 0.5 - 1000.0 if height else None,
        HEIGHT_REFERENCES[flags >> 2 & 1],
        _DIRECTIONS[direction | (flags & 2) << 7],
        _SPEEDS[speed | (flags & 1) << 8],
        _CLIMBS.get(climb),
        HORIZONTAL_BOUNDS_M[accuracy & 0x0F],
        VERTICAL_BOUNDS_M[accuracy >> 4],
        VERTICAL_BOUNDS_M[accuracy_2 >> 4],
        SPEED_BOUNDS_MPS[accuracy_2 & 0x0F],
        tenths / 10.0 if tenths <= _HOUR_TENTHS else None,
        TIME_BOUNDS_S[time_accuracy & 0x0F],
    )


def read_authentication(data: bytes, at: int, version: int) -> Authentication:
    """One page of Authentication at byte `at`."""
    auth_type = AUTH_TYPES[data[at + 1] >> 4]
    page = data[at + 1] & 0x0F
    if page:
        return Authentication(version, auth_type, page, data[at + 2 : at + MESSAGE_BYTES])
    last_page, length, seconds = _PAGE_ZERO.unpack_from(data, at + 2)
    if version == 0:
        last_page = max(0, last_page - 1)
    if last_page > 15 or length > _FIRST_PAGE_BYTES + last_page * _PAGE_BYTES:
        raise Refused(
            "authentication-pages", f"{length} bytes of signature in {last_page + 1} pages"
        )
    return Authentication(
        version,
        auth_type,
        0,
        data[at + 8 : at + MESSAGE_BYTES],
        last_page,
        length,
        ODID_EPOCH_T + seconds if seconds else None,
    )


def read_self_id(data: bytes, at: int, version: int) -> SelfId:
    """Self ID at byte `at`."""
    return SelfId(version, SELF_ID_KINDS[data[at + 1]], read_text(data[at + 2 : at + 25]))


def read_system(data: bytes, at: int, version: int) -> System:
    """System at byte `at`. Refuses an operator who is not on Earth."""
    flags, lat, lon, count, radius, ceiling, floor, classes, altitude, seconds = (
        _SYSTEM.unpack_from(data, at + 1)
    )
    known = lat != 0 or lon != 0
    if known:
        _check_place(lat, lon)
    classification = flags >> 2 & 0x07
    said = version > 0 or classification != 0
    european = CLASSIFICATIONS[classification] == "eu"
    return System(
        version,
        OPERATOR_PLACES[flags & 0x03],
        lat / 1e7 if known else None,
        lon / 1e7 if known else None,
        altitude * 0.5 - 1000.0 if altitude else None,
        count or None,
        radius * 10.0,
        ceiling * 0.5 - 1000.0 if ceiling else None,
        floor * 0.5 - 1000.0 if floor else None,
        CLASSIFICATIONS[classification] if said else None,
        EU_CATEGORIES[classes >> 4] if european else None,
        EU_CLASSES[classes & 0x0F] if european else None,
        ODID_EPOCH_T + seconds if seconds else None,
    )


def read_operator_id(data: bytes, at: int, version: int) -> OperatorId:
    """Operator ID at byte `at`."""
    return OperatorId(version, OPERATOR_ID_KINDS[data[at + 1]], read_text(data[at + 2 : at + 22]))


_READERS: tuple[Callable[[bytes, int, int], Message], ...] = (
    read_basic_id,
    read_location,
    read_authentication,
    read_self_id,
    read_system,
    read_operator_id,
)
_ONCE = {1: "Location", 3: "Self ID", 4: "System", 5: "Operator ID"}
"""Messages of which a pack holds one at most: it describes one aircraft (F3411-22a, 5.4.6)."""


def read_messages(data: bytes, at: int, end: int) -> tuple[list[Message], Truncated | None]:
    """The message, or the messages of the pack, in bytes `at` to `end`; trailing bytes are idle.

    A pack that ends early gives its whole messages, and says so: some senders reckon the length
    of its element wrong, and their position is there all the same.
    """
    if at >= end:
        raise Truncated("no message behind the counter")
    kind = data[at] >> 4
    if kind != _PACK:
        if at + MESSAGE_BYTES > end:
            raise Truncated(f"a message of {end - at} bytes, not {MESSAGE_BYTES}")
        return [_read(data, at)], None
    if at + 3 > end:
        raise Truncated("a pack without its head")
    version, size, count = data[at] & 0x0F, data[at + 1], data[at + 2]
    if version > NEWEST_VERSION:
        raise Refused("protocol-version", f"protocol version {version}")
    if size != MESSAGE_BYTES:
        raise Refused("message-size", f"a pack of messages of {size} bytes, not {MESSAGE_BYTES}")
    if not 0 < count <= _PACK_MOST[version]:
        raise Refused("pack-count", f"a pack of {count} messages")
    first = at + 3
    whole = min(count, (end - first) // MESSAGE_BYTES)
    cut = None
    if whole < count:
        cut = Truncated(f"a pack of {count} messages holds {whole}")
        if whole == 0:
            raise cut
    if whole == 1:
        return [_read(data, first)], cut
    places = range(first, first + whole * MESSAGE_BYTES, MESSAGE_BYTES)
    _check_once([data[place] >> 4 for place in places])
    return [_read(data, place) for place in places], cut


def _check_once(kinds: list[int]) -> None:
    for kind, name in _ONCE.items():
        if kinds.count(kind) > 1:
            raise Refused("pack-repeats", f"a pack with two messages of type {name}")


def _read(data: bytes, at: int) -> Message:
    kind, version = data[at] >> 4, data[at] & 0x0F
    if version > NEWEST_VERSION:
        raise Refused("protocol-version", f"protocol version {version}")
    if kind == _PACK:
        raise Refused("pack-nested", "a pack within a pack")
    if kind >= len(_READERS):
        raise Refused("message-type", f"message type {kind}")
    return _READERS[kind](data, at, version)


def _check_place(lat: int, lon: int) -> None:
    if not -_LAT_MOST <= lat <= _LAT_MOST:
        raise Refused("latitude", f"latitude {lat / 1e7:.7f} is beyond 90 degrees")
    if not -_LON_MOST <= lon <= _LON_MOST:
        raise Refused("longitude", f"longitude {lon / 1e7:.7f} is beyond 180 degrees")
