"""What flew and what was told, in columns: one row a line, so that ten thousand tracks fit.

Unknown numbers are NaN. `who` counts into `names`, which are sorted. Rows are in order of time.
Places are doubles; heights, speeds and errors are single: 8 micrometres at 100 m.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.study.truth import TruthPoint
from tocsin.words import ClassScores, Ellipse

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
KINDS = ("drone", "bird", "aircraft", "other")
_KIND = {name: k for k, name in enumerate(KINDS)}
_CHUNK = 50_000
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
    """`place` is latitude and longitude, `velocity` east and north; `kind` counts into KINDS.
    `serials` tells which flight really has which serial number, where anybody knows."""

    t: F64
    who: I32
    names: tuple[str, ...]
    place: F64
    alt_m: F32
    velocity: F32
    kind: NDArray[np.int8]
    matters: NDArray[np.bool_]
    serials: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Claims:
    """Rows of reports that claim an identity, which of `names` it is (-1: none), how suspect."""

    row: I64
    who: I32
    suspicion: F32
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Reports:
    """`velocity` is east, north, up; `ellipse` major, minor, azimuth; `likely` counts into KINDS,
    -1 where a line tells no class. `counts`: confirmed or coasting."""

    t: F64
    who: I32
    names: tuple[str, ...]
    place: F64
    alt_m: F32
    velocity: F32
    sigma_m: F32
    ellipse: F32
    likely: NDArray[np.int8]
    counts: NDArray[np.bool_]
    claims: Claims


class _Column:
    """One column, put together of parts; joined, it lets them go."""

    def __init__(self, kind: type[np.generic], width: int = 1) -> None:
        self._kind, self._width = kind, width
        self._parts: list[NDArray[np.generic]] = []

    def add(self, *values: Iterable[float]) -> None:
        """A part: `width` lists of one length."""
        part = np.array([list(side) for side in values], self._kind)
        self._parts.append(part[0] if self._width == 1 else part.T)

    def joined(self, order: I64 | None) -> NDArray[Any]:
        """All parts, in that order of rows."""
        shape = (0,) if self._width == 1 else (0, self._width)
        whole = np.concatenate([np.empty(shape, self._kind), *self._parts])
        self._parts.clear()
        return whole if order is None else whole[order]


class _Names:
    """Numbers names as they come; `sorted` gives them their places in the sorted list."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def numbers(self, names: Iterable[str]) -> I32:
        """Each name's number; a new one gets the next."""
        number = self._number
        return np.array([number.setdefault(name, len(number)) for name in names], np.int32)

    def sorted(self, numbers: I32) -> tuple[tuple[str, ...], I32]:
        """The names in order, and `numbers` (-1: none) counted into them."""
        every = tuple(sorted(self._number))
        place = np.full(len(every) + 1, -1, np.int32)
        for k, name in enumerate(every):
            place[self._number[name]] = k
        return every, place[numbers]


def truth_columns(points: Iterable[TruthPoint], serials: Mapping[str, str] | None = None) -> Truth:
    """Truth lines in columns. `serials` are known from elsewhere; what a line says goes before."""
    names, known = _Names(), dict(serials or {})
    t, who, place = _Column(np.float64), _Column(np.int32), _Column(np.float64, 2)
    alt, velocity = _Column(np.float32), _Column(np.float32, 2)
    kind, matters = _Column(np.int8), _Column(np.bool_)
    for chunk in _chunks(points):
        known.update((p.id, p.serial) for p in chunk if p.serial is not None)
        t.add(p.t for p in chunk)
        who.add(names.numbers(p.id for p in chunk))
        place.add((p.lat for p in chunk), (p.lon for p in chunk))
        alt.add(_nan(p.alt_m) for p in chunk)
        velocity.add((_nan(p.ve) for p in chunk), (_nan(p.vn) for p in chunk))
        kind.add(_KIND[p.kind] for p in chunk)
        matters.add(p.matters for p in chunk)
    times, order = _in_order(t)
    every, which = names.sorted(who.joined(order))
    return Truth(
        times, which, every, place.joined(order), alt.joined(order), velocity.joined(order),
        kind.joined(order), matters.joined(order), known,
    )  # fmt: skip


def report_columns(told: Iterable[Told]) -> Reports:
    """Track lines in columns."""
    names, claimed = _Names(), _Names()
    t, who, place = _Column(np.float64), _Column(np.int32), _Column(np.float64, 2)
    alt, velocity, sigma = _Column(np.float32), _Column(np.float32, 3), _Column(np.float32)
    ellipse, likely, counts = _Column(np.float32, 3), _Column(np.int8), _Column(np.bool_)
    row, which, suspicion = _Column(np.int64), _Column(np.int32), _Column(np.float32)
    read = 0
    for chunk in _chunks(told):
        t.add(r.t for r in chunk)
        who.add(names.numbers(r.track for r in chunk))
        place.add((r.lat for r in chunk), (r.lon for r in chunk))
        alt.add(_nan(r.alt_m) for r in chunk)
        velocity.add((r.ve for r in chunk), (r.vn for r in chunk), (_nan(r.vu) for r in chunk))
        sigma.add(r.sigma_m for r in chunk)
        ellipse.add(*zip(*(_axes(r.ellipse) for r in chunk), strict=True))
        likely.add(likeliest(r.class_) for r in chunk)
        counts.add(r.status in ("confirmed", "coasting") for r in chunk)
        claims = [(read + k, r.identity) for k, r in enumerate(chunk) if r.identity is not None]
        row.add(at for at, _ in claims)
        which.add(claimed.numbers(_name(identity) for _, identity in claims))
        suspicion.add(identity.suspicion for _, identity in claims)
        read += len(chunk)
    times, order = _in_order(t)
    every, track = names.sorted(who.joined(order))
    return Reports(
        times, track, every, place.joined(order), alt.joined(order), velocity.joined(order),
        sigma.joined(order), ellipse.joined(order), likely.joined(order), counts.joined(order),
        _claims(row.joined(None), which.joined(None), suspicion.joined(None), claimed, order),
    )  # fmt: skip


def _claims(row: I64, who: I32, suspicion: F32, claimed: _Names, order: I64 | None) -> Claims:
    """Claims in order of the reports that make them."""
    names, who = claimed.sorted(who)
    if order is None:
        return Claims(row, who, suspicion, names)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    row = place[row]
    again = np.argsort(row)
    return Claims(row[again], who[again], suspicion[again], names)


def _name(identity: Identified) -> str:
    """What an identity is known by; empty if it names nothing."""
    return identity.serial or identity.icao24 or identity.session or ""


def _axes(ellipse: Ellipse | None) -> tuple[float, float, float]:
    if ellipse is None:
        return (np.nan, np.nan, np.nan)
    return (ellipse.major_m, ellipse.minor_m, ellipse.azimuth_deg)


def likeliest(scores: ClassScores) -> int:
    """The most likely class, counted into KINDS; -1 where a report tells none."""
    best, most = -1, -1.0
    for kind, p in enumerate((scores.drone, scores.bird, scores.aircraft, scores.other)):
        if p is not None and p > most:
            best, most = kind, p
    return best


def _in_order(t: _Column) -> tuple[F64, I64 | None]:
    """Times in order, and the order of the rows; None where they are in order already."""
    times: F64 = t.joined(None)
    if not np.any(np.diff(times) < 0.0):
        return times, None
    order = np.argsort(times, kind="stable")
    return times[order], order


def _chunks(items: Iterable[_T]) -> Iterator[list[_T]]:
    walk = iter(items)
    while chunk := list(islice(walk, _CHUNK)):
        yield chunk


def _nan(value: float | None) -> float:
    return np.nan if value is None else value
