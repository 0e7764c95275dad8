"""What flew and what was told, in columns: one row a line, so that ten thousand tracks fit.

Unknown numbers are NaN. `who` counts into `names`, which are sorted. Rows are in order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.study.truth import TruthPoint
from tocsin.words import ClassScores, Ellipse

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
KINDS = ("drone", "bird", "aircraft", "other")
_CHUNK = 100_000
_T = TypeVar("_T")


class Identified(Protocol):
    """What a score reads of a claimed identity."""

    @property
    def serial(self) -> str | None: ...
    @property
    def session(self) -> str | None: ...
    @property
    def icao24(self) -> str | None: ...
    @property
    def suspicion(self) -> float: ...


class Claim(msgspec.Struct, frozen=True, gc=False):
    """The part of a line's identity that a score reads."""

    serial: str | None = None
    session: str | None = None
    icao24: str | None = None
    suspicion: float = 0.0


class Report(msgspec.Struct, frozen=True, gc=False):
    """The part of a line of `tracks.ndjson` that a score reads; a whole `Track` will do as well."""

    t: float
    track: str
    status: str
    lat: float
    lon: float
    ve: float
    vn: float
    sigma_m: float
    alt_m: float | None = None
    vu: float | None = None
    class_: ClassScores = msgspec.field(name="class", default=ClassScores())
    identity: Claim | None = None
    sigma_alt_m: float | None = None
    ellipse: Ellipse | None = None


class Told(Protocol):
    """A report: a `Track` or the lean `Report`."""

    @property
    def t(self) -> float: ...
    @property
    def track(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def ve(self) -> float: ...
    @property
    def vn(self) -> float: ...
    @property
    def sigma_m(self) -> float: ...
    @property
    def alt_m(self) -> float | None: ...
    @property
    def vu(self) -> float | None: ...
    @property
    def class_(self) -> ClassScores: ...
    @property
    def identity(self) -> Identified | None: ...
    @property
    def ellipse(self) -> Ellipse | None: ...


@dataclass(frozen=True, eq=False)
class Truth:
    """`number` has columns lat, lon, alt_m, ve, vn, vu; `kind` counts into KINDS."""

    t: F64
    who: I64
    names: tuple[str, ...]
    number: F64
    kind: NDArray[np.int8]
    matters: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reports:
    """`number` has columns lat, lon, alt_m, ve, vn, vu, sigma_m and the ellipse (major, minor,
    azimuth). `counts`: confirmed or coasting. `claims` are (row, identity) of those that claim."""

    t: F64
    who: I64
    names: tuple[str, ...]
    number: F64
    likely: NDArray[np.int8]
    counts: NDArray[np.bool_]
    claims: tuple[tuple[int, Identified], ...]


def truth_columns(points: Iterable[TruthPoint]) -> Truth:
    """Truth lines in columns."""
    parts = [_truth_chunk(chunk) for chunk in _chunks(points)]
    t, names, number, kind, matters = (
        [value for part in parts for value in part[0]],
        [value for part in parts for value in part[1]],
        np.concatenate([part[2] for part in parts]) if parts else np.empty((0, 6)),
        [value for part in parts for value in part[3]],
        [value for part in parts for value in part[4]],
    )
    order = np.argsort(t, kind="stable")
    every, who = _numbered(names)
    return Truth(
        np.array(t, np.float64)[order], who[order], every, number[order],
        np.array(kind, np.int8)[order], np.array(matters, np.bool_)[order],
    )  # fmt: skip


def _truth_chunk(
    points: Sequence[TruthPoint],
) -> tuple[list[float], list[str], F64, list[int], list[bool]]:
    columns = [
        [p.lat for p in points], [p.lon for p in points], [_nan(p.alt_m) for p in points],
        [_nan(p.ve) for p in points], [_nan(p.vn) for p in points], [_nan(p.vu) for p in points],
    ]  # fmt: skip
    return (
        [p.t for p in points], [p.id for p in points], np.array(columns).T,
        [KINDS.index(p.kind) for p in points], [p.matters for p in points],
    )  # fmt: skip


def report_columns(told: Iterable[Told]) -> Reports:
    """Track lines in columns."""
    t: list[F64] = []
    names: list[str] = []
    number: list[F64] = []
    likely: list[NDArray[np.int8]] = []
    counts: list[NDArray[np.bool_]] = []
    claims: list[tuple[int, Identified]] = []
    for chunk in _chunks(told):
        claims += [
            (len(names) + k, r.identity) for k, r in enumerate(chunk) if r.identity is not None
        ]
        names += [r.track for r in chunk]
        t.append(np.array([r.t for r in chunk]))
        number.append(_report_numbers(chunk))
        likely.append(np.array([likeliest(r.class_) for r in chunk], np.int8))
        counts.append(np.array([r.status in ("confirmed", "coasting") for r in chunk]))
    if not names:
        none = np.empty(0)
        return Reports(
            none, none.astype(np.int64), (), np.empty((0, 10)), none.astype(np.int8),
            none.astype(np.bool_), (),
        )  # fmt: skip
    times = np.concatenate(t)
    order = np.argsort(times, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    every, who = _numbered(names)
    return Reports(
        times[order], who[order], every, np.concatenate(number)[order],
        np.concatenate(likely)[order], np.concatenate(counts)[order],
        tuple(sorted(((int(place[row]), who) for row, who in claims), key=lambda pair: pair[0])),
    )  # fmt: skip


def _report_numbers(chunk: Sequence[Told]) -> F64:
    ellipses = [r.ellipse for r in chunk]
    return np.array([
        [r.lat for r in chunk], [r.lon for r in chunk], [_nan(r.alt_m) for r in chunk],
        [r.ve for r in chunk], [r.vn for r in chunk], [_nan(r.vu) for r in chunk],
        [r.sigma_m for r in chunk],
        [np.nan if e is None else e.major_m for e in ellipses],
        [np.nan if e is None else e.minor_m for e in ellipses],
        [np.nan if e is None else e.azimuth_deg for e in ellipses],
    ]).T  # fmt: skip


def likeliest(scores: ClassScores) -> int:
    """The most likely class, counted into KINDS; drone where a report tells none."""
    best, most = 0, -1.0
    for kind, p in enumerate((scores.drone, scores.bird, scores.aircraft, scores.other)):
        if p is not None and p > most:
            best, most = kind, p
    return best


def _numbered(names: Sequence[str]) -> tuple[tuple[str, ...], I64]:
    every = sorted(set(names))
    number = {name: k for k, name in enumerate(every)}
    return tuple(every), np.array([number[name] for name in names], np.int64)


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    walk = iter(items)
    while chunk := list(islice(walk, _CHUNK)):
        yield chunk


def _nan(value: float | None) -> float:
    return np.nan if value is None else value
