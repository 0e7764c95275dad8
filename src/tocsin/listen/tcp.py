"""Messages over TCP: neighbours connect and send as many as they like, in the source's format.

Anybody who reaches the port can speak, so it listens on the loopback address unless told
otherwise. A connection in which nothing can be told apart is ended; a message that makes no sense
is counted by the desk. A connection that breaks off loses its unfinished message, nothing else.
A protocol that wants answers (SAPIENT) brings a conversation for each connection; a neighbour that
does not read its answers is not heard any further, and holds up nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol

from tocsin.errors import SourceError
from tocsin.listen.udp import LOOPBACK
from tocsin.listen.waiting import MOST_WAITING, WaitingFrames
from tocsin.ports import Clock, Format, Splitter
from tocsin.words import Frame

_READ_BYTES = 65_536
MOST_CONNECTIONS = 256
"""More are turned away at once: each holds up to 128 KiB."""


class Heard(NamedTuple):
    """What becomes of a message: our answers, and whether it is handed on to be decoded."""

    answers: Sequence[bytes]
    hand_on: bool


class Conversation(Protocol):
    """Our side of one connection. Pure: bytes in, bytes out."""

    def hear(self, data: bytes, now: float) -> Heard:
        """Judge a message and answer it. Never raises."""
        ...

    def ended(self) -> None:
        """The connection is over."""
        ...


class TcpSource:
    """Messages on a TCP port. `port` 0 takes any free one; see `address`."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        form: Format,
        port: int,
        *,
        host: str = LOOPBACK,
        sensor: str = "",
        most_waiting: int = MOST_WAITING,
        converse: Callable[[], Conversation] | None = None,
    ) -> None:
        self.name = name
        self.cut_off = 0
        """Connections ended by us: a message too long, or too many at once."""
        self._clock = clock
        self._form = form
        self._host = host
        self._port = port
        self._sensor = sensor
        self._converse = converse
        self._waiting = WaitingFrames(most_waiting)
        self._server: asyncio.Server | None = None
        self._readers: set[asyncio.Task[None]] = set()

    @property
    def dropped(self) -> int:
        """Messages turned away because nobody fetched them in time."""
        return self._waiting.dropped

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on, once open."""
        if self._server is None or not self._server.sockets:
            return self._host, self._port
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def open(self) -> None:
        """Bind the port; `frames` does so by itself. Raises SourceError."""
        if self._server is not None:
            return
        try:
            self._server = await asyncio.start_server(self._accept, self._host, self._port)
        except OSError as error:
            raise SourceError(
                error.strerror or str(error),
                where=f"{self.name} ({self._host}:{self._port})",
                remedy="is another program listening on this port?",
            ) from None

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame a message, at the time it came, until closed."""
        await self.open()
        while (frame := await self._waiting.get()) is not None:
            yield frame

    async def close(self) -> None:
        """Let go of the port and of every connection."""
        if self._server is not None:
            self._server.close()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._waiting.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._readers) >= MOST_CONNECTIONS:
            self.cut_off += 1
            writer.close()
            return
        task = asyncio.create_task(self._read(reader, writer))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        origin = f"{self.name} {peer[0]}:{peer[1]}" if peer else self.name
        splitter = self._form.splitter()
        talk = None if self._converse is None else self._converse()
        try:
            while splitter is not None and (data := await reader.read(_READ_BYTES)):
                for frame in self._cut(splitter, data, origin):
                    if talk is not None:
                        heard = talk.hear(frame.data, frame.t)
                        writer.writelines(heard.answers)
                        await writer.drain()
                        if not heard.hand_on:
                            continue
                    self._waiting.put(frame)
                if splitter.dropped:
                    self.cut_off += 1
                    return
        except OSError:  # the neighbour went away
            return
        finally:
            writer.close()
            if talk is not None:
                talk.ended()

    def _cut(self, splitter: Splitter, data: bytes, origin: str) -> list[Frame]:
        """The messages that these bytes complete."""
        now = self._clock.now()
        return [
            Frame(message, self._sensor, now, self._form.link, origin)
            for message in splitter.feed(data)
        ]
