"""An event of Cursor on Target in TAK protocol version 1: protocol buffers instead of XML.

Standard   TAK protocol.txt: a datagram is BF 01 BF and the message; in a stream each message is BF,
           its length as a varint, and the message. TakMessage: takControl 1, cotEvent 2; CotEvent:
           type 1, opex 4, uid 5, send, start, stale 6–8 (ms), how 9, lat, lon, hae, ce, le 10–14
           (doubles), detail 15; Detail: xmlDetail 1, contact 2 (callsign 2), track 7 (speed 1,
           course 2)
Unknown    9999999.0, as in XML; proto3 leaves out what is 0 or empty
"""

from __future__ import annotations

import struct

from tocsin.encode.cot import remarks
from tocsin.words.cot import CotEvent

MAGIC = b"\xbf"
MESH_HEAD = b"\xbf\x01\xbf"
_UNKNOWN = 9_999_999.0
_VERSION = 1


def tak_mesh(payload: bytes) -> bytes:
    """For one datagram."""
    return MESH_HEAD + payload


def tak_stream(payload: bytes) -> bytes:
    """For a connection on which both sides have agreed to speak so."""
    return MAGIC + _varint(len(payload)) + payload


def tak_event(event: CotEvent) -> bytes:
    """The TakMessage of an event, without any head."""
    more = event.more
    if event.remarks is not None:
        more = remarks(event.remarks) + more
    detail = _text(1, more)
    if event.callsign is not None:
        detail += _bytes(2, _text(2, event.callsign))
    if event.course_deg is not None or event.speed_mps is not None:
        speed, course = event.speed_mps or 0.0, event.course_deg or 0.0
        detail += _bytes(7, _double(1, round(speed, 2)) + _double(2, round(course, 2)))
    where = (
        round(event.lat, 7), round(event.lon, 7), _metres(event.hae_m), _metres(event.ce_m),
        _metres(event.le_m),
    )  # fmt: skip
    body = _text(1, event.type) + _text(4, event.opex) + _text(5, event.uid)
    for field, t in enumerate((event.t, event.start_t, event.stale_t), start=6):
        body += _varint(field << 3) + _varint(round(t * 1000.0))
    body += _text(9, event.how)
    for field, value in enumerate(where, start=10):
        body += _double(field, value)
    return _bytes(2, body + _bytes(15, detail))


def tak_control(uid: str) -> bytes:
    """The TakMessage that says to a mesh which versions we understand: 1 and no other."""
    version = _varint(_VERSION)
    return _bytes(1, b"\x08" + version + b"\x10" + version + _text(3, uid))


def _metres(value: float | None) -> float:
    return _UNKNOWN if value is None else round(value, 2)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode("utf-8", "replace")) if text else b""


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _double(field: int, value: float) -> bytes:
    return b"" if value == 0.0 else _varint(field << 3 | 1) + struct.pack("<d", value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
