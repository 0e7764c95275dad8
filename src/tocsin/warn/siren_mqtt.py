"""A siren behind a relay that takes its orders from an MQTT broker.

Kind        `siren-mqtt`
Sounds      patterns (`warn/siren.py`)
Proves      with `state`, by what the relay says of itself after the order; what the broker had kept
            from before counts for nothing, for it may be hours old. Without, only that the broker
            took the order: nobody knows then whether a relay is there
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import aiomqtt
import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.mqtt_door import QOS, MqttBroker, broker_faults, connect, topic_faults
from tocsin.warn.siren import Pattern, Siren, pattern_faults
from tocsin.words import Alert, Level


class MqttQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that makes the relay say its state."""

    topic: str
    payload: str = ""


class MqttState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the relay says what it is; a message that holds `on` or `off`. Where it speaks only
    when something changes, or keeps nothing with the broker, give `ask` as well."""

    topic: str
    on: str
    off: str
    ask: MqttQuestion | None = None


class MqttLife(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the broker keeps whether the relay is connected (its last will), and what it says."""

    topic: str
    payload: str


class SirenMqttSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The broker, the topic of the relay's orders, and what to send there.

    `on_level` has another message for a level, such as another tone. `life` lets the self-test see
    whether the relay is connected.
    """

    broker: MqttBroker
    topic: str
    on: str = "ON"
    off: str = "OFF"
    on_level: dict[Level, str] = {}
    state: MqttState | None = None
    life: MqttLife | None = None
    patterns: dict[Level, Pattern] = {}


class MqttRelay:
    """The relay: each call connects, asks and hangs up, within `timeout_s` seconds."""

    def __init__(self, settings: SirenMqttSettings, timeout_s: float) -> None:
        self._settings = settings
        self._timeout_s = timeout_s

    async def switch(self, alert: Alert, *, on: bool) -> str | None:
        """Publish the order and wait until the relay says that it is carried out."""
        settings, state = self._settings, self._settings.state
        order = settings.on_level.get(alert.level, settings.on) if on else settings.off
        expected = None if state is None else state.on if on else state.off

        async def act(client: aiomqtt.Client) -> str | None:
            if state is not None:
                await client.subscribe(state.topic, QOS)
            await client.publish(settings.topic, order, QOS)
            if state is None or expected is None:
                return None
            await _ask(client, state)
            heard = "nothing"
            try:
                async with asyncio.timeout(self._timeout_s / 2):
                    async for text, kept in _messages(client):
                        if not kept and expected in text:
                            return None
                        heard = heard if kept else repr(text[:40])
            except TimeoutError:
                pass
            return f"the relay does not confirm: it says {heard}"

        return await self._call(act)

    async def sounds(self, alert: Alert) -> bool:
        """Whether the relay's latest word is that it is on."""
        state = self._settings.state

        async def act(client: aiomqtt.Client) -> str | None:
            if state is None:
                return "cannot be asked"
            await client.subscribe(state.topic, QOS)
            await _ask(client, state)
            async for text, kept in _messages(client):
                if not kept or state.ask is None:
                    return None if state.on in text else "is off"
            return "says nothing"

        return await self._call(act) is None

    async def probe(self) -> str | None:
        """Whether the relay is connected and says its state, as far as that can be asked."""
        state, life = self._settings.state, self._settings.life

        async def act(client: aiomqtt.Client) -> str | None:
            if life is not None:
                await client.subscribe(life.topic, QOS)
                async for text, _ in _messages(client):
                    if text != life.payload:
                        return f"the relay is not connected: {text[:40]!r}"
                    break
                await client.unsubscribe(life.topic)
            if state is not None and (state.ask is not None or life is None):
                await client.subscribe(state.topic, QOS)
                await _ask(client, state)
                async for _, kept in _messages(client):
                    if not kept or state.ask is None:
                        break
            return None

        failure = await self._call(act)
        if failure is None and state is None and life is None:
            return "only the broker answers: add state or life to the channel's table"
        return failure

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _call(self, act: Callable[[aiomqtt.Client], Awaitable[str | None]]) -> str | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                async with connect(self._settings.broker, self._timeout_s) as client:
                    return await act(client)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except (aiomqtt.MqttError, OSError, UnicodeDecodeError) as error:
            return f"broker: {error}"


async def _ask(client: aiomqtt.Client, state: MqttState) -> None:
    if state.ask is not None:
        await client.publish(state.ask.topic, state.ask.payload, QOS)


async def _messages(client: aiomqtt.Client) -> AsyncIterator[tuple[str, bool]]:
    """(text, whether the broker had kept it) of each message, in order."""
    async for message in client.messages:
        payload = message.payload
        if isinstance(payload, bytes):
            yield payload.decode("utf-8", "replace"), message.retain


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = broker_faults(values.get("broker")) + pattern_faults(values.get("patterns"))
    faults += topic_faults("topic", values.get("topic"))
    for key in ("state", "life"):
        place = values.get(key)
        if isinstance(place, MqttState | MqttLife):
            faults += topic_faults(f"{key}.topic", place.topic)
        if isinstance(place, MqttState) and place.ask is not None:
            faults += topic_faults("state.ask.topic", place.ask.topic)
    return faults


def _make(name: str, settings: SirenMqttSettings, clock: Clock, timeout_s: float) -> Channel:
    return Siren(name, MqttRelay(settings, timeout_s), settings.patterns, clock)


KIND = ChannelKind(
    "siren-mqtt", SirenMqttSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
