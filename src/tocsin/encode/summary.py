"""A track in one paragraph, for those who exchange events rather than positions.

Worth telling to others are tracks on which people were alerted, and tracks that were confirmed and
are not known for a bird, an aircraft or something else.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tocsin.encode.account import Account, TrackFacts, top_class, track_facts
from tocsin.words import LEVEL_ORDER, Alert, ClassScores, Level, Position, Track


class Summary(msgspec.Struct):
    """A whole track. `claim` and `facts` are the latest; `sigma_m` belongs to `last`."""

    track: str
    first_t: float
    last_t: float
    reports: int
    first: Position
    last: Position
    sigma_m: float
    facts: TrackFacts
    scores: ClassScores
    witness_kinds: set[str]
    confirmed: bool = False
    level: Level | None = None


def summarise(account: Account) -> list[Summary]:
    """The tracks worth telling, in the order in which they appeared."""
    found: dict[str, Summary] = {}
    for track in account.tracks:
        known = found.get(track.track)
        if known is None:
            known = found[track.track] = _first(track)
        known.reports += 1
        known.last_t = track.t
        known.last, known.sigma_m = track.position, track.sigma_m
        known.facts, known.scores = track_facts(track), track.class_
        known.witness_kinds.update(witness.kind for witness in track.witnesses)
        known.confirmed |= track.status == "confirmed"
    for alert in account.alerts:
        known = found.get(alert.track)
        if known is not None:
            known.level = graver(known.level, alert.level)
    return [one for one in found.values() if _is_worth_telling(one)]


def _is_worth_telling(track: Summary) -> bool:
    if track.level is not None:
        return True
    return track.confirmed and top_class(track.scores) in ("drone", None)


def by_alert(alerts: Iterable[Alert]) -> dict[str, list[Alert]]:
    """The statements of each alert, in their order."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.alert, []).append(alert)
    return found


def graver(one: Level | None, other: Level) -> Level:
    """The graver of two levels."""
    if one is None or LEVEL_ORDER[other] > LEVEL_ORDER[one]:
        return other
    return one


def gravest(statements: Iterable[Alert]) -> Level:
    """The gravest level of an alert."""
    level: Level = "all-clear"
    for alert in statements:
        level = graver(level, alert.level)
    return level


def _first(track: Track) -> Summary:
    return Summary(
        track=track.track,
        first_t=track.t if track.first_t is None else track.first_t,
        last_t=track.t,
        reports=0,
        first=track.position,
        last=track.position,
        sigma_m=track.sigma_m,
        facts=track_facts(track),
        scores=track.class_,
        witness_kinds=set(),
    )
