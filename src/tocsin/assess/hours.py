"""Whether a moment (UTC) falls in hours of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tocsin.words import ALL_DAYS, Hours, Zone

_DAY_MIN = 24 * 60


def watched(zone: Zone, t: float) -> bool:
    """Whether the zone is watched: always where it has no hours."""
    return not zone.hours or within(zone.hours, t)


def within(some: Sequence[Hours], t: float) -> bool:
    """Whether `t` (Unix seconds) falls in one of these.

    An interval whose end is not after its start runs past midnight into the next day.
    """
    moment = datetime.fromtimestamp(t, UTC)
    minute = moment.hour * 60 + moment.minute
    today, yesterday = ALL_DAYS[moment.weekday()], ALL_DAYS[moment.weekday() - 1]
    for hours in some:
        overnight = hours.end_min <= hours.start_min
        end = _DAY_MIN if overnight else hours.end_min
        if today in hours.days and hours.start_min <= minute < end:
            return True
        if overnight and yesterday in hours.days and minute < hours.end_min:
            return True
    return False
