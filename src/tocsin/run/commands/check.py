"""`tocsin check tocsin.toml`: every error of a config, with its line and its remedy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tocsin.run.config import read_config


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path), default=Path("tocsin.toml"))
def command(file: Path) -> None:
    """List every error of a site's FILE (default: tocsin.toml), with line and remedy.

    Exit status 0 if it is sound, 2 if not. The file is never written.
    """
    config, faults = read_config(file)
    for fault in faults:
        click.echo(str(fault))
    if config is None:
        plural = "error" if len(faults) == 1 else "errors"
        click.echo(f"tocsin: {len(faults)} {plural} in {file}", err=True)
        sys.exit(2)
    parts = {
        "zone": len(config.zones),
        "friend": len(config.friends),
        "source": len(config.sources),
        "channel": len(config.channels),
    }
    found = ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in parts.items())
    click.echo(f"{file}: sound ({found})")
