"""`tocsin doctor`: what is broken, and what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tocsin.run.health import examine

_SIGNS = {"well": "[green]✓ well[/]", "weak": "[yellow]! weak[/]", "ill": "[bold red]✗ ill[/]"}


@click.command("doctor")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def command(file: Path | None) -> None:
    """Examine this machine, and a site if its FILE is named or ./tocsin.toml is there.

    Exit status 1 if anything is ill; a weakness alone is not a failure.
    """
    if file is None and Path("tocsin.toml").exists():
        file = Path("tocsin.toml")
    findings = examine(file)
    table = Table(box=None, pad_edge=False)
    for head in ("what", "how", "finding", "what to do"):
        table.add_column(head, overflow="fold")
    for finding in findings:
        table.add_row(finding.what, _SIGNS[finding.state], finding.detail, finding.remedy)
    Console().print(table)
    if any(finding.state == "ill" for finding in findings):
        sys.exit(1)
