"""`tocsin listen`: a sensor node."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.run.clock import MachineClock

if TYPE_CHECKING:
    from tocsin.run.node.node import Node
    from tocsin.run.node.settings import NodeConfig


@click.command("listen", short_help="a sensor node: a microphone, an ear and a link")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--id", "sensor", help="the sensor's id, as in the site's sensors.json.")
@click.option("--microphone", help='"auto", arecord:DEVICE, portaudio:DEVICE, or a sound file.')
@click.option("--to", help="mqtts://HOST/PREFIX, https://HOST/PATH, serial:/dev/…, file:PATH.")
@click.option("--key", help="file of the node's private key.")
@click.option("--spool", help="file of the reports that wait for the link.")
@click.option(
    "--speed",
    type=click.Choice(["1", "max"]),
    default="1",
    show_default=True,
    help="of a sound file that stands in for a microphone.",
)
@click.option("--start", type=float, help="Unix seconds at which such a file begins.")
@click.option("--enrol", is_flag=True, help="make the key, print its public half, and end.")
@click.option("--self-test", is_flag=True, help="try the ear once, say how it went, and end.")
def command(
    file: Path | None,
    sensor: str | None,
    microphone: str | None,
    to: str | None,
    key: str | None,
    spool: str | None,
    speed: str,
    start: float | None,
    *,
    enrol: bool,
    self_test: bool,
) -> None:
    """Listen at a microphone and tell a site what is heard, until Ctrl-C.

    FILE is the node's node.toml; options go before it. Only features and events leave: no sound.
    What the site has not taken waits on disk.
    """
    from tocsin.run.node.settings import read_node_config

    options: dict[str, object] = {
        "id": sensor, "microphone": microphone, "to": to, "key": key, "spool": spool,
    }  # fmt: skip
    if enrol or self_test:
        options["to"] = to or "file:/dev/null"
    if enrol and sensor is None and file is None:
        options["id"] = "node"
    config = read_node_config(file, options)
    if enrol:
        _enrol(config)
        return
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("tocsin").setLevel(logging.INFO)
    told = asyncio.run(_run(config, real_time=speed == "1", start=start, once=self_test))
    click.echo(told)


def _enrol(config: NodeConfig) -> None:
    from tocsin.run.node.keys import enrol, public_text

    path = config.folder / config.node.key
    key, fresh = enrol(path)
    click.echo(f"{'made' if fresh else 'there already'}: {path}", err=True)
    click.echo("in the site's tocsin.toml, below [decoder.ear-report.nodes]:", err=True)
    click.echo(f'{config.node.id} = ["{public_text(key)}"]')


async def _run(config: NodeConfig, *, real_time: bool, start: float | None, once: bool) -> str:
    """Work until told to stop; a sentence about what was done."""
    from tocsin.run.node.node import told
    from tocsin.run.node.opening import open_node

    clock = MachineClock()
    node = open_node(config, clock, real_time=real_time, start=start, lasting=not once)
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(node.run(), name="node")
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, working.cancel)
    watching = asyncio.create_task(_until_tested(node, working)) if once else None
    with contextlib.suppress(asyncio.CancelledError):
        await working
    if watching is not None:
        watching.cancel()
        return told(node.tests)
    return f"{node.windows} windows heard, {node.sent} reports taken by the site"


async def _until_tested(node: Node, working: asyncio.Task[None]) -> None:
    while not node.tests:
        await asyncio.sleep(0.05)
    working.cancel()
