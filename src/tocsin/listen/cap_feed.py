"""A civil-protection authority's feed, asked again and again, and each new message fetched.

What has not changed is not read twice: the feed by its ETag or Last-Modified, a message by its
address and the feed's word for its version. Messages are fetched from the feed's own host and from
those that the site names, never from wherever a feed points; redirects are not followed. An address
is never shown but for its host, since it may hold a key.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from urllib.parse import urljoin, urlsplit

import httpx

from tocsin.errors import Refused, SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.fetch import fetch, make_client, validators

MOST_FETCHED = 50
"""Messages a turn: the rest comes with the next one."""

MOST_REMEMBERED = 5_000

Links = Callable[[bytes], Sequence[tuple[str, str]]]
"""The links of a feed with their versions; raises Refused for what is no feed."""

Headers = Callable[[], dict[str, str]]
"""What authorises us, read anew for each connection."""


class CapFeedPoll(Antenna):
    """One feed, asked every `interval_s`; or one message, where a message stands at the address."""

    def __init__(
        self,
        url: str,
        *,
        links: Links,
        is_feed: Callable[[bytes], bool],
        interval_s: float,
        timeout_s: float,
        most_bytes: int,
        headers: Headers,
        hosts: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._links, self._is_feed = links, is_feed
        self._interval_s, self._timeout_s, self._most_bytes = interval_s, timeout_s, most_bytes
        self._headers = headers
        self._hosts = {urlsplit(url).netloc.lower(), *(host.lower() for host in hosts)}
        self._tls = tls
        self._unchanged: dict[str, str] = {}
        self._done: dict[str, str] = {}

    async def listen(self, ear: Ear) -> None:
        """Ask until it fails."""
        headers = {"User-Agent": "tocsin", **self._headers()}
        async with make_client(headers, self._tls, self._timeout_s) as client:
            loop = asyncio.get_running_loop()
            while True:
                began = loop.time()
                await self._turn(ear, client)
                await asyncio.sleep(max(0.0, began + self._interval_s - loop.time()))

    async def _turn(self, ear: Ear, client: httpx.AsyncClient) -> None:
        body, headers = await self._get(client, self._url, self._unchanged)
        ear.connected()
        if body is None:
            return
        if not self._is_feed(body):
            ear.hear([body])
            self._unchanged = validators(headers)
            return
        try:
            links = self._links(body)
        except Refused as refused:
            ear.refuse(refused.rule, f"the feed: {refused.what}")
            return
        if await self._fetch_new(ear, client, links):
            # asked anew in full while any message is missing
            self._unchanged = validators(headers)

    async def _fetch_new(
        self, ear: Ear, client: httpx.AsyncClient, links: Sequence[tuple[str, str]]
    ) -> bool:
        """Whether everything that the feed names has been fetched."""
        new = [(href, version) for href, version in links if self._done.get(href) != version]
        whole = len(new) <= MOST_FETCHED
        trouble = None
        for href, version in new[:MOST_FETCHED]:
            address = self._address(href)
            if address is None:
                ear.refused["feed-host"] += 1
                self._remember(href, version)
                trouble = "the feed points to a host that this site does not name"
                continue
            try:
                body, _ = await self._get(client, address, {})
            except SourceError as error:
                ear.refused["fetch"] += 1
                trouble, whole = f"a message could not be fetched: {error.what}", False
                continue
            self._remember(href, version)
            if body is not None:
                await ear.room()
                ear.hear([body])
        ear.ail(trouble)
        return whole

    def _address(self, href: str) -> str | None:
        """Where to fetch from; None where the site has not named that host."""
        try:
            address = urljoin(self._url, href)
            parts = urlsplit(address)
        except ValueError:
            return None
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and urlsplit(self._url).scheme == "http"
        )
        return address if safe and parts.netloc.lower() in self._hosts else None

    def _remember(self, href: str, version: str) -> None:
        self._done.pop(href, None)
        self._done[href] = version
        while len(self._done) > MOST_REMEMBERED:
            del self._done[next(iter(self._done))]

    async def _get(
        self, client: httpx.AsyncClient, url: str, seen: dict[str, str]
    ) -> tuple[bytes | None, httpx.Headers]:
        return await fetch(
            client, url, seen, timeout_s=self._timeout_s, most_bytes=self._most_bytes
        )
