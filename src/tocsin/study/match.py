"""Each second of a scene: which track is on which truth, and how far off (horizontal metres).

A track counts while its last report at or before the second is confirmed or coasting and at most
`hold_s` old, carried forward by its own velocity; nothing is taken from the future (DESIGN 5).
Only pairs within the cut-off are looked at (a tree finds them), and the assignment is solved for
each group of truths and tracks that touch one another: ten thousand tracks a second are no trouble.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tocsin.study.columns import F32, F64, I32, I64, Reports, Truth
from tocsin.study.truth import Rules

_A_M = 6_378_137.0
_E2 = 0.006_694_379_990_14


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows of one kind of belonging: the frame, the row of truth, the row of report, metres."""

    frame: I32
    truth: I32
    report: I32
    metres: F32

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, eq=False)
class Matched:
    """A scene after assignment. `truths` and `tracks` count what matters in each frame.

    `pairs` are one to one (the GOSPA assignment); `near` has for each counted track every truth
    within the cut-off; `bystanders` are the tracks that fell to a don't-care; `counted` are all
    (frame, report) that count and did not, `present` all (frame, truth) that matter.
    """

    t: F64
    truths: I64
    tracks: I64
    pairs: Pairs
    near: Pairs
    bystanders: Pairs
    counted: tuple[I32, I32]
    present: tuple[I32, I32]
    alt_m: F32
    """Of each pair's track at the frame."""


def metres(lat: F64, lon: F64, to_lat: F64, to_lon: F64) -> F64:
    """Horizontal distances of degrees to degrees, on the ellipsoid's own radii at the middle.

    Exact to 1e-6 within a few kilometres, which is all that a cut-off lets through.
    """
    middle = np.radians(0.5 * (lat + to_lat))
    w2 = 1.0 - _E2 * np.sin(middle) ** 2
    north = np.radians(to_lat - lat) * _A_M * (1.0 - _E2) / w2**1.5
    turn = (to_lon - lon + 180.0) % 360.0 - 180.0
    east = np.radians(turn) * np.cos(middle) * _A_M / np.sqrt(w2)
    return np.asarray(np.hypot(east, north))


def carried(reports: Reports, rows: I64, age: F64) -> F64:
    """(n, 3) latitude, longitude, altitude of reports carried on by their velocity for `age`."""
    place, (ve, vn, vu) = reports.place[rows], reports.velocity[rows].T
    lat = np.radians(place[:, 0])
    w2 = 1.0 - _E2 * np.sin(lat) ** 2
    north = np.degrees(age * vn * w2**1.5 / (_A_M * (1.0 - _E2)))
    east = np.degrees(age * ve * np.sqrt(w2) / (_A_M * np.cos(lat)))
    up = reports.alt_m[rows] + age * np.nan_to_num(vu)
    return np.stack([place[:, 0] + north, place[:, 1] + east, up], axis=1)


def within(truth: F64, tracks: F64, c: float) -> tuple[I64, I64, F64]:
    """All (truth, track, metres) closer than `c`, of rows that begin with latitude, longitude."""
    if not len(truth) or not len(tracks):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    # 1.02: the sphere of the tree against the ellipsoid (0.7 %), and height left out
    one, two = (_tree(_on_sphere(side)) for side in (truth, tracks))
    found = one.sparse_distance_matrix(two, 1.02 * c, output_type="ndarray")
    i, j = found["i"].astype(np.int64), found["j"].astype(np.int64)
    d = metres(truth[i, 0], truth[i, 1], tracks[j, 0], tracks[j, 1])
    good = d < c
    order = np.lexsort((j[good], i[good]))
    return i[good][order], j[good][order], d[good][order]


def _tree(points: F64) -> cKDTree:
    """Asked once: not worth balancing."""
    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def _on_sphere(place: F64) -> F64:
    lat, lon = np.radians(place[:, 0]), np.radians(place[:, 1])
    ground = _A_M * np.cos(lat)
    return np.stack([ground * np.cos(lon), ground * np.sin(lon), _A_M * np.sin(lat)], axis=1)


def assign(i: I64, j: I64, cost: F64, none: float) -> NDArray[np.bool_]:
    """Which of the pairs (i, j) belong to the least sum of costs, where a truth or track without a
    pair costs `none` once between them; group by group."""
    chosen = np.zeros(len(i), np.bool_)
    if not len(i):
        return chosen
    chosen[(np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)] = True  # most have one choice
    rest = np.flatnonzero(~chosen)
    if len(rest):
        chosen[rest] = _assign_groups(i[rest], j[rest], cost[rest], none)
    return chosen


def _assign_groups(i: I64, j: I64, cost: F64, none: float) -> NDArray[np.bool_]:
    """The same, group by group of truths and tracks that touch one another."""
    chosen = np.zeros(len(i), np.bool_)
    rows, columns = int(i.max()) + 1, int(j.max()) + 1
    graph = coo_array((np.ones(len(i)), (i, rows + j)), shape=(rows + columns,) * 2)
    _, component = connected_components(graph, directed=False)
    group: I64 = component[i].astype(np.int64)
    order = np.lexsort((cost, group))
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    top, tops = _places(i, group, order, starts)
    side, sides = _places(j, group, order, starts)
    one_sided = (tops == 1) | (sides == 1)
    chosen[order[starts[one_sided]]] = True  # one against several: the nearest
    for g in np.flatnonzero(~one_sided).tolist():
        edges = slice(int(starts[g]), int(starts[g] + sizes[g]))
        table = np.full((tops[g], sides[g]), none)
        table[top[edges], side[edges]] = cost[order[edges]]
        down, across = linear_sum_assignment(table)
        taken = np.full(tops[g], -1)
        taken[down] = across
        chosen[order[edges]] = taken[top[edges]] == side[edges]
    return chosen


def _places(who: I64, group: I64, order: I64, starts: I64) -> tuple[I64, I64]:
    """Each edge's place among the different ones of its group, in `order`; how many there are."""
    by_name = np.lexsort((who, group))
    new = (np.diff(who[by_name], prepend=-1) != 0) | (np.diff(group[by_name], prepend=-1) != 0)
    count = np.cumsum(new) - 1
    place = np.empty(len(who), np.int64)
    place[by_name] = count - np.repeat(count[starts], np.diff(np.append(starts, len(who))))
    return place[order], np.add.reduceat(new.astype(np.int64), starts)


def match(truth: Truth, reports: Reports, rules: Rules) -> Matched:
    """Assign every frame: first all jointly, then without what fell to a don't-care (DESIGN 5)."""
    c = rules.gospa_c_m
    times, first = np.unique(truth.t, return_index=True)
    ends = np.append(first[1:], len(truth.t))
    upto = np.searchsorted(reports.t, times, side="right")
    last = np.full(len(reports.names), -1, np.int64)
    kept = _Kept()
    at = 0
    for frame, t in enumerate(times.tolist()):
        last[reports.who[at : upto[frame]]] = np.arange(at, upto[frame])
        at = upto[frame]
        live = last[last >= 0]
        live = live[reports.counts[live] & (t - reports.t[live] <= rules.hold_s)]
        here = carried(reports, live, t - reports.t[live])
        rows = np.arange(first[frame], ends[frame])
        kept.take(frame, rows, truth, live, here, c)
    return kept.done(times)


class _Kept:
    """Collects the frames' rows."""

    def __init__(self) -> None:
        self.pairs: list[Pairs] = []
        self.near: list[Pairs] = []
        self.bystanders: list[Pairs] = []
        self.counted: list[tuple[I32, I32]] = []
        self.present: list[tuple[I32, I32]] = []
        self.alt_m: list[F32] = []

    def take(self, frame: int, rows: I64, truth: Truth, live: I64, here: F64, c: float) -> None:
        """One frame: `rows` of truth, `live` reports that count, and where they are now."""
        i, j, d = within(truth.place[rows], here, c)
        matters = truth.matters[rows]
        joint = assign(i, j, d**2, c * c)
        aside = joint & ~matters[i]
        self.bystanders.append(_pairs(frame, rows[i[aside]], live[j[aside]], d[aside]))
        gone = np.zeros(len(live), np.bool_)
        gone[j[aside]] = True
        left = matters[i] & ~gone[j]
        i, j, d = i[left], j[left], d[left]
        chosen = assign(i, j, d**2, c * c)
        self.pairs.append(_pairs(frame, rows[i[chosen]], live[j[chosen]], d[chosen]))
        self.near.append(_pairs(frame, rows[i], live[j], d))
        self.alt_m.append(here[j[chosen], 2].astype(np.float32))
        self.counted.append(_framed(frame, live[~gone]))
        self.present.append(_framed(frame, rows[matters]))

    def done(self, times: F64) -> Matched:
        """Everything in columns."""
        counts = (
            np.array([len(rows) for _, rows in side], np.int64)
            for side in (self.present, self.counted)
        )
        truths, tracks = counts
        return Matched(
            times, truths, tracks,
            _joined(self.pairs), _joined(self.near), _joined(self.bystanders),
            _side(self.counted), _side(self.present),
            np.concatenate([np.empty(0, np.float32), *self.alt_m]),
        )  # fmt: skip


def _pairs(frame: int, truth: I64, report: I64, metres: F64) -> Pairs:
    at, rows = _framed(frame, truth)
    return Pairs(at, rows, report.astype(np.int32), metres.astype(np.float32))


def _framed(frame: int, rows: I64) -> tuple[I32, I32]:
    return np.full(len(rows), frame, np.int32), rows.astype(np.int32)


def _joined(parts: list[Pairs]) -> Pairs:
    """All parts in columns; the parts are let go."""
    none = np.empty(0, np.int32)
    joined = Pairs(
        np.concatenate([none, *(p.frame for p in parts)]),
        np.concatenate([none, *(p.truth for p in parts)]),
        np.concatenate([none, *(p.report for p in parts)]),
        np.concatenate([np.empty(0, np.float32), *(p.metres for p in parts)]),
    )
    parts.clear()
    return joined


def _side(parts: list[tuple[I32, I32]]) -> tuple[I32, I32]:
    none = np.empty(0, np.int32)
    joined = (
        np.concatenate([none, *(f for f, _ in parts)]),
        np.concatenate([none, *(rows for _, rows in parts)]),
    )
    parts.clear()
    return joined


def gospa2(matched: Matched, c: float) -> tuple[F64, F64, F64]:
    """The three parts of GOSPA squared, frame by frame: localisation, missed, false (m2).

    Rahmathullah, Garcia-Fernandez, Svensson 2017, p = 2, alpha = 2.
    """
    frames = len(matched.t)
    located = np.bincount(matched.pairs.frame, matched.pairs.metres**2, frames)
    paired = np.bincount(matched.pairs.frame, minlength=frames)
    half = c * c / 2.0
    missed, false = half * (matched.truths - paired), half * (matched.tracks - paired)
    return located.astype(np.float64), missed.astype(np.float64), false.astype(np.float64)


def ospa(matched: Matched, c: float) -> F64:
    """OSPA frame by frame, metres (Schuhmacher, Vo, Vo 2008, p = 2); 0 if both sides are empty."""
    frames = len(matched.t)
    located = np.bincount(matched.pairs.frame, matched.pairs.metres**2, frames)
    paired = np.bincount(matched.pairs.frame, minlength=frames)
    most = np.maximum(matched.truths, matched.tracks)
    mean = (located + c * c * (most - paired)) / np.maximum(most, 1)
    return np.asarray(np.sqrt(mean))


def rms(squares: F64) -> float | None:
    """Root of the mean; None of nothing."""
    return math.sqrt(float(np.mean(squares))) if len(squares) else None
