"""When was a sample taken? Counted by the sound card, held to the machine's clock.

Blocks reach us late by a varying while, never early: the block that came with the least delay tells
best. The card's own crystal is off by up to some 100 ppm, so that what is counted may drift slowly.
A jump beyond `GAP_S` is sound that was missed.
"""

from __future__ import annotations

GAP_S = 0.25
"""More than a block waits in a busy machine; less than a window."""
_DRIFT = 200e-6
"""Seconds a second that a count may fall behind: twice what cheap crystals are off."""


class SampleClock:
    """Of one stream. `gaps` counts the times that sound was missed."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._expected: float | None = None
        self.gaps = 0

    def take(self, count: int, now: float) -> float:
        """When the first of `count` samples that came just now was taken, Unix seconds."""
        dur_s = count / self._rate_hz
        came = now - dur_s
        begin = came if self._expected is None else self._expected
        if abs(came - begin) > GAP_S:
            self.gaps += 1
            begin = came
        begin = min(came, begin + _DRIFT * dur_s)
        self._expected = begin + dur_s
        return begin
