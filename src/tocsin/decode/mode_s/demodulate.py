"""Radio samples of 1,090 MHz → Mode S messages whose check sum proves them.

Signal     ICAO Annex 10 vol IV, 3.1.2.2: a preamble of four pulses at 0, 1, 3.5 and 4.5 us, then 56
           or 112 bits of 1 us, a pulse in the first half for 1 and in the second for 0
Samples    2 million a second, so that a half is one sample; pairs of unsigned bytes around 127.5
Found      formats 17 and 18, and 11 without an interrogator's code: what proves itself. Answers to
           radars are left, since half of all noise looks like one
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tocsin.decode.mode_s.parity import syndrome

_PREAMBLE, _SHORT_BITS, _LONG_BITS = 16, 56, 112
_SPAN = _PREAMBLE + 2 * _LONG_BITS + 1
_BLOCK = 1 << 20
_MIDDLE, _FULL_SCALE = 127.5, 127.5 * 2**0.5
_PROVED = frozenset({11, 17, 18})


def messages(samples: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(sample at which it begins, level 0 to 255, message), in order of time."""
    pairs = np.frombuffer(samples[: len(samples) & ~1], np.uint8).reshape(-1, 2)
    free = 0
    for first in range(0, len(pairs), _BLOCK):
        block = pairs[first : first + _BLOCK + _SPAN].astype(np.float32) - np.float32(_MIDDLE)
        size = np.hypot(block[:, 0], block[:, 1])
        starts = _preambles(size)
        for start, message in zip(starts.tolist(), _bits(size, starts), strict=True):
            if first + start < free:
                continue
            downlink = message[0] >> 3
            message = message[: _SHORT_BITS // 8] if downlink < 16 else message
            if downlink in _PROVED and syndrome(message) == 0:
                free = first + start + _PREAMBLE + 2 * 8 * len(message)
                yield first + start, _level(size, start), message


def _preambles(size: NDArray[np.float32]) -> NDArray[np.int64]:
    """Where four pulses stand out of the silence around them."""
    count = max(len(size) - _SPAN, 0)
    s = [size[k : k + count] for k in range(_PREAMBLE)]
    mean = (s[0] + s[2] + s[7] + s[9]) / 6
    found = (s[0] > s[1]) & (s[1] < s[2]) & (s[2] > s[3]) & (s[7] > s[8]) & (s[8] < s[9])
    found &= s[9] > s[6]
    for quiet in (3, 4, 5, 6):
        found &= s[quiet] < s[0]
    for quiet in (4, 5, 11, 12, 13, 14):
        found &= s[quiet] < mean
    return np.flatnonzero(found)


def _bits(size: NDArray[np.float32], starts: NDArray[np.int64]) -> list[bytes]:
    """The 14 bytes behind each preamble."""
    at = starts[:, None] + _PREAMBLE + 2 * np.arange(_LONG_BITS)
    return [row.tobytes() for row in np.packbits(size[at] > size[at + 1], axis=1)]


def _level(size: NDArray[np.float32], start: int) -> int:
    """Mean of the four pulses; 255 where the samples are at their end."""
    pulses = float(size[start] + size[start + 2] + size[start + 7] + size[start + 9]) / 4
    return max(1, min(255, round(255 * pulses / _FULL_SCALE)))
