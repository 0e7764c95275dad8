"""Time stamps of receivers → Unix seconds of a recording that began at a known time.

A receiver counts 12 million ticks a second from when it was switched on, or tells the second of the
day and the nanoseconds (GPS, 18 and 30 bits); both fill 48 bits. Only differences are used. A stamp
that is 0, or the mark of a place that was computed from several receivers, tells no time.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

TICKS_PER_S = 12e6
NO_TIMES = (0, 0xFF004D4C4154)
"""What programs write that have no clock; "MLAT" behind FF 00."""

_NS_BITS, _NS = 30, 1_000_000_000
_DAY_S = 86_400
_BACK_S, _AHEAD_S = 1.0, 3600.0
"""Further steps mean another clock or a restart: the recording then goes on at its last time."""
_LEAST_STAMPS, _LEAST_SECONDS = 100, 3


class Counter:
    """Stamps of one recording, in its order."""

    def __init__(self, start: float, *, gps: bool = False) -> None:
        self._t = start
        self._gps = gps
        self._offset: float | None = None

    def at(self, stamp: int | None) -> float:
        """Unix seconds; where there is no stamp, those of the message before."""
        if stamp is None or stamp in NO_TIMES:
            return self._t
        seconds = _gps_s(stamp) if self._gps else stamp / TICKS_PER_S
        if self._offset is not None and self._gps and self._t - self._offset - seconds > _DAY_S / 2:
            self._offset += _DAY_S  # past midnight
        if self._offset is None or not -_BACK_S <= seconds + self._offset - self._t <= _AHEAD_S:
            self._offset = self._t - seconds
        self._t = seconds + self._offset
        return self._t


def tells_gps(stamps: Iterable[int]) -> bool:
    """Whether these stamps are times of day. A counter of ticks, read so, would tell impossible
    nanoseconds one time in 15: of 100 stamps over 3 such "seconds" none does by chance of 1 in
    1,000."""
    told = [stamp for stamp in stamps if stamp not in NO_TIMES]
    if len(told) < _LEAST_STAMPS:
        return False
    if any(stamp & ((1 << _NS_BITS) - 1) >= _NS or stamp >> _NS_BITS >= _DAY_S for stamp in told):
        return False
    steps = sum(one >> _NS_BITS != two >> _NS_BITS for one, two in pairwise(told))
    return steps >= _LEAST_SECONDS


def _gps_s(stamp: int) -> float:
    return (stamp >> _NS_BITS) + (stamp & ((1 << _NS_BITS) - 1)) / _NS
