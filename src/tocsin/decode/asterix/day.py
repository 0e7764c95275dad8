"""The time of day in a record → Unix seconds.

ASTERIX tells the time since midnight UTC and no date: the day is the one that brings it nearest to
when the record was received, so that what was sent before midnight and received after it, or by a
clock that is a little ahead, falls on its own day.
"""

from __future__ import annotations

import math

DAY_S = 86_400.0
TICKS = 128
"""A second."""


def time_of_day(ticks: int, received_t: float) -> float:
    """Unix seconds, to the millisecond, of a time of day in 1/128 s."""
    of_day = ticks / TICKS
    t = math.floor((received_t - of_day) / DAY_S + 0.5) * DAY_S + of_day
    return math.floor(t * 1e3 + 0.5) / 1e3


def read_ticks(data: bytes, at: int) -> int:
    """The three octets of a time of day."""
    return data[at] << 16 | data[at + 1] << 8 | data[at + 2]
