"""Judges out-of-fold log-odds: what is found of drones never heard, at how many false windows.

Intervals  95 %, by 1,000 draws of whole recordings (a clip's windows are no independent trials);
           false events an hour by the exact Poisson interval (Garwood 1936)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, rankdata

from tocsin.hear.attention import Attention
from tocsin.hear.events import EventLayer
from tocsin.words.hearing import HeardWindow

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DRAWS = 1_000
MOST_FALSE = 0.02
"""Share of windows of helicopters and chainsaws that the threshold may let through."""
BELLS_S = 0.5


class Range(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Heard:
    """Log-odds of windows, each with the recording it is from; windows of one clip in order."""

    log_odds: F64
    clip: npt.NDArray[np.int64]
    drone: Mask
    hard: Mask
    svanstrom: Mask
    kind: npt.NDArray[np.str_]

    def pick(self, rows: npt.NDArray[np.int64] | Mask) -> Heard:
        return Heard(*(column[rows] for column in vars(self).values()))


def calibration(heard: Heard) -> tuple[float, float]:
    """Slope and offset that make log-odds honest (Platt 1999), by Newton's method."""
    x = np.stack([heard.log_odds, np.ones_like(heard.log_odds)], axis=1)
    y = heard.drone.astype(np.float64)
    line = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-x @ line))
        slope = x.T @ (y - p) - 1e-3 * (line - np.array([1.0, 0.0]))
        bend = (x * (p * (1.0 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        line = line + np.linalg.solve(bend, slope)
    return float(line[0]), float(line[1])


def attended(heard: Heard) -> Heard:
    """The same windows after `Attention` has followed each recording."""
    told = np.empty_like(heard.log_odds)
    attention = Attention()
    for row, one in enumerate(heard.log_odds):
        if row == 0 or heard.clip[row] != heard.clip[row - 1]:
            attention.forget()
        p = float(np.clip(attention.feed(float(one)), 1e-9, 1.0 - 1e-9))
        told[row] = np.log(p / (1.0 - p))
    return Heard(told, *list(vars(heard).values())[1:])


def area(heard: Heard) -> float:
    """Area under the ROC: chance that a drone's window ranks above another."""
    ranks = rankdata(heard.log_odds)
    ours = int(heard.drone.sum())
    rest = heard.drone.size - ours
    if not ours or not rest:
        return float("nan")
    return float((ranks[heard.drone].sum() - ours * (ours + 1) / 2) / (ours * rest))


def f1(heard: Heard, at: float = 0.0) -> float:
    """F1 of windows at a threshold of log-odds."""
    says = heard.log_odds > at
    hit = (says & heard.drone).sum()
    return float(2 * hit / max(2 * hit + (says != heard.drone).sum(), 1))


def strict(heard: Heard) -> float:
    """The log-odds that at most `MOST_FALSE` of the hard negatives' windows exceed."""
    return float(np.quantile(heard.log_odds[heard.hard & ~heard.drone], 1.0 - MOST_FALSE))


def recall(heard: Heard, at: float | None = None) -> float:
    """Share of drone windows above a threshold, `strict` unless it is given."""
    level = strict(heard) if at is None else at
    return float((heard.log_odds[heard.drone] > level).mean())


def calibration_error(heard: Heard, bins: int = 10) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error, and (mean p, share of drones, windows) of each filled bin."""
    p = 1.0 / (1.0 + np.exp(-heard.log_odds))
    rows = []
    for low in np.arange(bins) / bins:
        inside = (p >= low) & (p < low + 1.0 / bins)
        if inside.any():
            rows.append((float(p[inside].mean()), float(heard.drone[inside].mean()), inside.sum()))
    return float(sum(abs(a - b) * n for a, b, n in rows) / p.size), rows


def ranged(figure: object, heard: Heard, seed: int = 1) -> Range:
    """A figure of `heard` with its interval over recordings."""
    assert callable(figure)
    rng = np.random.default_rng(seed)
    first = np.flatnonzero(np.diff(heard.clip, prepend=-1))
    groups = np.split(np.arange(heard.clip.size), first[1:])
    ours = [g for g in groups if heard.drone[g[0]]]
    hard = [g for g in groups if not heard.drone[g[0]] and heard.hard[g[0]]]
    rest = [g for g in groups if not heard.drone[g[0]] and not heard.hard[g[0]]]
    told = []
    for _ in range(DRAWS):
        rows = [
            part[i] for part in (ours, hard, rest) for i in rng.integers(0, len(part), len(part))
        ]
        told.append(figure(heard.pick(np.concatenate(rows))))
    low, high = np.nanquantile(told, [0.025, 0.975])
    return Range(float(figure(heard)), float(low), float(high))


class FalseEvents(NamedTuple):
    """How often the event layer cried wolf."""

    events: int
    hours: float

    @property
    def an_hour(self) -> Range:
        low = chi2.ppf(0.025, 2 * self.events) / 2 if self.events else 0.0
        high = chi2.ppf(0.975, 2 * self.events + 2) / 2
        return Range(self.events / self.hours, low / self.hours, high / self.hours)


def events(heard: Heard) -> dict[int, int]:
    """Events of each recording, by the event layer as shipped."""
    p = 1.0 / (1.0 + np.exp(-heard.log_odds))
    counts: dict[int, int] = {}
    for clip in np.unique(heard.clip):
        layer = EventLayer()
        count = 0
        for number, value in enumerate(p[heard.clip == clip]):
            window = HeardWindow("", number * BELLS_S, 1.0, p_drone=float(value))
            count += layer.feed(window) is not None
        counts[int(clip)] = count + (layer.finish() is not None)
    return counts


def false_events(heard: Heard) -> FalseEvents:
    """Events on the recordings without a drone, and how long those are."""
    rest = heard.pick(~heard.drone)
    seconds = rest.clip.size * BELLS_S + np.unique(rest.clip).size * BELLS_S
    return FalseEvents(sum(events(rest).values()), seconds / 3_600.0)
