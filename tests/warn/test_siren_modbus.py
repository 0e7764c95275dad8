"""The siren on a Modbus relay: pymodbus's server, and relays that lie, dawdle and refuse."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

import pytest
from msgspec.structs import replace
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tocsin.warn.siren import Siren
from tocsin.warn.siren_modbus import KIND, SirenModbusSettings
from tocsin.words import Alert


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


Heard = list[bytes]
WRITE_COIL = 5


@asynccontextmanager
async def served(
    answer: Callable[[bytes], bytes] = lambda sent: sent, sensed: bool = False
) -> AsyncIterator[tuple[int, Heard]]:
    """(port, the requests heard): pymodbus's server with eight coils and inputs; `answer` may
    alter the bytes that it sends."""
    heard: Heard = []

    def trace(sending: bool, data: bytes) -> bytes:
        if not sending:
            heard.append(data)
            return data
        return answer(data)

    device = SimDevice(
        1,
        (
            [SimData(0, count=8, values=[False] * 8, datatype=DataType.BITS)],
            [SimData(0, count=8, values=[sensed] * 8, datatype=DataType.BITS)],
            [SimData(0, count=1, values=0, datatype=DataType.REGISTERS)],
            [SimData(0, count=1, values=0, datatype=DataType.REGISTERS)],
        ),
    )
    server = ModbusTcpServer(device, address=("127.0.0.1", 0), trace_packet=trace)
    await server.serve_forever(background=True)
    try:
        assert server.transport is not None
        yield int(server.transport.sockets[0].getsockname()[1]), heard
    finally:
        await server.shutdown()


async def coil(port: int, number: int) -> bool:
    """What a foreign client reads."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    await client.connect()
    answer = await client.read_coils(number, count=1, device_id=1)
    client.close()
    return bool(answer.bits[0])


def siren(port: int, clock: HandClock, timeout_s: float = 5.0, **more: object) -> Siren:
    settings = SirenModbusSettings("127.0.0.1", 3, port=port, **more)  # type: ignore[arg-type]
    made = KIND.make("siren", settings, clock, timeout_s)
    assert isinstance(made, Siren)
    return made


def run(test: Callable[[], Awaitable[None]]) -> None:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    asyncio.run(asyncio.wait_for(test(), 30.0))  # type: ignore[arg-type]


def test_the_bytes_are_those_of_the_standard(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        async with served() as (port, heard):
            sounding = siren(port, clock)
            assert (await sounding.deliver(alarm, {}, b"")).delivered
            assert await coil(port, 3)
            write, read = heard[0], heard[1]
            assert write[2:] == bytes.fromhex("0000 0006 01 05 0003 ff00")
            assert read[2:] == bytes.fromhex("0000 0006 01 01 0003 0001")
            await sounding.close()
            assert not await coil(port, 3)

    run(test)


def test_an_alarm_ends_after_its_minute(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        async with served() as (port, _):
            sounding = siren(port, clock)
            await sounding.deliver(alarm, {}, b"")
            await clock.move(59.0)
            assert await coil(port, 3)
            await clock.move(2.0)
            assert sounding._playing is not None
            await asyncio.wait((sounding._playing,), timeout=5.0)
            assert not await coil(port, 3)
            await sounding.close()

    run(test)


def test_a_level_may_have_its_own_coil_and_silence_is_silence_of_all(
    clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        async with served() as (port, _):
            sounding = siren(port, clock, coil_level={"watch": 5})
            await sounding.deliver(replace(alarm, level="watch"), {}, b"")
            assert await coil(port, 5)
            await sounding.deliver(alarm, {}, b"")
            assert await coil(port, 3)
            await sounding.close()
            assert not await coil(port, 3)
            assert not await coil(port, 5)

    run(test)


def test_a_relay_that_says_yes_and_does_nothing_is_found_out(
    clock: HandClock, alarm: Alert
) -> None:
    def lie(sent: bytes) -> bytes:
        return sent[:-1] + b"\x00" if sent[7] == 1 else sent  # every coil reads as off

    async def test() -> None:
        async with served(lie) as (port, _):
            sounding = siren(port, clock)
            receipt = await sounding.deliver(alarm, {}, b"")
            assert not receipt.delivered
            assert receipt.detail == "the relay does not confirm: coil 3 stays off"
            await sounding.close()

    run(test)


@pytest.mark.parametrize("sensed", [True, False])
def test_a_siren_that_draws_no_current_is_found_out(
    clock: HandClock, alarm: Alert, sensed: bool
) -> None:
    async def test() -> None:
        async with served(sensed=sensed) as (port, _):
            sounding = siren(port, clock, 0.5, sensed=0)
            receipt = await sounding.deliver(alarm, {}, b"")
            assert receipt.delivered is sensed
            assert sensed or "input 0 stays off" in str(receipt.detail)
            await sounding.close()

    run(test)


def test_a_killed_site_asks_the_coil_whether_it_had_sounded(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        async with served() as (port, heard):
            before, after = siren(port, clock), siren(port, clock)
            assert await after.resume(alarm, clock.now(), told=False) is None
            await before.deliver(alarm, {}, b"")
            told = await after.resume(alarm, clock.now(), told=False)
            assert told is not None
            assert told.delivered
            assert sum(data[7] == WRITE_COIL for data in heard) == 1
            await after.close()
            await before.close()

    run(test)


def test_the_self_test_writes_nothing(clock: HandClock) -> None:
    async def test() -> None:
        async with served() as (port, heard):
            assert (await siren(port, clock, sensed=2).self_test()).delivered
            assert [data[7] for data in heard] == [1, 2]
            far = siren(port, clock, coil_level={"watch": 4000})
            assert "refused" in str((await far.self_test()).detail)

    run(test)


def test_dead_and_slow_relays_are_failures(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            dead = siren(port, clock)
            assert "cannot be reached" in str((await dead.deliver(alarm, {}, b"")).detail)
            await dead.close()
            taken.listen(8)  # it takes the call and never speaks
            slow = siren(port, clock, 0.2)
            receipt = await slow.deliver(alarm, {}, b"")
            assert not receipt.delivered
            await slow.close()

    run(test)
