"""A siren that is switched on and off in patterns, whatever switches it.

Sounds      a pattern of seconds on and off for each level, so that alarm and all-clear are told
            apart with closed eyes; the last step always switches off
Proves      as far as its relay can be asked what it did
Shares      one siren serves several alerts: the all-clear of one does not silence another, and a
            lesser level does not interrupt a graver one
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from tocsin.ports import Clock
from tocsin.warn.kind import SettingFault
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import LEVEL_ORDER, Alert, Level, Receipt, Wording

Pattern = tuple[tuple[float, float], ...]
"""Pulses as (seconds on, seconds off)."""

PATTERNS: dict[Level, Pattern] = {
    "alarm": ((60.0, 0.0),),
    "warning": ((5.0, 5.0), (5.0, 0.0)),
    "watch": ((1.0, 0.0),),
    "all-clear": ((2.0, 2.0), (2.0, 2.0), (2.0, 0.0)),
}
_LONGEST_SOUND_S = 600.0
_QUIET_S = 2.0
_INSIST_S = (1.0, 2.0, 4.0, 8.0, 16.0)


class Relay(Protocol):
    """What switches a siren. Nothing here raises for a relay that fails."""

    async def switch(self, alert: Alert, *, on: bool) -> str | None:
        """Switch, and ask whether it did where it can be asked; None, or what went wrong."""
        ...

    async def sounds(self, alert: Alert) -> bool:
        """Whether it says that it is on; False where it cannot be asked."""
        ...

    async def probe(self) -> str | None:
        """Prove that it answers, without a sound; None, or what is wrong."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Siren:
    """The channel. The receipt says whether the siren *began*; the pattern then plays on."""

    def __init__(
        self, name: str, relay: Relay, patterns: dict[Level, Pattern], clock: Clock
    ) -> None:
        self.name = name
        self._relay = relay
        self._patterns = patterns
        self._clock = clock
        self._ringing: set[str] = set()
        self._playing: asyncio.Task[None] | None = None
        self._sounding: Alert | None = None

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
            await self._relay.switch(alert, on=False)
            await self._clock.sleep_until(self._clock.now() + _QUIET_S)
        failure = await self._begin(alert)
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """The relay tells whether the call of a killed Tocsin reached it: nobody has switched it
        off since. A siren that still sounds falls silent when its first pulse is over."""
        if alert.level == "all-clear":
            return None
        if not told and not await self._relay.sounds(alert):
            return None
        if alert.level == "alarm":
            self._ringing.add(alert.alert)
        if self._playing is None:
            self._sounding = alert
            until_t = began_t + self._pattern(alert.level)[0][0]
            self._playing = asyncio.create_task(self._silence_at(alert, until_t))
        if told:
            return None
        return receipt(self.name, alert, self._clock, began_t, note="it sounded already")

    async def self_test(self) -> Receipt:
        """Ask the relay without a sound."""
        sent_t = self._clock.now()
        return self_test_receipt(self.name, self._clock, sent_t, await self._relay.probe())

    async def close(self) -> None:
        """Switch off if it sounds, and let go."""
        if await self._stop_playing() and self._sounding is not None:
            await self._relay.switch(self._sounding, on=False)
        await self._relay.close()

    def _why_not(self, alert: Alert) -> str | None:
        """Why this statement is rightly not sounded, if so."""
        if alert.level == "all-clear":
            return "another alert still rings: no all-clear is sounded" if self._ringing else None
        busy = self._playing is not None and not self._playing.done()
        sounding = "all-clear" if self._sounding is None else self._sounding.level
        if busy and LEVEL_ORDER[alert.level] < LEVEL_ORDER[sounding]:
            return f"the siren already sounds {sounding}"
        return None

    async def _begin(self, alert: Alert) -> str | None:
        """Switch on, and leave a task that plays the pattern and in any case switches off.

        Even if the relay did not answer it may have switched: without the task it might ring on.
        """
        pattern = self._pattern(alert.level)
        self._sounding = alert
        failure: str | None = "was interrupted"
        try:
            failure = await self._relay.switch(alert, on=True)
        finally:
            rest = pattern if failure is None else pattern[:1]
            self._playing = asyncio.create_task(self._play(alert, rest))
        return failure

    async def _play(self, alert: Alert, pattern: Pattern) -> None:
        """The rest of the pattern; the first step is already on."""
        for step, (on_s, off_s) in enumerate(pattern):
            if step > 0:
                await self._relay.switch(alert, on=True)
            await self._clock.sleep_until(self._clock.now() + on_s)
            await self._silence(alert)
            await self._clock.sleep_until(self._clock.now() + off_s)

    async def _silence_at(self, alert: Alert, t: float) -> None:
        await self._clock.sleep_until(t)
        await self._silence(alert)

    def _pattern(self, level: Level) -> Pattern:
        return self._patterns.get(level) or PATTERNS[level]

    async def _silence(self, alert: Alert) -> None:
        """Switch off, and insist: a siren that nobody can stop is soon disconnected."""
        for pause_s in _INSIST_S:
            if await self._relay.switch(alert, on=False) is None:
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


def pattern_faults(patterns: object) -> list[SettingFault]:
    """What is wrong with configured patterns; nothing is said of what is no table of them."""
    faults = []
    for level, pattern in patterns.items() if isinstance(patterns, dict) else ():
        key = f"patterns.{level}"
        seconds = [length for pulse in pattern for length in pulse]
        if not pattern or not all(length >= 0.0 for length in seconds) or pattern[0][0] <= 0.0:
            what = "must begin with seconds on, and hold no negative ones"
            faults.append(SettingFault(key, what, "such as [[60, 0]]"))
        elif sum(seconds) > _LONGEST_SOUND_S:
            what = f"sounds for more than {_LONGEST_SOUND_S:g} s"
            faults.append(SettingFault(key, what, "shorten it"))
    return faults
