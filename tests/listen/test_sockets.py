"""UDP and TCP doors on the loopback, with real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from tocsin.decode.ndjson import NdjsonFormat
from tocsin.errors import SourceError
from tocsin.listen.tcp import TcpSource
from tocsin.listen.udp import UdpSource
from tocsin.listen.waiting import WaitingFrames
from tocsin.words import Frame


class Noon:
    """A clock that stands still."""

    def now(self) -> float:
        return 43_200.0

    async def sleep_until(self, t: float) -> None:
        raise AssertionError("nobody waits here")


async def first(count: int, frames: AsyncIterator[Frame]) -> list[Frame]:
    found: list[Frame] = []
    async with asyncio.timeout(10):
        async for frame in frames:
            found.append(frame)
            if len(found) == count:
                break
    return found


def test_udp_lines_become_frames() -> None:
    async def run() -> list[Frame]:
        source = UdpSource("neighbours", Noon(), NdjsonFormat(), 0, sensor="net")
        await source.open()
        host, port = source.address
        assert host == "127.0.0.1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b'{"t":1}\n{"t":2}\r\n\n', (host, port))
            sender.sendto(b"garbage", (host, port))
            found = await first(3, source.frames())
        await source.close()
        return found

    found = asyncio.run(run())
    assert [f.data for f in found] == [b'{"t":1}', b'{"t":2}', b"garbage"]
    assert {(f.sensor, f.t, f.link) for f in found} == {("net", 43_200.0, "ndjson")}
    assert all(f.origin.startswith("neighbours 127.0.0.1:") for f in found)


def test_udp_frames_end_when_it_is_closed() -> None:
    async def run() -> list[Frame]:
        source = UdpSource("n", Noon(), NdjsonFormat(), 0)
        await source.open()
        source.take(b"x\ny", "peer")
        await source.close()
        return [frame async for frame in source.frames()]

    assert [f.data for f in asyncio.run(run())] == [b"x", b"y"]


def test_a_port_in_use_is_a_source_error() -> None:
    async def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            await first(1, UdpSource("n", Noon(), NdjsonFormat(), other.getsockname()[1]).frames())

    with pytest.raises(SourceError, match="another program"):
        asyncio.run(run())


def test_a_full_waiting_room_drops_the_oldest_and_counts() -> None:
    async def run() -> tuple[list[bytes], int]:
        waiting = WaitingFrames(most=3)
        for number in range(5):
            waiting.put(Frame(b"%d" % number, "s", 0.0))
        waiting.close()
        found = []
        while (frame := await waiting.get()) is not None:
            found.append(frame.data)
        return found, waiting.dropped

    assert asyncio.run(run()) == ([b"2", b"3", b"4"], 2)


def test_tcp_lines_of_two_neighbours_become_frames() -> None:
    async def run() -> list[Frame]:
        source = TcpSource("n", Noon(), NdjsonFormat(), 0)
        await source.open()
        writers = [(await asyncio.open_connection(*source.address))[1] for _ in range(2)]
        for writer in writers:
            writer.write(b'{"t":1}\n\n{"t":2}\nunfinished')
            await writer.drain()
        found = await first(4, source.frames())
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        await source.close()
        return found + [frame async for frame in source.frames()]

    found = asyncio.run(run())
    assert sorted(f.data for f in found) == [b'{"t":1}'] * 2 + [b'{"t":2}'] * 2
    assert {f.t for f in found} == {43_200.0}


def test_tcp_a_line_without_end_cuts_its_own_connection_only() -> None:
    async def run() -> tuple[int, list[Frame]]:
        source = TcpSource("n", Noon(), NdjsonFormat(), 0)
        await source.open()
        reader, hostile = await asyncio.open_connection(*source.address)
        hostile.write(b"x" * 300_000)
        try:
            async with asyncio.timeout(10):
                await reader.read()
        except ConnectionResetError:
            pass
        hostile.close()
        _, friend = await asyncio.open_connection(*source.address)
        friend.write(b"good\n")
        found = await first(1, source.frames())
        friend.close()
        await source.close()
        return source.cut_off, found

    cut_off, found = asyncio.run(run())
    assert cut_off == 1
    assert [f.data for f in found] == [b"good"]
