"""Drills that really ring: an alarm and its all-clear at a set time, marked as a drill."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tocsin.words import ALL_DAYS, Alert, Level, Reason, Zone
from tocsin.words.drill import Drill
from tocsin.words.sentences import say

_DAY_S = 86_400.0
LATE_S = 60.0
"""A drill that was missed by more, since Tocsin did not run, is not held: it would surprise."""


@dataclass
class Drills:
    """The drills of a site: `planned` by the config, and those that a person calls for."""

    planned: Sequence[Drill]
    zones: Sequence[Zone]
    _since_t: float = math.inf
    _running: dict[str, tuple[Alert, float]] = field(default_factory=dict)
    _called: list[Drill] = field(default_factory=list)

    def call(self, zone: str, level: Level, lasts_s: float) -> None:
        """Hold one at the next tick."""
        self._called.append(Drill(zone, level=level, lasts_s=lasts_s))

    def reopen(self, told: Iterable[Alert], now: float) -> None:
        """After a restart a drill that ran is over: its all-clear comes at once."""
        self._running = {one.zone: (one, now) for one in told if one.drill}

    def ring(self, now: float, busy: Sequence[str]) -> list[Alert]:
        """Notices of drills that begin or end now. In a zone where a true alert stands (`busy`)
        none begins, and one that runs ends at once."""
        due = [one for one in self.planned if self._falls_due(one, now)] + self._called
        self._since_t, self._called = now, []
        said = []
        for zone, (notice, until_t) in list(self._running.items()):
            if now >= until_t or zone in busy:
                del self._running[zone]
                said.append(_ended(notice, now))
        known = {zone.id for zone in self.zones}
        for drill in due:
            if drill.zone in known and drill.zone not in busy and drill.zone not in self._running:
                notice = _begun(drill, now)
                self._running[drill.zone] = (notice, now + drill.lasts_s)
                said.append(notice)
        return said

    def _falls_due(self, drill: Drill, now: float) -> bool:
        """Whether its time lies between the last tick and this one."""
        if drill.at_min is None or self._since_t > now:
            return False
        midnight = math.floor(now / _DAY_S) * _DAY_S
        at_t = midnight + 60.0 * drill.at_min
        today = datetime.fromtimestamp(now, UTC)
        if ALL_DAYS[today.weekday()] not in drill.days:
            return False
        if drill.first_week and today.day > 7:
            return False
        return max(self._since_t, now - LATE_S) < at_t <= now


def _begun(drill: Drill, now: float) -> Alert:
    because = (Reason("drill"),)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
    return Alert(
        t=round(now, 3),
        alert=f"{drill.zone}-{stamp}-drill",
        zone=drill.zone,
        track="drill",
        level=drill.level,
        kind="new",
        reasons=tuple(say(reason) for reason in because),
        because=because,
        first_t=round(now, 3),
        public=drill.level == "alarm",
        drill=True,
        automatic=False,
    )


def _ended(notice: Alert, now: float) -> Alert:
    because = (Reason("drill-over"),)
    return Alert(
        t=round(now, 3),
        alert=notice.alert,
        zone=notice.zone,
        track=notice.track,
        level="all-clear",
        kind="update",
        reasons=tuple(say(reason) for reason in because),
        because=because,
        sequence=2,
        first_t=notice.first_t,
        public=notice.public,
        drill=True,
        automatic=False,
    )
