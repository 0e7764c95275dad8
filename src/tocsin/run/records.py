"""What a replay leaves behind: detections, tracks and alerts as NDJSON, one CAP file an alert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.run.scribe import Message
from tocsin.words import Alert, Assessment, Detection, Frame, Track

_encode = msgspec.json.Encoder().encode


class RecordFolder:
    """Memory and bell of a replay: it writes files and rings nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.xml"):
            old.unlink()
        self._folder = folder
        self._detections = self._open("detections.ndjson")
        self._tracks = self._open("tracks.ndjson")
        self._alerts = self._open("alerts.ndjson")

    def _open(self, name: str) -> BinaryIO:
        return (self._folder / name).open("wb")

    async def keep(
        self,
        now: float,  # noqa: ARG002  every word carries its own time
        frames: Sequence[Frame],  # noqa: ARG002  the recording itself holds them
        detections: Sequence[Detection],
        changes: Sequence[Track],
        alerts: Sequence[Alert],
    ) -> None:
        """One line a word."""
        _write_lines(self._detections, detections)
        _write_lines(self._tracks, changes)
        _write_lines(self._alerts, alerts)

    def ring(self, messages: Sequence[Message]) -> None:
        """One CAP file for each statement of an alert."""
        for message in messages:
            (self._folder / message.cap.file_name).write_bytes(message.cap.xml)

    def close(self) -> None:
        """Flush the files."""
        for stream in (self._detections, self._tracks, self._alerts):
            stream.close()


class NoRecord:
    """A replay without `--out`: nothing is kept and nothing rings."""

    async def keep(
        self,
        now: float,
        frames: Sequence[Frame],
        detections: Sequence[Detection],
        changes: Sequence[Track],
        alerts: Sequence[Alert],
    ) -> None:
        """Keep nothing."""

    def ring(self, messages: Sequence[Message]) -> None:
        """Ring nothing."""

    def close(self) -> None:
        """Nothing to flush."""


class NoScreens:
    """A house without screens."""

    def show(
        self,
        now: float,
        changes: Sequence[Track],
        standings: Sequence[Assessment],
        messages: Sequence[Message],
    ) -> None:
        """Show nothing."""


def _write_lines(stream: BinaryIO, words: Sequence[msgspec.Struct]) -> None:
    if words:
        stream.write(b"\n".join(map(_encode, words)) + b"\n")
