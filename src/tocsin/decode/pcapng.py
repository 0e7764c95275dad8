"""Pcapng files → frames.

Standard   draft-ietf-opsawg-pcapng: section header, interface description with if_name,
           if_tsresol and if_tsoffset, enhanced, simple and (obsolete) packet blocks; both byte
           orders, several sections
Leaves out name resolution, statistics, decryption secrets, comments, custom blocks: skipped
Unknown    a simple packet has no time of its own: it takes that of the frame before it
Errors     FormatError naming the file and the byte, after every frame that stands before it
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

import msgspec

from tocsin.decode.links import link_of
from tocsin.errors import FormatError
from tocsin.words import Frame, Link

MAGIC = b"\x0a\x0d\x0d\x0a"

_SECTION = 0x0A0D0D0A
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 1, 2, 3, 6
_PACKETS = {_OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET}
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LEAST_BLOCK_BYTES = 12
_OPTION_END, _OPTION_NAME, _OPTION_RESOLUTION, _OPTION_OFFSET = 0, 2, 9, 14


class _Interface(msgspec.Struct, frozen=True):
    """One antenna of a section: `per_second` clock ticks, `offset_s` added to every time."""

    link_type: int
    link: Link | None
    snap_bytes: int
    sensor: str
    per_second: int = 1_000_000
    offset_s: int = 0


class _Packet(msgspec.Struct, frozen=True):
    """A packet block taken apart: `ticks` None where the block has no time."""

    interface: int
    ticks: int | None
    start: int
    size: int


class _Fault(Exception):
    """What is wrong with the block at hand; the loop adds file and byte."""


def frames(data: bytes, name: str, *, sensor: str | None, skipped: Counter[str]) -> Iterator[Frame]:
    """The frames of a pcapng file in its order; see `capture.frames`."""
    at = 0
    number = 0
    order = "<"
    interfaces: list[_Interface] = []
    last_t = 0.0
    while at < len(data):
        try:
            if data[at : at + 4] == MAGIC:
                order = _byte_order(data, at)
                interfaces = []
            kind, end = _block(data, at, order)
            if kind == _INTERFACE:
                interfaces.append(_interface(data, at + 8, end - 4, order, sensor, name))
            elif kind in _PACKETS:
                number += 1
                packet = _packet(data, at + 8, end - 4, kind, order, interfaces)
                interface = interfaces[packet.interface]
                if packet.ticks is not None:
                    last_t = packet.ticks / interface.per_second + interface.offset_s
        except _Fault as fault:
            raise FormatError(str(fault), where=f"{name} byte {at}") from None
        if kind in _PACKETS:
            if interface.link is None:
                skipped[f"link type {interface.link_type}"] += 1
            else:
                content = data[packet.start : packet.start + packet.size]
                origin = f"{name} frame {number}"
                yield Frame(content, interface.sensor, last_t, interface.link, origin)
        at = end


def _byte_order(data: bytes, at: int) -> str:
    order = _ORDERS.get(data[at + 8 : at + 12])
    if order is None:
        raise _Fault("a section without a byte order mark")
    return order


def _block(data: bytes, at: int, order: str) -> tuple[int, int]:
    """(type, end) of the block at `at`, both of its lengths checked."""
    if at + _LEAST_BLOCK_BYTES > len(data):
        raise _Fault("the file ends within a block")
    kind, size = struct.unpack_from(order + "II", data, at)
    end = at + size
    if size < _LEAST_BLOCK_BYTES or size % 4:
        raise _Fault(f"a block claims {size} bytes")
    if end > len(data):
        raise _Fault("the file ends within a block")
    if struct.unpack_from(order + "I", data, end - 4)[0] != size:
        raise _Fault("the two lengths of a block differ")
    return kind, end


def _interface(
    data: bytes, at: int, end: int, order: str, sensor: str | None, name: str
) -> _Interface:
    if at + 8 > end:
        raise _Fault("an interface block is too short")
    link_type, _, snap_bytes = struct.unpack_from(order + "HHI", data, at)
    options = _options(data, at + 8, end, order)
    title = options.get(_OPTION_NAME, b"").rstrip(b"\0").decode("utf-8", "replace")
    per_second = 1_000_000
    if resolution := options.get(_OPTION_RESOLUTION):
        base = 2 if resolution[0] & 0x80 else 10
        per_second = base ** (resolution[0] & 0x7F)
    offset = options.get(_OPTION_OFFSET, b"")
    return _Interface(
        link_type=link_type,
        link=link_of(link_type),
        snap_bytes=snap_bytes,
        sensor=sensor or title or name.rpartition(".")[0] or name,
        per_second=per_second,
        offset_s=struct.unpack(order + "q", offset)[0] if len(offset) == 8 else 0,
    )


def _options(data: bytes, at: int, end: int, order: str) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while at + 4 <= end:
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == _OPTION_END:
            break
        if at + 4 + size > end:
            raise _Fault("an option is longer than its block")
        found[code] = data[at + 4 : at + 4 + size]
        at += 4 + size + (-size % 4)
    return found


def _packet(
    data: bytes, at: int, end: int, kind: int, order: str, interfaces: list[_Interface]
) -> _Packet:
    head = {_ENHANCED_PACKET: 20, _OLD_PACKET: 20, _SIMPLE_PACKET: 4}[kind]
    if at + head > end:
        raise _Fault("a packet block is too short")
    ticks: int | None = None
    if kind == _SIMPLE_PACKET:
        interface = 0
        (size,) = struct.unpack_from(order + "I", data, at)
        if interfaces and interfaces[0].snap_bytes:
            size = min(size, interfaces[0].snap_bytes)
    else:
        layout = "IIIII" if kind == _ENHANCED_PACKET else "HHIIII"
        fields = struct.unpack_from(order + layout, data, at)
        interface = fields[0]
        high, low, size = fields[-4:-1]
        ticks = high << 32 | low
    if interface >= len(interfaces):
        raise _Fault(f"a packet names interface {interface}, which the section lacks")
    if at + head + size > end:
        raise _Fault("a packet is longer than its block")
    return _Packet(interface, ticks, at + head, size)
