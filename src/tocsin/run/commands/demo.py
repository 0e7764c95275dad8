"""`tocsin demo`: a staged evening at a dam, live in the browser."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from importlib.resources import as_file, files
from pathlib import Path

import click

from tocsin.errors import InputError
from tocsin.listen.files import recorded_frames
from tocsin.run import recordings
from tocsin.run.clock import StagedClock
from tocsin.run.compiling import prepare_tracker
from tocsin.run.config import load_config
from tocsin.run.opening import Opening
from tocsin.run.site import read_site
from tocsin.run.ticks import Tick, recorded_ticks
from tocsin.words import Frame


@click.command("demo")
@click.option("--headless", is_flag=True, help="Do not open a browser.")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port (default 8640, 0: any).")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another seed, another evening."
)
@click.option("--duration", type=click.FloatRange(1), help="Stop after so many staged seconds.")
@click.option("--speed", type=click.FloatRange(0.1, 100), default=1.0, show_default=True)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the journal and CAP here.",
)
def command(
    headless: bool,
    port: int | None,
    seed: int,
    duration: float | None,
    speed: float,
    data: Path | None,
) -> None:
    """Stage an evening at a dam on the Senegal river and warn of it, live.

    Nothing in it is real but the river. Prints the address to open; Ctrl-C ends it.
    """
    click.echo(f"staging the evening (seed {seed})")
    with tempfile.TemporaryDirectory(prefix="tocsin-stage-") as stage:
        frames = staged_frames(Path(stage), seed, duration)
    prepare_tracker()
    with as_file(files("tocsin.run").joinpath("evening")) as folder:
        config = load_config(folder / "tocsin.toml")
        site = read_site(config)
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as scratch:
        opening = Opening(config, site, data or Path(scratch), mode="demo", speed=speed, port=port)

        def announce() -> None:
            click.echo(f"open {opening.link}")
            click.echo(f"the page for everybody: {opening.address}warn   (Ctrl-C ends the evening)")
            if not headless and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                webbrowser.open(opening.link)

        asyncio.run(_play(opening, frames, speed, duration, announce))


async def _play(
    opening: Opening,
    frames: list[Frame],
    speed: float,
    duration: float | None,
    announce: Callable[[], None],
) -> None:
    clock = StagedClock(frames[0].t, speed)

    async def ticks() -> AsyncIterator[Tick]:
        clock.start()
        async for tick in recorded_ticks(frames, clock):
            yield tick
        if duration is not None:
            await clock.sleep_until(frames[0].t + duration)

    await opening.run(clock, ticks, stay=duration is None, ready=announce)


def staged_frames(folder: Path, seed: int, duration_s: float | None) -> list[Frame]:
    """The evening as frames: Remote ID as true wire bytes, the rest as NDJSON lines.

    It is made by another process: the stage needs 80 MB of libraries that a site never loads.
    """
    command = [sys.executable, "-m", "tocsin.run", "simulate", "evening", "--seed", str(seed)]
    length = [] if duration_s is None else ["--duration", str(duration_s)]
    made = subprocess.run(  # noqa: S603  our own program
        [*command, *length, "-o", str(folder)], check=False, capture_output=True, text=True
    )
    if made.returncode != 0:
        raise InputError("the evening cannot be staged", remedy=made.stderr.strip())
    paths = [str(folder / "detections.ndjson"), str(folder / "remote_id.pcapng")]
    return list(recorded_frames(paths, recordings.frames))
