"""DJI's own DroneID in Wi-Fi beacons → detections.

Source     no public standard: the layout that F. van Tienen and J. Dumon found, as Kismet and
           scapy-uas-remoteid read it; vendor element 26:37:12, then 58:62:13, little-endian

    flight info   0 kind (10) · 1 version (1 or 2) · 2-3 count · 4-5 state · 6-21 serial
                  22-25 lon · 26-29 lat (1e-7 radians) · 30-31 altitude · 32-33 height
                  34-39 velocity north, east, up (0.01 m/s)
         1        40-45 pitch, roll, yaw · 46-53 home lon, lat · 54 product · 55 size · 56-75 uuid
         2        40-41 yaw · 42-49 time · 50-57 pilot lat, lon · 58-65 home lon, lat
                  66 product · 67 size · 68-87 uuid
    licence       0 kind (11) · 1-16 serial · text that its pilot typed

Disputed   the unit of altitude and height (metres, decimetres, over what), that of the time, and
           the fields of a licence: the raw values are kept in the message, and no metre is made
           of them. The state's meaning is a guess but for "serial valid"; the two velocity flags
           are believed, since a flag not set can only take from us.
Leaves out pitch and roll
Unknown    latitude and longitude both 0; an empty serial, or one that the state calls invalid
Sealed     home and pilot stay in the message: no Detection carries them
Errors     Truncated; Refused "check-sum", "message-type", "protocol-version", "latitude",
           "longitude"
"""

from __future__ import annotations

import math
import struct

import msgspec

from tocsin.decode.remote_id.text import read_text
from tocsin.decode.vendor import VendorId
from tocsin.errors import Refused, Truncated
from tocsin.words.remote_id import NEWEST_VERSION, BasicId, Location, Message

HEAD = bytes.fromhex("263712586213")
"""DJI's number, which IEEE never gave out, and three bytes that never change."""

_FLIGHT_INFO, _LICENCE = 0x10, 0x11
_START = struct.Struct("<BBHH16siihhhhh")
_ENDS = {1: struct.Struct("<hhhiiBB"), 2: struct.Struct("<hQiiiiBB")}
_SERIAL_BYTES = 16
_UUID_MOST_BYTES = 20
_SERIAL_VALID, _PLANE_VALID, _CLIMB_VALID = 0x0001, 0x0200, 0x0400


class FlightInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an aircraft is. Sealed: holds home and pilot.

    `altitude_raw` and `height_raw` are in a unit that is disputed, `time_raw` likewise; velocities
    north, east, up in m/s, angles in degrees.
    """

    version: int
    count: int
    state: int
    altitude_raw: int
    height_raw: int
    product: int
    serial: str | None = None
    lat: float | None = None
    lon: float | None = None
    vn_mps: float | None = None
    ve_mps: float | None = None
    vu_mps: float | None = None
    yaw_deg: float | None = None
    home_lat: float | None = None
    home_lon: float | None = None
    pilot_lat: float | None = None
    pilot_lon: float | None = None
    time_raw: int | None = None
    uuid: str | None = None


class Licence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the pilot typed, as bytes: their fields are disputed. Sealed."""

    serial: str | None
    typed: bytes


def read_droneid(data: bytes) -> FlightInfo | Licence:
    """The packet behind the head of an element. Raises DecodeError."""
    if not data:
        raise Truncated("an element without a packet")
    if data[0] == _LICENCE:
        if len(data) < 1 + _SERIAL_BYTES:
            raise Truncated(f"a licence of {len(data)} bytes")
        end = 1 + _SERIAL_BYTES
        return Licence(read_text(data[1:end]), data[end:])
    if data[0] != _FLIGHT_INFO:
        raise Refused("message-type", f"packet of kind {data[0]:#04x}")
    if len(data) < 2:
        raise Truncated("a packet without its version")
    ending = _ENDS.get(data[1])
    if ending is None:
        raise Refused("protocol-version", f"protocol version {data[1]}")
    if len(data) < _START.size + ending.size:
        raise Truncated(f"flight info of {len(data)} bytes")
    return _flight_info(data, ending)


class DjiDroneId(VendorId):
    """The decoder. A licence tells no place; it only names the aircraft of its address."""

    name = "dji-droneid"
    head = HEAD

    def read(self, element: bytes) -> list[Message]:
        """What one element says."""
        return _messages(read_droneid(element))


def _flight_info(data: bytes, ending: struct.Struct) -> FlightInfo:
    _, version, count, state, serial, lon, lat, altitude, height, vn, ve, vu = _START.unpack_from(
        data
    )
    rest = ending.unpack_from(data, _START.size)
    if version == 1:
        yaw, (home_lon, home_lat, product, size) = rest[2], rest[3:]
        time_raw, pilot_lat, pilot_lon = None, 0, 0
    else:
        yaw, time_raw, pilot_lat, pilot_lon, home_lon, home_lat, product, size = rest
    at = _START.size + ending.size
    plane, climb = state & _PLANE_VALID, state & _CLIMB_VALID
    lat_deg, lon_deg = _place(lat, lon)
    _check(lat_deg, lon_deg)
    return FlightInfo(
        version,
        count,
        state,
        altitude,
        height,
        product,
        read_text(serial) if state & _SERIAL_VALID else None,
        lat_deg,
        lon_deg,
        vn / 100 if plane else None,
        ve / 100 if plane else None,
        vu / 100 if climb else None,
        round(yaw / 100, 2),
        *_place(home_lat, home_lon),
        *_place(pilot_lat, pilot_lon),
        time_raw,
        data[at : at + min(size, _UUID_MOST_BYTES)].hex() or None,
    )


def _place(lat: int, lon: int) -> tuple[float | None, float | None]:
    """Degrees of ten-millionths of a radian, to the step of half a metre that they have."""
    if not lat and not lon:
        return None, None
    return round(math.degrees(lat * 1e-7), 7), round(math.degrees(lon * 1e-7), 7)


def _check(lat: float | None, lon: float | None) -> None:
    if lat is not None and not -90.0 <= lat <= 90.0:
        raise Refused("latitude", f"latitude {lat} is beyond 90 degrees")
    if lon is not None and not -180.0 <= lon <= 180.0:
        raise Refused("longitude", f"longitude {lon} is beyond 180 degrees")


def _messages(said: FlightInfo | Licence) -> list[Message]:
    """The same in the words of Remote ID."""
    # These serials are not written as ANSI/CTA-2063-A asks, yet they are what DJI prints on it.
    name = BasicId(NEWEST_VERSION, "serial", "undeclared", said.serial)
    if isinstance(said, Licence):
        return [name]
    speed = course = None
    if said.vn_mps is not None and said.ve_mps is not None:
        speed = math.hypot(said.vn_mps, said.ve_mps)
        course = math.degrees(math.atan2(said.ve_mps, said.vn_mps)) % 360.0
    location = Location(
        NEWEST_VERSION,
        "undeclared",
        said.lat,
        said.lon,
        direction_deg=course,
        speed_mps=speed,
        climb_mps=said.vu_mps,
    )
    return [name, location]
