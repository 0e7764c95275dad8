"""Whole numbers, bytes, text, lists and maps → CBOR in its one deterministic form.

Standard   RFC 8949, 4.2.1: shortest heads, definite lengths, keys in the order of their bytes
Keys       are whole numbers from 0 up: so 4.2.1 and the older 4.2.3 are the same order
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Value = int | bytes | str | bool | None | Sequence["Value"] | Mapping[int, "Value"]

_SIMPLE = {False: b"\xf4", True: b"\xf5", None: b"\xf6"}


def write(value: Value) -> bytes:
    """One item. Raises OverflowError for a number beyond 64 bits."""
    if value is None or isinstance(value, bool):
        return _SIMPLE[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, Mapping):
        items = sorted((write(key), write(item)) for key, item in value.items())
        return head(5, len(items)) + b"".join(key + item for key, item in items)
    return head(4, len(value)) + b"".join(write(item) for item in value)


def head(major: int, number: int) -> bytes:
    """The first bytes of an item: its major type and its number or length (RFC 8949, 3)."""
    if number < 24:
        return bytes((major << 5 | number,))
    size = next((size for size in (1, 2, 4) if number < 1 << 8 * size), 8)
    return bytes((major << 5 | 23 + size.bit_length(),)) + number.to_bytes(size, "big")
