"""A report in the manner of a counter-UAS trial: each figure with its interval and its number.

Manner      CWA 18150 (COURAGEOUS): detection, tracking and identification of small drones in trials
Shares      Wilson's interval (scipy's `binomtest`), 95 %, over flights
Rates       exact Poisson interval (Garwood 1936, by chi-square), 95 %, over hours
Percentiles of delays and ranges: distribution-free (scipy's `quantile_test`), over flights; of
            errors, which last from second to second: bootstrap over whole flights, seed 0
Pooled      over any number of scenes; a flight is one drone of one scene
A figure that cannot be computed is None, and `why` says why.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy.stats import binomtest, chi2, quantile_test

from tocsin.study.columns import F32, F64, I32, I64, KINDS, Truth
from tocsin.study.match import metres
from tocsin.study.score import Scene, false_tracks, first_of, hours_of
from tocsin.study.siap import stretches
from tocsin.words import Sensor

CONFIDENCE = 0.95
PERCENTILES = (50, 90, 95)
_REPLICATES = 400
_FEWEST_FLIGHTS = 3
_SUSPECT = 0.5
"""A claim so suspect is no identity: the track itself calls it a lie."""
_MOST_DRAWN = 50_000
"""Values in a bootstrap; of more, every second, third … of each flight is drawn."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure: its value, 95 % interval, unit, and of how many it is; or why there is none."""

    name: str
    unit: str
    of: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str | None = None

    @property
    def value_text(self) -> str:
        """The value to three figures, or that there is none."""
        return "not computable" if self.value is None else _three_figures(self.value)

    @property
    def span_text(self) -> str:
        """The interval to three figures; empty where there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"{_three_figures(self.low)} … {_three_figures(self.high)}"


def _three_figures(value: float) -> str:
    """1043.2 as 1040 and 0.98712 as 0.987: never with an exponent, which few readers like."""
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


class Confusion(msgspec.Struct, frozen=True):
    """Seconds in which a track on a thing of `truth` was most likely of each class of `classes`."""

    truth: str
    classes: tuple[str, ...]
    seconds: tuple[int, ...]


class Trial(msgspec.Struct, frozen=True):
    """The report: figures, confusion of classes, and what it was made from."""

    scenes: int
    flights: int
    hours: float
    figures: tuple[Told, ...]
    confusion: tuple[Confusion, ...]


def trial(scenes: Sequence[Scene], sensors: Sequence[Sequence[Sensor] | None]) -> Trial:
    """The pooled report. `sensors` are each scene's, where known: they tell detection range."""
    hours = sum(hours_of(scene) or 0.0 for scene in scenes)
    present = [first_of(scene, *scene.matched.present) for scene in scenes]
    found = [first_of(s, s.matched.pairs.frame, s.matched.pairs.truth) for s in scenes]
    flights = sum(len(first) for first in present)
    delays = np.array([
        at[k] - first[k] for first, at in zip(present, found, strict=True) for k in sorted(at)
    ])  # fmt: skip
    ghosts = sum(len(false_tracks(scene)) for scene in scenes)
    figures = [
        share("probability of detection", len(delays), flights, "no drone was under cover"),
        rate("false tracks", ghosts, hours),
        *percentiles("time to detect", "s", delays, "no drone was detected"),
        *_ranges(scenes, found, sensors),
        *_continuity(scenes),
        *_errors(scenes),
        *_identification(scenes),
    ]
    return Trial(len(scenes), flights, hours, tuple(figures), tuple(_confusion(scenes)))


def share(name: str, hits: int, of: int, why: str) -> Told:
    """A share of independent things with Wilson's interval."""
    if not of:
        return Told(name, "", 0, why=why)
    interval = binomtest(hits, of).proportion_ci(CONFIDENCE, method="wilson")
    return Told(name, "", of, hits / of, float(interval.low), float(interval.high))


def rate(name: str, count: int, hours: float) -> Told:
    """Events an hour with the exact Poisson interval."""
    if hours <= 0.0:
        return Told(name, "1/h", count, why="the truth lasts no time")
    tail = 0.5 * (1.0 - CONFIDENCE)
    low = float(chi2.ppf(tail, 2 * count)) / 2.0 if count else 0.0
    high = float(chi2.ppf(1.0 - tail, 2 * count + 2)) / 2.0
    return Told(name, "1/h", count, count / hours, low / hours, high / hours)


def percentiles(name: str, unit: str, values: F64, why: str) -> list[Told]:
    """Percentiles of independent values with distribution-free intervals."""
    figures = []
    for percent in PERCENTILES:
        title = f"{name}, {percent} %"
        if not len(values):
            figures.append(Told(title, unit, 0, why=why))
            continue
        value = float(np.percentile(values, percent))
        test = quantile_test(values, q=value, p=percent / 100.0)
        interval = test.confidence_interval(CONFIDENCE)
        ends = (float(interval.low), float(interval.high))  # type: ignore[attr-defined]
        low, high = (None if np.isnan(end) or np.isinf(end) else end for end in ends)
        short = "too few flights for an interval" if low is None or high is None else None
        figures.append(Told(title, unit, len(values), value, low, high, short))
    return figures


def _ranges(
    scenes: Sequence[Scene],
    found: Sequence[dict[int, float]],
    sensors: Sequence[Sequence[Sensor] | None],
) -> list[Told]:
    """Distance from the nearest sensor at the moment of detection."""
    if all(each is None for each in sensors):
        return percentiles("detection range", "m", np.empty(0), "no sensors.json was given")
    ranges = []
    for scene, first, each in zip(scenes, found, sensors, strict=True):
        if not each:
            continue
        sites = np.array([(s.lat, s.lon) for s in each])
        flights, at = np.unique(scene.truth.who[scene.matched.pairs.truth], return_index=True)
        rows = dict(zip(flights.tolist(), scene.matched.pairs.truth[at].tolist(), strict=True))
        for flight in sorted(first):
            row = rows[flight]
            lat, lon = scene.truth.place[row]
            away = metres(
                sites[:, 0], sites[:, 1], np.full(len(sites), lat), np.full(len(sites), lon)
            )
            ranges.append(float(away.min()))
    return percentiles("detection range", "m", np.array(ranges), "no drone was detected")


def _continuity(scenes: Sequence[Scene]) -> list[Told]:
    """Share of its life under cover that a drone is tracked, its longest unbroken stretch of it,
    and on how many stretches; a flight is one draw."""
    tracked, longest, pieces = [], [], []
    for scene in scenes:
        runs = stretches(scene.matched, scene.matched.pairs, scene.truth, scene.reports)
        life = _seconds(scene.truth, scene.matched.present[1])
        on = _seconds(scene.truth, scene.matched.pairs.truth)
        lengths: dict[int, list[float]] = {}
        for run in runs:
            lengths.setdefault(run.flight, []).append(run.last - run.first + 1.0)
        for flight, seconds in life.items():
            mine = lengths.get(flight, [])
            tracked.append(on.get(flight, 0) / seconds)
            longest.append(min(1.0, max(mine, default=0.0) / seconds))
            if mine:
                pieces.append(float(len(mine)))
    none = "no drone was under cover"
    return [
        _flights_mean("share of its time a drone is tracked", "", tracked, none),
        _flights_mean("longest unbroken stretch of its time", "", longest, none),
        _flights_mean("stretches a tracked drone", "", pieces, "no drone was tracked"),
    ]


def _seconds(truth: Truth, row: I32) -> dict[int, int]:
    flights, count = np.unique(truth.who[row], return_counts=True)
    return dict(zip(flights.tolist(), count.tolist(), strict=True))


def _flights_mean(name: str, unit: str, values: Sequence[float], why: str) -> Told:
    if not values:
        return Told(name, unit, 0, why=why)
    return _clustered(name, unit, [np.array([v], np.float32) for v in values], None)


def _errors(scenes: Sequence[Scene]) -> list[Told]:
    """Percentiles of the horizontal and vertical error over all tracked drone-seconds."""
    flat: list[F32] = []
    high: list[F32] = []
    for scene in scenes:
        pairs = scene.matched.pairs
        who = scene.truth.who[pairs.truth]
        up = np.abs(scene.matched.alt_m - scene.truth.alt_m[pairs.truth])
        order = np.argsort(who, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(who[order])) + 1):
            flat.append(pairs.metres[rows])
            high.append(up[rows][~np.isnan(up[rows])])
    figures = []
    for name, groups, why in (
        ("horizontal error", flat, "no drone was tracked"),
        ("vertical error", high, "truth or tracks tell no height"),
    ):
        told = [group for group in groups if len(group)]
        for percent in PERCENTILES:
            title = f"{name}, {percent} %"
            figures.append(
                _clustered(title, "m", told, percent) if told else Told(title, "m", 0, why=why)
            )
    return figures


def _clustered(name: str, unit: str, groups: Sequence[F32], percent: int | None) -> Told:
    """A percentile (or mean) over all groups, with a bootstrap of whole groups."""

    every: F32 = np.concatenate(groups)
    value = float(
        np.mean(every, dtype=np.float64) if percent is None else np.percentile(every, percent)
    )
    if len(groups) < _FEWEST_FLIGHTS:
        why = f"fewer than {_FEWEST_FLIGHTS} flights: no interval"
        return Told(name, unit, len(groups), value, why=why)
    rng = np.random.Generator(np.random.PCG64(0))
    step = -(-len(every) // _MOST_DRAWN)
    thin = [group[:: min(step, len(group))] for group in groups]
    whose = np.repeat(np.arange(len(groups)), [len(group) for group in thin])
    values = np.concatenate(thin).astype(np.float64)
    order = np.argsort(values, kind="stable")
    whose, values = whose[order], values[order]
    tried = []
    for _ in range(_REPLICATES):
        draw = rng.integers(0, len(groups), len(groups))
        times = np.bincount(draw, minlength=len(groups))[whose]
        tried.append(
            float(values @ times / times.sum()) if percent is None
            else _percentile(values, times, percent)
        )  # fmt: skip
    tail = 50.0 * (1.0 - CONFIDENCE)
    low, high = np.percentile(tried, [tail, 100.0 - tail]).tolist()
    return Told(name, unit, len(groups), value, low, high)


def _percentile(values: F64, times: I64, percent: float) -> float:
    """The percentile of sorted values, each taken so many times; linear between two of them."""
    upto = np.cumsum(times)
    place = percent / 100.0 * float(upto[-1] - 1)
    low, high = np.searchsorted(upto, [int(place), min(int(place) + 1, upto[-1] - 1)], "right")
    return float(values[low] + (place - int(place)) * (values[high] - values[low]))


def _identification(scenes: Sequence[Scene]) -> list[Told]:
    """Tracked drones whose track ever claimed an identity that it does not doubt; and, of those
    whose serial number is known, where the claim was never another's."""
    tracked = named = known = right = 0
    for scene in scenes:
        claims, serials = scene.reports.claims, scene.truth.serials
        of = np.full(len(scene.reports.t), -1, np.int32)
        stated = claims.suspicion < _SUSPECT
        of[claims.row[stated]] = claims.who[stated]
        pairs = scene.matched.pairs
        said = of[pairs.report]
        flights = scene.truth.who[pairs.truth]
        tracked += len(np.unique(flights))
        both = np.unique(np.stack([flights[said >= 0], said[said >= 0]]), axis=1)
        names: dict[str, set[str]] = {}
        for flight, who in both.T.tolist():
            names.setdefault(scene.truth.names[flight], set()).add(claims.names[who])
        named += len(names)
        known += sum(flight in serials for flight in names)
        right += sum(told == {serials.get(flight)} for flight, told in names.items())
    return [
        share("tracked drones with a claimed identity", named, tracked, "none tracked"),
        share("claimed identities that are right", right, known,
              "no serial number of a drone that claims one is known"),
    ]  # fmt: skip


def _confusion(scenes: Sequence[Scene]) -> list[Confusion]:
    """What tracks on things of each kind were most likely, in seconds."""
    table = np.zeros((3, len(KINDS)), np.int64)
    for scene in scenes:
        for part in (scene.matched.pairs, scene.matched.bystanders):
            true, said = scene.truth.kind[part.truth], scene.reports.likely[part.report]
            np.add.at(table, (true[said >= 0], said[said >= 0]), 1)
    return [
        Confusion(KINDS[k], KINDS, tuple(row)) for k, row in enumerate(table.tolist()) if any(row)
    ]
