"""The siren behind Debian's mosquitto: relays that answer, lie, dawdle, are gone, or never were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import aiomqtt
import pytest
from tests.mosquitto import MOSQUITTO, Broker

from tocsin.warn.mqtt_door import MqttBroker
from tocsin.warn.siren import Siren
from tocsin.warn.siren_mqtt import KIND, MqttLife, MqttQuestion, MqttState, SirenMqttSettings
from tocsin.words import Alert

pytestmark = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto: as root, apt-get install mosquitto"
)
ORDERS, STATE, ASK, LIFE = "cmnd/horn/POWER", "stat/horn/POWER", "cmnd/horn/STATE", "tele/horn/LWT"
SAYS = MqttState(STATE, on="ON", off="OFF")


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    made.start()
    yield made
    made.kill()


class Horn:
    """A relay as Tasmota behaves: it says its state after each order, and has a last will."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.obeys = True
        self.speaks = True
        self.on = False

    async def live(self, port: int, ready: asyncio.Event) -> None:
        will = aiomqtt.Will(LIFE, "Offline", 1, retain=True)
        async with aiomqtt.Client("127.0.0.1", port, will=will) as client:
            await client.subscribe([(ORDERS, 1), (ASK, 1)])
            await client.publish(LIFE, "Online", 1, retain=True)
            ready.set()
            async for message in client.messages:
                if str(message.topic) == ORDERS:
                    assert isinstance(message.payload, bytes)
                    self.orders.append(message.payload.decode())
                    if self.obeys:
                        self.on = self.orders[-1] == "ON"
                if self.speaks:
                    await client.publish(STATE, "ON" if self.on else "OFF", 1, retain=True)


@asynccontextmanager
async def living(broker: Broker) -> AsyncIterator[Horn]:
    horn, ready = Horn(), asyncio.Event()
    life = asyncio.create_task(horn.live(broker.port, ready))
    try:
        await asyncio.wait_for(ready.wait(), 5.0)
        yield horn
    finally:
        life.cancel()
        await asyncio.wait((life,))


def siren(broker: Broker, clock: HandClock, timeout_s: float = 5.0, **more: object) -> Siren:
    settings = SirenMqttSettings(
        MqttBroker("127.0.0.1", broker.port),
        ORDERS,
        **more,  # type: ignore[arg-type]
    )
    made = KIND.make("siren", settings, clock, timeout_s)
    assert isinstance(made, Siren)
    return made


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30.0))  # type: ignore[arg-type]


def test_an_alarm_sounds_a_minute_and_each_step_is_confirmed(
    broker: Broker, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        async with living(broker) as horn:
            sounding = siren(broker, clock, state=SAYS)
            receipt = await sounding.deliver(alarm, {}, b"")
            assert receipt.delivered, receipt.detail
            assert horn.on
            await clock.move(61.0)
            assert sounding._playing is not None
            await asyncio.wait((sounding._playing,), timeout=5.0)
            assert horn.orders == ["ON", "OFF"]
            await sounding.close()

    run(test)


def test_a_relay_that_lies_is_found_out(broker: Broker, clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        async with living(broker) as horn:
            horn.obeys = False
            sounding = siren(broker, clock, 0.6, state=SAYS)
            receipt = await sounding.deliver(alarm, {}, b"")
            assert receipt.detail == "the relay does not confirm: it says 'OFF'"
            await sounding.close()

    run(test)


def test_an_old_word_that_the_broker_kept_proves_nothing(
    broker: Broker, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        async with aiomqtt.Client("127.0.0.1", broker.port) as past:
            await past.publish(STATE, "ON", 1, retain=True)
        sounding = siren(broker, clock, 0.6, state=SAYS)
        receipt = await sounding.deliver(alarm, {}, b"")
        assert receipt.detail == "the relay does not confirm: it says nothing"
        await sounding.close()

    run(test)


def test_a_relay_that_speaks_when_asked_is_asked(
    broker: Broker, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        async with living(broker):
            asked = MqttState(STATE, "ON", "OFF", MqttQuestion(ASK))
            before, after = (siren(broker, clock, state=asked) for _ in range(2))
            assert await after.resume(alarm, clock.now(), told=False) is None
            assert (await before.deliver(alarm, {}, b"")).delivered
            told = await after.resume(alarm, clock.now(), told=False)
            assert told is not None
            assert told.delivered
            await after.close()
            await before.close()

    run(test)


def test_the_self_test_sees_a_relay_that_is_gone_and_orders_nothing(
    broker: Broker, clock: HandClock
) -> None:
    async def test() -> None:
        life = MqttLife(LIFE, "Online")
        async with living(broker) as horn:
            asked = MqttState(STATE, "ON", "OFF", MqttQuestion(ASK))
            tried = siren(broker, clock, 2.0, life=life, state=asked)
            assert (await tried.self_test()).delivered
            assert horn.orders == []
            bare = siren(broker, clock)
            assert "only the broker answers" in str((await bare.self_test()).detail)
            horn.speaks = False
            mute = siren(broker, clock, 0.4, life=life, state=asked)
            assert (await mute.self_test()).detail == "no answer within 0.4 s"
        async with aiomqtt.Client("127.0.0.1", broker.port) as will:
            await will.publish(LIFE, "Offline", 1, retain=True)
        gone = siren(broker, clock, life=life)
        assert (await gone.self_test()).detail == "the relay is not connected: 'Offline'"

    run(test)


def test_a_dead_broker_is_a_failure(broker: Broker, clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        broker.kill()
        sounding = siren(broker, clock, 1.0)
        receipt = await sounding.deliver(alarm, {}, b"")
        assert not receipt.delivered
        assert "broker" in str(receipt.detail) or "no answer" in str(receipt.detail)
        await sounding.close()

    run(test)


def test_without_a_state_the_brokers_word_is_all_there_is(
    broker: Broker, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        sounding = siren(broker, clock)
        assert (await sounding.deliver(alarm, {}, b"")).delivered
        await sounding.close()

    run(test)
