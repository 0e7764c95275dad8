"""Data blocks of ASTERIX: a category, a length, and records one after another.

Standard   EUROCONTROL-SPEC-0149, part 1: one octet of category, two of length (themselves and the
           category included), one or more records; a datagram holds one or more blocks
Also       the same with ORADIS heads, see `chain`
Errors     Refused "asterix-block" where the lengths do not add up to the data
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tocsin.decode.asterix.items import ItemReader, Value
from tocsin.errors import Refused, Truncated
from tocsin.words.asterix import USUAL_EDITIONS, table

HEAD_OCTETS = 3
_TIMED_HEAD_OCTETS = 6

Block = tuple[int, int, int]
"""(category, where it starts, where it ends)."""


def blocks(data: bytes, at: int = 0) -> Iterator[Block]:
    """The blocks of a datagram. Raises Refused after those before the fault."""
    size = len(data)
    while at < size:
        end = block_end(data, at)
        if end is None:
            raise Refused("asterix-block", f"no data block fits at octet {at} of {size}")
        yield data[at], at, end
        at = end


def block_end(data: bytes, at: int) -> int | None:
    """Where the block that starts here ends; None where none can be."""
    if at + HEAD_OCTETS > len(data):
        return None
    end = at + (data[at + 1] << 8 | data[at + 2])
    return None if end <= at + HEAD_OCTETS or end > len(data) else end


def chain(data: bytes) -> list[Block] | None:
    """The blocks of a datagram that is blocks from its first octet to its last, None for others.

    Some networks (ORADIS) put two octets of length and four of time before each group of blocks.
    """
    size = len(data)
    if size > HEAD_OCTETS and data[1] << 8 | data[2] == size:
        return [(data[0], 0, size)]  # what most send
    return _plain(data, 0, size) or _timed(data)


def _plain(data: bytes, at: int, end: int) -> list[Block] | None:
    found = []
    while at < end:
        stop = block_end(data, at)
        if stop is None or stop > end:
            return None
        found.append((data[at], at, stop))
        at = stop
    return found


def _timed(data: bytes) -> list[Block] | None:
    found: list[Block] = []
    at = 0
    while at + _TIMED_HEAD_OCTETS < len(data):
        end = at + (data[at] << 8 | data[at + 1])
        part = _plain(data, at + _TIMED_HEAD_OCTETS, end) if end <= len(data) else None
        if not part:
            return None
        found += part
        at = end
    return found if at == len(data) else None


def read_items(
    data: bytes, editions: dict[int, str] | None = None, *, raw: bool = False
) -> list[tuple[int, dict[str, Value]]]:
    """(category, items) of every record of a datagram; categories without a table are passed over.

    Raises DecodeError.
    """
    chosen = USUAL_EDITIONS if editions is None else USUAL_EDITIONS | editions
    found = []
    for category, start, end in chain(data) or blocks(data):
        if category not in chosen:
            continue
        reader = _reader(category, chosen[category], raw)
        at = start + HEAD_OCTETS
        block = data[:end]
        while at < end:
            try:
                items, at = reader.read(block, at)
            except IndexError:
                raise Truncated(
                    f"a record of category {category:03} is longer than its block"
                ) from None
            found.append((category, items))
    return found


@cache
def _reader(category: int, edition: str, raw: bool) -> ItemReader:
    return ItemReader(table(category, edition), raw=raw)
