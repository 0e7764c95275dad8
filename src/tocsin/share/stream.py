"""A neighbour at the end of a TCP or TLS connection: news are queued, and told when it is there.

The road never waits: `tell` returns at once. While the neighbour is away the queue keeps the
newest news of each thing (a track's last place, an alert's last word), so that it neither grows
nor tells what is over. A connection that breaks is made again, with growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from msgspec.structs import replace

from tocsin.errors import DecodeError
from tocsin.words import Alert, PeerHealth, Track

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_CONNECT_S = 5.0
_READ_BYTES = 65_536
MOST_WAITING = 2_000
"""Things; the oldest news goes first."""


class Dialogue(Protocol):
    """What is said to one kind of neighbour. Pure: bytes in, bytes out."""

    def hello(self, now: float) -> Sequence[bytes]:
        """What is said first on every new connection."""
        ...

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        """(what it is about, message); a later message about the same replaces one not yet sent."""
        ...

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        """Our answers to bytes from the neighbour. Raises DecodeError where it talks nonsense:
        the connection is then ended."""
        ...


@runtime_checkable
class Pulse(Protocol):
    """What a dialogue has besides where the neighbour must let us in first, and wants to hear from
    us even when there is no news."""

    every_s: float

    def admitted(self) -> bool:
        """Whether it has let us in: until then nothing of `news` is told."""
        ...

    def pulse(self, now: float) -> Sequence[bytes]:
        """What is said every `every_s` once we are in."""
        ...


@runtime_checkable
class Worded(Protocol):
    """What a dialogue has besides where it depends on the connection how a message is put."""

    def worded(self, message: bytes) -> bytes:
        """One message of `news` as it is to leave now."""
        ...


class StreamPeer:
    """A neighbour over TCP, or TLS where `tls` is given; `tls_name` is then the name in its
    certificate, where that is not its host."""

    def __init__(
        self,
        name: str,
        dialogue: Dialogue,
        host: str,
        port: int,
        now: Callable[[], float],
        tls: ssl.SSLContext | None = None,
        tls_name: str | None = None,
    ) -> None:
        self.name = name
        self._dialogue = dialogue
        self._pulse = dialogue if isinstance(dialogue, Pulse) else None
        self._worded = dialogue if isinstance(dialogue, Worded) else None
        self._host, self._port, self._tls, self._now = host, port, tls, now
        self._tls_name = tls_name
        self._waiting: OrderedDict[str, bytes] = OrderedDict()
        self._news = asyncio.Event()
        self._health = PeerHealth(name)

    def tell(self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]) -> None:
        """Queue what changed; never waits."""
        for key, message in self._dialogue.news(now, tracks, alerts):
            self._waiting.pop(key, None)
            self._waiting[key] = message
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
                self._health = replace(self._health, dropped=self._health.dropped + 1)
        self._news.set()

    def health(self) -> PeerHealth:
        """As it is now."""
        return replace(self._health, waiting=len(self._waiting))

    async def run(self) -> None:
        """Connect, tell, and connect again, until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    reader, writer = await asyncio.open_connection(
                        self._host, self._port, ssl=self._tls, server_hostname=self._tls_name
                    )
            except (OSError, TimeoutError) as error:
                self._health = replace(self._health, why=str(error) or "no answer")
            else:
                pause_s = _FIRST_PAUSE_S
                await self._converse(reader, writer)
            await asyncio.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _LONGEST_PAUSE_S)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from hello until either side ends it."""
        self._health = replace(self._health, connected=True, why=None)
        ears = asyncio.create_task(self._hear(reader, writer))
        mouth = asyncio.create_task(self._speak(writer))
        why = "the neighbour ended the connection"
        try:
            done, _ = await asyncio.wait({ears, mouth}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is not None:
                    why = str(error) or repr(error)
        finally:
            for task in (ears, mouth):
                task.cancel()
            await asyncio.gather(ears, mouth, return_exceptions=True)
            self._health = replace(self._health, connected=False, why=why)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what the neighbour says, until it hangs up."""
        while data := await reader.read(_READ_BYTES):
            try:
                answers = self._dialogue.answer(data, self._now())
            except DecodeError as error:
                self._health = replace(self._health, why=str(error))
                return
            writer.writelines(answers)
            await writer.drain()
            self._news.set()  # we may have been let in

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        writer.writelines(self._dialogue.hello(self._now()))
        await writer.drain()
        due = asyncio.get_running_loop().time()
        while True:
            while self._waiting and (self._pulse is None or self._pulse.admitted()):
                _, message = self._waiting.popitem(last=False)
                writer.write(message if self._worded is None else self._worded.worded(message))
                await writer.drain()
                self._health = replace(self._health, sent=self._health.sent + 1)
            self._news.clear()
            due = await self._rest(writer, due)

    async def _rest(self, writer: asyncio.StreamWriter, due: float) -> float:
        """Wait for news, or for the next pulse; when that is due."""
        if self._pulse is None:
            await self._news.wait()
            return due
        clock = asyncio.get_running_loop().time
        if not self._pulse.admitted():
            due = clock() + self._pulse.every_s
        try:
            async with asyncio.timeout(max(0.0, due - clock())):
                await self._news.wait()
        except TimeoutError:
            if self._pulse.admitted():
                writer.writelines(self._pulse.pulse(self._now()))
                await writer.drain()
            due = clock() + self._pulse.every_s
        return due
