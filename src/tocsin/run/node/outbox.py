"""From what is to be told to what was taken: signed, on disk, and sent until the site has it.

Where the disk fails the reports go on from memory: a full disk silences no ear.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.encode.ear_report import write_report
from tocsin.errors import DeliveryError, JournalError
from tocsin.keep.spool import Kind, Spool
from tocsin.share.report_post import ReportPost
from tocsin.words import HeardWindow
from tocsin.words.ear_report import (
    MOST_WINDOWS,
    ClockQuality,
    EarEvent,
    EarReport,
    Hearing,
    Heartbeat,
)

_log = logging.getLogger("tocsin.node")

MOST_AT_ONCE = 32
"""Reports a post: a backlog of an hour (some 2,000) leaves in a minute on a slow mobile link."""
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0


class Outbox:
    """All that the node `sensor` says leaves through here, in order."""

    def __init__(
        self,
        sensor: str,
        key: Ed25519PrivateKey,
        post: ReportPost,
        spool: Path | None,
        now: Callable[[], float],
        most_bytes: int,
    ) -> None:
        self._sensor, self._key, self._post, self._now = sensor, key, post, now
        self._public = key.public_key().public_bytes_raw()
        self._most_bytes = most_bytes
        self._spool = Spool(spool, int(now()), most_bytes)
        self._last = 0
        self._news = asyncio.Event()
        self.clock = ClockQuality()
        """Stated in each report; whoever asks the system sets it."""
        self.link_up: bool | None = None
        self.sent = 0

    @property
    def waiting(self) -> int:
        """Reports that the site has not taken yet."""
        return len(self._spool)

    @property
    def lost(self) -> int:
        """Reports that were given up for want of room."""
        return self._spool.lost

    def next_event(self) -> int:
        """The number of a new event."""
        return self._spool.next_event()

    def tell_event(self, t: float, event: EarEvent) -> None:
        """A drone is heard, or no longer."""
        self._append("event", t, event)

    def tell_windows(self, windows: Sequence[HeardWindow]) -> None:
        """Features of some windows."""
        for at in range(0, len(windows), MOST_WINDOWS):
            some = tuple(windows[at : at + MOST_WINDOWS])
            end = max(one.t + one.dur_s for one in some)
            self._append("features", end, Hearing(some))

    def tell_heartbeat(self, t: float, beat: Heartbeat) -> None:
        """How the node is."""
        self._append("heartbeat", t, beat)

    async def run(self) -> None:
        """Send what waits until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._news.clear()
            try:
                batch = self._spool.waiting(MOST_AT_ONCE)
            except JournalError as error:
                self._go_on_in_memory(error)
                continue
            if not batch:
                await self._news.wait()
                continue
            try:
                await self._post.post([data for _, data in batch])
            except DeliveryError as error:
                self._say(up=False, why=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2.0 * pause_s, _LONGEST_PAUSE_S)
                continue
            pause_s = _FIRST_PAUSE_S
            self._say(up=True)
            self.sent += len(batch)
            try:
                self._spool.taken([number for number, _ in batch])
            except JournalError as error:  # sent again when it is opened again; the site sees it
                self._go_on_in_memory(error)

    async def drained(self, within_s: float) -> bool:
        """Whether everything was taken in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while len(self._spool) and loop.time() < until:
            await asyncio.sleep(0.02)
        return not len(self._spool)

    async def close(self) -> None:
        """Let go of the link and the disk; what waits stays there."""
        await self._post.close()
        self._spool.close()

    def _append(self, kind: Kind, t: float, about: EarEvent | Hearing | Heartbeat) -> None:
        def write(number: int) -> bytes:
            report = EarReport(self._sensor, number, t, self.clock, about)
            return write_report(report, self._public, self._key.sign)

        try:
            self._last = self._spool.append(kind, write)
        except JournalError as error:
            self._go_on_in_memory(error)
            self._last = self._spool.append(kind, write)
        self._news.set()

    def _go_on_in_memory(self, error: JournalError) -> None:
        _log.warning("the spool is no use: %s; going on in memory", error)
        self._spool = Spool(None, max(self._last + 1, int(self._now())), self._most_bytes)

    def _say(self, *, up: bool, why: str = "") -> None:
        if up != self.link_up:
            self.link_up = up
            if up:
                _log.info("link: here; %d reports wait", len(self._spool))
            else:
                _log.warning("link: lost: %s; reports are kept", why)
