"""The HTTP door against a real server that answers 200, 304, 500, 302, too much, or too slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.listen.doors import NDJSON, door, first, until

from tocsin.listen.door import Door
from tocsin.listen.http import HttpPoll
from tocsin.words import Frame, SourceHealth

LINE = b'{"t":%d,"sensor":"r","kind":"radar"}\n'
SECRET = "s3cret"


class Site:
    """A web server of one page, whose next answers are set by the test."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.asked: list[bytes] = []
        self.slow = False

    def answer(self, body: bytes, status: str = "200 OK", head: str = "") -> None:
        said = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}Connection: close\r\n\r\n"
        )
        self.answers.append(said.encode() + body)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            if self.slow:
                for byte in said:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
            else:
                writer.write(said)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/data?key={SECRET}"
        server.close()


def poll(url: str, **settings: float) -> Door:
    antenna = HttpPoll(
        NDJSON,
        url,
        interval_s=0.01,
        timeout_s=settings.get("timeout_s", 5.0),
        most_bytes=int(settings.get("most_bytes", 10_000)),
        headers=lambda: {"Authorization": f"Bearer {SECRET}"},
    )
    return door(antenna)


async def ill(site: Site, **settings: float) -> SourceHealth:
    """What the door says of a site that does not answer as it should."""
    async with site.open() as url:
        source = poll(url, **settings)
        await source.open()
        health = await until(lambda: source.health() if source.health().why else None)
        await source.close()
    assert SECRET not in str(health)
    return health


def test_a_page_is_read_when_it_has_changed() -> None:
    site = Site()
    site.answer(LINE % 1, head='ETag: "one"\r\nLast-Modified: Mon, 01 Jun 2026 00:00:00 GMT\r\n')
    site.answer(b"", "304 Not Modified")
    site.answer(LINE % 1)  # without an ETag, but the same
    site.answer(LINE % 1 + LINE % 2)

    async def run() -> tuple[list[Frame], SourceHealth]:
        async with site.open() as url:
            source = poll(url)
            await source.open()
            found = await first(3, source)
            await until(lambda: len(site.asked) >= 5)
            found += source.drain()
            await source.close()
            return found, source.health()

    found, health = asyncio.run(run())
    assert [(f.t, f.sensor, f.source) for f in found] == [
        (1.0, "r", "n"), (1.0, "r", "n"), (2.0, "r", "n"),
    ]  # fmt: skip
    assert b"authorization: bearer s3cret" in site.asked[0].lower()
    assert b'if-none-match: "one"' in site.asked[1].lower()
    assert b"if-modified-since: mon, 01 jun 2026" in site.asked[1].lower()
    assert b"if-none-match" not in site.asked[3].lower()
    assert health.connected
    assert health.reconnects == 0


def test_an_error_is_told_and_the_next_good_answer_ends_it() -> None:
    site = Site()
    site.answer(LINE % 1)
    site.answer(b"oops", "500 Internal Server Error")
    site.answer(LINE % 2)

    async def run() -> tuple[list[Frame], SourceHealth]:
        async with site.open() as url:
            source = poll(url)
            await source.open()
            found = await first(2, source)
            await source.close()
            return found, source.health()

    found, health = asyncio.run(run())
    assert [f.t for f in found] == [1.0, 2.0]
    assert health.reconnects == 1
    assert health.why is None


def _answering(make: Callable[[Site], None]) -> Site:
    site = Site()
    make(site)
    return site


def test_an_error_is_named() -> None:
    site = _answering(lambda s: s.answer(b"", "500 Internal Server Error"))
    assert asyncio.run(ill(site)).why == "it answers 500"


def test_a_redirect_is_not_followed() -> None:
    site = _answering(lambda s: s.answer(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"))
    assert asyncio.run(ill(site)).why == "it answers 302"


def test_a_huge_answer_is_given_up() -> None:
    site = _answering(lambda s: s.answer(bytes(50_000)))
    assert asyncio.run(ill(site)).why == "its answer is longer than 10000 bytes"


def test_an_answer_that_drips_is_given_up() -> None:
    site = _answering(lambda s: s.answer(LINE % 1))
    site.slow = True
    assert asyncio.run(ill(site, timeout_s=0.2)).why == "no whole answer within 0.2 s"


def test_nobody_there_is_said() -> None:
    async def run() -> SourceHealth:
        source = poll(f"http://127.0.0.1:1/?key={SECRET}")
        await source.open()
        health = await until(lambda: source.health() if source.health().why else None)
        await source.close()
        return health

    health = asyncio.run(run())
    assert health.why
    assert SECRET not in health.why
