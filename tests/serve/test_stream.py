"""The stream resumes, gives a snapshot when it cannot, and lets slow screens go."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import msgspec
import pytest
from tests.serve.feed import Feed

from tocsin.serve.stream import QUEUE_FRAMES, Stream


def _publish(stream: Stream, count: int) -> None:
    for _ in range(count):
        stream.publish("note", lambda seq: b'{"seq":%d}' % seq)


def _events(wire: bytes) -> list[tuple[str, int | None]]:
    """(event, sequence) of each frame."""
    found = []
    for frame in wire.split(b"\n\n"):
        name = re.search(rb"^event: (\S+)$", frame, re.MULTILINE)
        number = re.search(rb"^id: \w+-(\d+)$", frame, re.MULTILINE)
        if name:
            found.append((name[1].decode(), int(number[1]) if number else None))
    return found


def _follow(stream: Stream, last: str | None, beat_s: float = 60.0) -> AsyncIterator[bytes]:
    return stream.follow(last, lambda: b'"all"', lambda: b'"beat"', beat_s=beat_s)


async def _first(stream: Stream, last: str | None) -> list[tuple[str, int | None]]:
    """The events that a screen gets at once."""
    follower = _follow(stream, last, beat_s=0.01)
    wire = b""
    async for frames in follower:
        wire += frames
        if b"event: beat" in frames:
            break
    await follower.aclose()  # type: ignore[attr-defined]
    return [event for event in _events(wire) if event[0] != "beat"]


def test_a_new_screen_gets_a_snapshot() -> None:
    stream = Stream("boot")
    _publish(stream, 3)
    assert asyncio.run(_first(stream, None)) == [("snapshot", 3)]


def test_a_screen_that_comes_back_gets_what_it_missed_and_nothing_twice() -> None:
    stream = Stream("boot")
    _publish(stream, 5)
    assert asyncio.run(_first(stream, "boot-2")) == [("note", 3), ("note", 4), ("note", 5)]
    assert asyncio.run(_first(stream, "boot-5")) == []


@pytest.mark.parametrize(
    "last",
    ["other-4", "boot-99", "boot-", "boot-x", "4", "", "boot--1", "boot-" + "9" * 40, "boot-٣"],
)
def test_what_cannot_be_resumed_becomes_a_snapshot(last: str) -> None:
    stream = Stream("boot")
    _publish(stream, 5)
    assert asyncio.run(_first(stream, last)) == [("snapshot", 5)]


def test_a_ring_that_ran_over_gives_a_snapshot() -> None:
    stream = Stream("boot", frames=4)
    _publish(stream, 10)
    assert asyncio.run(_first(stream, "boot-5")) == [("snapshot", 10)]
    assert asyncio.run(_first(stream, "boot-6")) == [("note", n) for n in (7, 8, 9, 10)]


def test_a_ring_is_bounded_in_bytes_too() -> None:
    stream = Stream("boot", size=1000)
    stream.publish("note", lambda _: b'"%s"' % (b"x" * 600))
    stream.publish("note", lambda _: b'"%s"' % (b"x" * 600))
    assert stream.missed_since("boot-1") is not None
    assert stream.missed_since("boot-0") is None


def test_a_screen_that_does_not_read_is_let_go_and_can_come_back() -> None:
    async def scene() -> None:
        stream = Stream("boot")
        follower = _follow(stream, None)
        await anext(follower)  # retry
        await anext(follower)  # snapshot
        _publish(stream, QUEUE_FRAMES + 1)
        assert stream.listeners == 0
        with pytest.raises(StopAsyncIteration):
            await anext(follower)
        missed = await _first(stream, "boot-0")
        assert len(missed) == QUEUE_FRAMES + 1

    asyncio.run(scene())


def test_nothing_falls_between_snapshot_and_stream() -> None:
    async def scene() -> None:
        stream = Stream("boot")
        follower = _follow(stream, None)
        await anext(follower)
        _publish(stream, 1)  # while the screen is still on its way to the snapshot
        wire = await anext(follower) + await anext(follower)
        events = _events(wire)
        assert events[0][0] == "snapshot"
        assert 1 in [number for _, number in events]
        await follower.aclose()  # type: ignore[attr-defined]
        assert stream.listeners == 0

    asyncio.run(scene())


def test_a_busy_line_still_beats() -> None:
    async def scene() -> bytes:
        stream = Stream("boot")
        follower = _follow(stream, None, beat_s=0.02)
        wire = b""
        for _ in range(40):
            _publish(stream, 1)
            wire += await anext(follower)
            await asyncio.sleep(0.002)
        await follower.aclose()  # type: ignore[attr-defined]
        return wire

    assert b"event: beat" in asyncio.run(scene())


def test_fifty_screens_see_the_same_evening_in_order() -> None:
    """Each envelope is encoded once and reaches all, whatever the order in which they read."""

    async def scene() -> list[list[tuple[str, int | None]]]:
        feed = Feed()
        heard: list[bytes] = [b""] * 50

        async def listen(number: int) -> None:
            async for frames in feed.hub.follow(None):
                heard[number] += frames

        tasks = [asyncio.create_task(listen(number)) for number in range(50)]
        await asyncio.sleep(0)
        for _ in range(90):
            feed.step()
            await asyncio.sleep(0)
        assert feed.hub.stream.listeners == 50
        await asyncio.sleep(0.05)
        feed.hub.close()
        await asyncio.gather(*tasks)
        return [[e for e in _events(wire) if e[0] != "beat"] for wire in heard]

    screens = asyncio.run(scene())
    assert all(events == screens[0] for events in screens)
    numbers = [number for name, number in screens[0] if name != "snapshot"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {"track", "assessment", "alert", "receipt", "health"} <= {name for name, _ in screens[0]}


def test_a_snapshot_and_the_envelopes_after_it_tell_one_story() -> None:
    """What a late screen is given equals what an early one has gathered."""
    feed = Feed()
    feed.run(100)
    snapshot = msgspec.json.decode(msgspec.json.encode(feed.hub.snapshot()))
    assert {track["track"] for track in snapshot["tracks"]} == {"T7", "T3", "T9", "B0", "B1", "B2"}
    statements = [s["level"] for a in snapshot["alerts"] for s in a["statements"]]
    assert statements == ["watch", "warning", "alarm", "watch"]
    assert snapshot["seq"] == feed.hub.stream.seq
    assert len(snapshot["tails"]["T7"]) == 90
