"""How fast every installed decoder reads the recordings in this checkout and beside it.

No codec is named here: each file of `tests/vectors` and of the shared recordings goes to the format
that takes it for its own, each frame to the decoders of its link. `asterix`, `decode` and `sapient`
measure more closely, beside foreign decoders. Seconds are the processor's, best of three passes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import process_time

from tocsin.errors import DecodeError, FormatError
from tocsin.ports import Decoder
from tocsin.run import recordings
from tocsin.run.benches import Figure
from tocsin.run.reading import installed_decoders
from tocsin.words import Frame

_PASSES = 3
_LEAST_FRAMES = 4000
_FILE_BYTES = 2_000_000
_FRAMES_A_FILE = 2000


def measure() -> list[Figure]:
    """A figure for each decoder that reads anything of what is here."""
    frames = list(_frames())
    return [figure for decoder in installed_decoders() for figure in _figure(decoder, frames)]


def _frames() -> Iterator[Frame]:
    shared = Path(os.environ.get("TOCSIN_SHARED", "../shared")) / "data"
    for folder in (Path("tests/vectors"), shared / "surveillance", shared / "remote_id"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size <= _FILE_BYTES:
                yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Frame]:
    try:
        found = recordings.frames(path.read_bytes(), path.name, sensor="bench")
        yield from islice(found, _FRAMES_A_FILE)
    except FormatError:
        return


def _figure(decoder: Decoder, frames: Sequence[Frame]) -> list[Figure]:
    read, refused = [], 0
    for frame in frames:
        if frame.link not in decoder.links:
            continue
        before = decoder.heard
        try:
            decoder.decode(frame)
        except DecodeError:
            refused += 1
            continue
        if decoder.heard > before:
            read.append(frame)
    if not read:
        return []
    many = read * max(1, _LEAST_FRAMES // len(read))
    before, seconds = decoder.heard, min(_pass(decoder, many) for _ in range(_PASSES))
    messages = (decoder.heard - before) // _PASSES
    return [
        Figure(
            bench="codecs",
            name=decoder.name,
            value=round(messages / seconds),
            unit="messages/s",
            note=f"{len(read)} frames read, {refused} refused; "
            f"{seconds / len(many) * 1e6:.1f} us a frame",
        )
    ]


def _pass(decoder: Decoder, frames: Sequence[Frame]) -> float:
    start = process_time()
    for frame in frames:
        try:
            decoder.decode(frame)
        except DecodeError:  # what was read once may be refused as a repetition
            continue
    return process_time() - start
