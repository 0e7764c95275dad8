"""CBOR in its one deterministic form → numbers, bytes, text, lists and maps.

Standard   RFC 8949, 4.2.1: shortest heads, definite lengths, keys in the order of their bytes and
           none twice; anything else is refused, so that what is signed has one form only
Leaves out floats, tags and simple values beyond false, true and null: our reports have none
Bounds     eight levels deep
Errors     Truncated; Refused "cbor-form"
"""

from __future__ import annotations

from tocsin.errors import Refused, Truncated

Value = int | bytes | str | bool | None | list["Value"] | dict[int, "Value"]

_DEEPEST = 8
_SIMPLE = {20: False, 21: True, 22: None}


def read(data: bytes) -> Value:
    """The one item that `data` is."""
    value, end = read_at(data, 0)
    if end != len(data):
        raise Refused("cbor-form", f"{len(data) - end} bytes after the end")
    return value


def read_at(data: bytes, at: int, deep: int = 0) -> tuple[Value, int]:
    """(the item that begins at `at`, where it ends)."""
    major, number, end = head(data, at)
    if major == 0:
        return number, end
    if major == 1:
        return -1 - number, end
    if major in (2, 3):
        return _string(data, major, number, end)
    if deep >= _DEEPEST:
        raise Refused("cbor-form", f"deeper than {_DEEPEST} levels")
    if major == 4:
        items: list[Value] = []
        for _ in range(number):  # each item takes a byte at least: `data` bounds this
            item, end = read_at(data, end, deep + 1)
            items.append(item)
        return items, end
    if major == 5:
        return _map(data, number, end, deep)
    if major == 7 and end == at + 1 and number in _SIMPLE:
        return _SIMPLE[number], end
    raise Refused("cbor-form", f"{data[at]:02X} is no item of ours")


def head(data: bytes, at: int) -> tuple[int, int, int]:
    """(major type, number, where the head ends)."""
    if at >= len(data):
        raise Truncated("it ends before an item")
    major, short = data[at] >> 5, data[at] & 31
    if short < 24:
        return major, short, at + 1
    if short > 27:
        raise Refused("cbor-form", "an indefinite length")
    size = 1 << short - 24
    end = at + 1 + size
    if end > len(data):
        raise Truncated("it ends within a head")
    number = int.from_bytes(data[at + 1 : end], "big")
    if number < (24, 1 << 8, 1 << 16, 1 << 32)[short - 24]:
        raise Refused("cbor-form", f"{number} in {size} bytes is not the shortest form")
    return major, number, end


def _string(data: bytes, major: int, size: int, at: int) -> tuple[Value, int]:
    end = at + size
    if end > len(data):
        raise Truncated(f"a string of {size} bytes ends after {len(data) - at}")
    if major == 2:
        return data[at:end], end
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:
        raise Refused("cbor-form", "a text is not UTF-8") from None


def _map(data: bytes, size: int, at: int, deep: int) -> tuple[Value, int]:
    found: dict[int, Value] = {}
    last = b""
    for _ in range(size):
        key, end = read_at(data, at, deep + 1)
        written = data[at:end]
        if not isinstance(key, int) or isinstance(key, bool) or key < 0 or written <= last:
            raise Refused("cbor-form", "a key is no number from 0 up, out of order or there twice")
        last = written
        found[key], at = read_at(data, end, deep + 1)
    return found, at
