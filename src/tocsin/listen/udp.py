"""Messages over UDP: each datagram holds one or more, in the format that the source names.

Anybody who reaches the port can speak, so it listens on the loopback address unless told
otherwise. A datagram over 64 KiB cannot exist; what makes no sense is counted by the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tocsin.errors import SourceError
from tocsin.listen.waiting import MOST_WAITING, WaitingFrames
from tocsin.ports import Clock, Format
from tocsin.words import Frame

LOOPBACK = "127.0.0.1"


class UdpSource:
    """Messages on a UDP port. `port` 0 takes any free one; see `address`."""

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
    ) -> None:
        self.name = name
        self._clock = clock
        self._form = form
        self._host = host
        self._port = port
        self._sensor = sensor
        self._waiting = WaitingFrames(most_waiting)
        self._transport: asyncio.DatagramTransport | None = None
        self._failure: OSError | None = None

    @property
    def dropped(self) -> int:
        """Messages turned away because nobody fetched them in time."""
        return self._waiting.dropped

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on, once open."""
        if self._transport is None:
            return self._host, self._port
        host, port = self._transport.get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def open(self) -> None:
        """Bind the port; `frames` does so by itself. Raises SourceError."""
        if self._transport is not None:
            return
        loop = asyncio.get_running_loop()
        try:
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self), local_addr=(self._host, self._port)
            )
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
        if self._failure is not None:
            raise SourceError(str(self._failure), where=self.name)

    async def close(self) -> None:
        """Let go of the port; frames that came already are still given."""
        if self._transport is not None:
            self._transport.close()
        self._waiting.close()

    def take(self, datagram: bytes, sender: str) -> None:
        """Put the messages of a datagram into the waiting room."""
        t = self._clock.now()
        origin = f"{self.name} {sender}"
        for data in self._form.datagram(datagram):
            self._waiting.put(Frame(data, self._sensor, t, self._form.link, origin))

    def fail(self, failure: OSError) -> None:
        """The socket went away."""
        self._failure = failure
        self._waiting.close()


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams to the source and keeps nothing."""

    def __init__(self, source: UdpSource) -> None:
        self._source = source

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._source.take(data, f"{addr[0]}:{addr[1]}")

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, OSError):
            self._source.fail(exc)
