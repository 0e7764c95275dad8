"""One page asked for by HTTP: all of it, within its time and its size, or why not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from tocsin.errors import SourceError


def make_client(
    headers: Mapping[str, str], tls: ssl.SSLContext | None, timeout_s: float
) -> httpx.AsyncClient:
    """A client that uses no proxy of the environment and follows no redirect."""
    return httpx.AsyncClient(
        headers=headers,
        verify=tls if tls is not None else True,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout_s,
    )


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    seen: Mapping[str, str],
    *,
    timeout_s: float,
    most_bytes: int,
) -> tuple[bytes | None, httpx.Headers]:
    """The body, None where it has not changed since `seen`, and its headers. Raises SourceError."""
    try:
        async with (
            asyncio.timeout(timeout_s),
            client.stream("GET", url, headers=seen) as answer,
        ):
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return None, answer.headers
            if answer.status_code != httpx.codes.OK:
                raise SourceError(f"it answers {answer.status_code}")
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > most_bytes:
                    raise SourceError(f"its answer is longer than {most_bytes} bytes")
            return bytes(body), answer.headers
    except TimeoutError:
        raise SourceError(f"no whole answer within {timeout_s:g} s") from None
    except httpx.InvalidURL:
        raise SourceError("not an address") from None
    except httpx.HTTPError as error:
        raise SourceError(str(error) or type(error).__name__) from None


def validators(headers: httpx.Headers) -> dict[str, str]:
    """What to ask with next time, so that an unchanged page is not sent again."""
    found = {}
    if "etag" in headers:
        found["If-None-Match"] = headers["etag"]
    if "last-modified" in headers:
        found["If-Modified-Since"] = headers["last-modified"]
    return found
