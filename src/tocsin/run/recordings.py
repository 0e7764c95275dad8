"""Recorded files → frames in the order in which they were received."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tocsin.decode import capture, ndjson
from tocsin.errors import FormatError, InputError
from tocsin.words import Frame


def read_recordings(paths: Sequence[Path]) -> list[Frame]:
    """The frames of captures (pcap, pcapng) and NDJSON files, merged by time; ties keep the order
    of the paths. `-` is standard input. Raises InputError for a file that cannot be read."""
    frames: list[Frame] = []
    for path in paths:
        frames += _frames(_read(path), path.name)
    return in_order(frames)


def in_order(frames: Iterable[Frame]) -> list[Frame]:
    """Sorted by time, stable."""
    return sorted(frames, key=lambda frame: frame.t)


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        remedy = "name captures (.pcap, .pcapng) or detections.ndjson"
        raise InputError(
            error.strerror or "cannot be read", where=str(path), remedy=remedy
        ) from error


def _frames(data: bytes, name: str) -> Iterable[Frame]:
    if capture.is_capture(data):
        return capture.frames(data, name)
    if data and data.lstrip()[:1] != b"{":
        raise FormatError(
            "neither a capture nor NDJSON",
            where=f"{name} byte 0",
            remedy="give .pcap, .pcapng or detections.ndjson",
        )
    return ndjson.frames(data, name)
