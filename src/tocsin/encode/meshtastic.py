"""Text for a Meshtastic radio, and what the radio says became of it.

Standard    Meshtastic stream protocol (94 C3, length in two bytes, protobuf) and the few fields of
            mesh.proto that are needed, by their numbers; Protocol Buffers encoding
Carries     ToRadio: packet 1 (to 2, channel 3, decoded 4, id 6, hop_limit 9, want_ack 10,
            priority 11), want_config_id 3. Data: portnum 1, payload 2, request_id 6.
            FromRadio: packet 2, config_complete_id 7, queueStatus 11. Routing: error_reason 3
Leaves out  everything else that a radio says: who is where is none of our business
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

LONGEST_TEXT_BYTES = 200
BROADCAST = 0xFFFFFFFF
ONLY_CONFIG = 69_420
"""As a `want_config_id` it spares the list of all nodes, which takes seconds on a serial line."""

WAKE = b"\xc3" * 32
"""Wakes a sleeping radio on a serial line; it is no frame."""

_START = b"\x94\xc3"
_MOST_FRAME_BYTES = 512
_TEXT_APP, _ROUTING_APP = 1, 5
_ALERT_PRIORITY = 110
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

ERRORS = {
    0: "none", 1: "no route", 2: "refused", 3: "time-out", 4: "no interface",
    5: "no other radio was heard to hand it on", 6: "no such channel", 7: "too large",
    8: "no response", 9: "the hour's share of air time is used up", 32: "bad request",
    33: "not authorised", 38: "too many messages",
}  # fmt: skip


class Ready(msgspec.Struct, frozen=True):
    """The radio has said all about itself; packets follow."""

    nonce: int


class Queued(msgspec.Struct, frozen=True):
    """Whether the radio took a packet from us; `error` 0 means yes."""

    packet: int
    error: int


class Routed(msgspec.Struct, frozen=True):
    """What became of a packet on the air; `error` 0 means that another radio had it."""

    packet: int
    error: int


Answer = Ready | Queued | Routed


def frame(message: bytes) -> bytes:
    """A message as it goes over a stream."""
    return _START + struct.pack(">H", len(message)) + message


def ask_config(nonce: int = ONLY_CONFIG) -> bytes:
    """The message after which the radio begins to speak."""
    return _varint_field(3, nonce)


def text_message(
    text: str,
    packet: int,
    *,
    to: int = BROADCAST,
    channel: int = 0,
    hops: int = 3,
    urgent: bool = False,
) -> bytes:
    """A text to one radio or all, to be acknowledged."""
    data = _varint_field(1, _TEXT_APP) + _bytes_field(2, cut(text).encode())
    body = _fixed_field(2, to)
    if channel:
        body += _varint_field(3, channel)
    body += _bytes_field(4, data) + _fixed_field(6, packet)
    if hops:
        body += _varint_field(9, hops)
    body += _varint_field(10, 1)
    if urgent:
        body += _varint_field(11, _ALERT_PRIORITY)
    return _bytes_field(1, body)


def cut(text: str, most_bytes: int = LONGEST_TEXT_BYTES) -> str:
    """As much of the beginning as fits, no character and no word in half where that can be."""
    text = text.encode("utf-8", "replace").decode()
    if len(text.encode()) <= most_bytes:
        return text
    kept = text.encode()[: most_bytes - 1].decode("utf-8", "ignore")
    head, space, _ = kept.rpartition(" ")
    return (head if space and len(head) > len(kept) // 2 else kept.rstrip()) + "."


def take_frames(buffer: bytearray) -> list[bytes]:
    """The whole messages at the head of the buffer, which loses them; what is between messages is
    the radio's own log and passed over."""
    found: list[bytes] = []
    while True:
        start = buffer.find(_START)
        if start < 0:
            del buffer[: max(0, len(buffer) - 1)]
            return found
        del buffer[:start]
        if len(buffer) < 4:
            return found
        length = int.from_bytes(buffer[2:4], "big")
        if length > _MOST_FRAME_BYTES:
            del buffer[:2]
        elif len(buffer) < 4 + length:
            return found
        else:
            found.append(bytes(buffer[4 : 4 + length]))
            del buffer[: 4 + length]


def read_answer(message: bytes) -> Answer | None:
    """What a message of the radio says of our own packets; None for anything else."""
    try:
        for number, value in _fields(message):
            if number == 7 and isinstance(value, int):
                return Ready(value)
            if number == 11 and isinstance(value, bytes):
                told = dict(_fields(value))
                return Queued(_number(told, 4), _number(told, 1))
            if number == 2 and isinstance(value, bytes):
                return _read_packet(value)
    except (ValueError, IndexError, struct.error):
        return None
    return None


def _read_packet(packet: bytes) -> Routed | None:
    decoded = dict(_fields(packet)).get(4)
    if not isinstance(decoded, bytes):
        return None
    data = dict(_fields(decoded))
    payload = data.get(2, b"")
    if data.get(1) != _ROUTING_APP or not isinstance(payload, bytes) or not data.get(6):
        return None
    routing = dict(_fields(payload))
    if 1 in routing or 2 in routing:  # a search for a route, no answer to a text
        return None
    return Routed(_number(data, 6), _number(routing, 3))


def _number(fields: dict[int, int | bytes], number: int) -> int:
    value = fields.get(number, 0)
    if not isinstance(value, int):
        raise ValueError(number)
    return value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field. Raises ValueError, IndexError, struct.error."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif wire == _BYTES:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError(length)
            yield number, data[at : at + length]
            at += length
        elif wire == _FIXED32:
            yield number, struct.unpack_from("<I", data, at)[0]
            at += 4
        elif wire == _FIXED64:
            yield number, struct.unpack_from("<Q", data, at)[0]
            at += 8
        else:
            raise ValueError(wire)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(at)


def _varint_field(number: int, value: int) -> bytes:
    return _write_varint(number << 3 | _VARINT) + _write_varint(value)


def _fixed_field(number: int, value: int) -> bytes:
    return _write_varint(number << 3 | _FIXED32) + struct.pack("<I", value)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _write_varint(number << 3 | _BYTES) + _write_varint(len(value)) + value


def _write_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
