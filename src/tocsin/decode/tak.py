"""Events of Cursor on Target in TAK protocol version 1: protocol buffers, read by hand.

Standard   TAK protocol.txt and its .proto files; the fields are listed in `encode/tak.py`
Framings   datagrams BF 01 BF message, and BF 00 BF with XML behind it (version 0); streams BF,
           length as a varint, message
Unknown    fields that we do not know are passed over; proto3 leaves out what is 0
Errors     Refused "tak-head", "tak-wire", "tak-size", and those of `decode/cot.py`; Truncated
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

from tocsin.decode.cot import MOST_BYTES, checked, parse, read_cot, with_detail
from tocsin.errors import DecodeError, FormatError, Refused, Truncated
from tocsin.words import Frame, Link
from tocsin.words.cot import CotEvent

MAGIC = 0xBF
_MESH_HEADS = (b"\xbf\x00\xbf", b"\xbf\x01\xbf")
_TAKES_PART = (0x0A, 0x12)
"""First byte of a TakMessage: takControl or cotEvent, both of them bytes with a length."""
_Value = int | bytes | float
_DOUBLE = struct.Struct("<d")


class TakFormat:
    """Messages in datagrams, in streams, and in files of either."""

    name = "tak"
    link: Link = "tak"

    def sniff(self, start: bytes) -> bool:
        """The magic byte, a version or a sound length, and the first byte of a TakMessage."""
        if start[:3] in _MESH_HEADS:
            return start[3:4] in (b"\x0a", b"\x12") or start[3:].lstrip()[:1] == b"<"
        if start[:1] != b"\xbf":
            return False
        try:
            size, at = _varint(start, 1)
        except DecodeError:
            return False
        return 0 < size <= MOST_BYTES and at < len(start) and start[at] in _TAKES_PART

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One datagram's message, or the messages of a stream, at the times they tell."""
        if data[:3] in _MESH_HEADS:
            messages, dropped, rest = [data], 0, 0
        else:
            splitter = TakSplitter()
            messages = splitter.feed(data)
            dropped, rest = splitter.dropped, splitter.waiting
        t = start
        for number, message in enumerate(messages, start=1):
            t = _told_t(message, t)
            yield Frame(message, sensor or "", t, self.link, f"{name} message {number}")
        if dropped:
            skipped["bytes between messages"] += dropped
        if rest:
            raise FormatError("the last message is cut short", where=f"{name} byte {len(data)}")

    def datagram(self, data: bytes) -> list[bytes]:
        """One message; a mesh also speaks XML."""
        return [data] if data else []

    def splitter(self) -> TakSplitter:
        """By the lengths."""
        return TakSplitter()


class TakSplitter:
    """Cuts a stream by its lengths; bytes in which no message can begin are given up."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""

    @property
    def waiting(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete, each with its head."""
        data = self._rest + data
        found, at = [], 0
        while at < len(data):
            begin = data.find(MAGIC, at)
            if begin < 0:
                self.dropped += len(data) - at
                at = len(data)
                break
            self.dropped += begin - at
            at = begin
            try:
                size, body = _varint(data, at + 1)
            except Truncated:
                break
            except Refused:
                size, body = 0, 0
            if not 0 < size <= MOST_BYTES or (body < len(data) and data[body] not in _TAKES_PART):
                self.dropped += 1
                at += 1
                continue
            if body + size > len(data):
                break
            found.append(data[at : body + size])
            at = body + size
        self._rest = data[at:]
        return found


def read_tak(data: bytes, where: str = "") -> CotEvent | None:
    """The event of a message with its head, None where it holds only what the sender
    understands. Raises DecodeError."""
    if data[:3] == b"\xbf\x00\xbf":
        return read_cot(data[3:], where)
    if data[:3] == b"\xbf\x01\xbf":
        return _read_message(data[3:], where)
    if data[:1] != b"\xbf":
        raise Refused("tak-head", "no TAK message", where=where)
    size, at = _varint(data, 1)
    if at + size > len(data):
        raise Truncated(f"{len(data) - at} of {size} bytes", where=where)
    return _read_message(data[at : at + size], where)


def _read_message(data: bytes, where: str) -> CotEvent | None:
    if len(data) > MOST_BYTES:
        raise Refused("tak-size", f"{len(data)} bytes", where=where)
    body = fields_of(data).get(2)
    if body is None:
        return None
    told = fields_of(_as_bytes(body, "cotEvent"))
    t, start_t, stale_t = (_as_time(told.get(n, 0)) for n in (6, 7, 8))
    lat, lon, hae, ce, le = (_as_double(told.get(n, 0.0)) for n in (10, 11, 12, 13, 14))
    uid, kind, how = (_text(told, n) for n in (5, 1, 9))
    event = checked(
        CotEvent(
            uid, kind, how, t, start_t, stale_t, lat, lon, hae, ce, le, opex=_text(told, 4)
        ),
        where,
    )  # fmt: skip
    return _with_detail(event, fields_of(_as_bytes(told.get(15, b""), "detail")), where)


def _with_detail(event: CotEvent, detail: dict[int, _Value], where: str) -> CotEvent:
    contact = fields_of(_as_bytes(detail.get(2, b""), "contact"))
    course = speed = None
    if 7 in detail:
        track = fields_of(_as_bytes(detail[7], "track"))
        speed, course = (max(0.0, _as_double(track.get(n, 0.0))) for n in (1, 2))
    event = CotEvent(
        event.uid, event.type, event.how, event.t, event.start_t, event.stale_t,
        event.lat, event.lon, event.hae_m, event.ce_m, event.le_m,
        callsign=_text(contact, 2) or None,
        course_deg=course,
        speed_mps=speed,
        opex=event.opex,
        person=bool(contact.get(1)) or 3 in detail or 6 in detail,
    )  # fmt: skip
    xml = _as_bytes(detail.get(1, b""), "xmlDetail")
    if not xml:
        return event
    return with_detail(event, parse(b"<detail>" + xml + b"</detail>", where), where)


def fields_of(data: bytes) -> dict[int, _Value]:
    """The fields of one protocol buffer, the last of each number. Raises DecodeError."""
    told: dict[int, _Value] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            told[number], at = _varint(data, at)
        elif wire == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise Truncated("a field is cut short")
            told[number] = data[at : at + size]
            at += size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            if at + size > len(data):
                raise Truncated("a number is cut short")
            told[number] = _DOUBLE.unpack_from(data, at)[0] if wire == 1 else data[at : at + 4]
            at += size
        else:
            raise Refused("tak-wire", f"wire type {wire}")
    return told


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most 64 bits, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Truncated("a number is cut short")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise Refused("tak-wire", "a number of more than ten bytes")


def _told_t(message: bytes, before: float) -> float:
    try:
        event = read_tak(message)
    except DecodeError:
        return before
    return before if event is None else event.t


def _text(told: dict[int, _Value], number: int) -> str:
    try:
        return _as_bytes(told.get(number, b""), f"field {number}").decode()
    except UnicodeDecodeError:
        raise Refused("tak-wire", f"field {number} is not UTF-8") from None


def _as_bytes(value: _Value, name: str) -> bytes:
    if isinstance(value, bytes):
        return value
    raise Refused("tak-wire", f"{name} has another wire type")


def _as_double(value: _Value) -> float:
    if isinstance(value, float):
        return value
    raise Refused("tak-wire", "a number has another wire type")


def _as_time(value: _Value) -> float:
    """Milliseconds to seconds; a year beyond 9999 is none."""
    if isinstance(value, int) and value < 253_402_300_800_000:
        return value / 1000.0
    raise Refused("tak-wire", "a time has another wire type or is beyond all calendars")
