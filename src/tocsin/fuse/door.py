"""The loom's door: detections since last time go in, changed tracks come out."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Collection, Sequence
from typing import cast, overload

import msgspec
from numba.core.dispatcher import Dispatcher
from numba.core.event import install_timer

from tocsin.fuse.columns import Statements
from tocsin.fuse.loom import advance
from tocsin.fuse.places import DEAD_PRIOR, DEAF, NEVER
from tocsin.fuse.report import in_a_batch, to_identities, to_tracks
from tocsin.fuse.statements import to_columns
from tocsin.fuse.table import Array, Table, new_table
from tocsin.words import (
    Bearing,
    ClaimedIdentity,
    Detection,
    Identity,
    Position,
    Sensor,
    Sigma,
    Track,
)
from tocsin.words.batch import DetectionBatch, TrackBatch, to_batch


@overload
def step(table: Table, detections: DetectionBatch, now: float) -> tuple[Table, TrackBatch]: ...
@overload
def step(
    table: Table, detections: Sequence[Detection], now: float
) -> tuple[Table, list[Track]]: ...
def step(
    table: Table, detections: DetectionBatch | Sequence[Detection], now: float
) -> tuple[Table, TrackBatch | list[Track]]:
    """Work in what was received since the last step, up to `now` (Unix seconds).

    Returns the table (the same one, changed) and the tracks to tell: each change of status, and
    every live track once at every whole second that has passed. Statements are worked in by
    the time they were received; how they are cut into steps changes nothing. A batch of detections
    is answered by a batch of tracks, and says and means the same.
    """
    if not isinstance(detections, DetectionBatch):
        return table, work_in(table, to_batch(detections), now).tracks()
    return table, work_in(table, detections, now)


def work_in(table: Table, batch: DetectionBatch, now: float) -> TrackBatch:
    """Work in a batch; the tracks to tell."""
    if table.epoch is None:
        table.begin(min(now, float(batch.arrived().min(initial=now))))
    assert table.epoch is not None
    seen = to_columns(table, batch)
    told: list[Array] = []
    said: list[ClaimedIdentity] = []
    at = 0
    while at <= len(seen):
        table.make_room()
        at = advance(table.house, cast(Statements, seen), at, now - table.epoch)
        told.append(to_tracks(table))
        said += to_identities(table, told[-1], len(said))
        table.state["reports"] = 0
    return in_a_batch(table, told, said)


def deafen(table: Table, deaf: Collection[str]) -> None:
    """Say which sensors, by id, could not hear anything lately: from the next step on their
    silence tells nothing, until this is called without them."""
    for name in deaf:
        row = table.sensor_row.get(name)
        if row is not None:
            table.sensors[row]["dead"] = DEAF
            table.sensors[row]["heard"] = NEVER
    for name in table.deaf.difference(deaf):
        table.sensors[table.sensor_row[name]]["dead"] = DEAD_PRIOR
    table.deaf = {name for name in deaf if name in table.sensor_row}


class Misalignment(msgspec.Struct, frozen=True):
    """A sensor found turned or late, with 1-sigma doubts; degrees and seconds."""

    sensor: str
    north_error_deg: float
    north_sigma_deg: float | None
    clock_lag_s: float
    clock_sigma_s: float | None


SURE = 0.99
"""A sensor is called turned or late from this probability on."""


def misalignments(table: Table) -> list[Misalignment]:
    """The sensors that the loom corrects, in the order of their list: a matter of health."""
    found = []
    for row, name in enumerate(table.sensor_ids):
        s = table.sensors[row]
        turned, late = (float(p) > SURE for p in s["askew"])
        north, clock = float(s["north_var"]), float(s["clock_var"])
        if turned or late:
            found.append(
                Misalignment(
                    name,
                    round(math.degrees(float(s["north_error"])), 2),
                    round(math.degrees(math.sqrt(north)), 2) if turned else None,
                    round(float(s["clock_lag"]), 3),
                    round(math.sqrt(clock), 3) if late else None,
                )
            )
    return found


def warm_up() -> float:
    """Compile, or load from disk, everything a live step needs; call it before listening.

    Returns the seconds that numba spent compiling, 0.0 where all came from disk.
    """
    with install_timer("numba:compile", lambda _: None) as timer:
        _exercise()
    if not timer.done:
        _let_go()
    return timer.duration if timer.done else 0.0


def _let_go() -> None:
    """Drop what numba reads from disk beside machine code, so that other code could be linked with
    it: nothing is linked with `advance`. That and what was freed while loading are 17 MiB."""
    for built in cast(Dispatcher, advance).overloads.values():
        library = built.library  # type: ignore[attr-defined]
        if library._shared_module is not None:
            library._shared_module.close()
            library._shared_module = None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; others have none
    if trim is not None:
        trim(0)


def _exercise() -> None:
    sensors = [
        Sensor("warm-radar", "radar", 0.0, 0.0, 0.0, scan_period_s=1.0),
        Sensor("warm-a", "acoustic", 0.0, 0.01, 0.0),
        Sensor("warm-b", "rf", 0.01, 0.0, 0.0),
    ]
    table = new_table(sensors)
    sigma = Sigma(azimuth_deg=2.0, range_m=10.0, elevation_deg=3.0, horizontal_m=10.0, alt_m=10.0)
    for t in (100.0, 101.0, 102.0, 103.0):
        seen = [
            Detection(t, "warm-radar", "radar", bearing=Bearing(10.0, 5.0, 500.0), sigma=sigma),
            Detection(t, "warm-a", "acoustic", bearing=Bearing(300.0, 5.0), sigma=sigma),
            Detection(t, "warm-b", "rf", bearing=Bearing(170.0), sigma=sigma),
            Detection(
                t, "warm-r", "remote_id", Position(0.02, 0.02, 50.0), sigma=sigma,
                identity=Identity("WARM"),
            ),
        ]  # fmt: skip
        step(table, seen, t)
