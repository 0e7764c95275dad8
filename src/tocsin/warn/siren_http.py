"""A siren behind a network relay, switched on and off by HTTP.

Kind        `siren-http`
Sounds      a pattern of seconds on and off for each level, so that alarm and all-clear are told
            apart with closed eyes; the last step always switches off
Proves      with `confirm`, by asking the relay afterwards: a relay that says 200 and does nothing
            is found out
Shares      one siren serves several alerts: the all-clear of one does not silence another
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from string import Template
from urllib.parse import quote

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.http_call import HttpCall, HttpDoor, call_faults, url_faults
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import LEVEL_ORDER, Alert, Level, Receipt, Wording

Pattern = tuple[tuple[float, float], ...]
"""Pulses as (seconds on, seconds off)."""

_PATTERNS: dict[Level, Pattern] = {
    "alarm": ((60.0, 0.0),),
    "warning": ((5.0, 5.0), (5.0, 0.0)),
    "watch": ((1.0, 0.0),),
    "all-clear": ((2.0, 2.0), (2.0, 2.0), (2.0, 0.0)),
}
_LONGEST_SOUND_S = 600.0
_QUIET_S = 2.0
_INSIST_S = (1.0, 2.0, 4.0, 8.0, 16.0)


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


class SirenHttp:
    """The channel. The receipt says whether the siren *began*; the pattern then plays on."""

    def __init__(
        self, name: str, settings: SirenHttpSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._door = HttpDoor(timeout_s)
        self._ringing: set[str] = set()
        self._playing: asyncio.Task[None] | None = None
        self._sounding: Level = "all-clear"

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Begin the level's pattern. An all-clear is sounded only when no other alert rings."""
        sent_t = self._clock.now()
        if alert.level == "alarm":
            self._ringing.add(alert.alert)
        elif alert.level == "all-clear":
            self._ringing.discard(alert.alert)
        note = self._why_not(alert)
        if note is not None:
            return receipt(self.name, alert, self._clock, sent_t, note=note)
        was_sounding = await self._stop_playing()
        if alert.level == "all-clear" and was_sounding:
            # silence first, or the pulses of the all-clear would drown in the alarm
            await self._switch(self._settings.off, alert, on=False)
            await self._clock.sleep_until(self._clock.now() + _QUIET_S)
        failure = await self._begin(alert)
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """The relay tells whether the call of a killed Tocsin reached it: nobody has switched it
        off since. A siren that still sounds falls silent when its first pulse is over."""
        if alert.level == "all-clear":
            return None
        if not told and not await self._sounds(alert):
            return None
        if alert.level == "alarm":
            self._ringing.add(alert.alert)
        if self._playing is None:
            self._sounding = alert.level
            until_t = began_t + self._pattern(alert.level)[0][0]
            self._playing = asyncio.create_task(self._silence_at(alert, until_t))
        if told:
            return None
        return receipt(self.name, alert, self._clock, began_t, note="it sounded already")

    async def self_test(self) -> Receipt:
        """Call the relay without a sound."""
        sent_t = self._clock.now()
        call = self._settings.test
        if call is None:
            failure: str | None = "no test call is configured: add test to the channel's table"
        else:
            failure = await self._door.send(
                call.url, call.method, call.body.encode(), dict(call.headers)
            )
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Switch off if it sounds, and let go."""
        if await self._stop_playing():
            off = self._settings.off
            await self._door.send(off.url, off.method, off.body.encode(), dict(off.headers))
        await self._door.close()

    def _why_not(self, alert: Alert) -> str | None:
        """Why this statement is rightly not sounded, if so."""
        if alert.level == "all-clear":
            return "another alert still rings: no all-clear is sounded" if self._ringing else None
        busy = self._playing is not None and not self._playing.done()
        if busy and LEVEL_ORDER[alert.level] < LEVEL_ORDER[self._sounding]:
            return f"the siren already sounds {self._sounding}"
        return None

    async def _begin(self, alert: Alert) -> str | None:
        """Switch on, and leave a task that plays the pattern and in any case switches off.

        Even if the relay did not answer it may have switched: without the task it might ring on.
        """
        pattern = self._pattern(alert.level)
        call = self._settings.on_level.get(alert.level, self._settings.on)
        self._sounding = alert.level
        failure: str | None = "was interrupted"
        try:
            failure = await self._switch(call, alert, on=True)
        finally:
            rest = pattern if failure is None else pattern[:1]
            self._playing = asyncio.create_task(self._play(alert, call, rest))
        return failure

    async def _play(self, alert: Alert, call: HttpCall, pattern: Pattern) -> None:
        """The rest of the pattern; the first step is already on."""
        for step, (on_s, off_s) in enumerate(pattern):
            if step > 0:
                await self._switch(call, alert, on=True)
            await self._clock.sleep_until(self._clock.now() + on_s)
            await self._silence(alert)
            await self._clock.sleep_until(self._clock.now() + off_s)

    async def _silence_at(self, alert: Alert, t: float) -> None:
        await self._clock.sleep_until(t)
        await self._silence(alert)

    def _pattern(self, level: Level) -> Pattern:
        return self._settings.patterns.get(level) or _PATTERNS[level]

    async def _sounds(self, alert: Alert) -> bool:
        """Whether the relay says that it is on; False where it cannot be asked."""
        confirm = self._settings.confirm
        if confirm is None:
            return False
        return await self._ask(confirm, alert, confirm.on) is None

    async def _ask(self, confirm: Confirmation, alert: Alert, expected: str) -> str | None:
        url = Template(confirm.url).safe_substitute(_words(alert, quoted=True))
        return await self._door.send(url, "GET", b"", {}, expect=expected)

    async def _silence(self, alert: Alert) -> None:
        """Switch off, and insist: a siren that nobody can stop is soon disconnected."""
        for pause_s in _INSIST_S:
            if await self._switch(self._settings.off, alert, on=False) is None:
                return
            await self._clock.sleep_until(self._clock.now() + pause_s)

    async def _stop_playing(self) -> bool:
        """End the pattern where it is; whether one was playing."""
        playing, self._playing = self._playing, None
        if playing is None or playing.done():
            return False
        playing.cancel()
        await asyncio.wait((playing,))
        return True

    async def _switch(self, call: HttpCall, alert: Alert, *, on: bool) -> str | None:
        failure = await self._door.send(
            Template(call.url).safe_substitute(_words(alert, quoted=True)),
            call.method,
            Template(call.body).safe_substitute(_words(alert)).encode(),
            dict(call.headers),
        )
        confirm = self._settings.confirm
        if failure is not None or confirm is None:
            return failure
        expected = confirm.on if on else confirm.off
        if expected is None:
            return None
        denied = await self._ask(confirm, alert, expected)
        return None if denied is None else f"the relay does not confirm: {denied}"


def _words(alert: Alert, *, quoted: bool = False) -> dict[str, str]:
    words = {"level": alert.level, "zone": alert.zone, "alert": alert.alert}
    return {name: quote(word, safe="") for name, word in words.items()} if quoted else words


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    for key in ("on", "off", "test"):
        faults += call_faults(key, values.get(key))
    calls, patterns, confirm = (values.get(key) for key in ("on_level", "patterns", "confirm"))
    if isinstance(confirm, Confirmation):
        faults += url_faults("confirm.url", confirm.url)
    if isinstance(calls, dict):
        for level, call in calls.items():
            faults += call_faults(f"on_level.{level}", call)
    if isinstance(patterns, dict):
        for level, pattern in patterns.items():
            faults += _pattern_faults(f"patterns.{level}", pattern)
    return faults


def _pattern_faults(key: str, pattern: Pattern) -> list[SettingFault]:
    seconds = [length for pulse in pattern for length in pulse]
    if not pattern or not all(length >= 0.0 for length in seconds) or pattern[0][0] <= 0.0:
        what = "must begin with seconds on, and hold no negative ones"
        return [SettingFault(key, what, "such as [[60, 0]]")]
    if sum(seconds) > _LONGEST_SOUND_S:
        return [SettingFault(key, f"sounds for more than {_LONGEST_SOUND_S:g} s", "shorten it")]
    return []


def _make(name: str, settings: SirenHttpSettings, clock: Clock, timeout_s: float) -> Channel:
    return SirenHttp(name, settings, clock, timeout_s)


KIND = ChannelKind(
    "siren-http", SirenHttpSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
