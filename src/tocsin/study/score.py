"""How good a tracker is against what really flew, in the figures of DESIGN 5.

GOSPA   Rahmathullah, Garcia-Fernandez, Svensson 2017: p = 2, alpha = 2, cut-off c, horizontal
OSPA    Schuhmacher, Vo, Vo 2008: p = 2, same c
A figure that cannot be computed is None and says so in the table, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from tocsin.study.match import Matched, counting, match
from tocsin.study.truth import Rules, TruthPoint
from tocsin.words import Track


class Score(msgspec.Struct, frozen=True):
    """The figures of one scene. Metres and seconds; shares from 0 to 1; None: not computable."""

    frames: int
    gospa_m: float | None
    localisation_m: float | None
    missed_m: float | None
    false_m: float | None
    ospa_m: float | None
    rmse_m: float | None
    missed_per_frame: float | None
    false_per_frame: float | None
    covered_share: float | None
    first_confirmation_s: float | None
    never_confirmed: int
    identity_switches: int
    false_tracks: int
    false_tracks_per_hour: float | None
    sigma_honesty: float | None
    ambiguity: float | None
    bird_called_drone_s: int
    bird_tracks_called_drone: int
    liars_found: int | None
    liar_found_after_s: float | None
    honest_called_liar_share: float | None
    gospa_c_m: float
    hold_s: float


def frames(truth: Sequence[TruthPoint], tracks: Sequence[Track], rules: Rules) -> Iterable[Matched]:
    """Every second of the truth with the tracks that count in it; nothing from the future."""
    by_time: dict[float, list[TruthPoint]] = {}
    for point in truth:
        by_time.setdefault(point.t, []).append(point)
    ordered = sorted(tracks, key=lambda r: r.t)
    last: dict[str, Track] = {}
    at = 0
    for t in sorted(by_time):
        while at < len(ordered) and ordered[at].t <= t:
            last[ordered[at].track] = ordered[at]
            at += 1
        yield match(t, by_time[t], counting(last, t, rules.hold_s), rules.gospa_c_m)


def gospa2(frame: Matched, c: float) -> tuple[float, float, float]:
    """The three parts of GOSPA squared: localisation, missed, false (m2)."""
    located = sum(d * d for _, _, d in frame.pairs)
    half = c * c / 2.0
    missed, false = len(frame.truths) - len(frame.pairs), len(frame.tracks) - len(frame.pairs)
    return located, half * missed, half * false


def ospa(frame: Matched, c: float) -> float:
    """OSPA of one frame, metres; 0 if both sides are empty."""
    n, m = len(frame.truths), len(frame.tracks)
    if max(n, m) == 0:
        return 0.0
    located = sum(d * d for _, _, d in frame.pairs)
    return math.sqrt((located + c * c * (max(n, m) - len(frame.pairs))) / max(n, m))


def score(truth: Sequence[TruthPoint], tracks: Sequence[Track], rules: Rules) -> Score:
    """All figures of a scene."""
    matched = list(frames(truth, tracks, rules))
    c = rules.gospa_c_m
    parts = [gospa2(frame, c) for frame in matched]
    d2 = [d * d for frame in matched for _, _, d in frame.pairs]
    cared = sum(len(frame.truths) for frame in matched)
    hours = (matched[-1].t - matched[0].t) / 3600.0 if len(matched) > 1 else None
    false_names = _false_tracks(matched)
    delays, never = _delays(matched)
    birds = [
        (n, f.t) for f in matched for n, kind, said in f.on_bystander if (kind, said) == _ERROR
    ]
    found, after, honest = _liars(tracks, rules)
    return Score(
        frames=len(matched),
        gospa_m=_mean([math.sqrt(sum(p)) for p in parts]),
        localisation_m=_rms([p[0] for p in parts]),
        missed_m=_rms([p[1] for p in parts]),
        false_m=_rms([p[2] for p in parts]),
        ospa_m=_mean([ospa(frame, c) for frame in matched]),
        rmse_m=_rms(d2),
        missed_per_frame=_mean([float(len(f.truths) - len(f.pairs)) for f in matched]),
        false_per_frame=_mean([float(len(f.tracks) - len(f.pairs)) for f in matched]),
        covered_share=len(d2) / cared if cared else None,
        first_confirmation_s=_mean(delays),
        never_confirmed=never,
        identity_switches=_switches(matched),
        false_tracks=len(false_names),
        false_tracks_per_hour=len(false_names) / hours if hours else None,
        sigma_honesty=_honesty(matched),
        ambiguity=_ambiguity(matched),
        bird_called_drone_s=len(birds),
        bird_tracks_called_drone=len({name for name, _ in birds}),
        liars_found=found,
        liar_found_after_s=after,
        honest_called_liar_share=honest,
        gospa_c_m=c,
        hold_s=rules.hold_s,
    )


_ERROR = ("bird", "drone")


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _rms(squares: Sequence[float]) -> float | None:
    return math.sqrt(sum(squares) / len(squares)) if squares else None


def _false_tracks(matched: Sequence[Matched]) -> list[str]:
    """Tracks that counted, and were on nothing in more than half of their frames."""
    balance: dict[str, int] = {}
    for frame in matched:
        on = {j for _, j, _ in frame.pairs}
        for j, seen in enumerate(frame.tracks):
            balance[seen.track] = balance.get(seen.track, 0) + (1 if j in on else -1)
        for name, _, _ in frame.on_bystander:
            balance[name] = balance.get(name, 0) + 1
    return sorted(name for name, value in balance.items() if value < 0)


def _delays(matched: Sequence[Matched]) -> tuple[list[float], int]:
    """Seconds from first under cover to first on track, for each drone; and how many never."""
    first: dict[str, float] = {}
    found: dict[str, float] = {}
    for frame in matched:
        for point in frame.truths:
            first.setdefault(point.id, frame.t)
        for i, _, _ in frame.pairs:
            found.setdefault(frame.truths[i].id, frame.t)
    return [found[k] - first[k] for k in sorted(found)], len(first) - len(found)


def _switches(matched: Sequence[Matched]) -> int:
    """How often a drone's track id changed (MOTA's identity switches)."""
    last: dict[str, str] = {}
    switches = 0
    for frame in matched:
        for i, j, _ in frame.pairs:
            drone, name = frame.truths[i].id, frame.tracks[j].track
            switches += last.get(drone, name) != name
            last[drone] = name
    return switches


def _honesty(matched: Sequence[Matched]) -> float | None:
    """Mean of d^2 / (2 sigma^2): 1 if the stated sigma is true, more if it is too proud."""
    ratios = [
        d * d / (2.0 * frame.tracks[j].sigma_m ** 2)
        for frame in matched
        for _, j, d in frame.pairs
        if frame.tracks[j].sigma_m > 0.0
    ]
    return _mean(ratios)


def _ambiguity(matched: Sequence[Matched]) -> float | None:
    """SIAP ambiguity: tracks within the cut-off side of truth, a truth that is tracked."""
    paired = sum(len(frame.pairs) for frame in matched)
    counted = sum(len(frame.tracks) for frame in matched)
    return counted / paired if paired else None


def _liars(tracks: Sequence[Track], rules: Rules) -> tuple[int | None, float | None, float | None]:
    """(liars found, seconds from its first report to suspicion 0.5, honest share called liar)."""
    first: dict[str, float] = {}
    found: dict[str, float] = {}
    honest = accused = 0
    for report in sorted(tracks, key=lambda r: r.t):
        who = report.identity
        if who is None:
            continue
        name = who.serial or who.icao24 or who.session
        if name in rules.spoofed_serials and name is not None:
            first.setdefault(name, report.t)
            if who.suspicion >= 0.5:
                found.setdefault(name, report.t)
        else:
            honest += 1
            accused += who.suspicion >= 0.5
    share = accused / honest if honest else None
    if not rules.spoofed_serials:
        return None, None, share
    return len(found), _mean([found[k] - first[k] for k in sorted(found)]), share
