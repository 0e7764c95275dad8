"""`tocsin up`: run a site."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click

from tocsin.run.clock import MachineClock
from tocsin.run.compiling import prepare_tracker
from tocsin.run.config import load_config
from tocsin.run.opening import Opening
from tocsin.run.people import open_people
from tocsin.run.site import read_site
from tocsin.run.sources import open_sources
from tocsin.run.ticks import LiveTicks


@click.command("up")
@click.argument("file", type=click.Path(path_type=Path), default=Path("tocsin.toml"))
def command(file: Path) -> None:
    """Run the site that FILE (default: tocsin.toml) describes, until Ctrl-C.

    The first time, an administrator's token is printed, once. Without it the pages show nothing
    but /warn and /health.
    """
    config = load_config(file)
    site = read_site(config)
    clock = MachineClock()
    prepare_tracker()
    opening = Opening(config, site, config.data_dir, mode="live")
    _log_on_standard_error()

    def announce() -> None:
        if opening.token is not None:
            click.echo("first run: this link signs the administrator in; it is shown only now")
        click.echo(f"open {opening.link}")
        click.echo(f"the page for everybody: {opening.address}warn   (Ctrl-C stops)")

    async def run() -> None:
        sources = await open_sources(config, clock)
        people = open_people(config, site.zones, clock)
        if people is not None:
            sources.append(people)
        live = LiveTicks(sources, clock)
        await opening.run(
            clock, lambda: live, stay=True, ready=announce, sources=sources, people=people
        )

    asyncio.run(run())


def _log_on_standard_error() -> None:
    """A line a change of state; libraries' own chatter, which may name addresses, stays out."""
    log = logging.getLogger("tocsin")
    shown = logging.StreamHandler()
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(shown)
    log.setLevel(logging.INFO)
