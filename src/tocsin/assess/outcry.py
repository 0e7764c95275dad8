"""The alert that reports alone raise: for the desk, never for the public bell.

Two cells whose weights add up to 0.9 are a *watch*, three with 1.4 a *warning*: cells of which
nothing is known count one half. It is never an alarm and is never public; once a track's alert
stands at the zone, that says it better, and this one ends without an all-clear of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin.assess.casebook import Casebook
from tocsin.assess.crowd import Crowd
from tocsin.words import (
    CELL_SIGMA_M,
    LEVEL_ORDER,
    Alert,
    AlertKind,
    Detection,
    Level,
    Position,
    Reason,
    Zone,
)
from tocsin.words.sentences import say

PEOPLE = "people"
"""The `track` of an alert that rests on reports alone."""

_STEPS: tuple[tuple[Level, int, float], ...] = (("warning", 3, 1.4), ("watch", 2, 0.9))
_SILENT_S = 600.0

Voice = tuple[str, float, Detection]


@dataclass
class _Cry:
    """The standing alert of one zone."""

    alert: str
    first_t: float
    level: Level
    sequence: int
    place: Position
    cells: tuple[str, ...]


class Outcry:
    """What the watch says of the crowd's reports, zone by zone."""

    def __init__(self, crowd: Crowd, book: Casebook) -> None:
        self.crowd, self._book = crowd, book
        self._cries: dict[str, _Cry] = {}
        self._ordered: dict[str, AlertKind] = {}
        self._silent: dict[str, float] = {}

    def speak(self, now: float) -> list[Alert]:
        """Alerts of this tick. Call it after the tracks were judged."""
        self.crowd.doubt(now)
        return [alert for zone in self._book.zones if (alert := self._speak(zone, now))]

    def end(self, alerts: Collection[str], kind: AlertKind) -> int:
        """A person ends it; a correction also counts against the cells. How many stood."""
        found = [z for z, cry in self._cries.items() if cry.alert in alerts]
        self._ordered.update(dict.fromkeys(found, kind))
        return len(found)

    def _speak(self, zone: Zone, now: float) -> Alert | None:
        cry = self._cries.get(zone.id)
        kind = self._ordered.pop(zone.id, None)
        if cry is not None and kind is not None:
            if kind == "cancel":
                self.crowd.dismiss(cry.cells, now)
            self._silent[zone.id] = now + _SILENT_S
            return self._close(zone, cry, kind, Reason("ended-by-person"), now)
        if now < self._silent.get(zone.id, 0.0):
            return None
        tracked = any(
            c.level is not None and key[0] == zone.id for key, c in self._book.cases.items()
        )
        voices = [] if tracked else self.crowd.near(zone, now)
        level = _level(voices)
        if cry is None:
            return None if level is None else self._begin(zone, level, voices, now)
        if not voices:
            reason = Reason("people-tracked" if tracked else "people-quiet")
            return self._close(zone, cry, "update", reason, now)
        if level is not None and LEVEL_ORDER[level] > LEVEL_ORDER[cry.level]:
            cry.level, cry.cells = level, tuple(name for name, _, _ in voices)
            return self._say(zone, cry, "update", _because(voices), now)
        return None

    def _begin(self, zone: Zone, level: Level, voices: list[Voice], now: float) -> Alert:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
        places = [report.position for _, _, report in voices if report.position is not None]
        middle = Position(
            round(sum(p.lat for p in places) / len(places), 4),
            round(sum(p.lon for p in places) / len(places), 4),
        )
        cells = tuple(name for name, _, _ in voices)
        cry = _Cry(f"{zone.id}-{stamp}-{PEOPLE}", now, level, 0, middle, cells)
        self._cries[zone.id] = cry
        return self._say(zone, cry, "new", _because(voices), now)

    def _close(self, zone: Zone, cry: _Cry, kind: AlertKind, why: Reason, now: float) -> Alert:
        del self._cries[zone.id]
        cry.level = "all-clear"
        return self._say(zone, cry, kind, why, now)

    def _say(self, zone: Zone, cry: _Cry, kind: AlertKind, why: Reason, now: float) -> Alert:
        cry.sequence += 1
        return Alert(
            t=round(now, 3),
            alert=cry.alert,
            zone=zone.id,
            track=PEOPLE,
            level=cry.level,
            kind=kind,
            reasons=(say(why),),
            because=(why,),
            sequence=cry.sequence,
            position=cry.place,
            sigma_m=3.0 * CELL_SIGMA_M,
            first_t=round(cry.first_t, 3),
            public=False,
        )


def _level(voices: list[Voice]) -> Level | None:
    weight = sum(one[1] for one in voices)
    for level, cells, least in _STEPS:
        if len(voices) >= cells and weight >= least:
            return level
    return None


def _because(voices: list[Voice]) -> Reason:
    return Reason("people-report", {"cells": len(voices)})
