"""Single integrated air picture: is the picture complete, unambiguous, free of ghosts, unbroken.

Source       Votruba et al., "Single Integrated Air Picture (SIAP) Metrics Implementation", 2001,
             as Stone Soup's SIAPMetrics and IDSIAPMetrics compute them
Belonging    a track belongs to the nearest drone within the cut-off, several tracks to one if so
C, A, S      drones tracked of drones; tracks a tracked drone; tracks on nothing of tracks
PA, VA       mean horizontal error of place (m) and velocity (m/s) of tracks that belong
R            (least number of tracks that tell a drone's story - 1) summed, a second tracked
LS           the longest unbroken stretch on one track, summed over drones, of their life times
ID C, IDC    of tracked drones, those on a track that says what (or who) it is, and rightly so;
and IDA      those whose tracks disagree. What: the likeliest class; who: the claimed identity
Don't-care   birds, aircraft and drones outside all cover, and the tracks on them, are left out
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.study.columns import F64, I32, I64, Reports, Truth
from tocsin.study.match import Matched, Pairs

Numbers = I64 | I32 | NDArray[np.int8]


class Identified(msgspec.Struct, frozen=True):
    """Shares of tracked drone-seconds: identified at all, rightly, and by tracks that disagree;
    None: not computable, `why` says why."""

    completeness: float | None = None
    correctness: float | None = None
    ambiguity: float | None = None
    why: str | None = None


class Siap(msgspec.Struct, frozen=True):
    """The picture's figures over the whole scene; None: not computable."""

    completeness: float | None
    ambiguity: float | None
    spuriousness: float | None
    position_error_m: float | None
    velocity_error_mps: float | None
    track_changes_per_s: float | None
    longest_segment_share: float | None
    kind: Identified
    identity: Identified


class Stretch(msgspec.Struct, frozen=True):
    """One track on one drone without a break: first and last second."""

    flight: int
    track: int
    first: float
    last: float


def belonging(matched: Matched) -> Pairs:
    """For each counted track the nearest drone within the cut-off, if any."""
    near = matched.near
    who = near.frame.astype(np.int64) * (int(near.report.max(initial=0)) + 1) + near.report
    order = np.lexsort((near.metres, who))
    rows = order[np.diff(who[order], prepend=-1) != 0]
    return Pairs(near.frame[rows], near.truth[rows], near.report[rows], near.metres[rows])


def siap(matched: Matched, truth: Truth, reports: Reports) -> Siap:
    """All figures."""
    owned = belonging(matched)
    drones, tracks = int(matched.truths.sum()), int(matched.tracks.sum())
    tracked = int(np.count_nonzero(np.bincount(owned.truth)))
    velocity = np.hypot(
        *(truth.velocity[owned.truth] - reports.velocity[owned.report, :2]).T
    )  # unknown where truth tells no velocity
    velocity = velocity[~np.isnan(velocity)]
    changes, seconds, longest, lives = _continuity(
        matched, truth, stretches(matched, owned, truth, reports)
    )
    return Siap(
        completeness=tracked / drones if drones else None,
        ambiguity=len(owned) / tracked if tracked else None,
        spuriousness=(tracks - len(owned)) / tracks if tracks else None,
        position_error_m=float(np.mean(owned.metres, dtype=np.float64)) if len(owned) else None,
        velocity_error_mps=float(np.mean(velocity, dtype=np.float64)) if len(velocity) else None,
        track_changes_per_s=changes / seconds if seconds else None,
        longest_segment_share=longest / lives if lives else None,
        kind=kinds(owned, truth, reports),
        identity=identities(owned, truth, reports),
    )


def stretches(matched: Matched, owned: Pairs, truth: Truth, reports: Reports) -> list[Stretch]:
    """Unbroken runs of frames of one track on one drone, in order of drone, track and time."""
    who = truth.who[owned.truth].astype(np.int64) * (len(reports.names) + 1)
    who += reports.who[owned.report]
    order = np.argsort(who, kind="stable")  # they are in order of frames
    who, frame = who[order], owned.frame[order]
    if not len(order):
        return []
    starts = np.append(0, np.flatnonzero((np.diff(who) != 0) | (np.diff(frame) != 1)) + 1)
    ends = np.append(starts[1:], len(order)) - 1
    flight, track = np.divmod(who[starts], len(reports.names) + 1)
    first, last = matched.t[frame[starts]], matched.t[frame[ends]]
    columns = zip(flight.tolist(), track.tolist(), first.tolist(), last.tolist(), strict=True)
    return [Stretch(*row) for row in columns]


def _continuity(
    matched: Matched, truth: Truth, runs: list[Stretch]
) -> tuple[int, float, float, float]:
    """(track changes, seconds tracked, longest stretches, life times), summed over drones."""
    frame, row = matched.present
    who = truth.who[row]
    by_flight: dict[int, list[Stretch]] = {}
    for run in runs:
        by_flight.setdefault(run.flight, []).append(run)
    changes, seconds, longest, lives = 0, 0.0, 0.0, 0.0
    order = np.argsort(who, kind="stable")
    starts = np.flatnonzero(np.diff(who[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if len(order) else []:
        times = matched.t[frame[rows]]
        lives += float(times[-1] - times[0])
        mine = by_flight.get(int(who[rows[0]]), [])
        if mine:
            changes += least_tracks(times, mine) - 1
            seconds += _covered(times, mine)
            longest += max(run.last - run.first for run in mine)
    return changes, seconds, longest, lives


def least_tracks(times: F64, runs: list[Stretch]) -> int:
    """How few stretches tell all of a drone's story that is told: always take the one that
    reaches furthest. They begin and end at some of `times`."""
    waiting = sorted(runs, key=lambda run: run.first, reverse=True)
    needed, reach, at = 0, -np.inf, 0
    while at < len(times):
        t = float(times[at])
        while waiting and waiting[-1].first <= t:
            reach = max(reach, waiting.pop().last)
        if reach >= t:
            needed += 1
            at = int(np.searchsorted(times, reach, side="right"))
        elif waiting:
            at = int(np.searchsorted(times, waiting[-1].first))
        else:
            break
    return needed


def _covered(times: F64, runs: list[Stretch]) -> float:
    """Seconds of a drone's life within some stretch."""
    covered = np.zeros(max(len(times) - 1, 0), np.bool_)
    for run in runs:
        covered |= (times[:-1] >= run.first) & (times[1:] <= run.last)
    return float(np.diff(times)[covered].sum())


def kinds(owned: Pairs, truth: Truth, reports: Reports) -> Identified:
    """Whether tracks on drones say what they are: the likeliest class against the truth's."""
    if not len(owned):
        return Identified(why="no drone was tracked")
    if not np.any(reports.likely >= 0):
        return Identified(why="no track tells a class")
    return _identified(owned, reports.likely[owned.report], truth.kind[owned.truth])


def identities(owned: Pairs, truth: Truth, reports: Reports) -> Identified:
    """Whether tracks on drones say who they are: the claimed identity against the serial number.

    A claim that the track itself doubts (suspicion from 0.5) is none. Right and wrong are counted
    over the drones whose serial number is known.
    """
    if not len(owned):
        return Identified(why="no drone was tracked")
    claims = reports.claims
    said = np.full(len(reports.t), -1, np.int32)
    named = np.array([bool(name) for name in claims.names], np.bool_)
    stated = named[claims.who] & (claims.suspicion < 0.5) if len(claims.names) else claims.row < 0
    said[claims.row[stated]] = claims.who[stated]
    every = said[owned.report]
    told = _identified(owned, every, every).completeness
    number = {name: k for k, name in enumerate(claims.names)}
    known = np.array([name in truth.serials for name in truth.names], np.bool_)
    right = np.array([number.get(truth.serials.get(name, ""), -2) for name in truth.names])
    flight = truth.who[owned.truth]
    rows = known[flight]
    if not np.any(rows):
        return Identified(told, why="no tracked drone's serial number is known")
    part = Pairs(owned.frame[rows], owned.truth[rows], owned.report[rows], owned.metres[rows])
    checked = _identified(part, every[rows], right[flight[rows]])
    return Identified(told, checked.correctness, checked.ambiguity)


def _identified(owned: Pairs, said: Numbers, right: Numbers) -> Identified:
    """Of tracked drone-seconds: those on a track that says something (not -1), those whose tracks
    all say what is right, and those whose tracks say this and that, or nothing."""
    says = said >= 0
    tracks = np.bincount(owned.truth)
    there = tracks > 0
    of, tracks = int(there.sum()), tracks[there]
    saying = np.bincount(owned.truth[says], minlength=len(there))[there]
    correct = np.bincount(owned.truth[says & (said == right)], minlength=len(there))[there]
    unknown, all_right = saying == 0, correct == tracks
    all_wrong = (saying == tracks) & (correct == 0)
    mixed = ~(unknown | all_right | all_wrong)
    return Identified(
        float(1.0 - unknown.sum() / of), float(all_right.sum() / of), float(mixed.sum() / of)
    )
