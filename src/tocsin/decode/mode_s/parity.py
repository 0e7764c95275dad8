"""The check sum of Mode S: whether a message is whole, or whose address its check sum hides.

Standard   ICAO Annex 10 vol IV, 3.1.2.3.3: generator 1FFF409, most significant bit first; the last
           24 bits are the remainder (PI) or the remainder laid over the address (AP)
"""

from __future__ import annotations

_GENERATOR = 0xFFF409
_PARITY_BYTES = 3


def syndrome(message: bytes) -> int:
    """0 for a whole squitter, the interrogator's code for an answer to an all-call, else the
    address of the aircraft that sent it, if it is whole."""
    remainder = 0
    for byte in message[:-_PARITY_BYTES]:
        remainder = (remainder << 8 & 0xFFFFFF) ^ _TABLE[remainder >> 16 ^ byte]
    return remainder ^ int.from_bytes(message[-_PARITY_BYTES:], "big")


def _remainder(byte: int) -> int:
    register = byte << 16
    for _ in range(8):
        register = register << 1 ^ (_GENERATOR if register & 0x800000 else 0)
        register &= 0xFFFFFF
    return register


_TABLE = tuple(_remainder(byte) for byte in range(256))
