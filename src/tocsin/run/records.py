"""What a replay leaves behind: detections, tracks and alerts as NDJSON, one CAP file an alert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.encode.cap import cap_identifier
from tocsin.run.pipeline import Turn
from tocsin.run.scribe import Message
from tocsin.words import Alert, Order

_encode = msgspec.json.Encoder().encode


class RecordFolder:
    """Memory and bell of a replay: it writes files and rings nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_former(folder)
        self._folder = folder
        self._detections = self._open("detections.ndjson")
        self._tracks = self._open("tracks.ndjson")
        self._alerts = self._open("alerts.ndjson")

    def _open(self, name: str) -> BinaryIO:
        return (self._folder / name).open("wb")

    async def keep(self, turn: Turn) -> None:
        """One line a word."""
        _write_lines(self._detections, turn.detections)
        _write_lines(self._tracks, turn.changes)
        _write_lines(self._alerts, turn.alerts)

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:  # noqa: ARG002
        """One CAP file for each statement of an alert."""
        for message in messages:
            (self._folder / message.cap.file_name).write_bytes(message.cap.xml)

    def close(self) -> None:
        """Flush the files."""
        for stream in (self._detections, self._tracks, self._alerts):
            stream.close()


class NoRecord:
    """A replay without `--out`: nothing is kept and nothing rings."""

    async def keep(self, turn: Turn) -> None:
        """Keep nothing."""

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:
        """Ring nothing."""

    def close(self) -> None:
        """Nothing to flush."""


class NoScreens:
    """A house without screens."""

    def show(self, turn: Turn, messages: Sequence[Message]) -> None:
        """Show nothing."""


def _remove_former(folder: Path) -> None:
    """Remove the CAP files that a former replay's own alerts name, and no other file."""
    former = folder / "alerts.ndjson"
    if not former.exists():
        return
    for line in former.read_bytes().splitlines():
        try:
            alert = msgspec.json.decode(line, type=Alert)
        except msgspec.MsgspecError:
            continue
        (folder / f"{cap_identifier(alert)}.xml").unlink(missing_ok=True)


def _write_lines(stream: BinaryIO, words: Sequence[msgspec.Struct]) -> None:
    if words:
        stream.write(b"\n".join(map(_encode, words)) + b"\n")
