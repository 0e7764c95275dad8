"""Detections to the loom's statements, a column at a time, at the edge of the compiled loom."""

from __future__ import annotations

import math
from typing import Protocol, cast

import numpy as np

from tocsin.earth.compile import gate, kernel
from tocsin.earth.geodetic import axes_at, frame_at, into_frame
from tocsin.fuse.columns import (
    ACOUSTIC,
    ADSB,
    BEARING,
    FIX,
    HUMAN,
    PRESENCE,
    REMOTE_ID,
    STATEMENT,
    Floats,
    Ints,
    Rows,
    Sensors,
    StatementRow,
    Statements,
)
from tocsin.fuse.table import Array, Table
from tocsin.words import Identity, Sensor
from tocsin.words import batch as words
from tocsin.words.batch import KINDS, DetectionBatch

DEGREE = math.pi / 180.0
AZIMUTH_SIGMA, ELEVATION_SIGMA, RANGE_SIGMA_M, RATE_SIGMA_MPS = (
    5.0 * DEGREE,
    10.0 * DEGREE,
    30.0,
    2.0,
)
"""1-sigma where a detection does not tell its own."""
OTHER_FIX_SIGMA_M = 50.0
CLAIM_SIGMA_MPS = 1.5
HEIGHT_SIGMA_M = 30.0
QUIETEST_DB, LOUDEST_DB = -150.0, 194.0
"""Levels beyond are unknown: 24 bits of a recording reach 144 dB down, and sound in air ends at
194 dB, where its troughs are a vacuum."""
NO_PLACE = -2
"""Kind of a bearing from a sensor whose place nobody told."""
NOTHING = -1


class SaidRow(Protocol):
    """One detection as words.batch has it, seen by compiled code."""

    t: float
    received: float
    lat: float
    lon: float
    alt_m: float
    azimuth_deg: float
    elevation_deg: float
    range_m: float
    range_rate_mps: float
    sigma_azimuth_deg: float
    sigma_elevation_deg: float
    sigma_range_m: float
    sigma_range_rate_mps: float
    sigma_horizontal_m: float
    sigma_alt_m: float
    drone: float
    bird: float
    aircraft: float
    other: float
    level_db: float
    ve: float
    vn: float
    vu: float
    sigma_mps: float
    signal_dbm: float
    claimed_t: float
    says: int
    kind: int
    sensor: int
    identity: int


Said = Rows[SaidRow]


def to_columns(table: Table, batch: DetectionBatch) -> Array:
    """Usable statements as rows, in the order received; the rest is counted."""
    assert table.epoch is not None
    rows = batch.rows
    said = cast(Said, rows)
    kinds = np.empty(len(rows), np.int64)
    _kinds(said, kinds)
    sensors = _sensor_rows(table, batch, kinds)
    placeless = _forget_placeless(said, cast(Sensors, table.sensors), sensors, kinds)
    nothing = int(np.count_nonzero(kinds == NOTHING))
    for reason, count in (("says-nothing", nothing), ("bearing-without-place", placeless)):
        if count:
            table.count(reason, count)
    if table.origin is None:
        fixes = np.flatnonzero(kinds >= FIX)
        if fixes.size:
            table.settle_at(float(rows["lat"][fixes[0]]), float(rows["lon"][fixes[0]]))
    claims = _claim_rows(table, batch, kinds)
    seen = np.empty(len(rows), STATEMENT)
    frame = frame_at(table.frame.lat, table.frame.lon)
    count = _fill(said, kinds, sensors, claims, table.epoch, frame, cast(Statements, seen))
    if count < 0:  # not in the order received
        seen = seen[: -count - 1]
        return seen[np.argsort(seen["received"], kind="stable")]
    return seen[:count]


@gate
def _kinds(rows: Said, kinds: Ints) -> None:
    """What each detection is: a bearing, a fix, a presence, or nothing that can be used."""
    for k in range(rows.shape[0]):
        d = rows[k]
        kinds[k] = _kind(d) if math.isfinite(d.t) else NOTHING


@kernel
def _kind(d: SaidRow) -> int:
    if d.says & words.BEARING:
        told = math.isfinite(d.azimuth_deg) or math.isfinite(d.elevation_deg)
        told = told or math.isfinite(d.range_m) or math.isfinite(d.range_rate_mps)
        return BEARING if told else NOTHING
    if d.says & words.POSITION == 0:  # heard where the microphone stands
        return PRESENCE if d.kind == ACOUSTIC and d.identity < 0 else NOTHING
    if not (math.isfinite(d.lat) and math.isfinite(d.lon)):
        return NOTHING
    return PRESENCE if d.kind == ACOUSTIC else FIX


def _sensor_rows(table: Table, batch: DetectionBatch, kinds: Ints) -> Ints:
    """The table's row of each detection's sensor. One that sensors.json does not name gets a row:
    its fixes count, its bearings cannot."""
    known = table.rows_of(batch.sensors)
    which = batch.rows["sensor"]
    rows: Ints = known[which]
    if (rows < 0).any():
        strangers = np.flatnonzero((rows < 0) & (kinds >= 0))
        _, first = np.unique(which[strangers], return_index=True)
        for k in strangers[np.sort(first)].tolist():
            known[which[k]] = _unknown_sensor(table, batch, k)
        rows = known[which]
    return rows


def _unknown_sensor(table: Table, batch: DetectionBatch, k: int) -> int:
    table.count("unknown-sensor")
    d = batch.rows[k]
    told = bool(d["says"] & words.POSITION)
    lat, lon = (float(d["lat"]), float(d["lon"])) if told else (0.0, 0.0)
    if table.origin is None and told:
        table.settle_at(lat, lon)
    name, kind = batch.sensors[int(d["sensor"])], KINDS[int(d["kind"])]
    return table.add_sensor(Sensor(name, kind, lat, lon), placed=False)


@gate
def _forget_placeless(said: Said, sensors: Sensors, rows: Ints, kinds: Ints) -> int:
    """Mark bearings and bare presences of sensors without a place; how many there were."""
    count = 0
    for k in range(rows.size):
        bare = kinds[k] == PRESENCE and said[k].says & words.POSITION == 0
        if (bare or kinds[k] == BEARING) and sensors[rows[k]].placed == 0:
            kinds[k] = NO_PLACE
            count += 1
    return count


def _claim_rows(table: Table, batch: DetectionBatch, kinds: Ints) -> Ints:
    """The row of each claimed identity, -1 where nothing is claimed. What a claim tells last, part
    by part, is what it is known by."""
    which: Ints = np.where(kinds >= 0, batch.rows["identity"], -1)
    if (which < 0).all():
        return which
    named = which[which >= 0]
    rows = np.full(len(batch.identities), -1)
    order, first = np.unique(named, return_index=True)
    for who in order[np.argsort(first)].tolist():
        rows[who] = _claim(table, batch.identities[who])
    order, last = np.unique(named[::-1], return_index=True)
    for who in order[np.argsort(-last)].tolist():
        if rows[who] >= 0:
            _tell_again(table, int(rows[who]), batch.identities[who])
    return np.where(which >= 0, rows[which], -1)


def _claim(table: Table, identity: Identity) -> int:
    """The row of a claimed identity, -1 if it names nothing."""
    key = _key(identity)
    if key is None:
        return -1
    row = table.claim_row.get(key)
    return table.add_claim(key, identity) if row is None else row


def _tell_again(table: Table, row: int, identity: Identity) -> None:
    old = table.identities[row]
    if old != identity:
        table.identities[row] = Identity(
            identity.serial or old.serial,
            identity.session or old.session,
            identity.operator or old.operator,
            identity.icao24 or old.icao24,
            identity.registration or old.registration,
            identity.callsign or old.callsign,
        )


def _key(identity: Identity) -> str | None:
    """What an identity is known by: its serial, else its ICAO address, else its session."""
    if identity.serial:
        return "s" + identity.serial
    if identity.icao24:
        return "i" + identity.icao24
    return "n" + identity.session if identity.session else None


@gate
def _fill(
    rows: Said,
    kinds: Ints,
    sensors: Ints,
    claims: Ints,
    epoch: float,
    frame: Floats,
    seen: Statements,
) -> int:
    """Statements of the usable detections into `seen`; how many, or less one and negative where
    they are not in the order received."""
    count, sorted_ = 0, True
    axes = np.empty(9)
    for k in range(rows.shape[0]):
        if kinds[k] < 0:
            continue
        d, row = rows[k], seen[count]
        row.t = d.t - epoch
        row.received = (d.t if math.isnan(d.received) else d.received) - epoch
        row.sensor, row.kind, row.claim, row.source = sensors[k], kinds[k], claims[k], -1
        row.place[:] = math.nan
        row.motion[:] = math.nan
        row.az = row.el = row.range = row.rate = math.nan
        row.sig_az = row.sig_el = row.sig_range = row.sig_rate = math.nan
        row.sig_h = row.sig_alt = row.sig_v = math.nan
        row.signal, row.said = d.signal_dbm, d.claimed_t - d.t
        row.level = d.level_db if QUIETEST_DB <= d.level_db <= LOUDEST_DB else math.nan
        _likelihoods(d, row)
        if kinds[k] == BEARING:
            _bearing(d, row)
        else:
            into_frame(frame, d.lat, d.lon, 0.0 if math.isnan(d.alt_m) else d.alt_m, row.place)
            row.sig_h = _fix_sigma(d)
            if kinds[k] == FIX:
                _fix(d, row, frame, axes)
        if count > 0 and row.received < seen[count - 1].received:
            sorted_ = False
        count += 1
    return count if sorted_ else -count - 1


@kernel
def _sigma(told: float, scale: float, default: float, least: float) -> float:
    return default if math.isnan(told) else max(told * scale, least)


@kernel
def _bearing(d: SaidRow, row: StatementRow) -> None:
    if math.isfinite(d.azimuth_deg):
        row.az = d.azimuth_deg * DEGREE
        row.sig_az = _sigma(d.sigma_azimuth_deg, DEGREE, AZIMUTH_SIGMA, 1e-6)
    if math.isfinite(d.elevation_deg):
        row.el = d.elevation_deg * DEGREE
        row.sig_el = _sigma(d.sigma_elevation_deg, DEGREE, ELEVATION_SIGMA, 1e-6)
    if math.isfinite(d.range_m):
        row.range = d.range_m
        row.sig_range = _sigma(d.sigma_range_m, 1.0, RANGE_SIGMA_M, 1e-6)
    if math.isfinite(d.range_rate_mps):
        row.rate = d.range_rate_mps
        row.sig_rate = _sigma(d.sigma_range_rate_mps, 1.0, RATE_SIGMA_MPS, 1e-6)


@kernel
def _fix_sigma(d: SaidRow) -> float:
    """Horizontal 1-sigma of a place: told, or what its kind of sensor is worth."""
    if not math.isnan(d.sigma_horizontal_m):
        return max(d.sigma_horizontal_m, 1.0)
    if d.kind == REMOTE_ID:
        return 15.0
    if d.kind == ADSB:
        return 30.0
    if d.kind == HUMAN:
        return 800.0
    return 400.0 if d.kind == ACOUSTIC else OTHER_FIX_SIGMA_M


@kernel
def _fix(d: SaidRow, row: StatementRow, frame: Floats, axes: Floats) -> None:
    """Height and claimed velocity, turned from east, north, up at the place into the frame."""
    if not math.isnan(d.alt_m):
        row.sig_alt = _sigma(d.sigma_alt_m, 1.0, HEIGHT_SIGMA_M, 1.0)
    if d.says & words.MOTION == 0:
        return
    row.sig_v = _sigma(d.sigma_mps, 1.0, CLAIM_SIGMA_MPS, 0.3)
    ve = d.ve if math.isfinite(d.ve) else 0.0
    vn = d.vn if math.isfinite(d.vn) else 0.0
    vu = d.vu if math.isfinite(d.vu) else 0.0
    axes_at(d.lat, d.lon, axes)
    x = axes[0] * ve + axes[3] * vn + axes[6] * vu
    y = axes[1] * ve + axes[4] * vn + axes[7] * vu
    z = axes[2] * ve + axes[5] * vn + axes[8] * vu
    if math.isfinite(d.ve):
        row.motion[0] = frame[0] * x + frame[1] * y + frame[2] * z
    if math.isfinite(d.vn):
        row.motion[1] = frame[3] * x + frame[4] * y + frame[5] * z
    if math.isfinite(d.vu):
        row.motion[2] = frame[6] * x + frame[7] * y + frame[8] * z


@kernel
def _likelihoods(d: SaidRow, row: StatementRow) -> None:
    """Class scores as likelihoods; a class the sensor does not tell gets the mean of the told."""
    row.likely[0], row.likely[1], row.likely[2], row.likely[3] = (
        d.drone,
        d.bird,
        d.aircraft,
        d.other,
    )
    total, told = 0.0, 0
    for c in range(4):
        if not math.isnan(row.likely[c]):
            total += row.likely[c]
            told += 1
    if told > 0:
        for c in range(4):
            if math.isnan(row.likely[c]):
                row.likely[c] = total / told
