"""Publishes CAP messages in the site's feed, signed where it has a key, and says if it cannot.

A message stands in the feed once it is signed, or once it is known that it cannot be. The road
never waits for that, and no siren does.
"""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from tocsin.encode.cap_book import CapMessage
from tocsin.ports import Clock
from tocsin.run.config import SiteConfig
from tocsin.serve.hub import Hub
from tocsin.warn.cap_seal import CapSeal, SealHealth, day
from tocsin.words import Reason

LOOK_EVERY_S = 60.0
"""How often the key's files are looked at when nothing is to be signed."""

_TELL_AGAIN_S = 86_400.0  # that a certificate ends soon is said once a day


def make_seal(config: SiteConfig, clock: Clock) -> CapSeal | None:
    """The site's seal; None where its file names no key."""
    cap = config.cap
    if not cap.key:
        return None
    key, certificate = config.folder / cap.key, config.folder / cap.certificate
    return CapSeal(cap.sender, key, certificate, clock, withhold=cap.unsigned == "withhold")


class CapPress:
    """The feed's publisher. Make it inside the running loop."""

    def __init__(self, hub: Hub, seal: CapSeal | None, clock: Clock) -> None:
        self._hub, self._seal, self._clock = hub, seal, clock
        self._pressing: set[asyncio.Task[None]] = set()
        self._trouble: str | None = None
        self._told_end_t = float("-inf")

    def publish(self, alert: str, sequence: int, message: CapMessage) -> None:
        """Put a statement's message where screens find it, and into the feed. Returns at once."""
        self._hub.tell_cap(alert, sequence, message.xml)
        if self._seal is None or message.origin is not None:
            self._hub.tell_cap(alert, sequence, message.xml, message)
            return
        task = asyncio.create_task(self._press(self._seal, alert, sequence, message))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def watch(self) -> None:
        """Look after the key and its certificate until cancelled."""
        while self._seal is not None:
            health = await asyncio.to_thread(self._seal.health)
            self._hear(health.why)
            self._tell_end(health)
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Finish what is being signed."""
        await asyncio.gather(*self._pressing)

    async def _press(self, seal: CapSeal, alert: str, sequence: int, message: CapMessage) -> None:
        sealed = await seal.sign(message.xml)
        self._hear(sealed.why)
        if sealed.xml:
            ready = replace(message, xml=sealed.xml, signed=sealed.signed)
            self._hub.tell_cap(alert, sequence, sealed.xml, ready)

    def _hear(self, why: str | None) -> None:
        """Tell the screens when signing begins to fail and when it works again."""
        if why == self._trouble:
            return
        self._trouble = why
        reason = Reason("cap-signed") if why is None else Reason("cap-unsigned", {"detail": why})
        self._hub.tell_note(self._clock.now(), reason)

    def _tell_end(self, health: SealHealth) -> None:
        now = self._clock.now()
        days = health.days_left(now)
        if days is None or health.until_t is None or now - self._told_end_t < _TELL_AGAIN_S:
            return
        self._told_end_t = now
        values: dict[str, str | float | int] = {"days": days, "date": day(health.until_t)}
        self._hub.tell_note(now, Reason("cap-certificate-ends", values))
