"""A Mode S message → its kind, its address, and what it says beyond extended squitters.

Standard   ICAO Annex 10 vol IV, 3.1.2: downlink formats 0, 4, 5, 11, 16, 20, 21 (a surveillance
           radar's questions answered), 17 and 18 (extended squitters, read next door)
Carries    address; altitude (0, 4, 16, 20); squawk (5, 21); callsign where the 56 bits of 20 and 21
           are those of register 2,0
Leaves out formats 19 (military) and 24 (long messages in parts); the other registers of 20 and 21,
           which do not say which of them they are
Errors     Refused "mode-s-length"
"""

from __future__ import annotations

import msgspec

from tocsin.decode.mode_s.altitude import altitude_ft, squawk
from tocsin.decode.mode_s.parity import syndrome
from tocsin.decode.mode_s.squitter import callsign
from tocsin.errors import Refused

ADDRESSED = frozenset({0, 4, 5, 16, 20, 21})
"""Formats whose check sum is laid over the address: only an address known otherwise proves them."""
SQUITTERS = frozenset({17, 18})
_WITH_ALTITUDE = frozenset({0, 4, 16, 20})
_WITH_SQUAWK = frozenset({5, 21})
_SHORT, _LONG = 7, 14
_REGISTER_20 = 0x20


class Reply(msgspec.Struct, frozen=True):
    """`rest` is the syndrome: the address for formats of `ADDRESSED`, 0 for whole squitters."""

    format: int
    rest: int
    number: int

    @property
    def told_address(self) -> int:
        """The address that formats 11, 17 and 18 tell in clear."""
        size = _SHORT if self.format < 16 else _LONG
        return self.number >> (8 * size - 32) & 0xFFFFFF

    @property
    def me(self) -> int:
        """The 56 bits of a long message that carry its content."""
        return self.number >> 24 & 0xFFFFFFFFFFFFFF


def read_reply(message: bytes) -> Reply:
    """The parts that every message has."""
    downlink = message[0] >> 3 if message else 0
    size = _SHORT if downlink < 16 else _LONG
    if len(message) != size:
        raise Refused(
            "mode-s-length", f"format {downlink} has {size} bytes, and here are {len(message)}"
        )
    return Reply(min(downlink, 24), syndrome(message), int.from_bytes(message, "big"))


def altitude_of(reply: Reply) -> int | None:
    """Feet, barometric; None where the format tells none or it is unknown."""
    if reply.format not in _WITH_ALTITUDE:
        return None
    return altitude_ft(_code(reply))


def squawk_of(reply: Reply) -> str | None:
    """Four octal digits."""
    return squawk(_code(reply)) if reply.format in _WITH_SQUAWK else None


def callsign_of(reply: Reply) -> str | None:
    """The callsign in an answer that carries register 2,0: its first byte says so, and a callsign
    of letters and digits is what no other register holds there by accident for long."""
    if reply.format not in (20, 21) or reply.me >> 48 != _REGISTER_20:
        return None
    return callsign(reply.me & 0xFFFFFFFFFFFF)


def _code(reply: Reply) -> int:
    """Bits 20 to 32 of the message."""
    size = _SHORT if reply.format < 16 else _LONG
    return reply.number >> (8 * size - 32) & 0x1FFF
