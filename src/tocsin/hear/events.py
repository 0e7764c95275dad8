"""Windows one by one → events: a drone is heard from here to there, or it is not.

On       `least` windows at or above `on_p` within `within_s`: one loud second is no drone
Off      nothing at or above `off_p` (lower: hysteresis) for `bridge_s`
Deaf     windows count for nothing: an event outlives them as it outlives a pause, no longer
Numbers  an event's probability is the highest and the mean of its windows, its blade-pass frequency
         the median of those that have one, its level the mean power
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import Annotated

import msgspec

from tocsin.words.hearing import HeardWindow

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60)]

_DB = 10.0
_MOST_KEPT = 720
"""Blade-pass frequencies of an event from which the median is taken: its first six minutes."""


class EventRules(msgspec.Struct, frozen=True):
    """When an event begins and ends.

    on_p: probability at or above which a window speaks for a drone
    off_p: probability below which it speaks against one, once an event is on
    least: so many windows (two a second) must speak for a drone
    within_s: within so long
    bridge_s: an event ends when nothing spoke for it for so long
    """

    on_p: Share = 0.8
    off_p: Share = 0.5
    least: Annotated[int, msgspec.Meta(ge=1, le=120)] = 3
    within_s: Seconds = 3.0
    bridge_s: Seconds = 2.0


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drone was heard from `start` to `end` (the times of its windows, seconds), or is still."""

    start: float
    end: float
    p_peak: float
    p_mean: float
    level_dbfs: float | None = None
    bpf_hz: float | None = None


class _Sums:
    """What an event is told from."""

    def __init__(self, window: HeardWindow) -> None:
        self.start = window.t
        self.end = window.t
        self.peak = 0.0
        self._p = self._power = 0.0
        self._windows = self._levels = 0
        self._bpf: list[float] = []

    def add(self, window: HeardWindow) -> None:
        p = window.p_drone or 0.0
        self.end = window.t + window.dur_s
        self.peak = max(self.peak, p)
        self._p += p
        self._windows += 1
        if window.level_dbfs is not None:
            self._power += 10.0 ** (window.level_dbfs / _DB)
            self._levels += 1
        if window.bpf_hz is not None and len(self._bpf) < _MOST_KEPT:
            self._bpf.append(window.bpf_hz)

    def event(self) -> Event:
        level = self._power / self._levels if self._levels else 0.0
        return Event(
            start=self.start,
            end=self.end,
            p_peak=round(self.peak, 4),
            p_mean=round(self._p / max(1, self._windows), 4),
            level_dbfs=round(_DB * math.log10(level), 1) if level > 0.0 else None,
            bpf_hz=round(median(self._bpf), 1) if self._bpf else None,
        )


class EventLayer:
    """The events of one stream of windows, in their order."""

    def __init__(self, rules: EventRules = EventRules()) -> None:  # noqa: B008  frozen
        self._rules = rules
        self._recent: deque[HeardWindow] = deque()
        """Windows of the last `within_s` before an event is on."""
        self._sums: _Sums | None = None
        self._pending: list[HeardWindow] = []
        """Windows below `off_p` since the last above it: they belong to the event if it goes on."""

    @property
    def current(self) -> Event | None:
        """The event that is on now, as far as it is heard."""
        return None if self._sums is None else self._sums.event()

    def feed(self, window: HeardWindow) -> Event | None:
        """One more window; the event that has ended before it, if one has."""
        if self._sums is None:
            self._wait(window)
            return None
        speaks = self._speaks(window, self._rules.off_p)
        heard_to = window.t if speaks else window.t + window.dur_s
        if heard_to - self._sums.end > self._rules.bridge_s:
            ended = self.finish()
            self._wait(window)
            return ended
        if speaks:
            for one in (*self._pending, window):
                self._sums.add(one)
            self._pending.clear()
        elif window.deaf is None:
            self._pending.append(window)
        return None

    def finish(self) -> Event | None:
        """The stream has ended: the event that was on, if one was."""
        ended = self.current
        self._sums = None
        self._recent.clear()
        self._pending.clear()
        return ended

    def _wait(self, window: HeardWindow) -> None:
        """No event is on: is one now?"""
        rules = self._rules
        self._recent.append(window)
        end = window.t + window.dur_s
        while self._recent and end - self._recent[0].t > rules.within_s:
            self._recent.popleft()
        first = next((k for k, one in enumerate(self._recent) if self._speaks(one, rules.on_p)), 0)
        speaking = sum(self._speaks(one, rules.on_p) for one in self._recent)
        if speaking < rules.least:
            return
        self._sums = _Sums(self._recent[first])
        for one in list(self._recent)[first:]:
            if one.deaf is None:
                self._sums.add(one)
        self._recent.clear()

    @staticmethod
    def _speaks(window: HeardWindow, threshold: float) -> bool:
        return window.p_drone is not None and window.p_drone >= threshold
