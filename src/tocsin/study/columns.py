"""What flew and what was told, in columns: one row a line, so that ten thousand tracks fit.

Unknown numbers are NaN. `who` counts into `names`, which are sorted. Rows are in order of time.
Places are doubles; heights, speeds and errors are single: 8 micrometres at 100 m.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.decode import flown
from tocsin.decode.flown import Lines, read_lines
from tocsin.study.truth import TruthPoint
from tocsin.words import ClassScores, Ellipse
from tocsin.words.batch import STATUSES

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
KINDS = ("drone", "bird", "aircraft", "other")
_KIND = {name: k for k, name in enumerate(KINDS)}
_COUNT = [k for k, name in enumerate(STATUSES) if name in ("confirmed", "coasting")]
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

    def take(self, part: NDArray[Any]) -> None:
        """A part that is columns already."""
        self._parts.append(part.astype(self._kind))

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

    def placed(self, texts: Sequence[str], place: I64) -> I32:
        """Numbers of the texts at each place."""
        used = np.unique(place)
        number = np.full(len(texts), -1, np.int32)
        number[used] = self.numbers(texts[k] for k in used.tolist())
        return number[place]

    def sorted(self, numbers: I32) -> tuple[tuple[str, ...], I32]:
        """The names in order, and `numbers` (-1: none) counted into them."""
        every = tuple(sorted(self._number))
        place = np.full(len(every) + 1, -1, np.int32)
        for k, name in enumerate(every):
            place[self._number[name]] = k
        return every, place[numbers]


class _FlownMaker:
    """What lines of truth and of tracks share: time, name, place, height and velocity, the latter
    in two parts or three."""

    def __init__(self, parts: int) -> None:
        self._names, self._parts = _Names(), parts
        self._t, self._who = _Column(np.float64), _Column(np.int32)
        self._place, self._alt = _Column(np.float64, 2), _Column(np.float32)
        self._velocity = _Column(np.float32, parts)

    def _take(self, lines: Lines) -> None:
        number = lines.floats
        self._t.take(number[:, 0])
        self._who.take(self._names.placed(lines.texts, lines.places[:, flown.NAME]))
        self._place.take(number[:, 1:3])
        self._alt.take(number[:, 3])
        self._velocity.take(number[:, 4 : 4 + self._parts])


class TruthMaker(_FlownMaker):
    """Puts lines of truth in columns. `serials` are known from elsewhere; what a line says goes
    before."""

    def __init__(self, serials: Mapping[str, str] | None = None) -> None:
        super().__init__(parts=2)
        self._serials = dict(serials or {})
        self._kind, self._matters = _Column(np.int8), _Column(np.bool_)

    def read(self, data: bytes) -> bool:
        """A part of a file, by compiled code; False, and nothing is done, if any line is odd."""
        lines = read_lines(data, flown.TRUTH)
        if lines is None:
            return False
        self._take(lines)
        place = lines.places
        self._kind.take(place[:, flown.WORD])
        self._matters.take((place[:, flown.WORD] == 0) & (place[:, flown.SEEN] == 1))
        told = place[place[:, flown.WHO] >= 0][:, [flown.NAME, flown.WHO]]
        for name, serial in np.unique(told, axis=0).tolist():
            self._serials[lines.texts[name]] = lines.texts[serial]
        return True

    def add(self, chunk: Sequence[TruthPoint]) -> None:
        """Some lines."""
        self._serials.update((p.id, p.serial) for p in chunk if p.serial is not None)
        self._t.add(p.t for p in chunk)
        self._who.take(self._names.numbers(p.id for p in chunk))
        self._place.add((p.lat for p in chunk), (p.lon for p in chunk))
        self._alt.add(_nan(p.alt_m) for p in chunk)
        self._velocity.add((_nan(p.ve) for p in chunk), (_nan(p.vn) for p in chunk))
        self._kind.add(_KIND[p.kind] for p in chunk)
        self._matters.add(p.matters for p in chunk)

    def done(self) -> Truth:
        """Everything, in order of time."""
        times, order = _in_order(self._t)
        every, which = self._names.sorted(self._who.joined(order))
        return Truth(
            times, which, every, self._place.joined(order), self._alt.joined(order),
            self._velocity.joined(order), self._kind.joined(order), self._matters.joined(order),
            self._serials,
        )  # fmt: skip


class ReportMaker(_FlownMaker):
    """Puts lines of tracks in columns."""

    def __init__(self) -> None:
        super().__init__(parts=3)
        self._claimed, self._read = _Names(), 0
        self._sigma, self._ellipse = _Column(np.float32), _Column(np.float32, 3)
        self._likely, self._counts = _Column(np.int8), _Column(np.bool_)
        self._row, self._claim = _Column(np.int64), _Column(np.int32)
        self._suspicion = _Column(np.float32)

    def read(self, data: bytes) -> bool:
        """A part of a file, by compiled code; False, and nothing is done, if any line is odd."""
        lines = read_lines(data, flown.REPORT)
        if lines is None:
            return False
        self._take(lines)
        number, place = lines.floats, lines.places
        self._sigma.take(number[:, 7])
        self._ellipse.take(number[:, flown.FIRST_AXIS : flown.FIRST_AXIS + 3])
        classes = number[:, flown.FIRST_CLASS : flown.FIRST_CLASS + 4]
        told = ~np.isnan(classes).all(axis=1)
        self._likely.take(np.where(told, np.nan_to_num(classes, nan=-1.0).argmax(axis=1), -1))
        self._counts.take(np.isin(place[:, flown.WORD], _COUNT))
        claims = np.flatnonzero(place[:, flown.SAYS] == 1)
        self._row.take(claims + self._read)
        named = ["", *lines.texts]
        self._claim.take(self._claimed.placed(named, place[claims, flown.WHO] + 1))
        self._suspicion.take(number[claims, flown.SUSPICION])
        self._read += len(number)
        return True

    def add(self, chunk: Sequence[Told]) -> None:
        """Some lines."""
        self._t.add(r.t for r in chunk)
        self._who.take(self._names.numbers(r.track for r in chunk))
        self._place.add((r.lat for r in chunk), (r.lon for r in chunk))
        self._alt.add(_nan(r.alt_m) for r in chunk)
        self._velocity.add(
            (r.ve for r in chunk), (r.vn for r in chunk), (_nan(r.vu) for r in chunk)
        )
        self._sigma.add(r.sigma_m for r in chunk)
        self._ellipse.add(*zip(*(_axes(r.ellipse) for r in chunk), strict=True))
        self._likely.add(likeliest(r.class_) for r in chunk)
        self._counts.add(r.status in ("confirmed", "coasting") for r in chunk)
        claims = [
            (self._read + k, r.identity) for k, r in enumerate(chunk) if r.identity is not None
        ]
        self._row.add(at for at, _ in claims)
        self._claim.take(self._claimed.numbers(_name(identity) for _, identity in claims))
        self._suspicion.add(identity.suspicion for _, identity in claims)
        self._read += len(chunk)

    def done(self) -> Reports:
        """Everything, in order of time."""
        times, order = _in_order(self._t)
        every, track = self._names.sorted(self._who.joined(order))
        claims = _claims(
            self._row.joined(None), self._claim.joined(None), self._suspicion.joined(None),
            self._claimed, order,
        )  # fmt: skip
        return Reports(
            times, track, every, self._place.joined(order), self._alt.joined(order),
            self._velocity.joined(order), self._sigma.joined(order), self._ellipse.joined(order),
            self._likely.joined(order), self._counts.joined(order), claims,
        )  # fmt: skip


def truth_columns(points: Iterable[TruthPoint], serials: Mapping[str, str] | None = None) -> Truth:
    """Truth lines in columns."""
    maker = TruthMaker(serials)
    for chunk in _chunks(points):
        maker.add(chunk)
    return maker.done()


def report_columns(told: Iterable[Told]) -> Reports:
    """Track lines in columns."""
    maker = ReportMaker()
    for chunk in _chunks(told):
        maker.add(chunk)
    return maker.done()


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
