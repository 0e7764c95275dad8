"""A recording of any kind we know → frames, told apart by its first bytes.

Formats    "capture": pcap and pcapng; "ndjson": lines of `detections.ndjson`; "auto" looks.
Errors     FormatError naming the file, the byte and what it might be instead
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tocsin.decode import capture, ndjson
from tocsin.errors import FormatError
from tocsin.words import Frame

FORMATS = ("auto", "capture", "ndjson")

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"PK": "zip"}


def sniff(data: bytes, name: str = "recording") -> str:
    """Which of the formats this is. A file without content is a recording of nothing."""
    if capture.is_capture(data):
        return "capture"
    text = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text or text.startswith(b"{"):
        return "ndjson"
    for magic, kind in _COMPRESSED.items():
        if data.startswith(magic):
            raise FormatError(
                f"compressed with {kind}", where=f"{name} byte 0", remedy="decompress it first"
            )
    raise FormatError(
        "neither a capture (pcap, pcapng) nor detections (NDJSON)", where=f"{name} byte 0"
    )


def frames(
    data: bytes,
    name: str = "recording",
    *,
    kind: str = "auto",
    sensor: str | None = None,
    skipped: Counter[str] | None = None,
) -> Iterator[Frame]:
    """The frames of a recording in its own order; see `capture.frames` and `ndjson.frames`."""
    if kind == "auto":
        kind = sniff(data, name)
    if kind == "ndjson":
        return ndjson.frames(data.removeprefix(b"\xef\xbb\xbf"), name, sensor=sensor)
    return capture.frames(data, name, sensor=sensor, skipped=skipped)
