"""WAV files as bytes: what their heads say, how a small one is written, how a stream is cut.

Format     RIFF: "RIFF", length, "WAVE", then chunks of a name, a length (4 bytes, little-endian)
           and so many bytes, padded to an even number; "fmt " says how samples lie, "data" has them
           (Multimedia Programming Interface and Data Specifications 1.0, 1991)
Streams    `arecord -t wav`, `ffmpeg -f wav` and `sox -t wav` into a pipe or a socket: the same head
           with a length that nobody knew, then samples without end
"""

from __future__ import annotations

import io
import struct
from typing import Protocol

UNKNOWN_BYTES = 0x7FFF_F000
"""Programs that write into a pipe state a length near 2^31 or 2^32 and mean that they know none."""
HEAD_BYTES = 65_536
"""A head is no longer than this."""

BLOCK_S = 0.25
"""A stream is cut into quarters of a second: so late is the time of a block that has come."""
_MOST_BLOCK_BYTES = 1 << 21
_PCM, _FLOAT = 1, 3


class Seekable(Protocol):
    """A file, as much of it as is needed here."""

    def read(self, size: int, /) -> bytes:
        """So many bytes."""
        ...

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """To a place, which is returned."""
        ...


def fault_of_head(stream: Seekable) -> str | None:
    """Where a WAV states more sound than there is, or none although some follows: libsndfile then
    reads what there is and says nothing."""
    head = stream.read(HEAD_BYTES)
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    found = _chunks(head) if head[:4] == b"RIFF" else None
    if found is None:
        return None
    _, at, length = found
    if length == 0 and size > at:
        return f"its head says no sound, yet {size - at} bytes follow: it was not closed properly"
    if at + length > size and length < UNKNOWN_BYTES:
        return f"ends early: {size - at} bytes of sound of {length}"
    return None


def wav_file(data: bytes, rate_hz: int, channels: int, *, bits: int = 16) -> bytes:
    """A whole file around samples: 16 bits are integers, 32 bits are floats."""
    kind = _FLOAT if bits == 32 else _PCM
    align = channels * bits // 8
    layout = struct.pack("<HHIIHH", kind, channels, rate_hz, rate_hz * align, align, bits)
    return _file(layout, data)


def _file(layout: bytes, data: bytes) -> bytes:
    pad = b"\0" * (len(data) % 2)
    length = 20 + len(layout) + len(data) + len(pad)
    head = b"RIFF%sWAVEfmt %s" % (length.to_bytes(4, "little"), len(layout).to_bytes(4, "little"))
    return head + layout + b"data" + len(data).to_bytes(4, "little") + data + pad


def _chunks(head: bytes) -> tuple[bytes, int, int] | None:
    """The layout, and where the samples begin and how many bytes they say they are; None where the
    head has no end."""
    at, layout = 12, b""
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        at += 8
        if name == b"data":
            return layout, at, length
        if name == b"fmt ":
            layout = head[at : at + length]
        at += length + length % 2
    return None


class WavStream:
    """A WAV without end → small whole WAVs of `BLOCK_S`, whatever the pieces it came in."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""
        self._layout = b""
        """How samples lie, once the head was read."""
        self._block = 0
        self._left = 0
        """Bytes of sound still to come; less than 0: without end."""

    def feed(self, data: bytes) -> list[bytes]:
        """The blocks that these bytes complete."""
        self._rest += data
        found: list[bytes] = []
        while True:
            if not self._layout and not self._find_head():
                return found
            size = self._block if self._left < 0 else min(self._block, self._left)
            if len(self._rest) < size:
                return found
            if size:
                found.append(_file(self._layout, self._rest[:size]))
            self._rest = self._rest[size:]
            if self._left >= 0:
                self._left -= size
                if self._left == 0:
                    self._layout = b""

    def _find_head(self) -> bool:
        """Whether a head begins the rest now; what comes before one is given up."""
        while True:
            at = self._rest.find(b"RIFF")
            if at < 0:
                self._drop(max(0, len(self._rest) - 3))
                return False
            self._drop(at)
            if len(self._rest) < 12:
                return False
            found = _chunks(self._rest[:HEAD_BYTES]) if self._rest[8:12] == b"WAVE" else None
            if found is None and self._rest[8:12] == b"WAVE" and len(self._rest) < HEAD_BYTES:
                return False
            if found is not None and self._begin(*found):
                return True
            self._drop(4)

    def _begin(self, layout: bytes, at: int, length: int) -> bool:
        if len(layout) < 16:
            return False
        _, channels, rate, _, align, _ = struct.unpack_from("<HHIIHH", layout)
        block = round(rate * BLOCK_S) * align
        if not channels or not 0 < block <= _MOST_BLOCK_BYTES:
            return False
        self._layout, self._block = layout, block
        self._left = -1 if length == 0 or length >= UNKNOWN_BYTES else length - length % align
        if self._left == 0:
            self._left = -1
        self._rest = self._rest[at:]
        return True

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._rest = self._rest[count:]
