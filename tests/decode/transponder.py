"""What a transponder would send: our own encoder of Mode S, for round trips and for vectors."""

from __future__ import annotations

import math

from tocsin.decode.mode_s.cpr import longitude_zones
from tocsin.decode.mode_s.parity import syndrome


def sealed(body: bytes, over: int = 0) -> bytes:
    """The message with its check sum, laid over an address or an interrogator's code."""
    rest = syndrome(body + b"\0\0\0") ^ over
    return body + rest.to_bytes(3, "big")


def squitter(address: int, me: int, *, downlink: int = 17, control: int = 5) -> bytes:
    """Formats 17 and 18."""
    head = (downlink << 3 | control) << 24 | address
    return sealed(head.to_bytes(4, "big") + me.to_bytes(7, "big"))


def all_call(address: int, interrogator: int = 0) -> bytes:
    """Format 11."""
    return sealed((((11 << 3 | 5) << 24) | address).to_bytes(4, "big"), interrogator)


def addressed(downlink: int, address: int, code: int, mb: int = 0) -> bytes:
    """Formats 0, 4, 5 (7 bytes), 16, 20, 21 (14)."""
    head = (downlink << 27 | code).to_bytes(4, "big")
    return sealed(head if downlink < 16 else head + mb.to_bytes(7, "big"), address)


def compact(lat: float, lon: float, odd: bool, *, surface: bool = False) -> tuple[int, int]:
    """17 bits of latitude and of longitude (DO-260B A.1.7.3)."""
    codes = 1 << (19 if surface else 17)
    height = 360.0 / (60 - odd)
    north = math.floor(codes * (lat % height) / height + 0.5)
    at = height * (north / codes + math.floor(lat / height))
    width = 360.0 / max(longitude_zones(at) - odd, 1)
    east = math.floor(codes * (lon % width) / width + 0.5)
    return north & 0x1FFFF, east & 0x1FFFF


def altitude_code(feet: int) -> int:
    """12 bits in steps of 25 feet."""
    steps = (feet + 1000) // 25
    return (steps & 0x7F0) << 1 | 0x10 | steps & 0xF


def airborne(
    address: int, lat: float, lon: float, odd: bool, *, feet: int = 3000, type_code: int = 11
) -> bytes:
    north, east = compact(lat, lon, odd)
    me = type_code << 51 | altitude_code(feet) << 36 | odd << 34 | north << 17 | east
    return squitter(address, me)


def surface(
    address: int,
    lat: float,
    lon: float,
    odd: bool,
    *,
    movement: int = 1,
    track: int | None = None,
    type_code: int = 7,
) -> bytes:
    north, east = compact(lat, lon, odd, surface=True)
    course = 0 if track is None else 1 << 7 | track
    me = type_code << 51 | movement << 44 | course << 36 | odd << 34 | north << 17 | east
    return squitter(address, me)


def velocity(
    address: int,
    east_kt: int | None,
    north_kt: int | None,
    *,
    climb_fpm: int | None = 0,
    above_ft: int | None = None,
    subtype: int = 1,
    accuracy: int = 2,
    barometric: bool = False,
) -> bytes:
    """Subtypes 1 and 2, over ground."""
    scale = 4 if subtype == 2 else 1
    me = 19 << 51 | subtype << 48 | accuracy << 43
    me |= _told(east_kt, scale, 10) << 32 | _told(north_kt, scale, 10) << 21
    me |= barometric << 20 | _told(climb_fpm, 64, 9) << 10 | _told(above_ft, 25, 7)
    return squitter(address, me)


def airspeed(
    address: int,
    heading: int | None,
    knots: int | None,
    *,
    true: bool = False,
    subtype: int = 3,
    climb_fpm: int | None = None,
) -> bytes:
    """Subtypes 3 and 4, through the air; `heading` in 1024ths of a turn."""
    scale = 4 if subtype == 4 else 1
    me = 19 << 51 | subtype << 48 | (0 if heading is None else 1 << 42 | heading << 32)
    me |= true << 31 | (0 if knots is None else knots // scale + 1) << 21
    return squitter(address, me | _told(climb_fpm, 64, 9) << 10)


def _told(value: int | None, step: int, bits: int) -> int:
    """Sign and size plus one; 0 for unknown."""
    if value is None:
        return 0
    return (value < 0) << bits | abs(value) // step + 1


_LETTERS = {letter: code for code, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)}
_LETTERS |= {str(digit): 48 + digit for digit in range(10)} | {" ": 32}


def letters(callsign: str) -> int:
    number = 0
    for letter in callsign.ljust(8):
        number = number << 6 | _LETTERS[letter]
    return number


def identification(address: int, callsign: str, category: str = "A3") -> bytes:
    type_code = "DCBA".index(category[0]) + 1
    return squitter(address, type_code << 51 | int(category[1]) << 48 | letters(callsign))


def status(
    address: int,
    *,
    version: int = 2,
    nac_p: int = 9,
    sil: int = 3,
    gva: int = 2,
    nic_a: int = 0,
    nic_c: int = 0,
    on_ground: bool = False,
) -> bytes:
    me = 31 << 51 | on_ground << 48 | nic_c << 36 | version << 13 | nic_a << 12 | nac_p << 8
    return squitter(address, me | gva << 6 | sil << 4)


def beast(message: bytes, ticks: int = 0, level: int = 200) -> bytes:
    """As a Beast writes it."""
    kind = {2: 0x31, 7: 0x32, 14: 0x33}[len(message)]
    body = ticks.to_bytes(6, "big") + bytes((level,)) + message
    return b"\x1a" + bytes((kind,)) + body.replace(b"\x1a", b"\x1a\x1a")


def avr(message: bytes, ticks: int | None = None) -> bytes:
    """As a line of hexadecimal digits."""
    if ticks is None:
        return b"*" + message.hex().encode() + b";\n"
    return b"@" + f"{ticks:012X}".encode() + message.hex().upper().encode() + b";\n"
