"""A file on somebody's web server, fetched again and again: a receiver's aircraft.json.

What has not changed is not read twice (ETag, If-Modified-Since, or the same bytes). An answer that
is too long, too slow or not 200 is an error, and the next try waits longer. Redirects are not
followed: the site's file names the address. Nothing of the address but its host is ever shown,
since it may hold a key.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable

import httpx

from tocsin.errors import FormatError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.fetch import fetch, make_client, validators
from tocsin.ports import Format

Headers = Callable[[], dict[str, str]]
"""What authorises us, read anew for each connection."""


class HttpPoll(Antenna):
    """One address, asked every `interval_s`."""

    def __init__(
        self,
        form: Format,
        url: str,
        *,
        interval_s: float,
        timeout_s: float,
        most_bytes: int,
        headers: Headers,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._form = form
        self._url = url
        self._interval_s, self._timeout_s, self._most_bytes = interval_s, timeout_s, most_bytes
        self._headers = headers
        self._tls = tls
        self._seen: dict[str, str] = {}
        self._last = b""

    async def listen(self, ear: Ear) -> None:
        """Ask until it fails."""
        async with make_client(self._headers(), self._tls, self._timeout_s) as client:
            loop = asyncio.get_running_loop()
            while True:
                began = loop.time()
                body = await self._fetch(client)
                ear.connected()
                if body is not None and body != self._last:
                    self._last = body
                    await self._read(ear, body)
                await asyncio.sleep(max(0.0, began + self._interval_s - loop.time()))

    async def _fetch(self, client: httpx.AsyncClient) -> bytes | None:
        """The body, None where it has not changed. Raises SourceError."""
        body, headers = await fetch(
            client,
            self._url,
            self._seen,
            timeout_s=self._timeout_s,
            most_bytes=self._most_bytes,
        )
        if body is not None:
            self._seen = validators(headers)
        return body

    async def _read(self, ear: Ear, body: bytes) -> None:
        skipped: Counter[str] = Counter()
        try:
            sensor = ear.sensor or None
            frames = self._form.frames(
                body, ear.name, sensor=sensor, start=ear.now(), skipped=skipped
            )
            await ear.take_patiently(frames)
            ear.ail(None)
        except FormatError as error:
            ear.refuse("format", f"it is not {self._form.name}: {error.what}")
        ear.refused.update(skipped)
