"""Lines of hexadecimal digits, as receivers of Mode S write them ("AVR", port 30002).

Format     `*` message `;` · `@` or `%` time (12 digits, 12 MHz) message `;` · `<` time, signal (2
           digits) message `;`; messages of 4 (Mode A/C), 14 or 28 digits; one a line
Source     the programs dump1090 and readsb; nobody standardised it
Errors     Refused "avr-line"
"""

from __future__ import annotations

import re
from collections import Counter as Count
from collections.abc import Iterator

from tocsin.decode.mode_s.counter import Counter
from tocsin.decode.stream import Lines
from tocsin.errors import Refused
from tocsin.words import Frame, Link

LINK: Link = "avr"
_HEADS = {ord("*"): 0, ord("@"): 12, ord("%"): 12, ord("<"): 14}
"""Digits of time and signal before the message, by the first character."""
_TIME_DIGITS, _SIGNAL_HEAD = 12, 14
_LONGEST = 44
_LINE = re.compile(
    rb"(?:\*|[@%][0-9A-Fa-f]{12}|<[0-9A-Fa-f]{14})(?:[0-9A-Fa-f]{28}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{4});"
)
_SNIFFED_LINES = 50


def read_line(line: bytes) -> tuple[bytes, int | None]:
    """(message, signal level 0 to 255 or None) of one line. Raises Refused."""
    head = _HEADS.get(line[0]) if line else None
    if head is None or line[-1:] != b";" or len(line) > _LONGEST:
        raise Refused("avr-line", f"not a line of a receiver: {line[:48]!r}")
    digits = line[1:-1]
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise Refused("avr-line", f"not hexadecimal digits: {line[:48]!r}") from None
    if len(data) * 2 != len(digits):  # fromhex passes over spaces
        raise Refused("avr-line", f"not hexadecimal digits: {line[:48]!r}")
    return data[head // 2 :], data[6] if head == _SIGNAL_HEAD and len(data) > 6 else None


def stamp_of(line: bytes) -> int | None:
    """The 48 bits of time in front of the message."""
    if line[:1] not in (b"@", b"%", b"<"):
        return None
    try:
        return int(line[1 : 1 + _TIME_DIGITS], 16)
    except ValueError:
        return None


class AvrFormat:
    """Lines in files, in datagrams and over connections."""

    name = "avr"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """Every whole line of its beginning is one of a receiver."""
        lines = [line.strip() for line in start.split(b"\n")]
        whole = [line for line in lines[:-1] or lines if line][:_SNIFFED_LINES]
        return bool(whole) and all(_LINE.fullmatch(line) for line in whole)

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Count[str]
    ) -> Iterator[Frame]:
        """One frame a line; lines without a time come at that of the line before."""
        heard_by = sensor or name.rpartition(".")[0] or name
        counter = Counter(start)
        for number, line in enumerate(data.split(b"\n"), start=1):
            line = line.strip()
            if line:
                t = counter.at(stamp_of(line))
                yield Frame(line, heard_by, t, LINK, f"{name} line {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """Its lines, but for the empty ones."""
        return [line.strip() for line in data.split(b"\n") if line.strip()]

    def splitter(self) -> Lines:
        """One message a line."""
        return Lines()
