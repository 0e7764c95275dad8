"""One track and one zone over time: levels that rise at once, fall slowly, and end in all-clear."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec.structs import replace

from tocsin.assess.approach import Approach
from tocsin.assess.levels import Judgement, judge_level
from tocsin.assess.standing import Verdict
from tocsin.assess.trust import fresh
from tocsin.earth import azimuth_distance
from tocsin.words import (
    LEVEL_ORDER,
    Alert,
    AlertKind,
    ClassScores,
    Level,
    Reason,
    Rules,
    Track,
    Witness,
    Zone,
)
from tocsin.words.sentences import say

_HEIR_SPEED_MPS = 40.0  # the fastest shop-bought drones fly 40 m/s; beyond that it is another one
_HEIR_SIGMAS = 3.0
_SILENT_S = 600.0
_FORGET_S = 120.0  # a closed case is kept this long, so that a returning drone is the same alert


@dataclass
class Case:
    """The memory of one track against one zone. `rang` says that the public bell has rung."""

    zone: str
    track: str
    first_t: float
    alert: str | None = None
    sequence: int = 0
    level: Level | None = None
    held_t: float = -math.inf
    cause_t: float = -math.inf
    rang: bool = False
    lost: bool = False
    last: Track | None = None
    anchor: Track | None = None
    eta_s: tuple[float, float, float] | None = None
    because: tuple[Reason, ...] = ()
    witnesses: tuple[Witness, ...] = field(default=())
    ending: Reason | None = None
    ordered_end: AlertKind | None = None
    silent_until_t: float = -math.inf

    def calm_for(self, seconds: float, now: float) -> bool:
        """Whether no cause has been seen for so long."""
        return now - self.cause_t >= seconds

    def finished(self, now: float, clear_s: float) -> bool:
        """Whether nothing of this case matters any more."""
        return self.level is None and self.lost and self.calm_for(clear_s + _FORGET_S, now)

    def gap_m(self, track: Track, now: float) -> float:
        """Metres between a new track and where this case's track would be by now."""
        if self.last is None:
            return math.inf
        dt = now - self.last.t
        azimuth, distance = azimuth_distance(self.last.lat, self.last.lon, track.lat, track.lon)
        east = distance * math.sin(math.radians(azimuth)) - self.last.ve * dt
        north = distance * math.cos(math.radians(azimuth)) - self.last.vn * dt
        return math.hypot(east, north)

    def could_continue(self, track: Track, now: float) -> bool:
        """Whether a new track may be this case's lost one come back."""
        if not self.lost or self.level is None or self.last is None:
            return False
        dt = now - self.last.t
        reach = _HEIR_SPEED_MPS * dt + _HEIR_SIGMAS * (self.last.sigma_m + track.sigma_m)
        return self.gap_m(track, now) <= reach

    def loitering_s(self, track: Track, rules: Rules) -> float | None:
        """Seconds spent within `loiter_radius_m` of one spot, None below `loiter_s`."""
        if self.anchor is not None:
            _, moved = azimuth_distance(self.anchor.lat, self.anchor.lon, track.lat, track.lon)
            if moved <= rules.loiter_radius_m:
                stayed = track.t - self.anchor.t
                return stayed if stayed >= rules.loiter_s else None
        self.anchor = track
        return None


def reopened(alert: Alert, now: float) -> Case | None:
    """The case of an alert that still stood when a former run ended, its track lost since. Nobody
    watched in between, so that its calm begins now. None for an alert without a place."""
    if alert.position is None or alert.level == "all-clear":
        return None
    lost = Track(
        t=alert.t,
        track=alert.track,
        status="ended",
        lat=alert.position.lat,
        lon=alert.position.lon,
        ve=0.0,
        vn=0.0,
        sigma_m=alert.sigma_m or 0.0,
        class_=ClassScores(drone=1.0),
    )
    return Case(
        zone=alert.zone,
        track=alert.track,
        first_t=alert.t if alert.first_t is None else alert.first_t,
        alert=alert.alert,
        sequence=alert.sequence,
        level=alert.level,
        held_t=now,
        cause_t=now,
        rang=alert.public,
        lost=True,
        last=lost,
        witnesses=alert.witnesses,
        ending=Reason("ended"),
    )


def judge_case(
    case: Case,
    zone: Zone,
    track: Track,
    approach: Approach,
    verdict: Verdict,
    now: float,
    *,
    open_hours: bool,
) -> list[Alert]:
    """What this look at the track makes people be told: at most one statement."""
    case.last = track
    case.lost = track.status == "ended"
    if case.lost:
        case.ending = Reason("ended")
        return []
    if now < case.silent_until_t:
        return []
    if case.rang and verdict.standing == "friend":
        # whoever shows a registered number only after the bell has rung is not believed
        verdict = Verdict("threat", (Reason("friend-too-late", {"label": verdict.label or "?"}),))
    if verdict.standing not in ("threat", "suspect"):
        return _withdraw(case, track, verdict, now)
    if (not open_hours and not case.rang) or not _within_height(track, zone):
        case.ending = Reason("zone-closed" if not open_hours else "passed")
        return []
    stayed = case.loitering_s(track, zone.rules)
    raised = _look(case, zone, track, approach, verdict, now, stayed, factor=1.0)
    kept = _look(case, zone, track, approach, verdict, now, stayed, factor=zone.rules.leave_factor)
    case.because, case.eta_s = kept.because, approach.eta_s
    if kept.level is not None and case.level is not None:
        case.cause_t, case.ending = now, None
    elif kept.level is None:
        case.ending = Reason("left" if approach.closing_mps < 0 else "passed")
    return _move(case, zone, track, raised, kept, verdict, now)


def _look(
    case: Case,
    zone: Zone,
    track: Track,
    approach: Approach,
    verdict: Verdict,
    now: float,
    stayed_s: float | None,
    *,
    factor: float,
) -> Judgement:
    return judge_level(
        track,
        approach,
        zone.rules,
        fresh(track.witnesses, now),
        suspect=verdict.standing == "suspect",
        loitering_s=stayed_s,
        already_public=case.rang,
        factor=factor,
    )


def _move(
    case: Case,
    zone: Zone,
    track: Track,
    raised: Judgement,
    kept: Judgement,
    verdict: Verdict,
    now: float,
) -> list[Alert]:
    """Up at once; down when the level has had no cause for `hold_s`; never while the bell rang."""
    current = 0 if case.level is None else LEVEL_ORDER[case.level]
    up = 0 if raised.level is None else LEVEL_ORDER[raised.level]
    down = 0 if kept.level is None else LEVEL_ORDER[kept.level]
    if up > current and raised.level is not None:
        case.cause_t, case.ending = now, None
        kind: AlertKind = "new" if case.level is None else "update"
        because = (*verdict.because, *raised.because)
        return [_speak(case, track, raised.level, kind, because, now)]
    if down >= current:
        case.held_t = now
    may_fall = not case.rang and now - case.held_t >= zone.rules.hold_s
    if 0 < down < current and kept.level is not None and may_fall:
        because = (*verdict.because, *kept.because)
        return [_speak(case, track, kept.level, "update", because, now)]
    return []


def _withdraw(case: Case, track: Track, verdict: Verdict, now: float) -> list[Alert]:
    """The track turned out to be no threat: a correction through the same channels. Where the
    bell has rung, one doubtful look does not silence it: the cause must stay away for `clear_s`."""
    because = verdict.because or (Reason("not-a-drone"),)
    if case.level is None or case.rang:
        case.ending = because[0]
        return []
    alert = _speak(case, track, "all-clear", "cancel", because, now)
    _close(case)
    return [alert]


def hear_out(case: Case, zone: Zone, now: float) -> Alert | None:
    """The all-clear, once the cause has been gone for `clear_s`."""
    if case.level is None or case.last is None or not case.calm_for(zone.rules.clear_s, now):
        return None
    because = (case.ending or Reason("passed"),)
    case.eta_s = None
    alert = _speak(case, case.last, "all-clear", "update", because, now)
    _close(case)
    return alert


def end_by_person(case: Case, now: float) -> Alert | None:
    """The all-clear or correction that a person ordered; the track is believed harmless for ten
    minutes, and no longer: it may alert again."""
    kind, case.ordered_end = case.ordered_end, None
    if kind is None or case.level is None or case.last is None:
        return None
    case.eta_s = None
    said = _speak(case, case.last, "all-clear", kind, (Reason("ended-by-person"),), now)
    _close(case)
    case.silent_until_t = now + _SILENT_S
    return replace(said, automatic=False)


def _close(case: Case) -> None:
    case.level, case.rang, case.eta_s, case.because, case.ending = None, False, None, (), None
    case.alert = None


def _speak(
    case: Case,
    track: Track,
    level: Level,
    kind: AlertKind,
    because: tuple[Reason, ...],
    now: float,
) -> Alert:
    """One statement; the first of an alert gives it its name."""
    if case.alert is None:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
        case.alert, case.sequence, case.first_t = f"{case.zone}-{stamp}-{track.track}", 0, now
    case.sequence += 1
    case.level, case.held_t = level, now
    case.rang = case.rang or level == "alarm"
    if level != "all-clear":
        case.witnesses = fresh(track.witnesses, now)
    return Alert(
        t=round(now, 3),
        alert=case.alert,
        zone=case.zone,
        track=track.track,
        level=level,
        kind=kind,
        reasons=tuple(say(reason) for reason in because),
        eta_s=None if level == "all-clear" else case.eta_s,
        because=because,
        sequence=case.sequence,
        witnesses=case.witnesses,
        position=track.position,
        sigma_m=track.sigma_m,
        first_t=round(case.first_t, 3),
        public=case.rang,
    )


def _within_height(track: Track, zone: Zone) -> bool:
    """Whether the track may be in the zone's height band; an unknown height may."""
    if track.alt_m is None:
        return True
    margin = 2.0 * (track.sigma_alt_m or 0.0)
    below_ceiling = zone.ceiling_m is None or track.alt_m - margin <= zone.ceiling_m
    above_floor = zone.floor_m is None or track.alt_m + margin >= zone.floor_m
    return below_ceiling and above_floor
