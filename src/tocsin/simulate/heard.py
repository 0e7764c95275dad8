"""What all sensors said, in columns, until it is written as detections.

One row a line of `detections.ndjson`; NaN where nothing was measured. Columns, because a national
scene has millions of rows: objects are made only when a line is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.flight import F64, Flight
from tocsin.words import Bearing, ClassScores, Detection, Identity, Position, Sensor, Sigma

Column = TypeVar("Column", NDArray[np.int64], NDArray[np.float64])
CLUTTER = -1
"""The `truth` of a row behind which nothing flies."""


@dataclass(eq=False)
class Heard:
    """Rows of what was heard. `sensor` and `truth` are indices; `p` is (n, 3): drone, bird,
    aircraft. `t` and `received` are seconds since the scene began, `t` by the sensor's clock."""

    t: F64
    received: F64
    sensor: NDArray[np.int64]
    truth: NDArray[np.int64]
    azimuth_deg: F64
    elevation_deg: F64
    range_m: F64
    range_rate_mps: F64
    lat: F64
    lon: F64
    alt_m: F64
    level_db: F64
    p: F64

    def __len__(self) -> int:
        return len(self.t)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Heard:
        """The chosen rows, in the order of the choice."""
        return Heard(*(_chosen(getattr(self, column.name), rows) for column in fields(self)))

    def in_order_of_arrival(self) -> Heard:
        """Sorted by the time we got them; equal times by sensor, then by what was measured."""
        arrival = np.where(np.isnan(self.received), self.t, self.received)
        keys = (self.range_m, self.azimuth_deg, self.sensor, arrival)
        return self.take(np.lexsort(keys))


def unknown(*shape: int) -> F64:
    """A column of NaN that takes no memory; it cannot be written to, only replaced."""
    return np.broadcast_to(np.float64(np.nan), shape)


def is_unknown(column: NDArray[np.int64] | F64) -> bool:
    """Whether a column was made by `unknown`."""
    return column.ndim > 0 and column.strides[0] == 0 and column.dtype == np.float64


def blank(count: int) -> Heard:
    """`count` rows in which nothing is measured."""
    nothing = unknown(count)
    return Heard(
        t=nothing, received=nothing,
        sensor=np.zeros(count, np.int64), truth=np.full(count, CLUTTER, np.int64),
        azimuth_deg=nothing, elevation_deg=nothing, range_m=nothing, range_rate_mps=nothing,
        lat=nothing, lon=nothing, alt_m=nothing, level_db=nothing, p=unknown(count, 3),
    )  # fmt: skip


def joined(parts: Sequence[Heard]) -> Heard:
    """All rows of all parts."""
    if len(parts) < 2:
        return parts[0] if parts else blank(0)
    return Heard(
        *(_joined([getattr(part, column.name) for part in parts]) for column in fields(Heard))
    )


def _chosen(column: Column, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Column:
    if not is_unknown(column):
        return column[rows]
    count = int(rows.sum()) if rows.dtype == np.bool_ else len(rows)
    return np.broadcast_to(column.dtype.type(np.nan), (count, *column.shape[1:]))


def _joined(pieces: list[Column]) -> Column:
    if not all(is_unknown(piece) for piece in pieces):
        return np.concatenate(pieces)
    shape = (sum(len(piece) for piece in pieces), *pieces[0].shape[1:])
    return np.broadcast_to(pieces[0].dtype.type(np.nan), shape)


def detections(
    heard: Heard, sensors: Sequence[Sensor], flights: Sequence[Flight], t0: float
) -> Iterator[Detection]:
    """One `Detection` a row, numbers rounded as DESIGN 1 says (times to 0.001 s, degrees to 1e-4
    for directions and 1e-7 for places, metres to 0.01, probabilities to 1e-4, levels to 0.1)."""
    sigmas = {index: _sigma(sensors[index]) for index in np.unique(heard.sensor).tolist()}
    identities = [_identity(flight) for flight in flights]
    columns = zip(
        np.round(heard.t, 3).tolist(),
        np.round(heard.received, 3).tolist(),
        heard.sensor.tolist(),
        heard.truth.tolist(),
        *(
            np.round(column, digits).tolist()
            for column, digits in (
                (heard.azimuth_deg, 4), (heard.elevation_deg, 4), (heard.range_m, 2),
                (heard.range_rate_mps, 3), (heard.lat, 7), (heard.lon, 7), (heard.alt_m, 2),
                (heard.level_db, 1), (heard.p, 4),
            )
        ),
        strict=True,
    )  # fmt: skip
    for t, received, sensor, truth, az, el, rng, rate, lat, lon, alt, level, p in columns:
        kind = sensors[sensor].kind
        claims = kind in ("remote_id", "adsb") and truth != CLUTTER
        yield Detection(
            t=round(t0 + t, 3),
            sensor=sensors[sensor].id,
            kind=kind,
            position=None if lat != lat else Position(lat, lon, _known(alt)),
            bearing=None
            if az != az
            else Bearing(az % 360.0, _known(el), _known(rng), _known(rate)),
            sigma=sigmas[sensor],
            class_=None if p[0] != p[0] else ClassScores(p[0], _known(p[1]), _known(p[2])),
            identity=identities[truth] if claims else None,
            level_db=_known(level),
            received=None if received != received else round(t0 + received, 3),
        )


def _known(value: float) -> float | None:
    return None if value != value else value


def _sigma(sensor: Sensor) -> Sigma:
    return Sigma(
        azimuth_deg=sensor.sigma_azimuth_deg,
        elevation_deg=sensor.sigma_elevation_deg,
        range_m=sensor.sigma_range_m,
        range_rate_mps=sensor.sigma_range_rate_mps,
        horizontal_m=sensor.sigma_horizontal_m,
        alt_m=sensor.sigma_alt_m,
    )


def _identity(flight: Flight) -> Identity | None:
    if flight.serial is None and flight.icao24 is None:
        return None
    return Identity(serial=flight.serial, icao24=flight.icao24)
