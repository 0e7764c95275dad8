"""Messages over TCP: neighbours connect and send as many as they like, in the source's format.

Anybody who reaches the port can speak, so it listens on the loopback address unless told
otherwise. A connection in which nothing can be told apart is ended; a message that makes no sense
is counted by the desk. A connection that breaks off loses its unfinished message, nothing else.
A protocol that wants answers (SAPIENT) brings a conversation for each connection; a neighbour that
does not read its answers is not heard any further, and holds up nobody else.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.streams import Cutter, MakeSplitter, keep_alive, read_messages
from tocsin.listen.udp import LOOPBACK, bound

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


class TcpPort(Antenna):
    """Others connect to us. `port` 0 takes any free one; see `address`."""

    def __init__(
        self,
        splitter: MakeSplitter,
        port: int,
        host: str = LOOPBACK,
        converse: Callable[[], Conversation] | None = None,
    ) -> None:
        self.address = (host, port)
        self._splitter, self._converse = splitter, converse
        self._socket: socket.socket | None = None
        self._readers: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Bind the port. Raises SourceError."""
        self._socket = await bound(*self.address, socket.SOCK_STREAM)
        self.address = self._socket.getsockname()[:2]

    async def listen(self, ear: Ear) -> None:
        """Take every connection."""
        if self._socket is None:
            await self.open()
        held, self._socket = self._socket, None
        server = await asyncio.start_server(lambda r, w: self._accept(ear, r, w), sock=held)
        ear.connected()
        try:
            await server.serve_forever()
        finally:
            for reader in self._readers:
                reader.cancel()
            await asyncio.gather(*self._readers, return_exceptions=True)

    def close(self) -> None:
        """Let go of the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _accept(self, ear: Ear, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._readers) >= MOST_CONNECTIONS:
            ear.refused["too-many-connections"] += 1
            writer.close()
            return
        task = asyncio.create_task(self._read(ear, reader, writer))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read(
        self, ear: Ear, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer = writer.get_extra_info("peername")
        origin = f"{peer[0]}:{peer[1]}" if peer else ""
        talk = None if self._converse is None else self._converse()
        try:
            keep_alive(writer)
            async for messages in read_messages(reader, Cutter(ear, self._splitter())):
                wanted = messages
                if talk is not None:
                    wanted = await _answer(talk, messages, ear.now(), writer)
                ear.hear(wanted, origin)
        except SourceError:
            ear.refused["stream-shape"] += 1
        except OSError:  # the neighbour went away
            return
        finally:
            writer.close()
            if talk is not None:
                talk.ended()


async def _answer(
    talk: Conversation, messages: Sequence[bytes], now: float, writer: asyncio.StreamWriter
) -> list[bytes]:
    """Answer each message; those that are to be decoded."""
    wanted = []
    for message in messages:
        heard = talk.hear(message, now)
        writer.writelines(heard.answers)
        await writer.drain()
        if heard.hand_on:
            wanted.append(message)
    return wanted
