"""Hours of the week, in UTC."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALL_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(msgspec.Struct, frozen=True):
    """A part of the week: a zone is watched then, or a channel quiet.

    UTC minutes of the day; an end before its start passes midnight.
    """

    days: tuple[Day, ...] = ALL_DAYS
    start_min: int = 0
    end_min: int = 24 * 60


_DAYS = r"^(?:(\w{3})(?:-(\w{3}))? )?"
_HOURS = re.compile(_DAYS + r"(\d\d):(\d\d)-(\d\d):(\d\d)$")
_MOMENT = re.compile(_DAYS + r"(\d\d):(\d\d)$")


def read_hours(text: str) -> Hours | None:
    """ "mon-fri 06:00-18:00" (UTC; the days may be absent) → Hours; None if it cannot be read."""
    found = _HOURS.match(text.strip().lower())
    if not found:
        return None
    first, last, *clock = found.groups()
    days, start, end = _days(first, last), _minute(*clock[:2]), _minute(*clock[2:])
    if days is None or start is None or end is None or start == 24 * 60:
        return None
    return Hours(days, start, end)


def read_moment(text: str) -> tuple[tuple[Day, ...], int] | None:
    """ "mon 10:00" (UTC; the days may be absent) → days and minute of the day; None likewise."""
    found = _MOMENT.match(text.strip().lower())
    if not found:
        return None
    first, last, *clock = found.groups()
    days, minute = _days(first, last), _minute(*clock)
    return None if days is None or minute is None or minute == 24 * 60 else (days, minute)


def _days(first: str | None, last: str | None) -> tuple[Day, ...] | None:
    names = [str(day) for day in ALL_DAYS]
    if first is None:
        return ALL_DAYS
    if first not in names or (last or first) not in names:
        return None
    a, b = names.index(first), names.index(last or first)
    span = range(a, b + 1) if a <= b else [*range(a, 7), *range(b + 1)]
    return tuple(ALL_DAYS[i] for i in span)


def _minute(hour: str, minute: str) -> int | None:
    total = int(hour) * 60 + int(minute)
    return total if total <= 24 * 60 and int(minute) < 60 else None
