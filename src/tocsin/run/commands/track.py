"""`tocsin track`: detections to tracks, in the order in which the detections were received."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import click
import msgspec
import numpy as np

from tocsin.decode.columns import read_batch
from tocsin.encode.track_lines import TrackWriter
from tocsin.errors import FormatError, InputError
from tocsin.fuse import new_table, step, warm_up
from tocsin.listen.files import read_recording
from tocsin.run.sensors_file import read_sensors
from tocsin.words import Sensor
from tocsin.words.batch import DetectionBatch, TrackBatch

TICK_S = 8.0
"""Data time between two steps. The loom tells every whole second by itself; how its input is cut
changes nothing in its output, so that long steps only save work."""


class Stats(msgspec.Struct, frozen=True):
    """What `--stats` holds (DESIGN 5)."""

    detections: int
    tracks: int
    busy_s: float
    det_per_s: float
    start_s: float
    peak_mib: float


@click.command("track", short_help="detections to tracks")
@click.option("--sensors", "sensors_path", required=True, help="sensors.json: who listens")
@click.argument("detections_path", metavar="DETECTIONS")
@click.option("-o", "--out", "out_path", required=True, help="tracks.ndjson to write; - for stdout")
@click.option("--stats", "stats_path", help="write counts and times to this file, as JSON")
def command(sensors_path: str, detections_path: str, out_path: str, stats_path: str | None) -> None:
    """Detections to tracks. `-` is standard input or output."""
    began = perf_counter()
    sensors = read_sensors(Path(sensors_path))
    detections = read_detections(detections_path)
    warm_up()
    writer = TrackWriter()
    start_s = perf_counter() - began
    busy_s = 0.0
    numbers: set[int] = set()
    with _opened(out_path) as out:
        for spent, changes in weave(sensors, detections):
            busy_s += spent
            numbers.update(changes.rows["uid"].tolist())
            out.write(writer.write(changes))
    if stats_path is not None:
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        stats = Stats(
            detections=len(detections),
            tracks=len(numbers),
            busy_s=round(busy_s, 6),
            det_per_s=round(len(detections) / busy_s, 1) if busy_s > 0.0 else 0.0,
            start_s=round(start_s, 3),
            peak_mib=round(peak_mib, 1),
        )
        Path(stats_path).write_bytes(msgspec.json.encode(stats) + b"\n")


def weave(
    sensors: Sequence[Sensor], detections: DetectionBatch, tick_s: float = TICK_S
) -> Iterator[tuple[float, TrackBatch]]:
    """(seconds spent, changed tracks) of each step over recorded detections."""
    arrived = detections.arrived()
    order = np.argsort(arrived, kind="stable")
    arrived = arrived[order]
    seen = replace(detections, rows=detections.rows[order])
    table = new_table(sensors)
    at = 0
    while at < len(seen):
        now = float(arrived[at]) + tick_s
        upto = int(np.searchsorted(arrived, now, side="right"))
        if upto == len(seen):
            now = float(arrived[-1])
        before = perf_counter()
        table, changes = step(table, seen.part(at, upto), now)
        yield perf_counter() - before, changes
        at = upto
    for reason in sorted(table.statistics):
        click.echo(f"tocsin track: {reason}: {table.statistics[reason]}", err=True)


def read_detections(path: str) -> DetectionBatch:
    """All usable lines of `detections.ndjson`; bad ones are counted on standard error.

    Raises FormatError if there are lines and none is usable.
    """
    data, _ = read_recording(path)
    batch, refused = read_batch(data)
    if refused.count and not len(batch):
        raise FormatError(f"no line is a detection ({refused.first})", where=path)
    if refused.count:
        click.echo(
            f"tocsin track: {path}: skipped {refused.count} bad lines, first {refused.first}",
            err=True,
        )
    return batch


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(path).open("wb") as file:
            yield file
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=path) from error
