"""A staged scene on disk, in the formats of DESIGN 4."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.run.staged_hearing import Heard, evening_decoders, hear
from tocsin.simulate import Staged
from tocsin.words import Sensor

_encode = msgspec.json.Encoder().encode
_LINES_AT_ONCE = 10_000


def write_scene(staged: Staged, folder: Path) -> int:
    """Write every file of the scene; the number of detection lines. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sensors.json").write_bytes(sensors_json(staged.sensors))
    (folder / "meta.json").write_bytes(msgspec.json.format(_encode(staged.meta)) + b"\n")
    lines = _write_lines(folder, ("detections.ndjson", "labels.ndjson"), _said(staged))
    _write_lines(folder, ("truth.ndjson",), ((line,) for line in staged.truth()))
    for name, data in staged.captures:
        (folder / name).write_bytes(data)
    return lines


def sensors_json(sensors: tuple[Sensor, ...]) -> bytes:
    """A `sensors.json` that a person can read: one setting a line."""
    return msgspec.json.format(_encode(sensors), indent=2) + b"\n"


def _said(staged: Staged) -> Iterator[Heard]:
    """Each detection and what is behind it, in order of arrival; ears are given their sound."""
    words = zip(staged.lines(), staged.labels(), strict=True)
    if staged.sound is None:
        return words
    return heapq.merge(words, hear(staged, evening_decoders()), key=_told)


def _told(heard: Heard) -> float:
    line = heard[0]
    return line.t if line.received is None else line.received


def _write_lines(folder: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """One word of each row to each of the files; the number of rows."""
    count = 0
    waiting: list[list[bytes]] = [[] for _ in names]
    with ExitStack() as stack:
        streams = [stack.enter_context((folder / name).open("wb")) for name in names]
        for row in rows:
            for words, word in zip(waiting, row, strict=True):
                words.append(_encode(word))
            count += 1
            if count % _LINES_AT_ONCE == 0:
                _empty(waiting, streams)
        _empty(waiting, streams)
    return count


def _empty(waiting: Sequence[list[bytes]], streams: Sequence[BinaryIO]) -> None:
    for words, stream in zip(waiting, streams, strict=True):
        stream.writelines(word + b"\n" for word in words)
        words.clear()
