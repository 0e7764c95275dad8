"""An exercise of the warning: when, where, how loud."""

from __future__ import annotations

import msgspec

from tocsin.words.alert import Level
from tocsin.words.hours import ALL_DAYS, Day


class Drill(msgspec.Struct, frozen=True):
    """A drill in one zone at `at_min` (UTC minutes of the day; None: now) on these days.

    `first_week` leaves only the first seven days of each month. It ends with its own all-clear
    after `lasts_s`.
    """

    zone: str
    at_min: int | None = None
    days: tuple[Day, ...] = ALL_DAYS
    first_week: bool = False
    level: Level = "alarm"
    lasts_s: float = 60.0
