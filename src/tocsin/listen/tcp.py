"""Detections over TCP: neighbours connect and send lines of NDJSON, as many as they like.

Anybody who reaches the port can speak, so it listens on the loopback address unless told
otherwise. A line over 64 KiB ends its connection; a line that makes no sense is counted by the
desk. A connection that breaks off loses its unfinished line and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tocsin.errors import SourceError
from tocsin.listen.udp import LOOPBACK
from tocsin.listen.waiting import MOST_WAITING, WaitingFrames
from tocsin.ports import Clock
from tocsin.words import Frame

_LONGEST_LINE_BYTES = 65_536
MOST_CONNECTIONS = 256
"""More are turned away at once: each holds up to 128 KiB."""


class TcpSource:
    """NDJSON detections on a TCP port. `port` 0 takes any free one; see `address`."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        port: int,
        *,
        host: str = LOOPBACK,
        sensor: str = "",
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.name = name
        self.cut_off = 0
        """Connections ended by us: a line too long, or too many at once."""
        self._clock = clock
        self._host = host
        self._port = port
        self._sensor = sensor
        self._waiting = WaitingFrames(most_waiting)
        self._server: asyncio.Server | None = None
        self._readers: set[asyncio.Task[None]] = set()

    @property
    def dropped(self) -> int:
        """Lines turned away because nobody fetched them in time."""
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
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, limit=_LONGEST_LINE_BYTES
            )
        except OSError as error:
            raise SourceError(
                error.strerror or str(error),
                where=f"{self.name} ({self._host}:{self._port})",
                remedy="is another program listening on this port?",
            ) from None

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame a line, at the time it came, until closed."""
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
        try:
            while line := await reader.readline():
                if line.endswith(b"\n") and not line.isspace():
                    frame = Frame(line.strip(), self._sensor, self._clock.now(), "ndjson", origin)
                    self._waiting.put(frame)
        except ValueError:  # asyncio's word for a line over the limit
            self.cut_off += 1
        except OSError:  # the neighbour went away
            return
        finally:
            writer.close()
