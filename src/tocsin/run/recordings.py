"""A recording of any format that is installed → frames, told apart by its first bytes.

Errors     FormatError naming the file, the byte and what it might be instead
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import cast

from tocsin.errors import FormatError
from tocsin.ports import Format
from tocsin.run.plug_ins import FORMATS, sound
from tocsin.words import Frame

_SNIFFED_BYTES = 4096
_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"PK": "zip"}


@cache
def installed_formats() -> tuple[Format, ...]:
    """The formats of every installed package, ours included, in the order in which a file is
    tried: by name, but NDJSON last, since any JSON object may be one of its lines."""
    made = [cast(Format, make()) for make in sound(FORMATS).values()]
    return tuple(sorted(made, key=lambda one: one.name == "ndjson"))


def format_named(name: str) -> Format:
    """The installed format of this name. Raises KeyError."""
    return {one.name: one for one in installed_formats()}[name]


def sniff(data: bytes, name: str = "recording") -> Format:
    """Which of the formats this is. A file without content is a recording of nothing."""
    start = data[:_SNIFFED_BYTES]
    for magic, kind in _COMPRESSED.items():
        if start.startswith(magic):
            raise FormatError(
                f"compressed with {kind}", where=f"{name} byte 0", remedy="decompress it first"
            )
    formats: Sequence[Format] = installed_formats()
    for one in formats:
        if one.sniff(start):
            return one
    known = ", ".join(one.name for one in formats)
    raise FormatError(
        f"of no format that is known here: {known}",
        where=f"{name} byte 0",
        remedy="name it with --format",
    )


def frames(
    data: bytes,
    name: str = "recording",
    *,
    kind: str = "auto",
    sensor: str | None = None,
    start: float = 0.0,
    skipped: Counter[str] | None = None,
) -> Iterator[Frame]:
    """The frames of a recording in its own order; see `Format.frames`."""
    form = sniff(data, name) if kind == "auto" else format_named(kind)
    count = Counter[str]() if skipped is None else skipped
    return form.frames(data, name, sensor=sensor, start=start, skipped=count)
