"""Files and datagrams of ASTERIX → frames.

Files      data blocks one after another ("raw", "final image" without a container), one frame a
           block; also the recordings of the GPS format of radar analysis tools, 2,200 octets of
           head and 10 of trailer after each block, which are not read
Datagrams  one frame a datagram; a datagram holds one or more blocks
Time       blocks tell the time of day and no date: the first is on the day nearest to `start` (1
           January 1970 where there is none), the next ones follow over midnight; a block without a
           time takes that of the one before it
Sniff      whole blocks of categories that exist from the first octet on; those of a category that
           is read here fit one of its editions, and there is at least one. A file whose first block
           is longer than what is sniffed (radar video) has to be named with --format
Errors     FormatError naming the octet where no block begins
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from tocsin.decode.asterix.blocks import HEAD_OCTETS, block_end
from tocsin.decode.asterix.day import DAY_S, read_ticks, time_of_day
from tocsin.decode.asterix.layout import Layout, layout_of
from tocsin.errors import FormatError, Refused
from tocsin.words import Frame, Link
from tocsin.words.asterix import EDITIONS, USUAL_EDITIONS, table

SNIFFED_BYTES = 4096
GPS_HEAD_BYTES = 2200
GPS_TRAILER_BYTES = 10
_GPS_FILL = 0xCD

_CATEGORIES = {
    *range(1, 12), *range(15, 35), 48, *range(62, 66), 205, 240, 247,
}  # fmt: skip

_CLOCKS = {15: "145", 34: "030", 48: "140", 62: "070", 65: "030", 240: "140"}
"""The item that tells the time of day. CAT 021 has it under other presence bits in each of its two
languages: it takes the time of its neighbours, and its records' own when they are decoded."""


class AsterixFormat:
    """Raw data blocks in files, datagrams and streams."""

    name = "asterix"
    link: Link = "asterix"

    def sniff(self, start: bytes) -> bool:
        """By the lengths of the blocks, which have to add up."""
        if _is_gps(start):
            return _blocks_add_up(start, GPS_HEAD_BYTES, GPS_TRAILER_BYTES)
        return _blocks_add_up(start, 0, 0)

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame a data block."""
        at, trailer = (GPS_HEAD_BYTES, GPS_TRAILER_BYTES) if _is_gps(data) else (0, 0)
        clock = _Clock(start)
        number = 0
        while at < len(data):
            end = block_end(data, at)
            if end is None:
                raise FormatError("no data block begins here", where=f"{name} byte {at}")
            number += 1
            block = data[at:end]
            yield Frame(block, sensor or "", clock.at(block), self.link, f"{name} block {number}")
            at = end + trailer

    def datagram(self, data: bytes) -> list[bytes]:
        """All of it: a record may be cut only where its block ends."""
        return [data] if data else []

    def splitter(self) -> Blocks:
        """One data block a message."""
        return Blocks()


class Blocks:
    """A stream of data blocks. Where none can begin, octets are given up until one can."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The blocks that these bytes complete; a block has at most 65,535."""
        data = self._rest + data
        found = []
        at = 0
        while at + HEAD_OCTETS <= len(data):
            length = data[at + 1] << 8 | data[at + 2]
            if data[at] not in _CATEGORIES or length <= HEAD_OCTETS:
                self.dropped += 1
                at += 1
                continue
            if at + length > len(data):
                break
            found.append(data[at : at + length])
            at += length
        self._rest = data[at:]
        return found


class _Clock:
    """Carries the day over midnight."""

    def __init__(self, start: float) -> None:
        self._t = start
        self._told = start != 0.0
        self._layouts: dict[int, Layout] = {
            category: layout_of(table(category, USUAL_EDITIONS[category]), (item,))
            for category, item in _CLOCKS.items()
        }

    def at(self, block: bytes) -> float:
        """When the first record of a block was made."""
        layout = self._layouts.get(block[0])
        if layout is not None:
            try:
                plan, body = layout.open(block, HEAD_OCTETS)
                (at,), _ = plan.find(block, body)
                if at >= 0:
                    self._hear(read_ticks(block, at))
            except (IndexError, Refused):
                pass  # the decoder will refuse it, and count it
        return self._t

    def _hear(self, ticks: int) -> None:
        # Without a start the first time of day is one of 1 January 1970 itself, not of its eve.
        near_t = self._t if self._told else DAY_S / 2
        self._told = True
        self._t = time_of_day(ticks, near_t)


def _is_gps(data: bytes) -> bool:
    return len(data) > GPS_HEAD_BYTES and data[:GPS_HEAD_BYTES].count(_GPS_FILL) == GPS_HEAD_BYTES


def _blocks_add_up(start: bytes, at: int, trailer: int) -> bool:
    """At least one whole block that we can read, and nothing that is none."""
    known = 0
    cut = len(start) >= SNIFFED_BYTES
    while at + HEAD_OCTETS <= len(start):
        end = at + (start[at + 1] << 8 | start[at + 2])
        if start[at] not in _CATEGORIES or end <= at + HEAD_OCTETS:
            return False
        if end > len(start):
            return known > 0 and cut
        if start[at] in EDITIONS:
            if not _fits_an_edition(start[at], start[at:end]):
                return False
            known += 1
        at = end + trailer
    return known > 0 and (cut or at >= len(start))


def _fits_an_edition(category: int, block: bytes) -> bool:
    """Whether its records end where it does."""
    return any(_fits(_layout(category, edition), block) for edition in EDITIONS[category])


@cache
def _layout(category: int, edition: str) -> Layout:
    return layout_of(table(category, edition))


def _fits(layout: Layout, block: bytes) -> bool:
    at = HEAD_OCTETS
    try:
        while at < len(block):
            plan, body = layout.open(block, at)
            at = plan.end(block, body)
    except (IndexError, Refused):
        return False
    return at == len(block)
