"""Where a MAVLink packet ends, and whether it arrived whole.

Standard   mavlink.io, "Packet Serialization": version 1 (FE) and 2 (FD), CRC-16/MCRF4XX over all
           but the first byte, then over the message's CRC_EXTRA; signed packets (13 bytes more)

    version 1   FE · size · count · system · component · id (1) · payload · crc (2)
    version 2   FD · size · incompatible · compatible · count · system · component · id (3)
                payload · crc (2) · signature (13, where bit 0 of "incompatible" is set)

Leaves out  the signature: whose it is cannot be told without the site's secret key
Errors      a packet of which a check sum cannot be reckoned (its CRC_EXTRA is not known here) is
            stepped over by its length
"""

from __future__ import annotations

from typing import NamedTuple

V1, V2 = 0xFE, 0xFD
_V1_HEAD_BYTES, _V2_HEAD_BYTES = 6, 10
_CRC_BYTES, _SIGNATURE_BYTES = 2, 13
_SIGNED = 0x01

ODID_EXTRA = {
    12900: 114, 12901: 254, 12902: 140, 12903: 249, 12904: 77, 12905: 49, 12915: 94, 12918: 139,
    12919: 7,
}  # fmt: skip
"""CRC_EXTRA of the Open Drone ID messages."""
_COMMON_EXTRA = {0: 50, 1: 124, 2: 137, 24: 24, 30: 39, 33: 104, 74: 20, 147: 154, 253: 83}
"""CRC_EXTRA of messages that every autopilot sends (heartbeat, status, time, position, attitude,
speeds, battery, text): by these a recording is known for MAVLink."""
_EXTRA = ODID_EXTRA | _COMMON_EXTRA


class Packet(NamedTuple):
    """Where a packet's parts are. `end` is behind its signature; `crc_at` behind its payload."""

    version: int
    message: int
    system: int
    component: int
    payload_at: int
    crc_at: int
    end: int


def read_head(data: bytes, at: int) -> Packet | None:
    """The packet that begins at `at`; None where none can, or where its head is not there yet."""
    if at + _V1_HEAD_BYTES > len(data):
        return None
    if data[at] == V1:
        payload_at = at + _V1_HEAD_BYTES
        crc_at = payload_at + data[at + 1]
        end = crc_at + _CRC_BYTES
        return Packet(1, data[at + 5], data[at + 3], data[at + 4], payload_at, crc_at, end)
    # The other bits of "incompatible" are not in use: whoever sets them speaks something else.
    if data[at] != V2 or at + _V2_HEAD_BYTES > len(data) or data[at + 2] & ~_SIGNED:
        return None
    message = int.from_bytes(data[at + 7 : at + 10], "little")
    payload_at = at + _V2_HEAD_BYTES
    crc_at = payload_at + data[at + 1]
    end = crc_at + _CRC_BYTES + (_SIGNATURE_BYTES if data[at + 2] else 0)
    return Packet(2, message, data[at + 5], data[at + 6], payload_at, crc_at, end)


def is_sound(data: bytes, at: int, packet: Packet) -> bool | None:
    """Whether the check sum is right; None where it cannot be reckoned."""
    extra = _EXTRA.get(packet.message)
    if extra is None:
        return None
    crc = 0xFFFF
    table = _TABLE
    for byte in data[at + 1 : packet.crc_at]:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc = crc >> 8 ^ table[(crc ^ extra) & 0xFF]
    return crc == data[packet.crc_at] | data[packet.crc_at + 1] << 8


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x8408 if byte & 1 else 0)
    return byte


_TABLE = tuple(_entry(byte) for byte in range(256))
