"""`tocsin bench`: the performance figures, as JSON and a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import click
import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.run.benches import Figure

BENCHES = ("decode", "fuse", "journal", "road")
"""One module each in `tocsin.run.benches`."""

_WIDTH_IN_A_PIPE = 150


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]…", type=click.Choice(BENCHES))
@click.option("--json", "as_json", is_flag=True, help="JSON only, one list of figures.")
def command(names: Sequence[str], as_json: bool) -> None:
    """Measure NAMEs (default: all) on this machine, now.

    A figure beside a foreign program's is measured in the same run; the ratio is ours over theirs.
    """
    figures: list[Figure] = []
    for name in names or BENCHES:
        measure: Callable[[], list[Figure]] = import_module(f"tocsin.run.benches.{name}").measure
        if not as_json:
            click.echo(f"measuring {name} …", err=True)
        figures += measure()
    click.echo(msgspec.json.format(msgspec.json.encode(figures)).decode())
    if not as_json:
        console = Console(stderr=True)
        if not console.is_terminal:
            console.width = _WIDTH_IN_A_PIPE
        console.print(_table(figures))


def _table(figures: Sequence[Figure]) -> Table:
    table = Table(box=None, pad_edge=False)
    for head, justify in (
        ("bench", "left"), ("figure", "left"), ("value", "right"), ("unit", "left"),
        ("goal", "left"), ("against", "left"), ("ratio", "right"),
    ):  # fmt: skip
        table.add_column(head, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        value = f"{f.value:,.0f}" if abs(f.value) >= 1000 else f"{f.value:.3g}"
        table.add_row(f.bench, f.name, value, f.unit, f.goal or "", f.against or "", ratio)
    return table
