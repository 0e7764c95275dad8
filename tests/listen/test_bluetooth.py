"""The Bluetooth door against a controller of our own at the other end of a socket pair.

It answers commands as the standard says, and tells the advertisements that bumble wrote. Not tried:
a radio, nor the system's own Bluetooth sockets.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from tests.decode.test_hci import packets
from tests.listen.doors import Noon, first, until

from tocsin.decode.hci import HciFormat
from tocsin.listen.bluetooth import Controller
from tocsin.listen.door import Door
from tocsin.words import Frame, SourceHealth

UNKNOWN_COMMAND = 0x01
EXTENDED = (0x2041, 0x2042)


class Chip:
    """A controller: remembers what it was asked; `knows` says which commands it has."""

    def __init__(self, link: socket.socket, *, extended: bool = True, coded: bool = True) -> None:
        self.link, self.extended, self.coded = link, extended, coded
        self.asked: list[tuple[int, bytes]] = []
        self.scanning = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while packet := await loop.sock_recv(self.link, 1024):
            assert packet[0] == 1
            code, size = struct.unpack_from("<HB", packet, 1)
            parameters = packet[4:]
            assert len(parameters) == size
            self.asked.append((code, parameters))
            status = 0
            if code in EXTENDED and not self.extended:
                status = UNKNOWN_COMMAND
            if code == 0x2041 and parameters[2] & 4 and not self.coded:
                status = 0x11  # unsupported feature or parameter value
            if code == 0x2042 and status:
                # a command that is not known at all is answered by a status event
                answer = struct.pack("<BBBBBH", 4, 0x0F, 4, status, 1, code)
            else:
                answer = struct.pack("<BBBBHB", 4, 0x0E, 4, 1, code, status)
            await loop.sock_sendall(self.link, answer)
            if code in (0x2042, 0x200C) and parameters[0] == 1 and status == 0:
                self.scanning = True
                for event in packets():
                    if event[0] == 4:
                        await loop.sock_sendall(self.link, event)


async def hear(
    count: int, *, extended: bool = True, coded: bool = True
) -> tuple[list[Frame], SourceHealth, Chip]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.setblocking(False)
    chip = Chip(theirs, extended=extended, coded=coded)
    running = asyncio.create_task(chip.run())
    antenna = Controller(HciFormat().splitter(), link=ours)
    source = Door("bt", "bluetooth", Noon(), antenna, link="hci", sensor="ble")
    await source.open()
    found = await first(count, source)
    health = source.health()
    await source.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    ours.close()
    theirs.close()
    return found, health, chip


def test_both_radios_are_scanned_passively_and_what_is_told_is_heard() -> None:
    found, health, chip = asyncio.run(hear(12))
    assert len(found) == 12
    assert {(f.link, f.sensor, f.source) for f in found} == {("hci", "ble", "bt")}
    assert health.duty == {"1M": 0.5, "coded": 0.5}
    assert health.connected
    parameters = dict(chip.asked)[0x2041]
    # own address public, every sender, LE 1M and LE Coded; each passive, 160 slots, window 80
    assert parameters == bytes([0, 0, 5]) + struct.pack("<BHH", 0, 160, 80) * 2
    assert chip.asked[-1] == (0x2042, b"\x01" + bytes(5))
    assert (0x2001, bytes.fromhex("1F10000000000000")) in chip.asked


def test_an_adapter_without_the_long_range_radio_scans_the_other() -> None:
    found, health, _ = asyncio.run(hear(12, coded=False))
    assert len(found) == 12
    assert health.duty == {"1M": 0.5}


def test_an_old_adapter_scans_as_it_can_and_says_what_is_not_heard() -> None:
    found, health, chip = asyncio.run(hear(12, extended=False))
    assert len(found) == 12
    assert health.why is not None
    assert "Bluetooth 4 only" in health.why
    assert chip.asked[-1] == (0x200C, b"\x01\x00")
    assert dict(chip.asked)[0x200B][0] == 0  # passive


def test_an_adapter_that_is_pulled_out_is_waited_for() -> None:
    async def run() -> SourceHealth:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        running = asyncio.create_task(Chip(theirs).run())
        source = Door(
            "bt", "bluetooth", Noon(), Controller(HciFormat().splitter(), link=ours), link="hci"
        )
        await source.open()
        await first(12, source)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        theirs.close()
        await until(lambda: not source.health().connected)
        health = source.health()
        await source.close()
        ours.close()
        return health

    health = asyncio.run(run())
    assert health.why == "the adapter is gone"
