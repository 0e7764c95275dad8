"""Frames → a capture file that Wireshark and its kin can read.

Standard   draft-ietf-opsawg-pcapng: section header, interface description, enhanced packet
Carries    one interface a sensor and link; its name is the sensor's id; times to the microsecond
Leaves out name resolution, statistics, comments
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from tocsin.words import Frame, Link

LINK_TYPES: dict[Link, int] = {
    "ieee80211": 105,
    "radiotap": 127,
    "ble_ll": 251,
    "ble_ll_phdr": 256,
    "nordic_ble": 272,
}
"""Numbers of the tcpdump.org registry of link types."""

_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_PACKET = 6
_BYTE_ORDER = 0x1A2B3C4D
_OPTION_NAME = 2


def capture(frames: Iterable[Frame]) -> bytes:
    """A whole pcapng file. ValueError for a link that has no number there, such as ndjson."""
    blocks = [_block(_SECTION, struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1))]
    interfaces: dict[tuple[str, Link], int] = {}
    for frame in frames:
        key = (frame.sensor, frame.link)
        number = interfaces.get(key)
        if number is None:
            number = interfaces[key] = len(interfaces)
            blocks.append(_interface(*key))
        blocks.append(_packet(frame, number))
    return b"".join(blocks)


def _interface(sensor: str, link: Link) -> bytes:
    if link not in LINK_TYPES:
        raise ValueError(f"link {link!r} has no place in a capture file")
    name = sensor.encode("utf-8")
    option = struct.pack("<HH", _OPTION_NAME, len(name)) + _filled(name) + bytes(4)
    return _block(_INTERFACE, struct.pack("<HHI", LINK_TYPES[link], 0, 0) + option)


def _packet(frame: Frame, interface: int) -> bytes:
    ticks = round(frame.t * 1e6)
    size = len(frame.data)
    head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFF_FFFF, size, size)
    return _block(_PACKET, head + _filled(frame.data))


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def _filled(content: bytes) -> bytes:
    """Filled with zeros to a whole number of 32-bit words."""
    return content + bytes(-len(content) % 4)
