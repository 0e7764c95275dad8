"""The Wi-Fi door on a virtual card whose link type is that of monitor mode: frames written into a
tap device are heard through the kernel's own filter. Not tried: a radio, nor `iw`."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.encode.example_frames import ADDRESS, messages
from tests.encode.example_frames import frames as example_frames
from tests.listen.doors import Noon, door, first, until

from tocsin.decode.remote_id import RemoteId
from tocsin.encode import ieee80211, remote_id
from tocsin.errors import SourceError
from tocsin.listen.door import Door
from tocsin.listen.wifi import MonitorCard, attach_filter, capture_socket
from tocsin.words import Frame, SourceHealth

TUNSETIFF, TUNSETLINK = 0x400454CA, 0x400454CD
IFF_TAP_NO_PI = 0x0002 | 0x1000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
RADIOTAP, ETHERNET = 803, 1
HEAD = bytes.fromhex("0000080000000000")
"""A radiotap head that says nothing."""


class Card:
    """A virtual card; what is written into `file` is on the air."""

    def __init__(self, link_type: int) -> None:
        self.name = f"tsn{os.getpid() % 10_000}"
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH22x", self.name.encode(), IFF_TAP_NO_PI))
        fcntl.ioctl(self.file, TUNSETLINK, link_type)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            request = struct.pack("16sH22x", self.name.encode(), 0)
            flags = struct.unpack("16sH22x", fcntl.ioctl(asked, SIOCGIFFLAGS, request))[1]
            request = struct.pack("16sH22x", self.name.encode(), flags | IFF_UP)
            fcntl.ioctl(asked, SIOCSIFFLAGS, request)

    def send(self, data: bytes) -> None:
        os.write(self.file, data)

    def close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
        self.file = -1


def _make(link_type: int) -> Card:
    try:
        return Card(link_type)
    except OSError as error:
        pytest.skip(f"no virtual network card here (root and /dev/net/tun): {error.strerror}")


@pytest.fixture
def card() -> Iterator[Card]:
    made = _make(RADIOTAP)
    yield made
    made.close()


def heard_of(kind: int) -> bytes:
    return HEAD + bytes([kind, 0]) + bytes(40)


def test_remote_id_on_the_air_becomes_detections(card: Card) -> None:
    async def run() -> tuple[list[Frame], SourceHealth]:
        source = Door("w", "wifi", Noon(), MonitorCard(card.name), link="radiotap", sensor="wifi-1")
        await source.open()
        await until(lambda: source.health().connected)
        for frame in example_frames():
            if frame.link == "radiotap":
                card.send(frame.data)
        found = await first(13, source)
        await source.close()
        return found, source.health()

    found, health = asyncio.run(run())
    sent = [f.data for f in example_frames() if f.link == "radiotap"]
    assert [f.data for f in found] == sent
    assert health.seen == len(sent) == 13
    decoder = RemoteId()
    told = [d for frame in found for d in decoder.decode(frame)]
    assert len(told) == 12
    assert {d.sensor for d in told} == {"wifi-1"}


def test_only_what_announces_itself_passes_the_kernels_filter(card: Card) -> None:
    """Data, probe requests, authentication: nobody's traffic is read."""

    async def run() -> list[Frame]:
        source = door(MonitorCard(card.name), link="radiotap")
        await source.open()
        await until(lambda: source.health().connected)
        for kind in range(0, 256, 4):
            card.send(heard_of(kind))
        card.send(bytes.fromhex("0000FFFF") + bytes(40))  # shorter than its head
        card.send(heard_of(0x80))
        found = await first(5, source)
        await asyncio.sleep(0.1)
        found += source.drain()
        await source.close()
        return found

    assert [f.data[8] for f in asyncio.run(run())] == [0x50, 0x80, 0xD0, 0xE0, 0x80]


def test_the_filter_itself_without_any_right() -> None:
    """On a pair of ordinary sockets, where there is no virtual card."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        attach_filter(ours)
        ours.setblocking(False)
        beacon = ieee80211.beacon(remote_id.pack(messages()), ADDRESS, 0.0)
        for data in (heard_of(0x08), beacon, heard_of(0x40), heard_of(0xD0)):
            theirs.send(data)
        assert ours.recv(8192) == beacon
        assert ours.recv(8192) == heard_of(0xD0)
        with pytest.raises(BlockingIOError):
            ours.recv(8192)


def test_a_card_that_is_not_in_monitor_mode_is_named() -> None:
    ordinary = _make(ETHERNET)
    try:
        with pytest.raises(SourceError, match="not in monitor mode"):
            capture_socket(ordinary.name)
    finally:
        ordinary.close()


def test_a_card_is_pulled_out_and_put_back(card: Card) -> None:
    async def run() -> tuple[SourceHealth, SourceHealth]:
        source = door(MonitorCard(card.name), link="radiotap")
        await source.open()
        await until(lambda: source.health().connected)
        card.close()
        await until(lambda: not source.health().connected)
        away = source.health()
        again = Card(RADIOTAP)
        await until(lambda: source.health().connected)
        again.send(heard_of(0x80))
        await first(1, source)
        await source.close()
        again.close()
        return away, source.health()

    away, back = asyncio.run(run())
    assert away.why
    assert back.reconnects == 1


def test_the_plan_is_kept_and_shown(card: Card, tmp_path: Path) -> None:
    tuned = tmp_path / "tuned"
    tune = ["/bin/sh", "-c", f"echo {{interface}} {{channel}} >> {tuned}"]

    async def run() -> SourceHealth:
        source = door(MonitorCard(card.name, [(6, 0.02), (149, 0.02)], tune), link="radiotap")
        await source.open()
        await until(lambda: len(source.health().duty) == 2)
        await source.close()
        return source.health()

    health = asyncio.run(run())
    assert tuned.read_text().split("\n")[:2] == [f"{card.name} 6", f"{card.name} 149"]
    assert set(health.duty) == {"6", "149"}
    assert 0 < sum(health.duty.values()) <= 1


@pytest.mark.parametrize("tune", [["/no/such/command"], [sys.executable, "-c", "import nothing"]])
def test_a_channel_that_cannot_be_set_is_said(card: Card, tune: list[str]) -> None:
    async def run() -> str:
        source = door(MonitorCard(card.name, [(6, 0.01)], tune), link="radiotap")
        await source.open()
        why = await until(lambda: source.health().why)
        await source.close()
        assert source.health().duty == {}
        return str(why)

    assert "channel 6 cannot be set" in asyncio.run(run())
