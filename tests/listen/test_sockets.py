"""UDP and TCP doors on the loopback, with real sockets and neighbours that misbehave."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import pytest
from tests.listen.doors import NDJSON, NOON, door, first, until

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.tcp import Heard, TcpPort
from tocsin.listen.tcp_client import TcpCall
from tocsin.listen.udp import UdpPort
from tocsin.listen.waiting import WaitingFrames
from tocsin.words import Frame, SourceHealth


def test_udp_lines_become_frames() -> None:
    async def run() -> tuple[list[Frame], SourceHealth]:
        port = UdpPort(NDJSON, 0)
        source = door(port, sensor="net")
        await source.open()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b'{"t":1}\n{"t":2}\r\n\n', port.address)
            sender.sendto(b"garbage", port.address)
            found = await first(3, source)
        await source.close()
        return found, source.health()

    found, health = asyncio.run(run())
    assert [f.data for f in found] == [b'{"t":1}', b'{"t":2}', b"garbage"]
    assert {(f.sensor, f.t, f.link, f.source) for f in found} == {("net", NOON, "ndjson", "n")}
    assert all(f.origin.startswith("n 127.0.0.1:") for f in found)
    assert (health.seen, health.last_data_t) == (3, NOON)


def _card() -> str:
    """A network card with IPv6 on it."""
    try:
        lines = Path("/proc/net/if_inet6").read_text().split("\n")
    except FileNotFoundError:
        lines = []
    cards = [line.split()[5] for line in lines if line.startswith("fe80")]
    return cards[0] if cards else pytest.skip("no network card with IPv6 here")


@pytest.mark.parametrize("group", ["239.255.86.40", "ff12::8640", "ff15::8640"])
def test_a_multicast_group_is_joined_on_a_named_card(group: str) -> None:
    card = _card() if ":" in group else "lo"

    async def run() -> list[Frame]:
        port = UdpPort(NDJSON, 0, group=group, interface=card)
        source = door(port)
        await source.open()
        family = socket.AF_INET6 if ":" in group else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            if family == socket.AF_INET:
                address = socket.inet_aton("127.0.0.1")
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
            else:
                number = socket.if_nametoindex(card)
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, number)
                # no hop: it does not leave this machine
                sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 0)
            sender.sendto(b"to the group", (group, port.address[1]))
            found = await first(1, source)
        await source.close()
        return found

    assert [f.data for f in asyncio.run(run())] == [b"to the group"]


def test_what_came_can_be_drained_after_it_is_closed() -> None:
    async def run() -> list[Frame]:
        port = UdpPort(NDJSON, 0)
        source = door(port)
        await source.open()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x\ny", port.address)
            await until(lambda: source.health().seen == 2)
        await source.close()
        return source.drain()

    assert [f.data for f in asyncio.run(run())] == [b"x", b"y"]


@pytest.mark.parametrize(
    ("kind", "antenna"), [(socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")]
)
def test_a_port_in_use_is_a_source_error(kind: socket.SocketKind, antenna: str) -> None:
    async def run() -> None:
        with socket.socket(socket.AF_INET, kind) as other:
            other.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                other.listen()
            port = other.getsockname()[1]
            taken = TcpPort(NDJSON.splitter, port) if antenna == "tcp" else UdpPort(NDJSON, port)
            await door(taken).open()

    with pytest.raises(SourceError, match="another program"):
        asyncio.run(run())


def test_a_full_waiting_room_drops_the_oldest_and_counts() -> None:
    waiting = WaitingFrames(most=3)
    for number in range(5):
        waiting.put(Frame(b"%d" % number, "s", 0.0))
    assert waiting.half_full
    assert [f.data for f in waiting.drain()] == [b"2", b"3", b"4"]
    assert waiting.dropped == 2
    assert not waiting.half_full


def test_long_frames_fill_the_waiting_room_too() -> None:
    waiting = WaitingFrames(most=1000, most_bytes=100)
    for _ in range(5):
        waiting.put(Frame(bytes(40), "s", 0.0))
    assert (len(waiting), waiting.dropped) == (2, 3)


def test_tcp_lines_of_two_neighbours_become_frames() -> None:
    async def run() -> list[Frame]:
        port = TcpPort(NDJSON.splitter, 0)
        source = door(port)
        await source.open()
        writers = [(await asyncio.open_connection(*port.address))[1] for _ in range(2)]
        for writer in writers:
            writer.write(b'{"t":1}\n\n{"t":2}\nunfinished')
            await writer.drain()
        found = await first(4, source)
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        await source.close()
        return found + source.drain()

    found = asyncio.run(run())
    assert sorted(f.data for f in found) == [b'{"t":1}'] * 2 + [b'{"t":2}'] * 2
    assert {f.t for f in found} == {NOON}


def test_tcp_a_line_without_end_cuts_its_own_connection_only() -> None:
    async def run() -> tuple[SourceHealth, list[Frame]]:
        port = TcpPort(NDJSON.splitter, 0)
        source = door(port)
        await source.open()
        reader, hostile = await asyncio.open_connection(*port.address)
        hostile.write(b"x" * 300_000)
        try:
            async with asyncio.timeout(10):
                await reader.read()
        except ConnectionResetError:
            pass
        hostile.close()
        _, friend = await asyncio.open_connection(*port.address)
        friend.write(b"good\n")
        found = await first(1, source)
        friend.close()
        await source.close()
        return source.health(), found

    health, found = asyncio.run(run())
    assert health.refused == {"stream-shape": 1}
    assert health.given_up_bytes > 65_536
    assert [f.data for f in found] == [b"good"]


class Receiver:
    """A neighbour that we call; it says `words` to each caller, and then what `after` says."""

    def __init__(self, words: bytes, *, hangs_up: bool) -> None:
        self.words, self.hangs_up = words, hangs_up
        self.callers = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def begin(self, port: int = 0) -> int:
        self.server = await asyncio.start_server(self._greet, "127.0.0.1", port)
        return int(self.server.sockets[0].getsockname()[1])

    async def _greet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers += 1
        writer.write(self.words)
        await writer.drain()
        if self.hangs_up:
            writer.close()
        else:
            self._writers.append(writer)

    async def end(self) -> None:
        self.server.close()
        for writer in self._writers:
            writer.close()
        await self.server.wait_closed()


def test_a_call_is_made_again_when_the_receiver_was_restarted() -> None:
    async def run() -> tuple[list[Frame], SourceHealth, SourceHealth]:
        receiver = Receiver(b"a\nb\nhal", hangs_up=False)
        port = await receiver.begin()
        source = door(TcpCall(NDJSON.splitter, "127.0.0.1", port))
        await source.open()
        found = await first(2, source)
        await receiver.end()
        await until(lambda: not source.health().connected)
        away = source.health()
        again = Receiver(b"c\n", hangs_up=False)
        await again.begin(port)
        found += await first(1, source)
        back = source.health()
        await source.close()
        await again.end()
        return found, away, back

    found, away, back = asyncio.run(run())
    assert [f.data for f in found] == [b"a", b"b", b"c"]
    assert away.why in ("the other side ended it", "Connection refused")
    assert away.since_t is None
    assert back.connected
    assert back.reconnects == 1
    assert back.why is None


def test_a_receiver_that_falls_silent_is_called_again() -> None:
    """The other half of a connection may be gone without a word: a half-open peer."""

    async def run() -> tuple[int, SourceHealth]:
        receiver = Receiver(b"a\n", hangs_up=False)
        port = await receiver.begin()
        source = door(TcpCall(NDJSON.splitter, "127.0.0.1", port, silence_s=0.05))
        await source.open()
        await until(lambda: receiver.callers >= 3)
        await source.close()
        await receiver.end()
        return receiver.callers, source.health()

    callers, health = asyncio.run(run())
    assert callers >= 3
    assert health.reconnects >= 2


def test_a_dead_line_is_asked_about_by_the_system() -> None:
    async def run() -> tuple[int, int]:
        receiver = Receiver(b"", hangs_up=False)
        port = await receiver.begin()
        made: list[socket.socket] = []
        opened = asyncio.open_connection

        async def remember(
            *place: object, **more: object
        ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await opened(*place, **more)  # type: ignore[arg-type]
            made.append(writer.get_extra_info("socket"))
            return reader, writer

        source = door(TcpCall(NDJSON.splitter, "127.0.0.1", port))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio, "open_connection", remember)
            await source.open()
            await until(lambda: source.health().connected)
        link = made[0]
        found = (
            link.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            link.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        )
        await source.close()
        await receiver.end()
        return found

    assert asyncio.run(run()) == (1, 10)


def test_pauses_grow_and_the_log_holds_a_line_a_change(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    calls = 0

    class Broken(Antenna):
        async def listen(self, ear: Ear) -> None:
            nonlocal calls
            calls += 1
            raise ZeroDivisionError("a fault of ours")

    real = asyncio.sleep

    async def note(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
        await real(0)

    async def run() -> SourceHealth:
        source = door(Broken(), first_pause_s=0.5)
        monkeypatch.setattr("tocsin.listen.door.asyncio.sleep", note)
        await source.open()
        while calls < 8:
            await real(0.001)
        await source.close()
        return source.health()

    with caplog.at_level(logging.INFO, logger="tocsin.listen"):
        health = asyncio.run(run())
    assert pauses[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert health.why == "ZeroDivisionError: a fault of ours"
    assert len(caplog.records) == 1


class Polite:
    """Says "no" to what is not "yes", and "thanks" to the rest, which it hands on."""

    def __init__(self) -> None:
        self.over = False

    def hear(self, data: bytes, now: float) -> Heard:
        return Heard([b"thanks\n"], True) if data == b"yes" else Heard([b"no\n"], False)

    def ended(self) -> None:
        self.over = True


def test_a_conversation_answers_and_decides_what_is_handed_on() -> None:
    async def run() -> tuple[bytes, list[bytes]]:
        talk = Polite()
        port = TcpPort(NDJSON.splitter, 0, converse=lambda: talk)
        source = door(port)
        await source.open()
        reader, writer = await asyncio.open_connection(*port.address)
        writer.write(b"maybe\nyes\nperhaps\nyes\n")
        answers = await reader.readexactly(len(b"no\nthanks\nno\nthanks\n"))
        writer.close()
        handed = await first(2, source)
        await until(lambda: talk.over)
        await source.close()
        return answers, [frame.data for frame in handed]

    assert asyncio.run(run()) == (b"no\nthanks\nno\nthanks\n", [b"yes", b"yes"])
