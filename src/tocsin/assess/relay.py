"""Somebody else's warning, handed on: which zones it concerns, at which level, and how it ends.

The authority answers for what it says: no witness of ours is asked. What it says later, an update,
a withdrawal, or nothing until its time is over, becomes a later statement of the same alert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.earth import circle_ring, rings_touch
from tocsin.words import Alert, Level, Reason, Zone
from tocsin.words.authority import (
    SEVERITIES,
    AuthorityAlert,
    AuthorityInfo,
    AuthorityNotice,
    gravity_of,
)
from tocsin.words.place import Ring
from tocsin.words.sentences import say

_LEVELS: dict[str, Level] = {"Extreme": "alarm", "Severe": "warning"}
_SOON = frozenset({"Immediate", "Expected"})
_SURE = frozenset({"Observed", "Likely"})
_METRES = 1000.0


def level_of(alert: AuthorityAlert) -> Level:
    """Extreme is an alarm, Severe a warning, the rest a watch; what is past is the all-clear."""
    if alert.kind == "Cancel" or all(_is_past(info) for info in alert.infos):
        return "all-clear"
    return _LEVELS.get(SEVERITIES[alert.gravity], "watch")


def concerned(alert: AuthorityAlert, zones: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones that its outlines and circles touch; none, where it names places by codes only."""
    rings = list(_rings(alert))
    return tuple(zone for zone in zones if any(rings_touch(ring, zone.polygon) for ring in rings))


def is_grave(alert: AuthorityAlert, least: str) -> bool:
    """Whether it may go out by itself: as severe as `least`, soon, and sure."""
    return any(
        gravity_of(info.severity) >= gravity_of(least)
        and info.urgency in _SOON
        and info.certainty in _SURE
        for info in alert.infos
    )


def first_statement(notice: AuthorityNotice, zone: Zone, now: float, *, automatic: bool) -> Alert:
    """What the zone is told first."""
    alert, level = notice.alert, level_of(notice.alert)
    name = hashlib.sha256("\n".join((notice.authority, *alert.name)).encode()).hexdigest()[:10]
    because = (_reason("authority", alert, zone),)
    return Alert(
        t=round(now, 3),
        alert=f"{zone.id}-{notice.authority}-{name}",
        zone=zone.id,
        track="",
        level=level,
        kind="new",
        reasons=tuple(say(one) for one in because),
        because=because,
        first_t=round(now, 3),
        public=level == "alarm",
        drill=alert.status == "Exercise",
        automatic=automatic,
        origin=alert.reference,
    )


def next_statement(
    last: Alert, latest: AuthorityNotice | None, zone: Zone, now: float
) -> Alert | None:
    """What the zone is told now, after `last`; None where nothing has changed. `latest` is what has
    become of the message that was handed on, None where nobody remembers it."""
    if latest is None:
        ended = Reason("authority-ended", {"sender": last.origin or "?", "headline": ""})
        return _later(last, "all-clear", "update", ended, last.origin, now)
    alert = latest.alert
    if alert.reference != last.origin:
        if alert.kind == "Cancel":
            withdrawn = _reason("authority-withdrawn", alert, zone)
            return _later(last, "all-clear", "cancel", withdrawn, alert.reference, now)
        told = _reason("authority", alert, zone)
        return _later(last, level_of(alert), "update", told, alert.reference, now)
    if alert.until_t <= now:
        ended = _reason("authority-ended", alert, zone)
        return _later(last, "all-clear", "update", ended, last.origin, now)
    return None


def is_over(statement: Alert) -> bool:
    """Whether nothing more is to be told."""
    return statement.level == "all-clear"


def _later(
    last: Alert, level: Level, kind: str, why: Reason, origin: str | None, now: float
) -> Alert:
    return msgspec.structs.replace(
        last,
        t=round(now, 3),
        level=level,
        kind=kind,
        reasons=(say(why),),
        because=(why,),
        sequence=last.sequence + 1,
        public=level == "alarm" or last.public,
        automatic=True,
        origin=origin,
    )


def _reason(code: str, alert: AuthorityAlert, zone: Zone) -> Reason:
    info = alert.info(zone.languages[0] if zone.languages else "en")
    headline = alert.note or "" if info is None else info.headline or info.event
    sender = (info.sender_name if info is not None else None) or alert.sender
    return Reason(code, {"sender": sender, "headline": headline})


def _is_past(info: AuthorityInfo) -> bool:
    return info.urgency == "Past" or "AllClear" in info.responses


def _rings(alert: AuthorityAlert) -> Iterator[Ring]:
    for info in alert.infos:
        for area in info.areas:
            yield from area.polygons
            for lon, lat, radius_km in area.circles:
                # a circle without radius is a place: no zone is smaller than a metre
                yield tuple(circle_ring(lon, lat, max(radius_km * _METRES, 1.0)))
