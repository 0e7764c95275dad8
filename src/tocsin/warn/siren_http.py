"""A siren behind a network relay, switched on and off by HTTP.

Kind        `siren-http`
Sounds      patterns (`warn/siren.py`)
Proves      with `confirm`, by asking the relay afterwards: a relay that says 200 and does nothing
            is found out
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from urllib.parse import quote

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.http_call import HttpCall, HttpDoor, call_faults, url_faults
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.siren import Pattern, Siren, pattern_faults
from tocsin.words import Alert, Level


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A GET to `url` after switching, and after a crash; the answer must hold `on` or `off`."""

    url: str
    on: str
    off: str | None = None


class SirenHttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to switch the relay. `on_level` has another call for a level, such as another tone.

    `test` is a call that proves the relay answers without making a sound.
    """

    on: HttpCall
    off: HttpCall
    on_level: dict[Level, HttpCall] = {}
    test: HttpCall | None = None
    confirm: Confirmation | None = None
    patterns: dict[Level, Pattern] = {}


class HttpRelay:
    """The relay."""

    def __init__(self, settings: SirenHttpSettings, timeout_s: float) -> None:
        self._settings = settings
        self._door = HttpDoor(timeout_s)

    async def switch(self, alert: Alert, *, on: bool) -> str | None:
        """One call, and where there is a `confirm` another that asks."""
        settings = self._settings
        call = settings.on_level.get(alert.level, settings.on) if on else settings.off
        failure = await self._door.send(
            Template(call.url).safe_substitute(_words(alert, quoted=True)),
            call.method,
            Template(call.body).safe_substitute(_words(alert)).encode(),
            dict(call.headers),
        )
        confirm = settings.confirm
        if failure is not None or confirm is None:
            return failure
        expected = confirm.on if on else confirm.off
        if expected is None:
            return None
        denied = await self._ask(confirm, alert, expected)
        return None if denied is None else f"the relay does not confirm: {denied}"

    async def sounds(self, alert: Alert) -> bool:
        """Whether the answer to `confirm` holds `on`."""
        confirm = self._settings.confirm
        return confirm is not None and await self._ask(confirm, alert, confirm.on) is None

    async def probe(self) -> str | None:
        """The call that makes no sound."""
        call = self._settings.test
        if call is None:
            return "no test call is configured: add test to the channel's table"
        return await self._door.send(call.url, call.method, call.body.encode(), dict(call.headers))

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()

    async def _ask(self, confirm: Confirmation, alert: Alert, expected: str) -> str | None:
        url = Template(confirm.url).safe_substitute(_words(alert, quoted=True))
        return await self._door.send(url, "GET", b"", {}, expect=expected)


def _words(alert: Alert, *, quoted: bool = False) -> dict[str, str]:
    words = {"level": alert.level, "zone": alert.zone, "alert": alert.alert}
    return {name: quote(word, safe="") for name, word in words.items()} if quoted else words


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    for key in ("on", "off", "test"):
        faults += call_faults(key, values.get(key))
    calls, confirm = values.get("on_level"), values.get("confirm")
    if isinstance(confirm, Confirmation):
        faults += url_faults("confirm.url", confirm.url)
    if isinstance(calls, dict):
        for level, call in calls.items():
            faults += call_faults(f"on_level.{level}", call)
    return faults + pattern_faults(values.get("patterns"))


def _make(name: str, settings: SirenHttpSettings, clock: Clock, timeout_s: float) -> Channel:
    return Siren(name, HttpRelay(settings, timeout_s), settings.patterns, clock)


KIND = ChannelKind(
    "siren-http", SirenHttpSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
