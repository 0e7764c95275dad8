"""Samples → a WAV file that says how to read itself.

Standard   Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft, 1991):
           RIFF, "fmt " with WAVE_FORMAT_PCM, "data"; little-endian
"""

from __future__ import annotations

import struct

_PCM = 1


def write_wav(samples: bytes, rate_hz: int, channels: int) -> bytes:
    """Samples of 16 bits, channels side by side."""
    frame_bytes = 2 * channels
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + len(samples), b"WAVE",
        b"fmt ", 16, _PCM, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, 16,
        b"data", len(samples),
    )  # fmt: skip
    return head + samples
