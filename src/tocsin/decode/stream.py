"""Streams of bytes → messages: what is unfinished waits, what can never finish is given up."""

from __future__ import annotations

LONGEST_LINE_BYTES = 65_536


class Lines:
    """One message a line, without its line end; empty lines are none. A line that grows beyond
    `longest` bytes is given up to its end."""

    def __init__(self, longest: int = LONGEST_LINE_BYTES) -> None:
        self.dropped = 0
        self._longest = longest
        self._rest = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete."""
        *whole, rest = (self._rest + data).split(b"\n")
        found = []
        for line in whole:
            if self._overlong or len(line) > self._longest:
                self.dropped += len(line)
                self._overlong = False
            elif line and not line.isspace():
                found.append(line.strip())
        if self._overlong or len(rest) > self._longest:
            self.dropped += len(rest)
            self._overlong = True
            rest = b""
        self._rest = rest
        return found
