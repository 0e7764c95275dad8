"""French electronic identification beacons → detections.

Standard   arrêté of 27 December 2019 (signalement électronique), annex: Wi-Fi vendor element
           6A:5C:35, type 1; type, length, value, big-endian
Carries    1 version (1) · 2 French id (30 characters: maker 3, model 3, serial 24)
           3 ANSI/CTA-2063-A id · 4 5 latitude, longitude (1e-5 deg) · 6 altitude (m above
           sea level) · 7 height over the take-off (m) · 8 9 take-off latitude, longitude
           10 ground speed (m/s) · 11 course (degrees from true north)
Leaves out elements of another type, and fields of another number, silently
Unknown    a field that is absent is None; so are a height of -32768, latitude and longitude both
           0, and a course beyond 360. The decree states no accuracy: that of Remote ID is taken.
Sealed     the take-off position stays in the message: no Detection carries it
Errors     Truncated; Refused "check-sum", "protocol-version", "field-length", "field-repeats",
           "latitude", "longitude"
"""

from __future__ import annotations

import msgspec

from tocsin.decode.remote_id.text import read_text
from tocsin.decode.vendor import VendorId
from tocsin.earth.height import ellipsoidal_height_m
from tocsin.errors import Refused, Truncated
from tocsin.words.remote_id import NEWEST_VERSION, BasicId, Location, Message

HEAD = bytes.fromhex("6A5C3501")
"""The French defence ministry's number and the type of the beacon, at the head of its element."""

_VERSION = 1
_SIZES = {1: 1, 2: 30, 4: 4, 5: 4, 6: 2, 7: 2, 8: 4, 9: 4, 10: 1, 11: 2}
"""Bytes of every field of fixed length; field 3 has 6 to 20, and we hold nobody to it."""
_UNKNOWN_HEIGHT = -32768
_STEPS = 100_000
_LAT_MOST, _LON_MOST = 90 * _STEPS, 180 * _STEPS


class FrenchId(msgspec.Struct, frozen=True, omit_defaults=True):
    """One beacon. Sealed: holds the place of take-off. `alt_msl_m` is above mean sea level."""

    french_id: str | None = None
    ansi_id: str | None = None
    lat: float | None = None
    lon: float | None = None
    alt_msl_m: int | None = None
    height_m: int | None = None
    takeoff_lat: float | None = None
    takeoff_lon: float | None = None
    speed_mps: int | None = None
    direction_deg: int | None = None


def read_french_id(data: bytes) -> FrenchId:
    """The fields behind the head of an element. Raises DecodeError."""
    fields = _fields(data)
    if fields.get(1, b"\x01")[0] != _VERSION:
        raise Refused("protocol-version", f"protocol version {fields[1][0]}")
    lat, lon = _place(fields, 4, 5)
    takeoff_lat, takeoff_lon = _place(fields, 8, 9)
    course = None if 11 not in fields else int.from_bytes(fields[11], "big")
    return FrenchId(
        french_id=read_text(fields.get(2, b"")),
        ansi_id=read_text(fields.get(3, b"")),
        lat=lat,
        lon=lon,
        alt_msl_m=_height(fields, 6),
        height_m=_height(fields, 7),
        takeoff_lat=takeoff_lat,
        takeoff_lon=takeoff_lon,
        speed_mps=fields[10][0] if 10 in fields else None,
        direction_deg=None if course is None or course > 360 else course % 360,
    )


class FrenchIdBeacons(VendorId):
    """The decoder. A beacon names itself, so that the memory serves only those that do not."""

    name = "french-id"
    head = HEAD

    def read(self, element: bytes) -> list[Message]:
        """What one element says."""
        return _messages(read_french_id(element))


def _fields(data: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            raise Truncated("the element ends within a field")
        kind, size = data[at], data[at + 1]
        if _SIZES.get(kind, size) != size:
            raise Refused("field-length", f"field {kind} of {size} bytes, not {_SIZES[kind]}")
        if kind in fields:
            raise Refused("field-repeats", f"two fields {kind}")
        fields[kind] = data[at + 2 : at + 2 + size]
        at += 2 + size
    return fields


def _place(
    fields: dict[int, bytes], lat_field: int, lon_field: int
) -> tuple[float | None, float | None]:
    if lat_field not in fields or lon_field not in fields:
        return None, None
    lat = int.from_bytes(fields[lat_field], "big", signed=True)
    lon = int.from_bytes(fields[lon_field], "big", signed=True)
    if not -_LAT_MOST <= lat <= _LAT_MOST:
        raise Refused("latitude", f"latitude {lat / _STEPS:.5f} is beyond 90 degrees")
    if not -_LON_MOST <= lon <= _LON_MOST:
        raise Refused("longitude", f"longitude {lon / _STEPS:.5f} is beyond 180 degrees")
    return (lat / _STEPS, lon / _STEPS) if lat or lon else (None, None)


def _height(fields: dict[int, bytes], number: int) -> int | None:
    if number not in fields:
        return None
    metres = int.from_bytes(fields[number], "big", signed=True)
    return None if metres == _UNKNOWN_HEIGHT else metres


def _messages(said: FrenchId) -> list[Message]:
    """The same in the words of Remote ID. The maker's serial is the better name of the aircraft:
    the French id names the device, which may move from one aircraft to the next."""
    alt_m = None
    if said.alt_msl_m is not None and said.lat is not None and said.lon is not None:
        above_m = ellipsoidal_height_m(said.lat, said.lon, float(said.alt_msl_m))
        alt_m = None if above_m is None else round(above_m, 2)
    name = said.ansi_id or said.french_id
    location = Location(
        NEWEST_VERSION,
        "airborne",  # the beacon is sent from take-off to landing (article 2)
        said.lat,
        said.lon,
        alt_m,
        height_m=None if said.height_m is None else float(said.height_m),
        direction_deg=None if said.direction_deg is None else float(said.direction_deg),
        speed_mps=None if said.speed_mps is None else float(said.speed_mps),
    )
    return [BasicId(NEWEST_VERSION, "serial", "undeclared", name), location]
