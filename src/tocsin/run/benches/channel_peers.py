"""The other ends of the channels of `tocsin bench channels`: sound, slow, lying, dead."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal

import aiomqtt
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

Mood = Literal["sound", "slow", "lying", "dead"]
Table = dict[str, object]
"""A channel's settings, for the peer that lives."""

SLOW_S = 1.0
"""What a slow peer waits before it answers."""

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_READ_COILS = 1


def dead_port() -> int:
    """A port of loopback at which nobody is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def modbus(mood: Mood) -> AsyncIterator[Table]:
    """pymodbus's server; a lying one says that it wrote, and its coil reads as off. A slow one
    stands behind a line that keeps every answer back."""
    if mood == "dead":
        yield {"host": "127.0.0.1", "port": dead_port(), "coil": 0}
        return

    def trace(sending: bool, data: bytes) -> bytes:
        lies = sending and mood == "lying" and data[7] == _READ_COILS
        return data[:-1] + b"\0" if lies else data

    rows = SimData(0, count=8, values=[False] * 8, datatype=DataType.BITS)
    words = SimData(0, count=1, values=0, datatype=DataType.REGISTERS)
    device = SimDevice(1, ([rows], [rows], [words], [words]))
    port = dead_port()
    server = ModbusTcpServer(device, address=("127.0.0.1", port), trace_packet=trace)
    await server.serve_forever(background=True)
    try:
        if mood == "slow":
            async with _slow_line(port) as slow:
                yield {"host": "127.0.0.1", "port": slow, "coil": 0}
        else:
            yield {"host": "127.0.0.1", "port": port, "coil": 0}
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def mqtt(mood: Mood) -> AsyncIterator[Table]:
    """mosquitto, and a relay that says its state; a lying one says that it is off."""
    async with _broker() as port:
        table: Table = {
            "broker": {"host": "127.0.0.1", "port": port},
            "topic": "cmnd/horn",
            "state": {"topic": "stat/horn", "on": "ON", "off": "OFF"},
        }
        if mood == "dead":  # the broker lives, the relay does not: the case that hides best
            yield table
            return
        ready = asyncio.Event()

        async def live() -> None:
            async with aiomqtt.Client("127.0.0.1", port) as client:
                await client.subscribe("cmnd/horn", 1)
                ready.set()
                async for message in client.messages:
                    if mood == "slow":
                        await asyncio.sleep(SLOW_S)
                    said = "OFF" if mood == "lying" else message.payload
                    await client.publish("stat/horn", said, 1)

        relay = asyncio.create_task(live())
        await asyncio.wait_for(ready.wait(), 5.0)
        try:
            yield table
        finally:
            relay.cancel()
            await asyncio.wait((relay,))


@asynccontextmanager
async def home(mood: Mood) -> AsyncIterator[Table]:
    """mosquitto with a Home Assistant that has said that it is there. A lying one cannot be told
    from a sound one, since Home Assistant confirms nothing."""
    async with _broker() as port:
        where = dead_port() if mood == "dead" else port
        if mood == "slow":
            async with _slow_line(port) as slow:
                yield {"broker": {"host": "127.0.0.1", "port": slow}, "site": "bench"}
        else:
            yield {"broker": {"host": "127.0.0.1", "port": where}, "site": "bench"}


@asynccontextmanager
async def voice(mood: Mood) -> AsyncIterator[Table]:
    """espeak-ng, and a player that sounds, lies (ends at once) or is dead (fails). That one starts
    late nobody can see."""
    script = {"lying": "exit 0", "dead": "echo no sound card >&2; exit 1"}.get(mood, "sleep 30")
    yield {"player": ["sh", "-c", script], "timeout_s": 15.0}


@asynccontextmanager
async def _broker() -> AsyncIterator[int]:
    assert MOSQUITTO is not None
    port = dead_port()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nuser {getpass.getuser()}\n", "ascii"
        )
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            MOSQUITTO, "-c", str(config), stdout=quiet, stderr=quiet
        )
        try:
            await asyncio.sleep(1.0)
            yield port
        finally:
            process.kill()
            await process.wait()


@asynccontextmanager
async def _slow_line(port: int) -> AsyncIterator[int]:
    """A line to the port that keeps every piece of an answer back for `SLOW_S`."""

    async def carry(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
    ) -> None:
        try:
            while data := await reader.read(4096):
                await asyncio.sleep(delay_s)
                writer.write(data)
        except OSError:
            pass  # one end hung up
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        # an open line is cancelled with the bench's loop, which is no news
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(carry(reader, far_writer, 0.0), carry(far_reader, writer, SLOW_S))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


PEERS: dict[str, Callable[[Mood], AbstractAsyncContextManager[Table]]] = {
    "siren-modbus": modbus,
    "siren-mqtt": mqtt,
    "home-assistant": home,
    "voice": voice,
}
"""By kind of channel, who is at the other end."""

NEEDS: dict[str, str] = {
    "siren-mqtt": "mosquitto",
    "home-assistant": "mosquitto",
    "voice": "espeak-ng",
}
"""Programs without which a kind is left out."""
