"""Which reports of a sensor came already, so that a copy of one tells nothing twice.

As the anti-replay window of RFC 4303, 3.4.3: the highest number and a mark for each of those just
below it. A number below the window is taken for seen.
"""

from __future__ import annotations

WINDOW = 1024


class SeenNumbers:
    """Of one key. Reports may overtake each other by at most `WINDOW`."""

    __slots__ = ("_highest", "_marks")

    def __init__(self) -> None:
        self._highest = -1
        self._marks = 0

    def take(self, number: int) -> bool:
        """Whether this number is new; it no longer is afterwards."""
        ahead = number - self._highest
        if ahead > 0:
            self._marks = (self._marks << min(ahead, WINDOW) | 1) & ((1 << WINDOW) - 1)
            self._highest = number
            return True
        mark = 1 << -ahead
        if -ahead >= WINDOW or self._marks & mark:
            return False
        self._marks |= mark
        return True
