"""A staged scene on disk, in the formats of DESIGN 4."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tocsin.simulate import Staged
from tocsin.words import Sensor

_encode = msgspec.json.Encoder().encode
_LINES_AT_ONCE = 10_000


def write_scene(staged: Staged, folder: Path) -> int:
    """Write every file of the scene; the number of detection lines. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sensors.json").write_bytes(sensors_json(staged.sensors))
    (folder / "meta.json").write_bytes(msgspec.json.format(_encode(staged.meta)) + b"\n")
    lines = _write_lines(folder / "detections.ndjson", staged.lines())
    _write_lines(folder / "labels.ndjson", staged.labels())
    _write_lines(folder / "truth.ndjson", staged.truth())
    for name, data in staged.captures:
        (folder / name).write_bytes(data)
    return lines


def sensors_json(sensors: tuple[Sensor, ...]) -> bytes:
    """A `sensors.json` that a person can read: one setting a line."""
    return msgspec.json.format(_encode(sensors), indent=2) + b"\n"


def _write_lines(path: Path, words: Iterable[object]) -> int:
    count = 0
    waiting: list[bytes] = []
    with path.open("wb") as stream:
        for word in words:
            waiting.append(_encode(word))
            count += 1
            if len(waiting) == _LINES_AT_ONCE:
                stream.write(b"\n".join(waiting) + b"\n")
                waiting.clear()
        if waiting:
            stream.write(b"\n".join(waiting) + b"\n")
    return count
