"""A neighbour that is away, comes, goes and comes again is told the newest news of each thing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from tocsin.errors import Refused
from tocsin.share.datagrams import DatagramPeer
from tocsin.share.stream import MOST_WAITING, StreamPeer
from tocsin.words import Alert, Track

T0 = 1_780_000_000.0


class Lines:
    """Says each track's id and time; answers every line with its echo, hangs up on "rubbish"."""

    def hello(self, now: float) -> Sequence[bytes]:
        return [b"hello\n"]

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        return [(t.track, f"{t.track} {t.t:g}\n".encode()) for t in tracks]

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        if b"rubbish" in data:
            raise Refused("rubbish", "makes no sense")
        return [b"echo " + data]


def track(name: str, t: float) -> Track:
    return Track(t, name, "confirmed", 15.0, -13.0, 0.0, 0.0, 10.0)


async def line(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await reader.readline()


def test_news_wait_for_the_neighbour_and_the_newest_wins() -> None:
    async def run() -> list[bytes]:
        came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        server = await asyncio.start_server(lambda r, w: came.put_nowait((r, w)), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        peer = StreamPeer("p", Lines(), "127.0.0.1", port, lambda: T0)
        peer.tell(T0, [track("a", 1), track("b", 1)], [])
        peer.tell(T0, [track("a", 2)], [])
        assert peer.health().waiting == 2
        running = asyncio.create_task(peer.run())
        reader, writer = await came.get()
        said = [await line(reader) for _ in range(3)]
        writer.write(b"are you there\n")
        said.append(await line(reader))
        assert peer.health().connected
        writer.write(b"rubbish\n")
        said.append(await line(reader))  # the end of the connection
        reader, writer2 = await came.get()
        assert peer.health().sent == 2
        peer.tell(T0, [track("c", 3)], [])
        said += [await line(reader) for _ in range(2)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for one in (writer, writer2):
            one.close()
        server.close()
        return said

    assert asyncio.run(run()) == [
        b"hello\n", b"b 1\n", b"a 2\n", b"echo are you there\n", b"", b"hello\n", b"c 3\n",
    ]  # fmt: skip


def test_the_queue_is_bounded_and_what_is_lost_is_counted() -> None:
    async def run() -> tuple[int, int]:
        peer = StreamPeer("p", Lines(), "127.0.0.1", 1, lambda: T0)
        peer.tell(T0, [track(str(k), 1) for k in range(MOST_WAITING + 5)], [])
        return peer.health().waiting, peer.health().dropped

    assert asyncio.run(run()) == (MOST_WAITING, 5)


def test_a_neighbour_that_is_not_there_is_said_so() -> None:
    async def run() -> str | None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
            peer = StreamPeer("p", Lines(), "127.0.0.1", taken.getsockname()[1], lambda: T0)
            running = asyncio.create_task(peer.run())
            async with asyncio.timeout(10):
                while peer.health().why is None:
                    await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return peer.health().why

    assert "refused" in str(asyncio.run(run())).lower() or "failed" in str(asyncio.run(run()))


def test_datagrams_are_sent_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(10)
        peer = DatagramPeer("p", Lines(), "127.0.0.1", ear.getsockname()[1], lambda: T0)
        peer.tell(T0, [track("a", 1), track("b", 2)], [])
        assert [ear.recv(100) for _ in range(2)] == [b"a 1\n", b"b 2\n"]
        assert (peer.health().sent, peer.health().connected) == (2, True)

        async def end() -> None:
            running = asyncio.create_task(peer.run())
            await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        asyncio.run(end())


class Guarded(Lines):
    """A neighbour that must let us in, and hears from us every fiftieth of a second."""

    every_s = 0.02

    def __init__(self) -> None:
        self.inside = False

    def admitted(self) -> bool:
        return self.inside

    def pulse(self, now: float) -> Sequence[bytes]:
        return [b"alive\n"]

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        self.inside = True
        return [b"thank you\n"]


def test_news_wait_until_we_are_let_in_and_then_we_are_heard_of() -> None:
    async def run() -> list[bytes]:
        came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        server = await asyncio.start_server(lambda r, w: came.put_nowait((r, w)), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        peer = StreamPeer("p", Guarded(), "127.0.0.1", port, lambda: T0)
        peer.tell(T0, [track("a", 1)], [])
        running = asyncio.create_task(peer.run())
        reader, writer = await came.get()
        said = [await line(reader)]
        await asyncio.sleep(0.1)  # five pulses' time, and nothing is said
        assert peer.health().waiting == 1
        writer.write(b"come in\n")
        said += [await line(reader) for _ in range(5)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        writer.close()
        server.close()
        return said

    assert asyncio.run(run()) == [
        b"hello\n", b"thank you\n", b"a 1\n", b"alive\n", b"alive\n", b"alive\n",
    ]  # fmt: skip
