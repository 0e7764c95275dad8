"""The live stream's memory: each envelope encoded once, kept for a while, handed to every screen.

A screen that lost its connection says the last event it has seen (`boot-sequence`) and gets what it
missed; when that is no longer here, or the program was started again, it gets a whole snapshot.
A screen that does not read is let go: it comes back by itself and catches up.

Standard   Server-sent events, WHATWG HTML 9.2; a `boot` names one run of the program
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

RING_FRAMES = 5_000
RING_BYTES = 8 * 2**20
"""An hour of a quiet site, a minute of a busy one; a snapshot costs less than older frames."""

QUEUE_FRAMES = 256
"""What one screen may be behind: six seconds of an evening played at 20 times its speed."""

RETRY_MS = 1_000


def sse_frame(event: str, data: bytes, event_id: str | None = None) -> bytes:
    """One event on the wire. `data` is JSON without line breaks."""
    head = f"id: {event_id}\nevent: {event}\n" if event_id else f"event: {event}\n"
    return head.encode() + b"data: " + data + b"\n\n"


class Subscriber:
    """One screen's queue. `lost` once it was let go; `aside` is what it alone asked for."""

    def __init__(self, aside: str | None = None) -> None:
        self.aside = aside
        self._frames: deque[bytes] = deque()
        self._waiting = asyncio.Event()
        self.lost = False

    def put(self, frame: bytes) -> None:
        """Queue a frame, or give the screen up when it is too far behind."""
        if len(self._frames) >= QUEUE_FRAMES:
            self.drop()
            return
        self._frames.append(frame)
        self._waiting.set()

    def drop(self) -> None:
        """Let go; what was queued is not sent any more."""
        self.lost = True
        self._frames.clear()
        self._waiting.set()

    async def take(self, wait_s: float) -> bytes:
        """Everything queued, joined; empty if nothing came within `wait_s`."""
        if not self._frames and not self.lost:
            try:
                await asyncio.wait_for(self._waiting.wait(), wait_s)
            except TimeoutError:
                return b""
        self._waiting.clear()
        joined = b"".join(self._frames)
        self._frames.clear()
        return joined


class Stream:
    """The ring of frames and the screens that listen."""

    def __init__(self, boot: str, *, frames: int = RING_FRAMES, size: int = RING_BYTES) -> None:
        self.boot = boot
        self.seq = 0
        self._ring: deque[bytes] = deque()
        self._bytes = 0
        self._most_frames = frames
        self._most_bytes = size
        self._subscribers: set[Subscriber] = set()

    @property
    def listeners(self) -> int:
        """How many screens listen now."""
        return len(self._subscribers)

    def publish(self, topic: str, envelope: Callable[[int], bytes]) -> None:
        """Number an envelope, encode it once, keep it, hand it out."""
        self.seq += 1
        frame = sse_frame(topic, envelope(self.seq), f"{self.boot}-{self.seq}")
        self._ring.append(frame)
        self._bytes += len(frame)
        while len(self._ring) > self._most_frames or self._bytes > self._most_bytes:
            self._bytes -= len(self._ring.popleft())
        for subscriber in tuple(self._subscribers):
            subscriber.put(frame)
            if subscriber.lost:
                self._subscribers.discard(subscriber)

    def wanted(self, aside: str) -> bool:
        """Whether some screen asked for this."""
        return any(one.aside == aside for one in self._subscribers)

    def tell_aside(self, aside: str, event: str, data: bytes) -> None:
        """Hand an event to the screens that asked for it. It is not numbered and not kept."""
        frame = sse_frame(event, data)
        for subscriber in tuple(self._subscribers):
            if subscriber.aside == aside:
                subscriber.put(frame)
                if subscriber.lost:
                    self._subscribers.discard(subscriber)

    def missed_since(self, last_event_id: str | None) -> list[bytes] | None:
        """Frames after an event id; None when a snapshot is needed instead."""
        boot, _, number = (last_event_id or "").rpartition("-")
        if boot != self.boot or not (number.isascii() and number.isdigit()) or len(number) > 15:
            return None
        behind = self.seq - int(number)
        if behind < 0 or behind > len(self._ring):
            return None
        return list(self._ring)[len(self._ring) - behind :]

    async def follow(
        self,
        last_event_id: str | None,
        snapshot: Callable[[], bytes],
        beat: Callable[[], bytes],
        *,
        beat_s: float = 1.0,
        aside: str | None = None,
        before: Callable[[], bytes] = bytes,
    ) -> AsyncIterator[bytes]:
        """Frames for one screen until it goes, is let go, or the stream closes.

        `beat` is sent every `beat_s`, so that the screen can tell silence from a dead line. A
        screen that asked for something `aside` gets the frames of what was `before` first.
        """
        subscriber = Subscriber(aside)
        missed = self.missed_since(last_event_id)
        # Subscribed before the first await, so that nothing falls between snapshot and stream.
        self._subscribers.add(subscriber)
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            if missed is None:
                yield sse_frame("snapshot", snapshot(), f"{self.boot}-{self.seq}")
            elif missed:
                yield b"".join(missed)
            if past := before():
                yield past
            loop = asyncio.get_running_loop()
            next_beat = loop.time() + beat_s
            while True:
                frames = await subscriber.take(max(0.0, next_beat - loop.time()))
                if subscriber.lost:
                    return
                if loop.time() >= next_beat:
                    next_beat = loop.time() + beat_s
                    frames += sse_frame("beat", beat())
                if frames:
                    yield frames
        finally:
            self._subscribers.discard(subscriber)

    def close(self) -> None:
        """End every screen's stream."""
        for subscriber in tuple(self._subscribers):
            subscriber.drop()
        self._subscribers.clear()
