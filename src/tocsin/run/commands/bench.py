"""`tocsin bench`: the performance figures, as JSON and a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import click
import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.errors import InputError
from tocsin.run.benches import Figure, yardstick
from tocsin.run.benches.shown import beside_table, seed_table

BENCHES = (
    "asterix",
    "bearing",
    "bell",
    "channels",
    "codecs",
    "decode",
    "earshot",
    "fuse",
    "hear",
    "journal",
    "liars",
    "mode_s",
    "node",
    "road",
    "sapient",
)
"""One module each in `tocsin.run.benches`."""

_WIDTH_IN_A_PIPE = 150


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]…", type=click.Choice(BENCHES))
@click.option("--json", "as_json", is_flag=True, help="JSON only, one list of figures.")
@click.option("--scene", "scenes", multiple=True, metavar="NAME", help="fuse: only these scenes")
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="fuse: how many seeds of each scene",
)
@click.option("--full", is_flag=True, help="fuse: whole scenes, not their first 2,000 detections")
@click.option("--without-soup", is_flag=True, help="fuse: leave Stone Soup out, which is slow")
def command(
    names: Sequence[str],
    as_json: bool,
    scenes: Sequence[str],
    seeds: int,
    full: bool,
    without_soup: bool,
) -> None:
    """Measure NAMEs (default: all) on this machine, now.

    A figure beside a foreign program's is measured in the same run; the ratio is ours over theirs.
    `fuse` puts the loom beside Stone Soup and beside a tracker of ours that is told which detection
    is of which drone, on the same scenes; with --scene it measures nothing else.
    """
    if (scenes or full or without_soup or seeds > 1) and "fuse" not in (names or BENCHES):
        raise InputError("--scene, --seeds, --full and --without-soup are for `fuse`")
    figures: list[Figure] = []
    for name in names or BENCHES:
        measure: Callable[[], list[Figure]] = import_module(f"tocsin.run.benches.{name}").measure
        if not as_json:
            click.echo(f"measuring {name} …", err=True)
        if name != "fuse" or not scenes:
            figures += measure()
        if name == "fuse":
            figures += _side_by_side(scenes, seeds, full, not without_soup, as_json)
    click.echo(msgspec.json.format(msgspec.json.encode(figures)).decode())
    if not as_json:
        console = Console(stderr=True)
        if not console.is_terminal:
            console.width = _WIDTH_IN_A_PIPE
        if not scenes:
            console.print(_table([f for f in figures if not f.name.startswith(yardstick.SCENES)]))


def _side_by_side(
    scenes: Sequence[str], seeds: int, full: bool, soup: bool, quiet: bool
) -> list[Figure]:
    """The three trackers on the same scenes; the tables go to standard error."""
    if soup and not yardstick.have_soup():
        click.echo("stonesoup is not installed: ours alone (pip install 'tocsin[dev]')", err=True)
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = _WIDTH_IN_A_PIPE
    with console.status("") as status:
        rows = yardstick.compare(scenes, seeds, full=full, soup=soup, told=status.update)
    if not quiet:
        console.print(beside_table(rows))
        if seeds > 1:
            console.print(seed_table(rows))
    return yardstick.figures(rows)


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
