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

from tocsin.errors import FormatError, SourceError
from tocsin.listen.door import Antenna, Ear
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
        async with httpx.AsyncClient(
            headers=self._headers(),
            verify=self._tls if self._tls is not None else True,
            trust_env=False,
            follow_redirects=False,
            timeout=self._timeout_s,
        ) as client:
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
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                client.stream("GET", self._url, headers=self._seen) as answer,
            ):
                if answer.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                if answer.status_code != httpx.codes.OK:
                    raise SourceError(f"it answers {answer.status_code}")
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > self._most_bytes:
                        raise SourceError(f"its answer is longer than {self._most_bytes} bytes")
        except TimeoutError:
            raise SourceError(f"no whole answer within {self._timeout_s:g} s") from None
        except httpx.HTTPError as error:
            raise SourceError(str(error) or type(error).__name__) from None
        self._seen = _validators(answer.headers)
        return bytes(body)

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


def _validators(headers: httpx.Headers) -> dict[str, str]:
    found = {}
    if "etag" in headers:
        found["If-None-Match"] = headers["etag"]
    if "last-modified" in headers:
        found["If-Modified-Since"] = headers["last-modified"]
    return found
