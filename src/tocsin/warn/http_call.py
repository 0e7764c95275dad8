"""One HTTP request to a machine that may be slow, dead or rude, and what came of it.

No redirect is followed, no proxy of the environment is used, and at most 64 KiB of an answer are
read: the other side is a relay in a cupboard or a stranger's server.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
import msgspec

from tocsin.warn.kind import SettingFault

MOST_ANSWER_BYTES = 64 * 1024


class HttpCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request as a person writes it in tocsin.toml. `$level`, `$zone`, `$alert` stand in it."""

    url: str
    method: str = "POST"
    body: str = ""
    headers: dict[str, str] = {}


class HttpDoor:
    """Sends calls, each ended after `timeout_s` seconds however the other side dawdles."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(timeout=timeout_s, trust_env=False, follow_redirects=False)

    async def send(
        self, url: str, method: str, body: bytes, headers: dict[str, str], expect: str | None = None
    ) -> str | None:
        """None if the answer was 2xx (and holds `expect`), else what went wrong."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(url, method, body, headers, expect)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except httpx.TimeoutException:
            return f"no answer within {self._timeout_s:g} s"
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        except (httpx.InvalidURL, UnicodeError) as error:
            return f"cannot be called: {error}"

    async def ask(
        self, url: str, method: str, body: bytes, headers: dict[str, str]
    ) -> tuple[str, str | None]:
        """The answer's text, and what went wrong if it was not 2xx. The failure shows nothing of
        the request, which may hold a number or a secret."""
        try:
            async with asyncio.timeout(self._timeout_s):
                status, answer = await self._exchange(url, method, body, headers)
        except (TimeoutError, httpx.TimeoutException):
            return "", f"no answer within {self._timeout_s:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return "", type(error).__name__
        text = answer.decode("utf-8", "replace")
        return text, None if 200 <= status < 300 else f"answered {status}"

    async def _send(
        self, url: str, method: str, body: bytes, headers: dict[str, str], expect: str | None
    ) -> str | None:
        status, answer = await self._exchange(url, method, body, headers)
        if not 200 <= status < 300:
            return f"answered {status} {httpx.codes.get_reason_phrase(status)}".rstrip()
        if expect is not None and expect.encode() not in answer:
            return f"the answer does not hold {expect!r}"
        return None

    async def _exchange(
        self, url: str, method: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Status, and at most `MOST_ANSWER_BYTES` and a little more of the answer."""
        async with self._client.stream(
            method, url, content=body or None, headers=headers
        ) as answer:
            text = b""
            async for piece in answer.aiter_raw():
                text += piece
                if len(text) > MOST_ANSWER_BYTES:
                    break
            return answer.status_code, text

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


def url_faults(key: str, url: object) -> list[SettingFault]:
    """What is wrong with an address; nothing is said of what is no text."""
    if not isinstance(url, str):
        return []
    remedy = "write it like http://192.168.1.20/relay/0"
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError as error:
        return [SettingFault(key, f"is not an address: {error}", remedy)]
    return [] if sound else [SettingFault(key, f"is not an http address: {url!r}", remedy)]


def call_faults(key: str, call: object) -> list[SettingFault]:
    """What is wrong with a configured call; nothing is said of what is no call."""
    if not isinstance(call, HttpCall):
        return []
    faults = url_faults(f"{key}.url", call.url)
    if not call.method.isascii() or not call.method.isalpha():
        faults.append(SettingFault(f"{key}.method", "is no HTTP method", "GET, POST or PUT"))
    return faults
