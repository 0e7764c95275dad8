"""`tocsin demo`: a staged evening at a dam, live in the browser."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from importlib.resources import as_file, files
from pathlib import Path

import click

from tocsin.run.clock import StagedClock
from tocsin.run.compiling import prepare_tracker
from tocsin.run.config import load_config
from tocsin.run.opening import Opening
from tocsin.run.site import read_site
from tocsin.run.stage_door import arrivals, close_stage, open_stage
from tocsin.run.ticks import Arrival, Tick, arriving_ticks


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
    stage = open_stage(seed, duration)
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

        try:
            asyncio.run(_play(opening, stage, speed, duration, announce))
        finally:
            close_stage(stage)


async def _play(
    opening: Opening,
    stage: subprocess.Popen[bytes],
    speed: float,
    duration: float | None,
    announce: Callable[[], None],
) -> None:
    evening = arrivals(stage)
    first = await anext(evening)
    clock = StagedClock(first[0], speed)

    async def whole() -> AsyncIterator[Arrival]:
        yield first
        async for arrival in evening:
            yield arrival

    async def ticks() -> AsyncIterator[Tick]:
        clock.start()
        async for tick in arriving_ticks(whole(), clock):
            yield tick
        if duration is not None:
            await clock.sleep_until(first[0] + duration)

    await opening.run(clock, ticks, stay=duration is None, ready=announce)
