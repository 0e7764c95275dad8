"""The waiting room of a live source: bounded, and honest about what it had to turn away."""

from __future__ import annotations

import asyncio
from collections import deque

from tocsin.words import Frame

MOST_WAITING = 10_000
"""Frames; a busy site hears 2,000 a second, so this is 5 s of a house that stands still."""


class WaitingFrames:
    """First in, first out. When it is full the oldest goes: late news is worth least."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._frames: deque[Frame] = deque()
        self._most = most
        self._arrived = asyncio.Event()
        self._closed = False
        self.dropped = 0

    def put(self, frame: Frame) -> None:
        """Never waits."""
        if len(self._frames) >= self._most:
            self._frames.popleft()
            self.dropped += 1
        self._frames.append(frame)
        self._arrived.set()

    def close(self) -> None:
        """`get` gives what is left, then None."""
        self._closed = True
        self._arrived.set()

    async def get(self) -> Frame | None:
        """The next frame; None when closed and empty."""
        while not self._frames:
            if self._closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return self._frames.popleft()
