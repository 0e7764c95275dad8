"""The check sum of Bluetooth advertisements.

Standard   Bluetooth Core 5.4, vol 6 part B, 3.1.1: x24 + x10 + x9 + x6 + x4 + x3 + x + 1,
           register preset to 555555, least significant bit first
"""

from __future__ import annotations


def crc24(pdu: bytes) -> bytes:
    """The three bytes that stand behind this PDU in a capture."""
    register = 0xAAAAAA  # 555555 with its bits reversed
    for byte in pdu:
        register = (register >> 8) ^ _TABLE[(register ^ byte) & 0xFF]
    return register.to_bytes(3, "little")


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0xDA6000 if byte & 1 else 0)
    return byte


_TABLE = tuple(_remainder(byte) for byte in range(256))
