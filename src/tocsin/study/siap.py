"""Single integrated air picture: is the picture complete, unambiguous, free of ghosts, unbroken.

Source       Votruba et al., "Single Integrated Air Picture (SIAP) Metrics Implementation", 2001,
             as Stone Soup's SIAPMetrics and IDSIAPMetrics compute them
Belonging    a track belongs to the nearest drone within the cut-off, several tracks to one if so
C, A, S      drones tracked of drones; tracks a tracked drone; tracks on nothing of tracks
PA, VA       mean horizontal error of place (m) and velocity (m/s) of tracks that belong
R            (least number of tracks that tell a drone's story - 1) summed, a second tracked
LS           the longest unbroken stretch on one track, summed over drones, of their life times
ID C         of tracked drones, those on a track that claims an identity
Don't-care   birds, aircraft and drones outside all cover, and the tracks on them, are left out
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from tocsin.study.columns import F64, Reports, Truth
from tocsin.study.match import Matched, Pairs


class Siap(msgspec.Struct, frozen=True):
    """The picture's figures over the whole scene; None: not computable."""

    completeness: float | None
    ambiguity: float | None
    spuriousness: float | None
    position_error_m: float | None
    velocity_error_mps: float | None
    track_changes_per_s: float | None
    longest_segment_share: float | None
    identity_completeness: float | None
    identity_correctness: float | None


class Stretch(msgspec.Struct, frozen=True):
    """One track on one drone without a break: first and last second."""

    flight: int
    track: int
    first: float
    last: float


def belonging(matched: Matched) -> Pairs:
    """For each counted track the nearest drone within the cut-off, if any."""
    near = matched.near
    order = np.lexsort((near.truth, near.metres, near.report, near.frame))
    frame, report = near.frame[order], near.report[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (np.diff(frame) != 0) | (np.diff(report) != 0)
    rows = order[first]
    return Pairs(near.frame[rows], near.truth[rows], near.report[rows], near.metres[rows])


def siap(
    matched: Matched, truth: Truth, reports: Reports, serials: Mapping[str, str] | None = None
) -> Siap:
    """All figures. `serials` tells which drone really has which identity, where a scene tells."""
    owned = belonging(matched)
    drones, tracks = int(matched.truths.sum()), int(matched.tracks.sum())
    tracked = len(np.unique(owned.truth))
    velocity = np.hypot(
        *(truth.number[owned.truth, 3:5] - reports.number[owned.report, 3:5]).T
    )  # unknown where truth tells no velocity
    velocity = velocity[~np.isnan(velocity)]
    runs = stretches(matched, owned, truth, reports)
    changes, seconds, longest, lives = _continuity(matched, truth, runs)
    completeness, correctness = _identities(owned, truth, reports, serials)
    return Siap(
        completeness=tracked / drones if drones else None,
        ambiguity=len(owned) / tracked if tracked else None,
        spuriousness=(tracks - len(owned)) / tracks if tracks else None,
        position_error_m=float(np.mean(owned.metres)) if len(owned) else None,
        velocity_error_mps=float(np.mean(velocity)) if len(velocity) else None,
        track_changes_per_s=changes / seconds if seconds else None,
        longest_segment_share=longest / lives if lives else None,
        identity_completeness=completeness,
        identity_correctness=correctness,
    )


def stretches(matched: Matched, owned: Pairs, truth: Truth, reports: Reports) -> list[Stretch]:
    """Unbroken runs of frames of one track on one drone, in order of drone and time."""
    flight, track = truth.who[owned.truth], reports.who[owned.report]
    order = np.lexsort((owned.frame, track, flight))
    flight, track, frame = flight[order], track[order], owned.frame[order]
    if not len(order):
        return []
    breaks = (np.diff(flight) != 0) | (np.diff(track) != 0) | (np.diff(frame) != 1)
    starts = np.append(0, np.flatnonzero(breaks) + 1)
    ends = np.append(starts[1:], len(order)) - 1
    t = matched.t[frame]
    return [
        Stretch(int(flight[a]), int(track[a]), float(t[a]), float(t[b]))
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True)
    ]


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
    reaches furthest."""
    needed, told_to = 0, -np.inf
    for t in times.tolist():
        if t <= told_to:
            continue
        reach = [run.last for run in runs if run.first <= t <= run.last]
        if reach:
            needed += 1
            told_to = max(reach)
    return needed


def _covered(times: F64, runs: list[Stretch]) -> float:
    """Seconds of a drone's life within some stretch."""
    covered = np.zeros(max(len(times) - 1, 0), np.bool_)
    for run in runs:
        covered |= (times[:-1] >= run.first) & (times[1:] <= run.last)
    return float(np.diff(times)[covered].sum())


def _identities(
    owned: Pairs, truth: Truth, reports: Reports, serials: Mapping[str, str] | None
) -> tuple[float | None, float | None]:
    """Of tracked drone-seconds: the share that claims an identity, and the share of right ones."""
    if not len(owned) or not reports.claims:
        return None, None
    claimed = {row: who.serial or who.icao24 or who.session for row, who in reports.claims}
    names: dict[int, set[str]] = {}
    for row, report in zip(owned.truth.tolist(), owned.report.tolist(), strict=True):
        said = names.setdefault(row, set())
        name = claimed.get(report)
        if name is not None:
            said.add(name)
    completeness = sum(bool(said) for said in names.values()) / len(names)
    if serials is None:
        return completeness, None
    right = sum(
        said == {serials.get(truth.names[int(truth.who[row])])} for row, said in names.items()
    )
    return completeness, right / len(names)
