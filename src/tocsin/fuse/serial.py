"""Whether a drone's serial number is one that the standard allows.

Standard   ANSI/CTA-2063-A, 4.1: four characters of the maker, one that tells how many follow (1 to
           9, A to F for 10 to 15), and exactly so many; digits and capitals without I and O
"""

from __future__ import annotations

_ALLOWED = frozenset("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")
_LENGTHS = {code: length for length, code in enumerate("123456789ABCDEF", 1)}


def breaks_standard(serial: str | None) -> bool:
    """True for a serial number that cannot be one; False where none is stated."""
    if not serial:
        return False
    length = _LENGTHS.get(serial[4:5])
    return length is None or len(serial) != 5 + length or not _ALLOWED.issuperset(serial)
