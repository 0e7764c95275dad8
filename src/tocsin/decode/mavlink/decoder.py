"""MAVLink Open Drone ID messages → the same messages, and detections, as from the radio.

Standard   mavlink.io, common.xml: 12900 Basic ID · 12901 Location · 12902 Authentication
           12903 Self ID · 12904 System · 12905 Operator ID · 12915 Message Pack
           Version 2 only, since an id beyond 255 does not fit in version 1
Leaves out 12918 Arm Status, which is about the transmitter, and 12919 System Update, which holds
           nothing but where the operator stands
Address    `id_or_mac` where a receiver filled it in, else the sender's system and component
Unknown    the sentinels of F3411 in MAVLink's steps (direction 36000, speed 25500, climb 6300,
           altitude -1000, time 65535, latitude and longitude both 0); zeros at a payload's end
           are not sent, and are put back
Sealed     the operator's place stays in the message: no Detection carries it
Errors     Truncated; Refused "check-sum", "message-type", "code", and those of Remote ID
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Callable, Sequence

from tocsin.decode.mavlink.packet import ODID_EXTRA, is_sound, read_head
from tocsin.decode.remote_id import Claims, read_messages
from tocsin.decode.remote_id.text import read_text, read_uas_id
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.words import Detection, Frame, Link
from tocsin.words.remote_id import (
    AIRCRAFT_TYPES,
    AUTH_TYPES,
    CLASSIFICATIONS,
    EU_CATEGORIES,
    EU_CLASSES,
    HEIGHT_REFERENCES,
    HORIZONTAL_BOUNDS_M,
    ID_TYPES,
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

Found = tuple[bytes, list[Message]]
"""`id_or_mac` as sent, and the messages."""

_BASIC_ID = struct.Struct("<xx20sBB20s")
_LOCATION = struct.Struct("<iiffffHHhxx20s7B")
_AUTHENTICATION = struct.Struct("<Ixx20sBBBB23s")
_SELF_ID = struct.Struct("<xx20sB23s")
_SYSTEM = struct.Struct("<iifffIHHxx20sBBBB")
_OPERATOR_ID = struct.Struct("<xx20sB20s")
_PACK = struct.Struct("<xx20sBB225s")
_UNKNOWN_ALT_M, _ALT_MOST_M = -1000.0, 31_767.5
_UNKNOWN_DIRECTION, _UNKNOWN_SPEED = 36_000, 25_500
_CLIMB_MOST = 6_200
_HOUR_S = 3600.0
_PACK_HEAD = 0xF0 | NEWEST_VERSION
_MAC_BYTES = 6
_LAST_PAGE, _FIRST_PAGE_BYTES = 15, 17
_LONGEST_PAYLOAD = 255


class MavlinkRemoteId:
    """The decoder: keeps the same bounded memory as that of the radio."""

    name = "mavlink"
    links: tuple[Link, ...] = ("mavlink",)

    def __init__(self) -> None:
        self._claims = Claims()
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The aircraft position in one packet. Raises DecodeError."""
        data = frame.data
        try:
            found = read_packet(data)
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        if found is None:
            return ()
        self.heard += 1
        name, messages = found
        system, component = data[5], data[6]
        address = name[:_MAC_BYTES] if any(name) else bytes((system, component))
        sensor = frame.sensor or f"mavlink-{system}"
        detection = self._claims.hear(messages, address, frame.t, sensor)
        return () if detection is None else (detection,)


def read_packet(data: bytes) -> Found | None:
    """What one packet says; None for messages that are not ours. Raises DecodeError."""
    packet = read_head(data, 0)
    if packet is None:
        raise Refused("message-type", "not a MAVLink packet")
    if packet.end > len(data):
        raise Truncated(f"a packet of {len(data)} bytes, not {packet.end}")
    if packet.message not in ODID_EXTRA:
        return None
    if not is_sound(data, 0, packet):
        raise Refused("check-sum", "the check sum of the packet is wrong")
    reader = _READERS.get(packet.message)
    if reader is None:
        return None
    return reader(data[packet.payload_at : packet.crc_at].ljust(_LONGEST_PAYLOAD, b"\0"))


def _named(names: Sequence[str], code: int) -> str:
    if code >= len(names):
        raise Refused("code", f"code {code}, of {len(names)} that there are")
    return names[code]


def _basic_id(payload: bytes) -> Found:
    name, id_code, aircraft, raw = _BASIC_ID.unpack_from(payload)
    id_type = _named(ID_TYPES, id_code)
    kind = _named(AIRCRAFT_TYPES, aircraft)
    return name, [BasicId(NEWEST_VERSION, id_type, kind, read_uas_id(id_type, raw))]


def _location(payload: bytes) -> Found:
    (
        lat, lon, pressure, altitude, height, after_hour, direction, speed, climb,
        name, status, reference, horizontal, vertical, barometer, speed_code, time_code,
    ) = _LOCATION.unpack_from(payload)  # fmt: skip
    lat_deg, lon_deg = _place(lat, lon)
    message = Location(
        NEWEST_VERSION,
        _named(STATUSES, status),
        lat_deg,
        lon_deg,
        _altitude(altitude),
        _altitude(pressure),
        _altitude(height),
        _named(HEIGHT_REFERENCES, reference),
        None if direction >= _UNKNOWN_DIRECTION else direction / 100,
        None if speed >= _UNKNOWN_SPEED else speed / 100,
        climb / 100 if abs(climb) <= _CLIMB_MOST else None,
        HORIZONTAL_BOUNDS_M[horizontal] if horizontal < len(HORIZONTAL_BOUNDS_M) else None,
        _vertical(vertical),
        _vertical(barometer),
        SPEED_BOUNDS_MPS[speed_code] if speed_code < len(SPEED_BOUNDS_MPS) else None,
        round(after_hour, 3) if 0.0 <= after_hour <= _HOUR_S else None,
        TIME_BOUNDS_S[time_code] if time_code < len(TIME_BOUNDS_S) else None,
    )
    return name, [message]


def _authentication(payload: bytes) -> Found:
    seconds, name, auth_code, page, last_page, length, raw = _AUTHENTICATION.unpack_from(payload)
    auth_type = _named(AUTH_TYPES, auth_code)
    if page > _LAST_PAGE or (page == 0 and last_page > _LAST_PAGE):
        raise Refused("authentication-pages", f"page {page} of {last_page}")
    if page:
        return name, [Authentication(NEWEST_VERSION, auth_type, page, raw)]
    if length > _FIRST_PAGE_BYTES + last_page * len(raw):
        raise Refused("authentication-pages", f"{length} bytes in {last_page + 1} pages")
    signed_t = ODID_EPOCH_T + seconds if seconds else None
    first = raw[:_FIRST_PAGE_BYTES]
    message = Authentication(NEWEST_VERSION, auth_type, 0, first, last_page, length, signed_t)
    return name, [message]


def _self_id(payload: bytes) -> Found:
    name, kind, raw = _SELF_ID.unpack_from(payload)
    return name, [SelfId(NEWEST_VERSION, SELF_ID_KINDS[kind], read_text(raw))]


def _system(payload: bytes) -> Found:
    (
        lat, lon, ceiling, floor, altitude, seconds, count, radius,
        name, place, classification, category, eu_class,
    ) = _SYSTEM.unpack_from(payload)  # fmt: skip
    lat_deg, lon_deg = _place(lat, lon)
    said = _named(CLASSIFICATIONS, classification)
    european = said == "eu"
    message = System(
        NEWEST_VERSION,
        _named(OPERATOR_PLACES, place),
        lat_deg,
        lon_deg,
        _altitude(altitude),
        count or None,
        float(radius),
        _altitude(ceiling),
        _altitude(floor),
        said,
        _named(EU_CATEGORIES, category) if european else None,
        _named(EU_CLASSES, eu_class) if european else None,
        ODID_EPOCH_T + seconds if seconds else None,
    )
    return name, [message]


def _operator_id(payload: bytes) -> Found:
    name, kind, raw = _OPERATOR_ID.unpack_from(payload)
    return name, [OperatorId(NEWEST_VERSION, OPERATOR_ID_KINDS[kind], read_text(raw))]


def _pack(payload: bytes) -> Found:
    name, size, count, raw = _PACK.unpack_from(payload)
    pack = bytes((_PACK_HEAD, size, count)) + raw
    messages, _ = read_messages(pack, 0, len(pack))  # nine messages always fit: never cut
    return name, messages


def _place(lat: int, lon: int) -> tuple[float | None, float | None]:
    if not lat and not lon:
        return None, None
    if not -900_000_000 <= lat <= 900_000_000:
        raise Refused("latitude", f"latitude {lat / 1e7:.7f} is beyond 90 degrees")
    if not -1_800_000_000 <= lon <= 1_800_000_000:
        raise Refused("longitude", f"longitude {lon / 1e7:.7f} is beyond 180 degrees")
    return lat / 1e7, lon / 1e7


def _altitude(metres: float) -> float | None:
    """A single float, of which centimetres are more than it can hold beyond 100 km."""
    known = math.isfinite(metres) and _UNKNOWN_ALT_M < metres <= _ALT_MOST_M
    return round(metres, 2) if known else None


def _vertical(code: int) -> float | None:
    return VERTICAL_BOUNDS_M[code] if code < len(VERTICAL_BOUNDS_M) else None


_READERS: dict[int, Callable[[bytes], Found]] = {
    12900: _basic_id,
    12901: _location,
    12902: _authentication,
    12903: _self_id,
    12904: _system,
    12905: _operator_id,
    12915: _pack,
}
