"""Whether a zone is watched at a given moment (UTC)."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.words import ALL_DAYS, Zone

_DAY_MIN = 24 * 60


def watched(zone: Zone, t: float) -> bool:
    """True where the zone has no hours or `t` (Unix seconds) falls in one of them.

    An interval whose end is not after its start runs past midnight into the next day.
    """
    if not zone.hours:
        return True
    moment = datetime.fromtimestamp(t, UTC)
    minute = moment.hour * 60 + moment.minute
    today, yesterday = ALL_DAYS[moment.weekday()], ALL_DAYS[moment.weekday() - 1]
    for hours in zone.hours:
        overnight = hours.end_min <= hours.start_min
        end = _DAY_MIN if overnight else hours.end_min
        if today in hours.days and hours.start_min <= minute < end:
            return True
        if overnight and yesterday in hours.days and minute < hours.end_min:
            return True
    return False
