"""`tocsin replay`: the same road over recordings."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import click
from rich.progress import Progress

from tocsin.errors import FormatError
from tocsin.fuse import warm_up
from tocsin.listen.files import recorded_frames
from tocsin.ports import Clock
from tocsin.run import recordings
from tocsin.run.clock import RecordingClock, StagedClock
from tocsin.run.config import load_config
from tocsin.run.pipeline import watch_over
from tocsin.run.records import NoRecord, NoScreens, RecordFolder
from tocsin.run.site import build_house, read_site
from tocsin.run.ticks import Tick, recorded_ticks
from tocsin.words import Frame


class _Speed(click.ParamType[float | None]):
    name = "X|max"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        if value is None or value == "max":
            return None
        try:
            speed = float(str(value))
        except ValueError:
            speed = 0.0
        if not 0.0 < speed < float("inf"):
            self.fail(f"{value!r} is neither a number above 0 nor max", param, ctx)
        return speed


@click.command("replay")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--config", "config_file", required=True, type=click.Path(path_type=Path), help="tocsin.toml"
)
@click.option("--speed", type=_Speed(), default="max", help="times real time, or max (default).")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="folder for results.")
def command(
    paths: tuple[str, ...], config_file: Path, speed: float | None, out: Path | None
) -> None:
    """Replay captures and NDJSON files through the road that runs live.

    With --out, DIR holds detections.ndjson, tracks.ndjson, alerts.ndjson and one CAP file for
    each statement of an alert. The same input gives the same bytes, every time.
    """
    site = read_site(load_config(config_file))
    frames, damage = _read(paths)
    warm_up()
    memory = NoRecord() if out is None else RecordFolder(out)
    house = build_house(site, memory, memory, NoScreens())
    start = frames[0].t if frames else 0.0
    clock: Clock = RecordingClock() if speed is None else StagedClock(start, speed)
    try:
        asyncio.run(watch_over(house, _with_progress(frames, clock)))
    finally:
        memory.close()
    for sensor, count in sorted(house.desk.counts.items()):
        for rule, times in sorted(count.refused.items()):
            click.echo(f"tocsin: {sensor}: {times} refused, {rule}", err=True)
    if damage is not None:
        raise damage


def _read(paths: Sequence[str]) -> tuple[list[Frame], FormatError | None]:
    """All frames by time, and the damage of a file that ends before it should."""
    frames: list[Frame] = []
    try:
        for frame in recorded_frames(paths, recordings.frames):
            frames.append(frame)  # noqa: PERF402  those before the damage count
    except FormatError as error:
        return frames, error
    return frames, None


async def _with_progress(frames: list[Frame], clock: Clock) -> AsyncIterator[Tick]:
    """The ticks, with a progress bar on a terminal and none in a pipe."""
    if not sys.stderr.isatty() or not frames:
        async for tick in recorded_ticks(frames, clock):
            yield tick
        return
    with Progress(transient=True) as progress:
        bar = progress.add_task("replay", total=frames[-1].t - frames[0].t)
        async for tick in recorded_ticks(frames, clock):
            progress.update(bar, completed=tick[0] - frames[0].t)
            yield tick
