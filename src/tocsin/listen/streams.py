"""Streams of bytes (TCP, serial) → messages, and how long to believe in one that says nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

from tocsin.errors import SourceError
from tocsin.listen.door import Ear
from tocsin.ports import Splitter

MakeSplitter = Callable[[], Splitter]
"""A fresh one for each connection."""

READ_BYTES = 65_536
MOST_SENSELESS_BYTES = 65_536
"""Without one message among them: this is no stream of ours."""

_KEEP_ALIVE = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
"""A neighbour whose cable was cut is noticed after 10 + 3 * 5 s, though we never send anything."""


class Cutter:
    """Bytes of one connection → messages; what was no message is counted."""

    def __init__(self, ear: Ear, splitter: Splitter) -> None:
        self._ear, self._splitter = ear, splitter
        self._senseless = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        before = self._splitter.dropped
        messages = self._splitter.feed(data)
        given_up = self._splitter.dropped - before
        if given_up:
            self._ear.give_up(given_up)
        self._senseless = given_up if messages else self._senseless + given_up
        return messages

    def check(self) -> None:
        """Raises SourceError where the stream has lost its shape."""
        if self._senseless >= MOST_SENSELESS_BYTES:
            raise SourceError("no message can be told apart", remedy="is this its format?")


async def read_messages(
    reader: asyncio.StreamReader, cutter: Cutter, silence_s: float | None = None
) -> AsyncIterator[list[bytes]]:
    """Until the neighbour hangs up. Raises SourceError after a silence of `silence_s`, and where no
    message can be told apart."""
    while True:
        try:
            async with asyncio.timeout(silence_s):
                data = await reader.read(READ_BYTES)
        except TimeoutError:
            raise SourceError(f"nothing came for {silence_s:g} s") from None
        if not data:
            return
        yield cutter.feed(data)
        cutter.check()


def keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the system ask now and then whether the neighbour is still there."""
    link: socket.socket = writer.get_extra_info("socket")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEP_ALIVE.items():
        link.setsockopt(socket.IPPROTO_TCP, option, value)
