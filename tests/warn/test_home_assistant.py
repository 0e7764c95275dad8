"""Home Assistant through Debian's mosquitto: what it finds when it starts, when we start, when one
of us dies. Its own schemas are asked in tests/vectors/exports/ORIGIN.md."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiomqtt
import pytest
from msgspec.structs import replace
from tests.mosquitto import MOSQUITTO, Broker

from tocsin.ports import Showing
from tocsin.warn.home_assistant import KIND, HomeAssistant, HomeAssistantSettings
from tocsin.warn.mqtt_door import MqttBroker
from tocsin.words import Alert, Sensor, SensorHealth, Zone

pytestmark = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto: as root, apt-get install mosquitto"
)
STATUS, CONFIG = "homeassistant/status", "homeassistant/device/tocsin-kaawral/config"
AVAILABLE, DAM = "tocsin/kaawral/availability", "tocsin/kaawral/zone/dam"
MIC = Sensor("mic-1", "acoustic", 1.0, 2.0)
Until = Callable[[Callable[[], bool]], Awaitable[None]]


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    made.start()
    yield made
    made.kill()


class Hearer:
    """Somebody who subscribes to everything and notes (topic, payload, retained)."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []

    def last(self, topic: str) -> bytes | None:
        return next((p for t, p, _ in reversed(self.heard) if t == topic), None)

    def level(self) -> object:
        said = self.last(DAM)
        return None if not said else json.loads(said)["level"]


@asynccontextmanager
async def hearing(broker: Broker) -> AsyncIterator[Hearer]:
    hearer, ready = Hearer(), asyncio.Event()

    async def hear() -> None:
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.subscribe("#", 1)
            ready.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                hearer.heard.append((str(message.topic), message.payload, message.retain))

    task = asyncio.create_task(hear())
    try:
        await asyncio.wait_for(ready.wait(), 5.0)
        yield hearer
    finally:
        task.cancel()
        await asyncio.wait((task,))


def home(broker: Broker, clock: HandClock, timeout_s: float = 5.0) -> HomeAssistant:
    settings = HomeAssistantSettings(MqttBroker("127.0.0.1", broker.port), "kaawral")
    made = KIND.make("home", settings, clock, timeout_s)
    assert isinstance(made, HomeAssistant)
    assert isinstance(made, Showing)
    return made


async def say(broker: Broker, payload: str) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.publish(STATUS, payload, 1)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 40.0))  # type: ignore[arg-type]


def test_the_device_its_zones_and_sensors_appear_and_only_they_are_kept(
    broker: Broker, clock: HandClock, zone: Zone, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        channel = home(broker, clock)
        channel.introduce("Barrage", [zone], [MIC])
        channel.tell_health([SensorHealth("mic-1", "acoustic", "alive")])
        async with hearing(broker) as hearer:
            receipt = await channel.deliver(alarm, {}, b"")
            assert receipt.delivered
            assert receipt.detail == "the broker has it; Home Assistant was not heard"
            await until(lambda: hearer.level() == "alarm")
            await until(lambda: hearer.last("tocsin/kaawral/sensor/mic-1") is not None)
        async with hearing(broker) as late:
            await until(lambda: len(late.heard) >= 2)
            kept = {topic for topic, _, retained in late.heard if retained}
            assert kept == {CONFIG, AVAILABLE}
            config = json.loads(late.last(CONFIG) or b"{}")
            assert config["dev"]["name"] == "Barrage"
            assert len(config["cmps"]) == 3
            await channel.close()
            await until(lambda: late.last(AVAILABLE) == b"offline")

    run(test)


def test_all_is_said_again_after_the_birth_of_home_assistant(
    broker: Broker, clock: HandClock, zone: Zone, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        channel = home(broker, clock)
        channel.introduce("Barrage", [zone], [])
        await channel.deliver(alarm, {}, b"")
        await say(broker, "offline")
        await until(lambda: channel._other == "offline")
        receipt = await channel.deliver(replace(alarm, alert="dam-2"), {}, b"")
        assert not receipt.delivered, "nobody saw it"
        assert "off line" in str(receipt.detail)
        async with hearing(broker) as hearer:
            before = len(hearer.heard)
            await say(broker, "online")
            await until(
                lambda: {CONFIG, AVAILABLE, DAM} <= {t for t, _, kept in hearer.heard if not kept}
            )
            assert len(hearer.heard) > before
            receipt = await channel.deliver(replace(alarm, alert="dam-2"), {}, b"")
            assert (receipt.delivered, receipt.detail) == (True, None)
            clear = replace(alarm, level="all-clear", sequence=2)
            await channel.deliver(clear, {}, b"")
            assert hearer.level() == "alarm", "another alert stands"
            await channel.deliver(replace(clear, alert="dam-2"), {}, b"")
            await until(lambda: hearer.level() == "clear")
        await channel.close()

    run(test)


def test_the_broker_tells_of_a_death(broker: Broker, clock: HandClock, until: Until) -> None:
    async def test() -> None:
        channel = home(broker, clock)
        channel.introduce("Barrage", [], [])
        assert (await channel.self_test()).delivered
        async with hearing(broker) as hearer:
            await until(lambda: hearer.last(AVAILABLE) == b"online")
            assert channel._client is not None
            line = channel._client._client.socket()
            assert line is not None
            line.shutdown(socket.SHUT_RDWR)
            await until(lambda: hearer.last(AVAILABLE) == b"offline")
            await until(lambda: hearer.last(AVAILABLE) == b"online")
        await channel.close()

    run(test)


def test_a_broker_that_dies_and_lives_again(
    broker: Broker, clock: HandClock, zone: Zone, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        channel = home(broker, clock, 1.0)
        channel.introduce("Barrage", [zone], [])
        assert (await channel.self_test()).delivered
        broker.kill()
        await until(lambda: channel._client is None)
        receipt = await channel.deliver(alarm, {}, b"")
        assert not receipt.delivered
        assert not (await channel.self_test()).delivered
        broker.start()
        async with hearing(broker) as hearer:
            await until(lambda: hearer.level() == "alarm")
        await channel.close()

    run(test)


def test_what_stood_before_a_crash_stands_after_it(
    broker: Broker, clock: HandClock, zone: Zone, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        channel = home(broker, clock)
        async with hearing(broker) as hearer:
            channel.introduce("Barrage", [zone], [])
            assert await channel.resume(alarm, clock.now(), told=True) is None
            await until(lambda: hearer.level() == "alarm")
        await channel.close()

    run(test)
