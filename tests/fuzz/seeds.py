"""Where the fuzz begins: true files, and the true frames in them, for whatever is installed.

Nothing here names a codec. Every file under `tests/vectors` and, where present, among the shared
recordings is offered to every installed format; what a format takes for its own is read into
frames by their links. Messages that stand in vector files as hexadecimal text, one a string, are
offered to every decoder; a decoder that reads one has found a seed.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec
from tests.fuzz.made import MADE, MADE_FILES, SETTINGS, T0
from tests.shared import SHARED, VECTORS

from tocsin.decode.ndjson import write_line
from tocsin.errors import DecodeError, FormatError
from tocsin.ports import Decoder
from tocsin.run.reading import installed_decoders
from tocsin.run.recordings import installed_formats
from tocsin.words import Frame

_FILE_BYTES = 300_000
_FRAMES_READ = 3000
_FRAMES_KEPT = 150
_REFUSED_KEPT = 10
_TEXTS_KEPT = 60
_SHARED_FOLDERS = ("surveillance", "remote_id")
_LEFT_OUT = {"found", "cap", "score"}
_QUOTED = re.compile(rb'"[{\[](?:[^"\\]|\\.){2,}"')
_HEX = re.compile(rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){7,4096}(?![0-9A-Za-z])")


@dataclass
class Seeds:
    """Files by format, frames by link."""

    files: dict[str, list[bytes]] = field(default_factory=dict)
    frames: dict[str, list[Frame]] = field(default_factory=dict)

    def add(self, frame: Frame) -> None:
        """One more frame of its link."""
        self.frames.setdefault(frame.link, []).append(frame)


def _paths(shared: bool) -> list[Path]:
    roots = [VECTORS]
    if shared:
        roots += [SHARED / "data" / folder for folder in _SHARED_FOLDERS]
    return [
        path
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".md" and not _LEFT_OUT & set(path.parts)
    ]


@cache
def seeds(*, shared: bool) -> Seeds:
    """All seeds; without the shared recordings they are the same on every machine."""
    found = Seeds()
    for make in MADE:
        for frame in make():
            found.add(frame)
    for name, write in MADE_FILES.items():
        found.files.setdefault(name, []).append(write())
    for path in _paths(shared):
        with path.open("rb") as file:
            data = file.read(_FILE_BYTES)
        known = _as_recording(data, path.name, found)
        _as_texts(data, found, whole=not known)
    return found


def _as_recording(data: bytes, name: str, found: Seeds) -> bool:
    """Whether some format takes this file for its own."""
    known = False
    for one in installed_formats():
        if not data or not one.sniff(data[:4096]):
            continue
        if known and one.name == "ndjson":
            break  # any JSON may be its line; this file is another's
        known = True
        found.files.setdefault(one.name, []).append(data)
        read: list[Frame] = []
        with contextlib.suppress(FormatError):
            frames = one.frames(data, name, sensor="s", start=T0, skipped=Counter())
            read.extend(islice(frames, _FRAMES_READ))
        _keep_some(read, found)
    return known


def _keep_some(frames: Sequence[Frame], found: Seeds) -> None:
    """Those that are read, evenly; a few that are refused; and what was read, as lines."""
    decoders = installed_decoders(SETTINGS)
    read, refused = [], []
    for frame in frames:
        known, lines = _read_by(decoders, frame)
        (read if known else refused).append(frame)
        read += [Frame(line, "s", T0, "ndjson") for line in lines[:1]]
    for some, kept in ((read, _FRAMES_KEPT), (refused, _REFUSED_KEPT)):
        for frame in some[:: len(some) // kept + 1]:
            found.add(frame)


def _read_by(decoders: Sequence[Decoder], frame: Frame) -> tuple[bool, list[bytes]]:
    """Whether some decoder reads it, and the lines of what it says."""
    lines: list[bytes] = []
    known = False
    for decoder in decoders:
        if frame.link in decoder.links:
            before = decoder.heard
            with contextlib.suppress(DecodeError):
                lines += map(write_line, decoder.decode(frame))
            known = known or bool(lines) or decoder.heard > before
    return known, lines


def _as_texts(data: bytes, found: Seeds, *, whole: bool) -> None:
    """Messages in hexadecimal, and the file itself as one message, where a decoder reads them."""
    texts = [bytes.fromhex(text.decode()) for text in islice(_hex_in(data), _TEXTS_KEPT)]
    texts += islice(_json_in(data), _TEXTS_KEPT)
    for text in texts + [data] * whole:
        for decoder in installed_decoders(SETTINGS):
            for link in decoder.links:
                frame = Frame(text, "s", T0, link)
                if _read_by([decoder], frame)[0]:
                    found.add(frame)


def _json_in(data: bytes) -> Iterator[bytes]:
    """Texts within a JSON text that are JSON themselves."""
    for match in _QUOTED.finditer(data):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            yield msgspec.json.decode(match.group(), type=str).encode()


def _hex_in(data: bytes) -> Iterator[bytes]:
    return (match.group() for match in _HEX.finditer(data))
