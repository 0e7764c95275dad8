"""Detections to columns, all at once, at the edge of the compiled loom."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tocsin.fuse.columns import BEARING, FIX, KINDS, PRESENCE, STATEMENT, STATEMENT_FLOATS
from tocsin.fuse.places import local_axes
from tocsin.fuse.table import Array, Table
from tocsin.words import ClassScores, Detection, Identity, Sensor

_NAN = math.nan
_BLANK = [_NAN] * STATEMENT_FLOATS
_DEFAULTS = (math.radians(5.0), math.radians(10.0), 30.0, 2.0)
FIX_SIGMA_M = {"remote_id": 15.0, "adsb": 30.0, "human": 800.0, "acoustic": 400.0}
"""Horizontal 1-sigma where a detection does not tell its own."""
OTHER_FIX_SIGMA_M = 50.0
CLAIM_SIGMA_MPS = 1.5


def to_columns(table: Table, detections: Sequence[Detection]) -> Array:
    """Usable statements as rows, in the order received; the rest is counted."""
    rows: list[list[float]] = []
    ints: list[tuple[int, int, int, int]] = []
    fixes: list[int] = []
    places: list[tuple[float, float, float]] = []
    epoch = table.epoch
    assert epoch is not None
    for d in detections:
        row = list(_BLANK)
        kind = _fill(row, d)
        if kind < 0 or not math.isfinite(d.t):
            table.count("says-nothing")
            continue
        sensor = table.sensor_row.get(d.sensor)
        if sensor is None:
            sensor = _unknown_sensor(table, d)
        if kind == BEARING and table.sensors[sensor]["placed"] == 0:
            table.count("bearing-without-place")
            continue
        row[0] = d.t - epoch
        row[1] = (d.t if d.received is None else d.received) - epoch
        if kind != BEARING:
            p = d.position
            assert p is not None
            fixes.append(len(rows))
            places.append((p.lat, p.lon, 0.0 if p.alt_m is None else p.alt_m))
        claim = -1 if d.identity is None else _claim(table, d.identity)
        rows.append(row)
        ints.append((sensor, kind, claim, -1))
    seen = np.zeros(len(rows), STATEMENT)
    if rows:
        seen.view(np.float64).reshape(len(rows), -1)[:, :STATEMENT_FLOATS] = rows
        seen.view(np.int64).reshape(len(rows), -1)[:, STATEMENT_FLOATS:] = ints
    if fixes:
        _put_places(table, seen, fixes, places)
    return seen[np.argsort(seen["received"], kind="stable")]


def _fill(row: list[float], d: Detection) -> int:
    """Angles, sigmas, class likelihoods of one detection into its row; its type, -1 if empty."""
    b, s = d.bearing, d.sigma
    if d.class_ is not None:
        row[15:19] = _likelihoods(d.class_)
    if d.level_db is not None:
        row[19] = d.level_db
    if d.signal_dbm is not None:
        row[24] = d.signal_dbm
    if d.claimed_t is not None:
        row[25] = d.claimed_t - d.t
    if b is not None:
        told = 0
        for k, (value, sigma) in enumerate(
            (
                (b.azimuth_deg, s.azimuth_deg),
                (b.elevation_deg, s.elevation_deg),
                (b.range_m, s.range_m),
                (b.range_rate_mps, s.range_rate_mps),
            )
        ):
            if value is None or not math.isfinite(value):
                continue
            scale = 0.017453292519943295 if k < 2 else 1.0
            row[2 + k] = value * scale
            row[6 + k] = _DEFAULTS[k] if sigma is None else max(sigma * scale, 1e-6)
            told += 1
        return BEARING if told else -1
    p = d.position
    if p is None or not (math.isfinite(p.lat) and math.isfinite(p.lon)):
        return -1
    default = FIX_SIGMA_M.get(d.kind, OTHER_FIX_SIGMA_M)
    row[13] = default if s.horizontal_m is None else max(s.horizontal_m, 1.0)
    if d.kind == "acoustic":
        return PRESENCE
    if p.alt_m is not None:
        row[14] = 30.0 if s.alt_m is None else max(s.alt_m, 1.0)
    if d.motion is not None:
        m = d.motion
        row[20] = _NAN if m.ve is None else m.ve
        row[21] = _NAN if m.vn is None else m.vn
        row[22] = _NAN if m.vu is None else m.vu
        row[23] = CLAIM_SIGMA_MPS if m.sigma_mps is None else max(m.sigma_mps, 0.3)
    return FIX


def _likelihoods(scores: ClassScores) -> tuple[float, float, float, float]:
    """Class scores as likelihoods; a class the sensor does not tell gets the mean of the told."""
    told = [p for p in (scores.drone, scores.bird, scores.aircraft, scores.other) if p is not None]
    if not told:
        return (_NAN, _NAN, _NAN, _NAN)
    mean = sum(told) / len(told)
    return (
        mean if scores.drone is None else scores.drone,
        mean if scores.bird is None else scores.bird,
        mean if scores.aircraft is None else scores.aircraft,
        mean if scores.other is None else scores.other,
    )


def _put_places(
    table: Table, seen: Array, fixes: list[int], places: list[tuple[float, float, float]]
) -> None:
    """Fixed places and claimed velocities into the frame."""
    where = np.array(places)
    if table.origin is None:
        table.settle_at(float(where[0, 0]), float(where[0, 1]))
    seen["place"][fixes] = np.column_stack(table.frame.to_enu(*where.T))
    frame = local_axes(table.frame.lat, table.frame.lon)
    for k, row in enumerate(fixes):
        claimed = seen["motion"][row]
        told = np.isfinite(claimed)
        if math.isnan(seen["sig_v"][row]) or not told.any():
            continue
        turn = frame @ local_axes(where[k, 0], where[k, 1]).T
        seen["motion"][row] = np.where(told, turn @ np.where(told, claimed, 0.0), np.nan)


def _unknown_sensor(table: Table, d: Detection) -> int:
    """A row for a sensor that sensors.json does not name: its fixes count, its bearings cannot."""
    table.count("unknown-sensor")
    kind = d.kind if d.kind in KINDS else "human"
    lat = 0.0 if d.position is None else d.position.lat
    lon = 0.0 if d.position is None else d.position.lon
    if table.origin is None and d.position is not None:
        table.settle_at(lat, lon)
    return table.add_sensor(Sensor(d.sensor, kind, lat, lon), placed=False)


def _claim(table: Table, identity: Identity) -> int:
    """The row of a claimed identity, -1 if it names nothing."""
    key = _key(identity)
    if key is None:
        return -1
    row = table.claim_row.get(key)
    if row is None:
        return table.add_claim(key, identity)
    old = table.identities[row]
    if old != identity:
        table.identities[row] = Identity(
            identity.serial or old.serial,
            identity.session or old.session,
            identity.operator or old.operator,
            identity.icao24 or old.icao24,
        )
    return row


def _key(identity: Identity) -> str | None:
    """What an identity is known by: its serial, else its ICAO address, else its session."""
    if identity.serial:
        return "s" + identity.serial
    if identity.icao24:
        return "i" + identity.icao24
    return "n" + identity.session if identity.session else None
