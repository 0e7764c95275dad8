"""Which level a threat deserves now, before memory: time to entry against the zone's rules."""

from __future__ import annotations

import msgspec

from tocsin.assess.approach import Approach
from tocsin.assess.trust import independence, only_claims
from tocsin.words import LEVEL_ORDER, Level, Reason, Rules, Track, Witness

MIN_P_ENTER: dict[Level, float] = {"watch": 0.10, "warning": 0.25, "alarm": 0.45}
"""How likely entry must be for a level. A wide fan at 3 km is reason to look, not to run."""


class Judgement(msgspec.Struct, frozen=True):
    """A level (None: no cause), why, and the witnesses on whom it rests."""

    level: Level | None
    because: tuple[Reason, ...]


def by_time(approach: Approach, rules: Rules, factor: float = 1.0) -> Level | None:
    """The level that time to entry alone asks for; `factor` > 1 widens thresholds (hysteresis)."""
    if approach.inside:
        return "alarm"
    if approach.eta_s is None:
        return None
    likely = approach.eta_s[1]
    thresholds: tuple[tuple[Level, float], ...] = (
        ("alarm", rules.alarm_eta_s),
        ("warning", rules.warning_eta_s),
        ("watch", rules.watch_eta_s),
    )
    for level, eta_s in thresholds:
        if likely <= eta_s * factor and approach.p_enter >= MIN_P_ENTER[level] / factor:
            return level
    return None


def judge_level(
    track: Track,
    approach: Approach,
    rules: Rules,
    witnesses: tuple[Witness, ...],
    *,
    suspect: bool,
    loitering_s: float | None,
    already_public: bool,
    factor: float,
) -> Judgement:
    """The level with its reasons, after the caps of trust and uncertainty."""
    wanted = by_time(approach, rules, factor)
    because = list(_motion_reasons(approach))
    if loitering_s is not None and approach.distance_m <= rules.near_m:
        because.append(
            Reason("loitering", {"radius_m": rules.loiter_radius_m, "time_s": loitering_s})
        )
        wanted = wanted or "watch"
    if wanted is None:
        return Judgement(None, tuple(because))
    ceiling, why = _ceiling(
        track, rules, witnesses, wanted, suspect=suspect, already_public=already_public
    )
    because += why
    lower = min(wanted, ceiling, key=LEVEL_ORDER.__getitem__)
    return Judgement(lower, tuple(because))


def _motion_reasons(approach: Approach) -> list[Reason]:
    if approach.inside:
        return [Reason("inside")]
    if approach.eta_s is None:
        return []
    low, likely, high = approach.eta_s
    closing = Reason(
        "closing",
        {
            "speed_mps": round(approach.closing_mps, 1),
            "distance_m": round(approach.distance_m),
            "from_deg": round(approach.azimuth_deg),
        },
    )
    eta = Reason("eta", {"low_s": round(low), "likely_s": round(likely), "high_s": round(high)})
    return [closing, eta]


def _ceiling(
    track: Track,
    rules: Rules,
    witnesses: tuple[Witness, ...],
    wanted: Level,
    *,
    suspect: bool,
    already_public: bool,
) -> tuple[Level, list[Reason]]:
    """The highest level that trust and uncertainty allow, and the sentence that says why."""
    if track.sigma_m > rules.max_sigma_m and not already_public:
        return "watch", [_held("too-uncertain", "watch", wanted, sigma_m=round(track.sigma_m))]
    if only_claims(witnesses) and not already_public:
        level: Level = "watch" if suspect else "warning"
        return level, [_held("remote-id-only", level, wanted)]
    agreed = independence(witnesses)
    if agreed is not None:
        return "alarm", [agreed]
    if already_public:  # what rang stays rung until the cause is gone; witnesses tire
        return "alarm", []
    kinds = ",".join(sorted({w.kind for w in witnesses}))
    return "warning", [_held("one-kind-only", "warning", wanted, witness_kinds=kinds)]


def _held(code: str, level: Level, wanted: Level, **values: str | float) -> Reason:
    held = level if LEVEL_ORDER[wanted] > LEVEL_ORDER[level] else wanted
    return Reason(code, {"held_level": held, **values})
