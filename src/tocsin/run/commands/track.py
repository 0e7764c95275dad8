"""`tocsin track`: detections to tracks, in the order in which the detections were received."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import click
import msgspec

from tocsin.errors import FormatError, InputError
from tocsin.fuse import new_table, step, warm_up
from tocsin.listen.files import read_recording
from tocsin.run.sensors_file import read_sensors
from tocsin.words import Detection, Sensor, Track

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
    start_s = perf_counter() - began
    busy_s = 0.0
    names: set[str] = set()
    encoder = msgspec.json.Encoder()
    with _opened(out_path) as out:
        for spent, changes in weave(sensors, detections):
            busy_s += spent
            names.update(change.track for change in changes)
            out.write(encoder.encode_lines(changes))
    if stats_path is not None:
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        stats = Stats(
            detections=len(detections),
            tracks=len(names),
            busy_s=round(busy_s, 6),
            det_per_s=round(len(detections) / busy_s, 1) if busy_s > 0.0 else 0.0,
            start_s=round(start_s, 3),
            peak_mib=round(peak_mib, 1),
        )
        Path(stats_path).write_bytes(msgspec.json.encode(stats) + b"\n")


def weave(
    sensors: Sequence[Sensor], detections: Sequence[Detection], tick_s: float = TICK_S
) -> Iterator[tuple[float, list[Track]]]:
    """(seconds spent, changed tracks) of each step over recorded detections."""
    arrived = [d.t if d.received is None else d.received for d in detections]
    order = sorted(range(len(detections)), key=arrived.__getitem__)
    table = new_table(sensors)
    at = 0
    while at < len(order):
        now = arrived[order[at]] + tick_s
        upto = at
        while upto < len(order) and arrived[order[upto]] <= now:
            upto += 1
        if upto == len(order):
            now = arrived[order[-1]]
        batch = [detections[k] for k in order[at:upto]]
        before = perf_counter()
        table, changes = step(table, batch, now)
        yield perf_counter() - before, changes
        at = upto
    for reason in sorted(table.statistics):
        click.echo(f"tocsin track: {reason}: {table.statistics[reason]}", err=True)


def read_detections(path: str) -> list[Detection]:
    """All usable lines of `detections.ndjson`; bad ones are counted on standard error.

    Raises FormatError if there are lines and none is usable.
    """
    data, _ = read_recording(path)
    one = msgspec.json.Decoder(Detection)
    try:
        return one.decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    good: list[Detection] = []
    bad, first = 0, ""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            good.append(one.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            bad += 1
            first = first or f"line {number}: {error}"
    if bad and not good:
        raise FormatError(f"no line is a detection ({first})", where=path)
    if bad:
        click.echo(f"tocsin track: {path}: skipped {bad} bad lines, first {first}", err=True)
    return good


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
