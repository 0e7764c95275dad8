"""Recordings: several files become one stream of frames in the order of their times."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from operator import attrgetter
from pathlib import Path

from tocsin.errors import FormatError, InputError
from tocsin.words import Frame

Parse = Callable[[bytes, str], Iterable[Frame]]
"""(content, name) to frames; a FormatError may follow the frames that stand before the fault."""

STANDARD_INPUT = "-"
_AT_ONCE = 1 << 25
"""Bytes of lines: some 100,000 tracks."""

_time = attrgetter("t")


def read_recording(path: str) -> tuple[bytes, str]:
    """(content, name for messages) of a file, or of standard input for "-". Raises InputError."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(path).read_bytes(), Path(path).name
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None


def read_parts(path: str) -> Iterator[bytes]:
    """Some thousand whole lines at a time, so that no file is too long. Raises InputError."""
    piped = path == STANDARD_INPUT
    try:
        with nullcontext(sys.stdin.buffer) if piped else Path(path).open("rb") as stream:
            while part := stream.read(_AT_ONCE):
                part += stream.readline()
                yield part if part.endswith(b"\n") else part + b"\n"
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None


def recorded_frames(paths: Sequence[str], parse: Parse) -> Iterator[Frame]:
    """Frames of all the files by time; frames of one time stay in the order of the arguments.

    A damaged file gives the frames before the damage; its FormatError is raised at the end.
    """
    faults: list[FormatError] = []
    recordings = [_sorted(*read_recording(path), parse, faults) for path in paths]
    yield from heapq.merge(*recordings, key=_time)
    if faults:
        raise faults[0]


def _sorted(data: bytes, name: str, parse: Parse, faults: list[FormatError]) -> list[Frame]:
    frames: list[Frame] = []
    try:
        # One by one: what was read before a fault counts.
        for frame in parse(data, name):
            frames.append(frame)  # noqa: PERF402
    except FormatError as fault:
        faults.append(fault)
    frames.sort(key=_time)
    return frames
