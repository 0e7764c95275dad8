"""One second of a scene: which track is on which truth, and how far off (horizontal metres)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tocsin.study.truth import TruthPoint
from tocsin.words import Track

_A_M = 6_378_137.0
_E2 = 0.006_694_379_990_14


class Seen(msgspec.Struct, frozen=True):
    """A track as it counts in one frame: carried forward by its own velocity, degrees."""

    track: str
    lat: float
    lon: float
    sigma_m: float
    likely: str
    report: Track


class Matched(msgspec.Struct, frozen=True):
    """A frame after assignment.

    `pairs` are (index into truths that matter, index into counted tracks, metres). `on_bystander`
    are the tracks that fell to a don't-care: (track, truth kind, likeliest class).
    """

    t: float
    truths: tuple[TruthPoint, ...]
    tracks: tuple[Seen, ...]
    pairs: tuple[tuple[int, int, float], ...]
    on_bystander: tuple[tuple[str, str, str], ...]


def metres(truths: Sequence[TruthPoint], seen: Sequence[Seen]) -> NDArray[np.float64]:
    """Horizontal distances, truths down and tracks across, on the ellipsoid's own radii.

    Exact to 1e-6 within a few kilometres, which is all that a cut-off lets through.
    """
    lat = np.radians([p.lat for p in truths])[:, None]
    lon = np.radians([p.lon for p in truths])[:, None]
    to_lat = np.radians([s.lat for s in seen])[None, :]
    to_lon = np.radians([s.lon for s in seen])[None, :]
    middle = 0.5 * (lat + to_lat)
    w2 = 1.0 - _E2 * np.sin(middle) ** 2
    north = (to_lat - lat) * _A_M * (1.0 - _E2) / w2**1.5
    turn = (to_lon - lon + math.pi) % (2.0 * math.pi) - math.pi
    east = turn * np.cos(middle) * _A_M / np.sqrt(w2)
    return np.asarray(np.hypot(east, north))


def assign_within(distance: NDArray[np.float64], c: float) -> list[tuple[int, int]]:
    """The pairs of the GOSPA assignment (p = 2): least sum of min(d, c)^2, pairs at c dropped."""
    if distance.size == 0:
        return []
    rows, columns = linear_sum_assignment(np.minimum(distance, c) ** 2)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(i, j) for i, j in pairs if distance[i, j] < c]


def counting(reports: dict[str, Track], t: float, hold_s: float) -> list[Seen]:
    """The tracks that count at `t`, from the last report of each at or before it."""
    seen = []
    for name in sorted(reports):
        report = reports[name]
        age = t - report.t
        if report.status not in ("confirmed", "coasting") or age > hold_s:
            continue
        w2 = 1.0 - _E2 * math.sin(math.radians(report.lat)) ** 2
        lat = report.lat + math.degrees(age * report.vn * w2**1.5 / (_A_M * (1.0 - _E2)))
        scale = _A_M * math.cos(math.radians(report.lat)) / math.sqrt(w2)
        lon = report.lon + math.degrees(age * report.ve / scale)
        seen.append(Seen(name, lat, lon, report.sigma_m, likeliest(report), report))
    return seen


def likeliest(report: Track) -> str:
    """The most likely class of a report; "drone" where it tells none."""
    scores = report.class_
    told = [
        (p, name)
        for name, p in (
            ("drone", scores.drone),
            ("bird", scores.bird),
            ("aircraft", scores.aircraft),
            ("other", scores.other),
        )
        if p is not None
    ]
    return max(told, key=lambda pair: pair[0])[1] if told else "drone"


def match(t: float, truths: Sequence[TruthPoint], seen: Sequence[Seen], c: float) -> Matched:
    """Assign one frame: first all jointly, then without what fell to a don't-care (DESIGN 5)."""
    ordered = sorted(truths, key=lambda p: p.id)
    distance = metres(ordered, seen)
    bystanders = []
    gone = set()
    for i, j in assign_within(distance, c):
        if not ordered[i].matters:
            gone.add(j)
            bystanders.append((seen[j].track, ordered[i].kind, seen[j].likely))
    kept = [j for j in range(len(seen)) if j not in gone]
    cared = [i for i, p in enumerate(ordered) if p.matters]
    left = distance[np.ix_(cared, kept)]
    pairs = tuple((i, j, float(left[i, j])) for i, j in assign_within(left, c))
    return Matched(
        t,
        tuple(ordered[i] for i in cared),
        tuple(seen[j] for j in kept),
        pairs,
        tuple(bystanders),
    )
