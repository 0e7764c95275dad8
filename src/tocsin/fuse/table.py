"""The loom's whole memory: columns that grow, and their passage to bytes and back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.earth import LocalFrame
from tocsin.fuse.bank import BANK
from tocsin.fuse.birth import PENDING
from tocsin.fuse.columns import (
    BENCH,
    CLAIM,
    REPORT,
    SENSOR,
    SERIAL,
    SPOT,
    STATE,
    STATEMENT,
    STRAND,
    STRAND_ROOM,
    TRACK,
    Ints,
)
from tocsin.fuse.ears import place_ears
from tocsin.fuse.house import SPARSE, WANTED, Grid, House
from tocsin.fuse.measure import SOUND_MPS
from tocsin.fuse.places import sensor_row, sound_mps
from tocsin.fuse.serial import breaks_standard
from tocsin.words import Identity, Sensor

Array = NDArray[np.void]

FEW = 32
"""Tracks up to which it is quicker to look at all than to ask the grid."""
LEVELS = 16
FORMAT = 4
"""Of the bytes: another number is refused, never guessed at."""


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
        self.deaf: set[str] = set()
        self.identities: list[Identity] = []
        self.claim_row: dict[str, int] = {}
        self.statistics: dict[str, int] = {}
        self._looked_up: tuple[list[str], Ints] = [], np.zeros(0, np.int64)
        self.frame = LocalFrame(0.0, 0.0)
        self.sensors: Array = np.zeros(0, SENSOR)
        self.tracks: Array = np.zeros(0, TRACK)
        self.strands: Array = np.zeros(STRAND_ROOM, STRAND)
        self.banks: Array = np.zeros(4, BANK)
        self.claims: Array = np.zeros(0, CLAIM)
        self.pending: Array = np.zeros(PENDING, STATEMENT)
        self.reports: Array = np.zeros(0, REPORT)
        self.state: Array = np.zeros(1, STATE)
        self.bench: Array = np.zeros(1, BENCH)
        self.state["sound"] = 1.0
        self.grid = _empty_grid(0, FEW)
        self.index_ears()

    @property
    def house(self) -> House:
        """The arrays, as the compiled loom takes them."""
        return House(
            self.sensors, self.tracks, self.strands, self.banks, self.cells, self.others,
            self.claims, self.pending, self.reports, self.state, self.bench, self.grid,
        )  # fmt: skip

    def count(self, reason: str, times: int = 1) -> None:
        """Count statements that could not be used."""
        self.statistics[reason] = self.statistics.get(reason, 0) + times

    def rows_of(self, names: list[str]) -> Ints:
        """Rows of these sensors, -1 for unknown ones. A list that grows or comes again is not
        looked up again; whoever adds a sensor may write its row."""
        old, rows = self._looked_up
        if old is not names:
            rows = np.zeros(0, np.int64)
        if len(rows) < len(names):
            new = [self.sensor_row.get(name, -1) for name in names[len(rows) :]]
            rows = np.append(rows, np.array(new, np.int64))
            self._looked_up = names, rows
        return rows

    def settle_at(self, lat: float, lon: float) -> None:
        """Choose the frame's middle, once: the house's own place to 0.1 degree."""
        self.origin = (round(lat, 1), round(lon, 1))
        self.frame = LocalFrame(*self.origin)

    def index_ears(self) -> None:
        """Sort the bare microphones into cells; to be done whenever sensors change."""
        self.cells, self.others, self.state["cell"] = place_ears(self.sensors)

    def begin(self, t: float) -> None:
        """Choose the epoch, once: a whole second before the first statement."""
        self.epoch = float(np.floor(t)) - 1.0

    def add_sensor(self, sensor: Sensor, *, placed: bool) -> int:
        """A row for a sensor; `placed` is False for one that only a detection mentioned."""
        row = len(self.sensor_ids)
        self.sensor_ids.append(sensor.id)
        self.sensor_row[sensor.id] = row
        self.sensors = np.append(self.sensors, np.zeros(1, SENSOR))
        self.sensors[row] = sensor_row(self.frame, sensor, placed=placed)[0]
        self.index_ears()
        return row

    def add_claim(self, key: str, identity: Identity) -> int:
        """A row for a claimed identity, known by `key`."""
        row = len(self.identities)
        self.identities.append(identity)
        self.claim_row[key] = row
        if row >= len(self.claims):
            self.claims = np.append(self.claims, np.zeros(row + 8, CLAIM))
        self.claims[row]["t"] = self.claims[row]["other_t"] = -1.0
        self.claims[row]["walk_from"] = -1.0
        self.claims[row]["clock"] = np.nan
        self.claims[row]["row"] = self.claims[row]["hearer"] = -1
        self.claims[row]["doubt"][SERIAL] = 1.0 if breaks_standard(identity.serial) else 0.0
        self.state["claims"] = row + 1
        return row

    def make_room(self) -> None:
        """Rows for the tracks that the next look could begin, and for what is told of them."""
        live, rows = int(self.state["tracks"][0]), len(self.tracks)
        need = live + int(self.grid.facts[WANTED]) + 8
        if need > rows:
            grown = np.zeros(max(64, 2 * rows, need), TRACK)
            grown[:live] = self.tracks[:live]
            self.tracks = grown
        if len(self.tracks) > self.grid.spots.shape[0]:
            self.grid = _empty_grid(len(self.tracks), int(self.grid.facts[SPARSE]))
        banks = int(self.state["banks"][0]) + int(self.grid.facts[WANTED])
        if banks > len(self.banks):
            self.banks = np.append(self.banks, np.zeros(banks, BANK))
        if 3 * need > len(self.reports):
            self.reports = np.zeros(6 * need + 512, REPORT)


def _empty_grid(rows: int, sparse: int) -> Grid:
    """An index for so many tracks, still to be built."""
    buckets = 1 << max(2 * rows, 1).bit_length()
    facts = np.zeros(5, np.int64)
    facts[SPARSE] = sparse
    return Grid(
        np.full(buckets, -1), np.zeros(rows, SPOT), np.zeros(LEVELS, np.int64),
        np.zeros(rows, np.int64), np.zeros(rows, np.int64), np.zeros(1), facts,
    )  # fmt: skip


class _Snapshot(msgspec.Struct, array_like=True):
    """What `to_bytes` writes: everything but scratch space and reports already handed over."""

    format: int
    prefix: str
    epoch: float | None
    origin: tuple[float, float] | None
    sensor_ids: list[str]
    deaf: list[str]
    identities: list[Identity]
    claim_keys: list[str]
    statistics: dict[str, int]
    columns: list[memoryview]


def new_table(sensors: Sequence[Sensor], *, prefix: str = "T", air_c: float = 20.0) -> Table:
    """An empty table that knows its sensors; track ids are `prefix` and a number from 1.

    `air_c` is the temperature of the air, on which the delay of sound depends (see `sound_mps`).
    """
    table = Table(prefix)
    table.state["sound"] = SOUND_MPS / sound_mps(air_c)
    if sensors:
        lat = sum(s.lat for s in sensors) / len(sensors)
        lon = sum(s.lon for s in sensors) / len(sensors)
        table.settle_at(lat, lon)
    table.sensors = np.zeros(len(sensors), SENSOR)
    for row, sensor in enumerate(sensors):
        table.sensors[row] = sensor_row(table.frame, sensor, placed=True)[0]
        table.sensor_ids.append(sensor.id)
        table.sensor_row[sensor.id] = row
    table.index_ears()
    return table


def to_bytes(table: Table) -> bytes:
    """The table as bytes; `from_bytes` goes on from there as if nothing had happened."""
    live, claims = int(table.state["tracks"][0]), len(table.identities)
    strands = table.strands[: int(table.state["strands"][0])]
    banks = table.banks[: int(table.state["banks"][0])]
    keys = sorted(table.claim_row, key=table.claim_row.__getitem__)
    arrays = [
        table.sensors, table.tracks[:live], strands, banks, table.claims[:claims],
        table.pending, table.state,
    ]  # fmt: skip
    snapshot = _Snapshot(
        FORMAT, table.prefix, table.epoch, table.origin, table.sensor_ids, sorted(table.deaf),
        table.identities, keys, table.statistics, [a.view(np.uint8).data for a in arrays],
    )  # fmt: skip
    return msgspec.msgpack.encode(snapshot)


def from_bytes(data: bytes) -> Table:
    """The table that `to_bytes` wrote. Raises ValueError for bytes of another format."""
    snapshot = msgspec.msgpack.decode(data, type=_Snapshot)
    if snapshot.format != FORMAT:
        raise ValueError(f"tracker state of format {snapshot.format}, this program reads {FORMAT}")
    table = Table(snapshot.prefix)
    table.epoch, table.origin = snapshot.epoch, snapshot.origin
    if table.origin is not None:
        table.frame = LocalFrame(*table.origin)
    table.sensor_ids = snapshot.sensor_ids
    table.sensor_row = {name: row for row, name in enumerate(table.sensor_ids)}
    table.deaf = set(snapshot.deaf)
    table.identities = snapshot.identities
    table.claim_row = {key: row for row, key in enumerate(snapshot.claim_keys)}
    table.statistics = snapshot.statistics
    kinds = (SENSOR, TRACK, STRAND, BANK, CLAIM, STATEMENT, STATE)
    table.sensors, table.tracks, strands, banks, table.claims, table.pending, table.state = (
        np.frombuffer(raw, kind).copy() for raw, kind in zip(snapshot.columns, kinds, strict=True)
    )
    table.strands[: len(strands)] = strands
    table.banks = np.append(banks, np.zeros(len(banks) + 4, BANK))
    table.index_ears()
    return table
