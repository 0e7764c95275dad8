"""What every door does: keep an antenna listening, make it anew when it fails, count, and tell.

An `Antenna` knows one way in and nothing else: it listens until it is lost. The `Door` around it
starts it again after growing pauses, holds what came until the road fetches it, and says in its
log when it comes and goes: a line a change of state, never one a message.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from tocsin.errors import SourceError
from tocsin.listen.waiting import MOST_WAITING, WaitingFrames
from tocsin.ports import Clock
from tocsin.words import Frame, Link, SourceHealth

_log = logging.getLogger("tocsin.listen")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
STEADY_S = 10.0
"""What held for so long was a connection; one that ends sooner makes the next pause longer."""

_ROOM_S = 0.05
_PATIENT_FRAMES = 500


class Ear:
    """What an antenna tells its door."""

    def __init__(
        self, name: str, kind: str, clock: Clock, link: Link, sensor: str, most_waiting: int
    ) -> None:
        self.name, self.sensor = name, sensor
        self.link = link
        self.refused: Counter[str] = Counter()
        """Files and parts of files that could not be read, by rule."""
        self._clock = clock
        self._waiting = WaitingFrames(most_waiting)
        self._health = SourceHealth(name, kind)
        self._lost_before = False

    def now(self) -> float:
        """Unix seconds."""
        return self._clock.now()

    def connected(self) -> None:
        """It is there. To say so again changes nothing."""
        if self._health.connected:
            return
        again = self._health.reconnects + self._lost_before
        self._health = replace(
            self._health, connected=True, since_t=round(self.now(), 3), reconnects=again, why=None
        )
        _log.info("source %s: here", self.name)

    def lost(self, why: str) -> None:
        """It is not there, or not any more."""
        known = not self._health.connected and self._health.why == why
        self._lost_before = self._lost_before or self._health.connected
        self._health = replace(self._health, connected=False, since_t=None, why=why)
        if not known:
            _log.warning("source %s: lost: %s", self.name, why)

    def ail(self, why: str | None) -> None:
        """It is there, but something about it is not well; None where that is over."""
        if why is not None and why != self._health.why:
            _log.warning("source %s: %s", self.name, why)
        self._health = replace(self._health, why=why)

    def hear(self, messages: Iterable[bytes], origin: str = "") -> None:
        """Messages, at the time they came: now."""
        t = self.now()
        said = f"{self.name} {origin}" if origin else self.name
        self.take(Frame(data, self.sensor, t, self.link, said, self.name) for data in messages)

    def take(self, frames: Iterable[Frame]) -> None:
        """Frames that tell their own times."""
        count = 0
        for frame in frames:
            count += 1
            self._waiting.put(frame if frame.source else replace(frame, source=self.name))
        if count:
            t = round(self.now(), 3)
            self._health = replace(self._health, seen=self._health.seen + count, last_data_t=t)

    async def take_patiently(self, frames: Iterable[Frame]) -> None:
        """The same for what can wait: nothing is dropped, also of what stands before a fault."""
        some: list[Frame] = []
        try:
            for frame in frames:
                some.append(frame)
                if len(some) >= _PATIENT_FRAMES:
                    await self.room()
                    self.take(some)
                    some = []
        finally:
            self.take(some)

    async def room(self) -> None:
        """Wait until there is room: for what can wait, such as a file."""
        await asyncio.sleep(0)
        while self._waiting.half_full:
            await asyncio.sleep(_ROOM_S)

    @property
    def crowded(self) -> bool:
        """Whether one who can keep a message should keep it for now."""
        return self._waiting.half_full

    def refuse(self, rule: str, why: str) -> None:
        """Something whole, such as a file, could not be read."""
        self.refused[rule] += 1
        self.ail(why)

    def give_up(self, count: int) -> None:
        """Bytes in which no message could be told apart."""
        given_up = self._health.given_up_bytes + count
        self._health = replace(self._health, given_up_bytes=given_up)

    def miss(self, count: int) -> None:
        """Messages that the system had no room for."""
        self._waiting.dropped += count

    def share(self, duty: dict[str, float]) -> None:
        """How its time is spent."""
        self._health = replace(self._health, duty=duty)

    def drain(self) -> list[Frame]:
        """Everything that waits."""
        return self._waiting.drain()

    def health(self) -> SourceHealth:
        """As it is now."""
        return replace(self._health, dropped=self._waiting.dropped, refused=dict(self.refused))


class Antenna(Protocol):
    """One way in. Most must find nothing when the site starts, and hold nothing between calls."""

    async def open(self) -> None:
        """Take what must be there when the site starts, such as a port. Raises SourceError."""
        return

    async def listen(self, ear: Ear) -> None:
        """Tell the ear what comes. Ends, or raises, when it is lost; it is then called again."""
        ...

    def close(self) -> None:
        """Let go of what `open` took, where `listen` was never called."""
        return


class Door:
    """A source: an antenna that is kept listening."""

    def __init__(
        self,
        name: str,
        kind: str,
        clock: Clock,
        antenna: Antenna,
        *,
        link: Link,
        sensor: str = "",
        most_waiting: int = MOST_WAITING,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.name = name
        self._antenna = antenna
        self._ear = Ear(name, kind, clock, link, sensor, most_waiting)
        self._first_pause_s = first_pause_s
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to hear. Raises SourceError for what will not mend itself."""
        if self._running is None:
            try:
                await self._antenna.open()
            except SourceError as error:
                where = f"{self.name} ({error.where})" if error.where else self.name
                raise SourceError(error.what, where=where, remedy=error.remedy) from None
            self._running = asyncio.create_task(self._keep_listening(), name=self.name)

    def drain(self) -> list[Frame]:
        """What came since it was last asked."""
        return self._ear.drain()

    def health(self) -> SourceHealth:
        """As it is now."""
        return self._ear.health()

    async def close(self) -> None:
        """Let go; what came already can still be drained."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._antenna.close()

    async def _keep_listening(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s = self._first_pause_s
        while True:
            began = loop.time()
            # a task of its own: whatever breaks in it, ours or a plug-in's, breaks this door only
            turn = asyncio.create_task(self._antenna.listen(self._ear))
            try:
                await asyncio.wait({turn})
            finally:
                turn.cancel()
                await asyncio.gather(turn, return_exceptions=True)
            self._ear.lost("it ended" if turn.cancelled() else _why(turn.exception()))
            if loop.time() - began >= STEADY_S:
                pause_s = self._first_pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)


def _why(error: BaseException | None) -> str:
    """In a few words; an error that nobody foresaw says its name."""
    if error is None:
        return "the other side ended it"
    if isinstance(error, SourceError):
        return f"{error.what} ({error.remedy})" if error.remedy else error.what
    if isinstance(error, OSError):
        # asyncio writes addresses into the system's words; a look-up that failed has its own
        code = error.errno or 0
        plain = os.strerror(code) if code > 0 else error.strerror
        return plain or str(error) or type(error).__name__
    return f"{type(error).__name__}: {error}"
