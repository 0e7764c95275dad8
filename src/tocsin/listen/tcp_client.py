"""Messages over TCP from a neighbour that we call: an aircraft receiver, a radar.

A connection that says nothing for `silence_s` is made anew; one whose cable was cut is noticed by
TCP's own keep-alive after half a minute.
"""

from __future__ import annotations

import asyncio

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.streams import Cutter, MakeSplitter, keep_alive, read_messages

CONNECT_S = 5.0


class TcpCall(Antenna):
    """We connect to them."""

    def __init__(
        self, splitter: MakeSplitter, host: str, port: int, silence_s: float | None = None
    ) -> None:
        self._splitter = splitter
        self._host, self._port = host, port
        self._silence_s = silence_s

    async def listen(self, ear: Ear) -> None:
        """One connection, until it is lost."""
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError:
            raise SourceError("no answer") from None
        try:
            keep_alive(writer)
            ear.connected()
            cutter = Cutter(ear, self._splitter())
            async for messages in read_messages(reader, cutter, self._silence_s):
                ear.hear(messages, f"{self._host}:{self._port}")
        finally:
            writer.close()
