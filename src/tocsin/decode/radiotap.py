"""The head that a Wi-Fi receiver puts before a frame: when, on which channel, how strong.

Standard   radiotap.org; field order, sizes and alignments of the first present word
Carries    TSFT (us) · flags · rate · channel (MHz) · FHSS · antenna signal (dBm)
Leaves out every later field, per-antenna signals, vendor name spaces: skipped by the head's length
Errors     Truncated; Refused "radiotap-version"
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

from tocsin.errors import Refused, Truncated

FLAG_CHECK_SUM = 0x10
"""The frame ends with its check sum (FCS)."""
FLAG_CHECK_SUM_BAD = 0x40
"""The receiver found the check sum wrong."""

_HEAD = struct.Struct("<BxHI")
_MORE_WORDS = 1 << 31
_MOST_WORDS = 16  # a receiver with 15 antennas; real heads have at most five
_FIELDS = ((8, 8), (1, 1), (1, 1), (2, 4), (2, 2), (1, 1))
"""(alignment, size) in bytes of bits 0 to 5, aligned from the start of the head."""
_TSFT, _FLAGS, _CHANNEL, _SIGNAL, _END = 0, 1, 3, 5, 6


class Radiotap(NamedTuple):
    """`length` of the head in bytes, `flags` of the frame; the rest None where not said."""

    length: int
    flags: int
    signal_dbm: int | None
    channel_mhz: int | None
    tsft_us: int | None


def read_radiotap(data: bytes) -> Radiotap:
    """The head at the start of `data`."""
    length, flags, signal_dbm = scan(data)
    places = _places(data)
    channel, tsft = places[_CHANNEL], places[_TSFT]
    return Radiotap(
        length,
        flags,
        signal_dbm,
        data[channel] | data[channel + 1] << 8 if channel else None,
        int.from_bytes(data[tsft : tsft + 8], "little") if tsft else None,
    )


def scan(data: bytes) -> tuple[int, int, int | None]:
    """(length, flags, signal in dBm): what every frame is asked for, and no more."""
    places = _places(data)
    flags, signal = places[_FLAGS], places[_SIGNAL]
    return (
        data[2] | data[3] << 8,
        data[flags] if flags else 0,
        (data[signal] ^ 0x80) - 0x80 if signal else None,
    )


def _places(data: bytes) -> tuple[int, ...]:
    """Where each field stands, 0 for one that is absent."""
    if len(data) < 8:
        raise Truncated("a radiotap head has at least 8 bytes")
    version, length, present = _HEAD.unpack_from(data)
    if version != 0:
        raise Refused("radiotap-version", f"radiotap version {version}")
    words = 1
    word = present
    while word & _MORE_WORDS and words < _MOST_WORDS:
        at = 4 + 4 * words
        if at + 4 > length or at + 4 > len(data):
            raise Truncated("the radiotap head ends within its present words")
        word = int.from_bytes(data[at : at + 4], "little")
        words += 1
    places = _layout(present & 0x3F, words)
    if places[_END] > length or length > len(data):
        raise Truncated("the radiotap head is shorter than its fields")
    return places


@lru_cache(maxsize=64 * _MOST_WORDS)
def _layout(bits: int, words: int) -> tuple[int, ...]:
    """Where the fields of bits 0 to 5 stand, 0 for an absent one, and where the last one ends."""
    at = 4 + 4 * words
    places = [0] * len(_FIELDS)
    for bit, (alignment, size) in enumerate(_FIELDS):
        if bits >> bit & 1:
            at += -at % alignment
            places[bit] = at
            at += size
    return (*places, at)
