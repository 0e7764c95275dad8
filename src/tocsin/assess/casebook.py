"""The watch's memory: one open case for each track that concerns a zone.

`judge` is the whole of the room: track changes in, alerts with reasons and the duty officer's
assessments out. It keeps no clock: `now` is passed in, so a replayed evening rings the same bells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tocsin.assess.approach import Approach, approaches
from tocsin.assess.case import Case, end_by_person, hear_out, judge_case, reopened
from tocsin.assess.hours import watched
from tocsin.assess.standing import FriendList, Verdict, stand
from tocsin.earth import ZoneShape
from tocsin.words import Alert, AlertKind, Assessment, Registration, Track, Zone


class Casebook:
    """Zones, friends, and the open cases. Built once; `judge` changes it and nobody else."""

    def __init__(self, zones: Sequence[Zone], friends: Sequence[Registration] = ()) -> None:
        self.zones = tuple(zones)
        self.friends = FriendList({friend.serial: friend for friend in friends})
        self.shapes = {zone.id: ZoneShape(zone.polygon) for zone in zones}
        self.cases: dict[tuple[str, str], Case] = {}

    def reopen(self, standing: Iterable[Alert], now: float) -> None:
        """Go on with alerts that stood when a former run ended: the same drone, heard again, is the
        same alert, and if it is gone the all-clear comes once the watch has been quiet."""
        watched_zones = {zone.id for zone in self.zones}
        for alert in standing:
            case = reopened(alert, now)
            if alert.zone in watched_zones and case is not None:
                # under the alert's name: the loom counts its tracks from 1 again
                self.cases[alert.zone, alert.alert] = case

    def end(self, alerts: Collection[str], kind: AlertKind) -> int:
        """A person orders the all-clear ("update") or the correction ("cancel") of these alerts,
        told at the next look; how many stood."""
        ended = [
            one for one in self.cases.values() if one.level is not None and one.alert in alerts
        ]
        for case in ended:
            case.ordered_end = kind
        return len(ended)


def judge(
    book: Casebook, changes: Sequence[Track], now: float
) -> tuple[list[Alert], list[Assessment]]:
    """Alerts and assessments from track changes, in the order of zones and tracks.

    A track that is not in `changes` is not judged anew, but open cases whose cause has gone are
    still cleared in time. Tentative tracks are never alerted on.
    """
    alerts: list[Alert] = []
    assessments: list[Assessment] = []
    latest = list({track.track: track for track in changes if track.status != "tentative"}.values())
    for zone in book.zones:
        found = approaches(book.shapes[zone.id], latest)
        for track, approach in zip(latest, found, strict=True):
            assessment, said = _judge_track(book, zone, track, approach, now)
            alerts += said
            assessments.append(assessment)
        alerts += _clear(book, zone, now)
    return alerts, assessments


def _judge_track(
    book: Casebook, zone: Zone, track: Track, approach: Approach, now: float
) -> tuple[Assessment, list[Alert]]:
    key = (zone.id, track.track)
    case = book.cases.get(key)
    verdict = stand(
        track, book.friends, zone.rules, was_threat=case is not None and case.level is not None
    )
    if case is None and verdict.standing in ("threat", "suspect"):
        case = _inherit(book, zone, track, now) or Case(zone.id, track.track, first_t=now)
        book.cases[key] = case
    said: list[Alert] = []
    if case is not None:
        open_hours = watched(zone, now)
        said = judge_case(case, zone, track, approach, verdict, now, open_hours=open_hours)
    return _assessment(zone, track, approach, verdict, case, now), said


def _inherit(book: Casebook, zone: Zone, track: Track, now: float) -> Case | None:
    """A lost track's open case that this new track plainly continues, so that one drone is one
    alert; nearest first, the older case on a tie."""
    heirs = []
    for (zone_id, old), case in book.cases.items():
        if zone_id == zone.id and case.could_continue(track, now):
            heirs.append((case.gap_m(track, now), old))
    if not heirs:
        return None
    _, old = min(heirs)
    case = book.cases.pop((zone.id, old))
    case.track = track.track
    case.lost = False
    return case


def _clear(book: Casebook, zone: Zone, now: float) -> list[Alert]:
    """All-clears that are due. Public ones wait for each other: nobody is told that the danger has
    passed while another drone still rings the same zone."""
    here = {key: case for key, case in book.cases.items() if key[0] == zone.id}
    ordered = [end_by_person(case, now) for case in here.values()]
    danger = any(case.rang and not case.calm_for(zone.rules.clear_s, now) for case in here.values())
    said = [alert for alert in ordered if alert is not None]
    for key, case in here.items():
        if danger and case.rang:
            continue
        alert = hear_out(case, zone, now)
        if alert is not None:
            said.append(alert)
        if case.finished(now, zone.rules.clear_s):
            del book.cases[key]
    return said


def _assessment(
    zone: Zone, track: Track, approach: Approach, verdict: Verdict, case: Case | None, now: float
) -> Assessment:
    return Assessment(
        t=round(now, 3),
        track=track.track,
        zone=zone.id,
        standing=verdict.standing,
        distance_m=round(approach.distance_m, 1),
        azimuth_deg=round(approach.azimuth_deg, 1),
        inside=approach.inside,
        level=None if case is None else case.level,
        eta_s=approach.eta_s,
        p_enter=round(approach.p_enter, 3),
        closing_mps=round(approach.closing_mps, 2),
        label=verdict.label,
        because=verdict.because if case is None else (*verdict.because, *case.because),
    )
