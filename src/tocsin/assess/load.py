"""How many alerts people are asked to bear: the alarm load of IEC 62682 (clause 16)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tocsin.words.channel import AlarmLoad

_HOUR_S, _DAY_S, _WINDOW_S = 3_600.0, 86_400.0, 600.0
FLOOD_IN_10_MIN = 10
"""More than ten in ten minutes is a flood: nobody can attend to each (IEC 62682, 16.5.2)."""


def alarm_load(rang_t: Iterable[float], now: float) -> AlarmLoad:
    """The load of the day before `now` from the times of alerts, in any order."""
    day = sorted(t for t in rang_t if now - _DAY_S < t <= now)
    window: deque[float] = deque()
    most = 0
    for t in day:
        window.append(t)
        while window[0] <= t - _WINDOW_S:
            window.popleft()
        most = max(most, len(window))
    hour = sum(t > now - _HOUR_S for t in day)
    return AlarmLoad(hour, len(day), most, flood=most > FLOOD_IN_10_MIN)
