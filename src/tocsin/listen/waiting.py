"""The waiting room of a live source: bounded, and honest about what it had to turn away."""

from __future__ import annotations

from collections import deque

from tocsin.words import Frame

MOST_WAITING = 10_000
"""Frames; a busy site hears 2,000 a second, so this is 5 s of a house that stands still."""

MOST_BYTES = 32 * 2**20
"""Of all frames that wait: a hostile neighbour sends long ones."""


class WaitingFrames:
    """First in, first out. When it is full the oldest goes: late news is worth least."""

    def __init__(self, most: int = MOST_WAITING, most_bytes: int = MOST_BYTES) -> None:
        self._frames: deque[Frame] = deque()
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def half_full(self) -> bool:
        """Whether one who can wait should wait."""
        return 2 * len(self._frames) > self._most or 2 * self._bytes > self._most_bytes

    def put(self, frame: Frame) -> None:
        """Never waits."""
        self._frames.append(frame)
        self._bytes += len(frame.data)
        while len(self._frames) > self._most or self._bytes > self._most_bytes:
            self._bytes -= len(self._frames.popleft().data)
            self.dropped += 1

    def drain(self) -> list[Frame]:
        """All of them."""
        found = list(self._frames)
        self._frames.clear()
        self._bytes = 0
        return found
