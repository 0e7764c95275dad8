"""Binary messages of receivers of Mode S ("Beast", port 30005).

Format     1A, type, time (6 bytes), signal (1), message; a 1A within is doubled. Types 31 Mode A/C
           (2 bytes), 32 and 33 Mode S (7 and 14), 34 status, 35 receiver's place, E3 receiver's id:
           passed over. Time: 12 MHz ticks, or second of the day and nanoseconds (`beast-gps`)
Source     the Mode-S Beast and Radarcape, and the programs dump1090 and readsb
Errors     Refused "beast-type", "beast-length"
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterator

from tocsin.decode.mode_s.counter import Counter, tells_gps
from tocsin.errors import Refused
from tocsin.words import Frame, Link

LINK: Link = "beast"
ESCAPE = 0x1A
_ESCAPE = b"\x1a"
_HEAD_BYTES, _SHORT_BYTES = 7, 7
_BODY_BYTES = {0x31: _HEAD_BYTES + 2, 0x32: _HEAD_BYTES + 7, 0x33: _HEAD_BYTES + 14}
_PASSED_OVER = frozenset({0x31, 0x34, 0x35, 0xE3, 0xE4})
_LONGEST_BYTES = 128
"""Of a message whose type says no length; the longest known has 28."""
_LOST_BYTES = 4096
"""After so much in which no message lies this is another kind of stream."""


def read_message(data: bytes) -> tuple[bytes, int] | None:
    """(message, signal level 0 to 255), None for a type that is passed over. Raises Refused."""
    kind = data[0] if data else ESCAPE
    if kind in _PASSED_OVER:
        return None
    size = _BODY_BYTES.get(kind)
    if size is None:
        raise Refused("beast-type", "bytes between messages" if kind == ESCAPE else f"{kind:02X}")
    if len(data) != 1 + size:
        raise Refused("beast-length", f"type {kind:02X} with {len(data) - 1} bytes, not {size}")
    return data[1 + _HEAD_BYTES :], data[_HEAD_BYTES]


def written(message: bytes, stamp: int, level: int) -> bytes:
    """A Mode S message as the splitter gives it."""
    kind = 0x33 if len(message) > _SHORT_BYTES else 0x32
    return bytes((kind,)) + stamp.to_bytes(6, "big") + bytes((level,)) + message


class BeastSplitter:
    """Messages out of a stream, unescaped: type, time, signal, message. What lies between them, or
    is cut short by the next, comes as it is, so that it is refused and counted."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""
        self._lost = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        data = self._rest + data
        found: list[bytes] = []
        at = 0
        while True:
            start = _head(data, at)
            if start > at:
                self._lose(found, data[at:start])
            if start + 2 > len(data):
                break
            message, end = _body(data, start)
            if message is None:
                break
            self._lost = 0 if message[0] in _BODY_BYTES else self._lost
            found.append(message)
            at = start = end
        self._rest = data[start:]
        return found

    def unfinished(self) -> int:
        """Bytes that wait for the end of their message."""
        return len(self._rest)

    def _lose(self, found: list[bytes], garbage: bytes) -> None:
        found.append(_ESCAPE + garbage[:_LONGEST_BYTES])
        self._lost += len(garbage)
        if self._lost > _LOST_BYTES:
            self.dropped += self._lost
            self._lost = 0


def _head(data: bytes, at: int) -> int:
    """Where the next message begins: a single escape; the end of the data if none does."""
    while True:
        start = data.find(_ESCAPE, at)
        if start < 0:
            return len(data)
        if data[start + 1 : start + 2] != _ESCAPE:
            return start
        at = start + 2


def _body(data: bytes, start: int) -> tuple[bytes | None, int]:
    """(type and unescaped body, where it ends); None while it is unfinished."""
    kind = data[start + 1]
    size = _BODY_BYTES.get(kind)
    at = start + 2
    if size is not None and ESCAPE not in (plain := data[at : at + size]):
        if len(plain) < size:
            return None, start
        return data[start + 1 : at + size], at + size
    most = size or _LONGEST_BYTES
    body = bytearray((kind,))
    while len(body) <= most:
        escape = data.find(_ESCAPE, at)
        end = min(len(data) if escape < 0 else escape, at + most + 1 - len(body))
        body += data[at:end]
        at = end
        if len(body) > most:
            break
        if at + 2 > len(data):
            return None, start
        if data[at + 1] != ESCAPE:  # the next message begins
            break
        body.append(ESCAPE)
        at += 2
    return bytes(body), at


def stamp_of(message: bytes) -> int | None:
    """The 48 bits of time of a message as the splitter gives it."""
    return int.from_bytes(message[1:7], "big") if message[0] in _BODY_BYTES else None


class BeastFormat:
    """Messages in files, in datagrams and over connections."""

    name = "beast"
    link: Link = LINK
    _gps: bool | None = None

    def sniff(self, start: bytes) -> bool:
        """It begins with a whole message, and every whole one has the length of its type and of its
        format; nothing lies between."""
        if start[:1] != _ESCAPE:
            return False
        messages = BeastSplitter().feed(start)
        return bool(messages) and all(_sound(message) for message in messages)

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Count[str]
    ) -> Iterator[Frame]:
        """One frame a message. Whether the times are GPS's is told from the stamps of the file;
        `beast-gps` says so for a file too short to tell."""
        heard_by = sensor or name.rpartition(".")[0] or name
        splitter = BeastSplitter()
        messages = splitter.feed(data)
        stamps = [stamp_of(message) for message in messages]
        gps = self._gps
        if gps is None:
            gps = tells_gps(stamp for stamp in stamps if stamp is not None)
        counter = Counter(start, gps=gps)
        for number, (message, stamp) in enumerate(zip(messages, stamps, strict=True), start=1):
            yield Frame(message, heard_by, counter.at(stamp), LINK, f"{name} message {number}")
        if splitter.unfinished():
            skipped["unfinished last message"] += 1

    def datagram(self, data: bytes) -> list[bytes]:
        """Its whole messages."""
        return BeastSplitter().feed(data)

    def splitter(self) -> BeastSplitter:
        """Messages begin with a single 1A."""
        return BeastSplitter()


class BeastGpsFormat(BeastFormat):
    """The same with times of day; never found by itself."""

    name = "beast-gps"
    _gps = True

    def sniff(self, start: bytes) -> bool:
        """Its bytes look like the other's."""
        return False


def _sound(message: bytes) -> bool:
    size = _BODY_BYTES.get(message[0])
    if size is None:
        return message[0] in _PASSED_OVER
    short = message[0] == 0x32
    downlink = message[1 + _HEAD_BYTES] >> 3 if len(message) > 1 + _HEAD_BYTES else 0
    return len(message) == 1 + size and (message[0] == 0x31 or short == (downlink < 16))
