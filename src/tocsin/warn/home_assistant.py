"""The site as a device in Home Assistant, through the MQTT broker that both know.

Kind        `home-assistant`
Shows       one device with an alarm and a level for each zone and the life of each sensor
            (`encode/home_assistant.py`); a lamp or a shutter there may follow the alarm
Retained    discovery and availability, whose end the broker tells by itself (last will); states are
            not, for an old one would look like the present: they are said anew at each birth of
            Home Assistant, a little later, and every minute
Proves      that the broker has it, and that Home Assistant, where it was heard, is not off line
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import aiomqtt
import msgspec

from tocsin import __version__
from tocsin.encode.account import is_standing
from tocsin.encode.home_assistant import (
    HomeSite,
    Retained,
    availability,
    discovery,
    sensor_state,
    zone_state,
)
from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.mqtt_door import QOS, MqttBroker, broker_faults, connect, topic_faults
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Receipt, Sensor, SensorHealth, Wording, Zone

_ONLINE, _OFFLINE = "online", "offline"
_AGAIN_S = (1.0, 5.0)  # it subscribes to a state only some time after it has read the discovery
_EVERY_S = 60.0
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)


class HomeAssistantSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The broker, and the names under which the site is known there.

    `site` stays for ever: another one is another device. `page` is where the site's screens are.
    `birth` is where Home Assistant says `online` and `offline`; `prefix` and `birth` are those of
    its MQTT integration.
    """

    broker: MqttBroker
    site: str
    page: str | None = None
    language: str = "en"
    prefix: str = "homeassistant"
    birth: str = "homeassistant/status"
    root: str = "tocsin"


class HomeAssistant:
    """The channel. It keeps one connection, and makes it anew when it is lost."""

    def __init__(
        self, name: str, settings: HomeAssistantSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s
        self._site = HomeSite(
            settings.site,
            settings.site,
            __version__,
            settings.page,
            settings.prefix,
            settings.root,
        )
        self._zones: tuple[Zone, ...] = ()
        self._sensors: tuple[Sensor, ...] = ()
        self._standing: dict[str, Alert] = {}
        self._seen: dict[str, None] = {}  # zones told of, whether introduced or not
        self._health: dict[str, SensorHealth] = {}
        self._other: str | None = None
        self._trouble = "the broker has not answered yet"
        self._client: aiomqtt.Client | None = None
        self._connected = asyncio.Event()
        self._news = asyncio.Event()
        self._life: asyncio.Task[None] | None = None

    def introduce(self, site: str, zones: Sequence[Zone], sensors: Sequence[Sensor]) -> None:
        """What the device is made of."""
        self._site = msgspec.structs.replace(self._site, name=site)
        self._zones, self._sensors = tuple(zones), tuple(sensors)
        self._begin()

    def tell_health(self, health: Sequence[SensorHealth]) -> None:
        """Changes are said at once, the rest every minute."""
        now = {one.sensor: one for one in health}
        was = {name: one.state for name, one in self._health.items()}
        self._health = now
        if was != {name: one.state for name, one in now.items()}:
            self._news.set()

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Say the zone's new state."""
        sent_t = self._clock.now()
        self._know(alert)
        failure = await self._try([zone_state(self._site, alert.zone, self._standing.values())])
        note = None
        if failure is None and self._other is None:
            note = "the broker has it; Home Assistant was not heard"
        return receipt(self.name, alert, self._clock, sent_t, failure, note=note)

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """What stood when Tocsin was killed stands still; a state said twice hurts nobody."""
        self._know(alert)
        self._news.set()
        return None

    async def self_test(self) -> Receipt:
        """Say that the site is there."""
        sent_t = self._clock.now()
        failure = await self._try([availability(self._site, online=True)])
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Say good-bye: a last will is told only of those who die."""
        if self._client is not None:
            await self._try([availability(self._site, online=False)])
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait((self._life,))

    def _know(self, alert: Alert) -> None:
        self._seen[alert.zone] = None
        if is_standing(alert):
            self._standing[alert.alert] = alert
        else:
            self._standing.pop(alert.alert, None)

    def _begin(self) -> None:
        if self._life is None:
            self._life = asyncio.create_task(self._live(), name=f"home assistant {self.name}")

    async def _try(self, messages: Sequence[Retained]) -> str | None:
        """Publish, once there is a connection."""
        self._begin()
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._connected.wait()
                if self._client is None:
                    return self._trouble
                await self._say(self._client, messages)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s: {self._trouble}"
        except aiomqtt.MqttError as error:
            return f"broker: {error}"
        if self._other == _OFFLINE:
            return "Home Assistant is off line; it is told when it comes back"
        return None

    async def _live(self) -> None:
        """Connect, say all, listen for births, and again, until cancelled."""
        lost = 0
        while True:
            try:
                gone = availability(self._site, online=False)
                will = aiomqtt.Will(gone.topic, gone.payload, QOS, retain=True)
                async with connect(
                    self._settings.broker, self._timeout_s, will=will, keep_alive_s=15
                ) as client:
                    lost = 0
                    await self._serve(client)
            except (aiomqtt.MqttError, OSError, UnicodeDecodeError) as error:
                self._trouble = f"broker: {error}"
            await asyncio.sleep(_PAUSES_S[min(lost, len(_PAUSES_S) - 1)])
            lost += 1

    async def _serve(self, client: aiomqtt.Client) -> None:
        await client.subscribe(self._settings.birth, QOS)
        await self._say_site(client)
        self._client = client
        self._connected.set()
        again = asyncio.create_task(self._say_again(client))
        try:
            async for message in client.messages:
                if message.payload == _ONLINE.encode():
                    self._other = _ONLINE
                    await self._say_site(client)
                    self._news.set()
                elif message.payload == _OFFLINE.encode():
                    self._other = _OFFLINE
        finally:
            self._client = None
            self._connected.clear()
            again.cancel()
            await asyncio.wait((again,))

    async def _say_again(self, client: aiomqtt.Client) -> None:
        """States anew: soon after whatever has changed, and every minute."""
        with contextlib.suppress(aiomqtt.MqttError):  # the listener hears of it as well
            while True:
                self._news.clear()
                for pause_s in _AGAIN_S:
                    await self._say(client, self._states())
                    await asyncio.sleep(pause_s)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_EVERY_S):
                        await self._news.wait()

    async def _say_site(self, client: aiomqtt.Client) -> None:
        site, language = self._site, self._settings.language
        config = discovery(site, self._zones, language, self._sensors)
        await self._say(client, [config, availability(site, online=True), *self._states()])

    def _states(self) -> list[Retained]:
        zones = dict.fromkeys([*(zone.id for zone in self._zones), *self._seen])
        standing = list(self._standing.values())
        return [
            *(zone_state(self._site, zone, standing) for zone in zones),
            *(sensor_state(self._site, one) for one in self._health.values()),
        ]

    async def _say(self, client: aiomqtt.Client, messages: Sequence[Retained]) -> None:
        """Each with the broker's word that it has it. Raises MqttError."""
        kept = (self._site.availability_topic, discovery(self._site, ()).topic)
        for one in messages:
            await client.publish(one.topic, one.payload, QOS, retain=one.topic in kept)


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = broker_faults(values.get("broker"))
    for key in ("prefix", "birth", "root"):
        faults += topic_faults(key, values.get(key))
    if values.get("site") == "":
        faults.append(SettingFault("site", "is empty", "give the site a name that stays"))
    return faults


def _make(name: str, settings: HomeAssistantSettings, clock: Clock, timeout_s: float) -> Channel:
    return HomeAssistant(name, settings, clock, timeout_s)


KIND = ChannelKind("home-assistant", HomeAssistantSettings, _make, _faults)
