"""The loom's whole memory: columns that grow, and their passage to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from tocsin.earth import LocalFrame
from tocsin.fuse.birth import PENDING
from tocsin.fuse.columns import (
    C_T,
    C_T2,
    C_WIDTH,
    CI_ROW,
    CI_WIDTH,
    D_WIDTH,
    DI_WIDTH,
    MODES,
    N_CLAIMS,
    N_TRACKS,
    N_WIDTH,
    R_WIDTH,
    RI_WIDTH,
    S_WIDTH,
    SI_WIDTH,
    T_WIDTH,
    TI_WIDTH,
    W_CLOCK,
    W_SECOND,
    W_SOUND,
    W_WIDTH,
    WITNESSES,
    Claims,
    Floats,
    Ints,
    Pending,
    Reports,
    Sensors,
    Tracks,
)
from tocsin.fuse.house import House
from tocsin.fuse.places import sensor_row
from tocsin.fuse.update import new_bench
from tocsin.words import Identity, Sensor

FORMAT = 1
"""Of the bytes: another number is refused, never guessed at."""
NEVER = -1.0e9


class Table:
    """All tracks of a house and what is needed to go on: sensors, claims, waiting bearings.

    `step` works in place and returns the same table: keep `to_bytes(table)`, not a reference, where
    a snapshot is wanted. `statistics` counts what could not be used, by reason.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.epoch: float | None = None
        self.origin: tuple[float, float] | None = None
        self.sensor_ids: list[str] = []
        self.sensor_row: dict[str, int] = {}
        self.identities: list[Identity] = []
        self.claim_row: dict[str, int] = {}
        self.statistics: dict[str, int] = {}
        self.frame = LocalFrame(0.0, 0.0)
        self.house = House(
            Sensors(np.zeros((0, S_WIDTH)), np.zeros((0, SI_WIDTH), np.int64)),
            _tracks(0),
            Claims(np.zeros((0, C_WIDTH)), np.zeros((0, CI_WIDTH), np.int64)),
            Pending(np.zeros((PENDING, D_WIDTH)), np.zeros((PENDING, DI_WIDTH), np.int64)),
            Reports(np.zeros((0, R_WIDTH)), np.zeros((0, RI_WIDTH), np.int64)),
            np.zeros(N_WIDTH, np.int64),
            np.zeros(W_WIDTH),
            new_bench(),
            np.zeros(MODES),
        )
        self.house.w[W_SOUND] = 1.0

    def count(self, reason: str) -> None:
        """Count a statement that could not be used."""
        self.statistics[reason] = self.statistics.get(reason, 0) + 1

    def settle_at(self, lat: float, lon: float) -> None:
        """Choose the frame's middle, once: the house's own place to 0.1 degree."""
        self.origin = (round(lat, 1), round(lon, 1))
        self.frame = LocalFrame(*self.origin)

    def begin(self, t: float) -> None:
        """Choose the epoch, once: a whole second before the first statement."""
        self.epoch = float(np.floor(t)) - 1.0
        self.house.w[W_CLOCK] = 0.0
        self.house.w[W_SECOND] = 0.0

    def add_sensor(self, sensor: Sensor, *, placed: bool) -> int:
        """A row for a sensor; `placed` is False for one that only a detection mentioned."""
        floats, ints = sensor_row(self.frame, sensor, placed=placed)
        row = len(self.sensor_ids)
        self.sensor_ids.append(sensor.id)
        self.sensor_row[sensor.id] = row
        old = self.house.sensors
        if row >= old.f.shape[0]:
            grown = Sensors(_grown(old.f, 2 * row + 8), _grown(old.i, 2 * row + 8))
            grown.f[row:, S_WIDTH - 1] = 0.0
            self.house = self.house._replace(sensors=grown)
        self.house.sensors.f[row] = floats
        self.house.sensors.i[row] = ints
        return row

    def add_claim(self, key: str, identity: Identity) -> int:
        """A row for a claimed identity, known by `key`."""
        row = len(self.identities)
        self.identities.append(identity)
        self.claim_row[key] = row
        old = self.house.claims
        if row >= old.f.shape[0]:
            self.house = self.house._replace(
                claims=Claims(_grown(old.f, 2 * row + 8), _grown(old.i, 2 * row + 8))
            )
        f, i = self.house.claims.f[row], self.house.claims.i[row]
        f[:] = 0.0
        f[C_T] = f[C_T2] = -1.0
        i[:] = 0
        i[CI_ROW] = -1
        self.house.n[N_CLAIMS] = row + 1
        return row

    def make_room(self, statements: int) -> None:
        """Rows for every track that so many statements could begin, and for reports."""
        live = int(self.house.n[N_TRACKS])
        need = live + statements + 2
        if need > self.house.tracks.f.shape[0]:
            old, new = self.house.tracks, _tracks(max(need, 64) * 2)
            for a, b in zip(old, new, strict=True):
                b[:live] = a[:live]
            self.house = self.house._replace(tracks=new)
        reports = 4 * need + 256
        if reports > self.house.reports.f.shape[0]:
            self.house = self.house._replace(
                reports=Reports(
                    np.zeros((2 * reports, R_WIDTH)), np.zeros((2 * reports, RI_WIDTH), np.int64)
                )
            )


def _tracks(rows: int) -> Tracks:
    return Tracks(
        np.zeros((rows, MODES, 6)),
        np.zeros((rows, MODES, 6, 6)),
        np.zeros((rows, MODES)),
        np.zeros((rows, T_WIDTH)),
        np.zeros((rows, TI_WIDTH), np.int64),
        np.zeros((rows, WITNESSES), np.int64),
        np.zeros((rows, WITNESSES)),
    )


def _grown(old: np.ndarray, rows: int) -> np.ndarray:
    new = np.zeros((rows, *old.shape[1:]), old.dtype)
    new[: old.shape[0]] = old
    return new


class _Snapshot(msgspec.Struct, array_like=True):
    """What `to_bytes` writes: everything but scratch space and reports already handed over."""

    format: int
    prefix: str
    epoch: float | None
    origin: tuple[float, float] | None
    sensor_ids: list[str]
    identities: list[Identity]
    claim_keys: list[str]
    statistics: dict[str, int]
    columns: list[tuple[str, tuple[int, ...], bytes]]


def new_table(sensors: Sequence[Sensor], *, prefix: str = "T") -> Table:
    """An empty table that knows its sensors; track ids are `prefix` and a number from 1."""
    table = Table(prefix)
    if sensors:
        lat = sum(s.lat for s in sensors) / len(sensors)
        lon = sum(s.lon for s in sensors) / len(sensors)
        table.settle_at(lat, lon)
    for sensor in sensors:
        table.add_sensor(sensor, placed=True)
    return table


def to_bytes(table: Table) -> bytes:
    """The table as bytes; `from_bytes` goes on from there as if nothing had happened."""
    h, live = table.house, int(table.house.n[N_TRACKS])
    arrays: list[Floats | Ints] = [h.sensors.f, h.sensors.i, h.claims.f, h.claims.i]
    arrays += [h.pending.f, h.pending.i, h.n, h.w]
    arrays += [a[:live] for a in h.tracks]
    keys = sorted(table.claim_row, key=table.claim_row.__getitem__)
    snapshot = _Snapshot(
        FORMAT, table.prefix, table.epoch, table.origin, table.sensor_ids,
        table.identities, keys, table.statistics,
        [(a.dtype.str, a.shape, np.ascontiguousarray(a).tobytes()) for a in arrays],
    )  # fmt: skip
    return msgspec.msgpack.encode(snapshot)


def from_bytes(data: bytes) -> Table:
    """The table that `to_bytes` wrote. Raises ValueError for bytes of another format."""
    snapshot = msgspec.msgpack.decode(data, type=_Snapshot)
    if snapshot.format != FORMAT:
        raise ValueError(f"tracker state of format {snapshot.format}, this program reads {FORMAT}")
    arrays = [
        np.frombuffer(raw, kind).reshape(shape).copy() for kind, shape, raw in snapshot.columns
    ]
    table = Table(snapshot.prefix)
    table.epoch, table.origin = snapshot.epoch, snapshot.origin
    if table.origin is not None:
        table.frame = LocalFrame(*table.origin)
    table.sensor_ids = snapshot.sensor_ids
    table.sensor_row = {name: row for row, name in enumerate(table.sensor_ids)}
    table.identities = snapshot.identities
    table.claim_row = {key: row for row, key in enumerate(snapshot.claim_keys)}
    table.statistics = snapshot.statistics
    table.house = table.house._replace(
        sensors=Sensors(arrays[0], arrays[1]),
        claims=Claims(arrays[2], arrays[3]),
        pending=Pending(arrays[4], arrays[5]),
        n=arrays[6],
        w=arrays[7],
        tracks=Tracks(*arrays[8:]),
    )
    return table
