"""Many detections, or many tracks, as columns: the same words as one array a batch.

For recordings and busy sites: nothing is made for each line. Units are those of the words
themselves (WGS-84 degrees, metres, Unix seconds); unknown is NaN, or -1 for a place in a list.
Every field is 8 bytes wide, so that a batch can be seen as plain numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.words.detection import ClassScores, Detection, Identity
from tocsin.words.sensor import SensorKind
from tocsin.words.track import ClaimedIdentity, Ellipse, Track, TrackStatus, Witness

Rows = NDArray[np.void]
KINDS: tuple[SensorKind, ...] = (
    "radar", "rf", "acoustic", "camera", "remote_id", "adsb", "human",
)  # fmt: skip
STATUSES: tuple[TrackStatus, ...] = ("tentative", "confirmed", "coasting", "ended")
POSITION, BEARING, CLASS, MOTION = 1, 2, 4, 8
"""Bits of `says`: which parts a detection has."""
WITNESSES = 12

_F, _I = np.float64, np.int64
_Name = TypeVar("_Name", str, Identity)
DETECTION = np.dtype([
    ("t", _F), ("received", _F), ("lat", _F), ("lon", _F), ("alt_m", _F),
    ("azimuth_deg", _F), ("elevation_deg", _F), ("range_m", _F), ("range_rate_mps", _F),
    ("sigma_azimuth_deg", _F), ("sigma_elevation_deg", _F), ("sigma_range_m", _F),
    ("sigma_range_rate_mps", _F), ("sigma_horizontal_m", _F), ("sigma_alt_m", _F),
    ("drone", _F), ("bird", _F), ("aircraft", _F), ("other", _F), ("level_db", _F),
    ("ve", _F), ("vn", _F), ("vu", _F), ("sigma_mps", _F), ("signal_dbm", _F), ("claimed_t", _F),
    ("says", _I), ("kind", _I), ("sensor", _I), ("identity", _I), ("source", _I),
], align=True)  # fmt: skip
DETECTION_FLOATS = 26
"""Fields of numbers; behind them come `says`, and places in lists."""

TRACK = np.dtype([
    ("t", _F), ("lat", _F), ("lon", _F), ("alt_m", _F), ("ve", _F), ("vn", _F), ("vu", _F),
    ("sigma_m", _F), ("sigma_mps", _F), ("sigma_alt_m", _F), ("drone", _F), ("bird", _F),
    ("aircraft", _F), ("other", _F), ("major_m", _F), ("minor_m", _F), ("azimuth_deg", _F),
    ("first_t", _F), ("witness_t", _F, WITNESSES),
    ("uid", _I), ("status", _I), ("claim", _I), ("witnesses", _I), ("witness", _I, WITNESSES),
], align=True)  # fmt: skip


@dataclass
class DetectionBatch:
    """Detections as rows of `DETECTION`; `sensor`, `identity` and `source` are places in lists."""

    rows: Rows
    sensors: list[str] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, start: int, stop: int) -> DetectionBatch:
        """The rows from `start` to before `stop`, with the same lists."""
        return DetectionBatch(self.rows[start:stop], self.sensors, self.identities, self.sources)

    def arrived(self) -> NDArray[np.float64]:
        """When each was received, as far as known, else its own time; Unix seconds."""
        late = self.rows["received"]
        return np.where(np.isnan(late), self.rows["t"], late)


class BatchMaker:
    """Collects detections and their names into one batch."""

    def __init__(self) -> None:
        self.batch = DetectionBatch(np.zeros(0, DETECTION))
        self._sensors: dict[str, int] = {}
        self._identities: dict[Identity, int] = {}
        self._sources: dict[str, int] = {}

    def sensor(self, name: str) -> int:
        """The place of a sensor in the batch's list."""
        return _place(self._sensors, self.batch.sensors, name)

    def identity(self, who: Identity) -> int:
        """The place of an identity in the batch's list."""
        return _place(self._identities, self.batch.identities, who)

    def source(self, name: str) -> int:
        """The place of a source in the batch's list."""
        return _place(self._sources, self.batch.sources, name)

    def rows(self, detections: Sequence[Detection]) -> Rows:
        """Rows of these detections; their names go into the batch's lists."""
        found = np.empty(len(detections), DETECTION)
        if len(detections) == 0:
            return found
        numbers: list[list[float]] = []
        places: list[tuple[int, ...]] = []
        for d in detections:
            row, says = _numbers(d)
            numbers.append(row)
            places.append((
                says, KINDS.index(d.kind), self.sensor(d.sensor),
                -1 if d.identity is None else self.identity(d.identity),
                -1 if d.source is None else self.source(d.source),
            ))  # fmt: skip
        found.view(_F).reshape(len(found), -1)[:, :DETECTION_FLOATS] = numbers
        found.view(_I).reshape(len(found), -1)[:, DETECTION_FLOATS:] = places
        return found


def to_batch(detections: Sequence[Detection]) -> DetectionBatch:
    """These detections as one batch, in their order."""
    maker = BatchMaker()
    maker.batch.rows = maker.rows(detections)
    return maker.batch


def _place(places: dict[_Name, int], names: list[_Name], name: _Name) -> int:
    """Where a name stands in a list; it is added if it is new."""
    place = places.get(name)
    if place is None:
        place = places[name] = len(names)
        names.append(name)
    return place


_BLANK = [float("nan")] * DETECTION_FLOATS


def _numbers(d: Detection) -> tuple[list[float], int]:
    """The numbers of one detection, and which parts it has. None becomes NaN in the array."""
    row: list[float] = list(_BLANK)
    says = 0
    p, b, c, m = d.position, d.bearing, d.class_, d.motion
    row[0] = d.t
    row[1] = d.received  # type: ignore[assignment]
    if p is not None:
        says |= POSITION
        row[2:5] = p.lat, p.lon, p.alt_m  # type: ignore[assignment]
    if b is not None:
        says |= BEARING
        row[5:9] = b.azimuth_deg, b.elevation_deg, b.range_m, b.range_rate_mps  # type: ignore[assignment]
    s = d.sigma
    row[9:15] = s.azimuth_deg, s.elevation_deg, s.range_m, s.range_rate_mps, s.horizontal_m, s.alt_m  # type: ignore[assignment]
    if c is not None:
        says |= CLASS
        row[15:19] = c.drone, c.bird, c.aircraft, c.other  # type: ignore[assignment]
    row[19] = d.level_db  # type: ignore[assignment]
    if m is not None:
        says |= MOTION
        row[20:24] = m.ve, m.vn, m.vu, m.sigma_mps  # type: ignore[assignment]
    row[24], row[25] = d.signal_dbm, d.claimed_t  # type: ignore[assignment]
    return row, says


@dataclass
class TrackBatch:
    """Reports of tracks as rows of `TRACK`, in the order they were made. `claim` is a place in
    `identities`, `witness` in `sensors` and `kinds`; numbers are rounded as they are told."""

    rows: Rows
    prefix: str
    sensors: list[str]
    kinds: list[SensorKind]
    identities: list[ClaimedIdentity]

    def __len__(self) -> int:
        return len(self.rows)

    def tracks(self, only: Sequence[int] | None = None) -> list[Track]:
        """The same as words; `only` these rows if given."""
        rows = self.rows if only is None else self.rows[list(only)]
        columns = zip(*[rows[name].tolist() for name in TRACK.names or ()], strict=True)
        sensors, kinds, found = self.sensors, self.kinds, []
        for (
            t, lat, lon, alt, ve, vn, vu, sigma, sigma_v, sigma_u, drone, bird, aircraft, other,
            major, minor, azimuth, first, times, uid, status, claim, count, heard,
        ) in columns:  # fmt: skip
            up = not isnan(alt)
            witnesses = tuple([
                Witness(sensors[s], kinds[s], when)
                for s, when in zip(heard[:count], times[:count], strict=True)
            ])  # fmt: skip
            found.append(Track(
                t, f"{self.prefix}{uid}", STATUSES[status], lat, lon, ve, vn, sigma,
                alt if up else None, vu if up else None,
                ClassScores(drone, bird, aircraft, other),
                None if claim < 0 else self.identities[claim],
                tuple([w.sensor for w in witnesses]), sigma_v, sigma_u if up else None,
                Ellipse(major, minor, azimuth), witnesses, first,
            ))  # fmt: skip
        return found
