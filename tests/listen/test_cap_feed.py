"""The poll of a feed against a real HTTP server that is honest, slow, lost, or up to something."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from tests.run.feed_server import FeedServer

from tocsin.decode.cap import feed_links, is_feed
from tocsin.listen.cap_feed import MOST_FETCHED, CapFeedPoll
from tocsin.listen.door import Door
from tocsin.run.clock import MachineClock


@pytest.fixture
def server() -> Iterator[FeedServer]:
    made = FeedServer()
    yield made
    made.close()


def door(url: str, *, hosts: Sequence[str] = (), most_bytes: int = 100_000) -> Door:
    poll = CapFeedPoll(
        url,
        links=feed_links,
        is_feed=is_feed,
        interval_s=0.02,
        timeout_s=2.0,
        most_bytes=most_bytes,
        headers=lambda: {"Authorization": "Bearer of-the-site"},
        hosts=hosts,
    )
    return Door("pc", "authority", MachineClock(), poll, link="cap", first_pause_s=0.02)


async def listen(of: Door, server: FeedServer, turns: int) -> list[bytes]:
    """Until the feed has been asked so often more."""
    await of.open()
    before = sum(path == "/feed.xml" for path, _ in server.asked)
    for _ in range(1000):
        if sum(path == "/feed.xml" for path, _ in server.asked) - before > turns:
            break
        await asyncio.sleep(0.01)
    return [frame.data for frame in of.drain()]


def test_each_message_is_fetched_once_and_again_when_it_changes(server: FeedServer) -> None:
    async def run() -> None:
        server.messages = {"a.xml": b"<alert>a</alert>", "b.xml": b"<alert>b</alert>"}
        one = door(server.url)
        assert sorted(await listen(one, server, 3)) == [b"<alert>a</alert>", b"<alert>b</alert>"]
        assert [path for path, status in server.asked if status == 200] == [
            "/feed.xml", "/cap/b.xml", "/cap/a.xml",
        ]  # fmt: skip
        assert ("/feed.xml", 304) in server.asked
        server.messages["a.xml"] = b"<alert>A</alert>"
        assert await listen(one, server, 3) == [b"<alert>A</alert>"]
        health = one.health()
        assert (health.connected, health.seen, health.refused) == (True, 3, {})
        assert server.headers[-1]["authorization"] == "Bearer of-the-site"
        await one.close()

    asyncio.run(run())


def test_a_message_that_cannot_be_fetched_is_tried_again(server: FeedServer) -> None:
    async def run() -> None:
        server.messages = {"a.xml": b"<alert>a</alert>"}
        server.other["/cap/a.xml"] = (500, b"")
        one = door(server.url)
        assert await listen(one, server, 3) == []
        assert one.health().refused["fetch"] >= 2
        assert "500" in str(one.health().why)
        del server.other["/cap/a.xml"]
        assert await listen(one, server, 3) == [b"<alert>a</alert>"]
        assert one.health().why is None
        await one.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:1/secret.xml",
        "http://localhost/admin",
        "file:///etc/passwd",
        "//169.254.169.254/latest/meta-data",
        "ftp://127.0.0.1/x",
        "http://[broken/x",
    ],
)
def test_a_feed_cannot_send_us_elsewhere(server: FeedServer, link: str) -> None:
    async def run() -> None:
        server.messages = {"a.xml": b"<alert>a</alert>"}
        server.links = {"a.xml": link}
        one = door(server.url)
        assert await listen(one, server, 3) == []
        assert one.health().refused == {"feed-host": 1}
        assert {path for path, _ in server.asked} == {"/feed.xml"}
        await one.close()

    asyncio.run(run())


def test_hosts_that_the_site_names_are_asked(server: FeedServer) -> None:
    async def run() -> None:
        other = FeedServer()
        other.messages = {"a.xml": b"<alert>elsewhere</alert>"}
        server.messages = {"a.xml": b"<alert>a</alert>"}
        server.links = {"a.xml": f"{other.root}/cap/a.xml"}
        one = door(server.url, hosts=[other.root.removeprefix("http://")])
        assert await listen(one, server, 3) == [b"<alert>elsewhere</alert>"]
        await one.close()
        other.close()

    asyncio.run(run())


def test_what_is_no_feed_is_taken_for_a_message(server: FeedServer) -> None:
    """A message may stand at the address itself; what is neither the desk refuses."""

    async def run() -> None:
        for body in (b"<alert>one</alert>", b"hello", b'<!DOCTYPE x [<!ENTITY e "x">]><rss/>'):
            server.other["/feed.xml"] = (200, body)
            one = door(server.url)
            assert await listen(one, server, 3) == [body]
            await one.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [(302, b"", "302"), (404, b"", "404"), (200, b"x" * 100_001, "longer")],
)
def test_a_feed_that_fails_is_lost_and_found_again(
    server: FeedServer, status: int, body: bytes, word: str
) -> None:
    async def run() -> None:
        server.messages = {"a.xml": b"<alert>a</alert>"}
        server.other["/feed.xml"] = (status, body)
        one = door(server.url)
        assert await listen(one, server, 2) == []
        assert not one.health().connected
        assert word in str(one.health().why)
        assert {path for path, _ in server.asked} == {"/feed.xml"}, "redirects are not followed"
        server.other.clear()
        assert await listen(one, server, 2) == [b"<alert>a</alert>"]
        assert one.health().connected
        await one.close()

    asyncio.run(run())


def test_a_long_feed_is_fetched_in_turns(server: FeedServer) -> None:
    async def run() -> None:
        count = MOST_FETCHED + 5
        server.messages = {f"{n}.xml": f"<alert>{n}</alert>".encode() for n in range(count)}
        one = door(server.url)
        assert len(await listen(one, server, 1)) >= MOST_FETCHED
        await listen(one, server, 3)
        fetched = [path for path, status in server.asked if path.startswith("/cap/")]
        assert len(fetched) == len(set(fetched)) == count
        await one.close()

    asyncio.run(run())
