"""Codes of altitude and of the transponder's number (squawk).

Standard   ICAO Annex 10 vol IV, 3.1.2.6.5.4 (altitude code, 13 bits: C1 A1 C2 A2 C4 A4 M B1 Q B2 D2
           B4 D4) and 3.1.2.6.7.1 (identity code); DO-260B 2.2.3.2.3.4.3 (12 bits: without M)
Unknown    a code of zeroes, an impossible Gillham code, and metres (M = 1, never put into use)
Beware     barometric: feet above the level of 1013.25 hPa, not above sea or ellipsoid
"""

from __future__ import annotations

from functools import lru_cache

FEET_M = 0.3048
_M, _Q = 0x40, 0x10
_GILLHAM_HUNDREDS = {1: 1, 2: 2, 3: 3, 4: 4, 7: 5}  # 0, 5 and 6 are no code of hundreds of feet


@lru_cache(maxsize=8192)
def altitude_ft(code: int) -> int | None:
    """Feet of a code of 13 bits; None where it tells none."""
    if code == 0 or code & _M:
        return None
    if code & _Q:
        steps = (code & 0x1F80) >> 2 | (code & 0x20) >> 1 | code & 0xF
        return steps * 25 - 1000
    return _gillham_ft(code)


def altitude_of_12_ft(code: int) -> int | None:
    """Feet of a code of 12 bits, as in position messages."""
    return altitude_ft((code & 0xFC0) << 1 | code & 0x3F)


def squawk(code: int) -> str:
    """Four octal digits of a code of 13 bits: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4."""
    a, b = _octal(code, 11, 9, 7), _octal(code, 5, 3, 1)
    c, d = _octal(code, 12, 10, 8), _octal(code, 4, 2, 0)
    return f"{a}{b}{c}{d}"


def _octal(code: int, *bits: int) -> int:
    """A digit of the bits that weigh 1, 2 and 4."""
    return sum((code >> bit & 1) << weight for weight, bit in enumerate(bits))


def _gillham_ft(code: int) -> int | None:
    """Gray code of 500 feet in D2 D4 A1 A2 A4 B1 B2 B4, of 100 feet in C1 C2 C4."""
    bits = [code >> bit & 1 for bit in (2, 0, 11, 9, 7, 5, 3, 1)]
    five_hundreds = _from_gray(bits)
    hundreds = _GILLHAM_HUNDREDS.get(_from_gray([code >> bit & 1 for bit in (12, 10, 8)]))
    if hundreds is None:
        return None
    if five_hundreds & 1:
        hundreds = 6 - hundreds
    return five_hundreds * 500 + hundreds * 100 - 1300


def _from_gray(bits: list[int]) -> int:
    number = bit = 0
    for gray in bits:
        bit ^= gray
        number = number << 1 | bit
    return number
