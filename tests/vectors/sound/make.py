"""Writes the vectors: one tone a channel, through foreign encoders (sox, ffmpeg, flac, opusenc).

    python tests/vectors/sound/make.py

`files.json` says of each file what is in it. The tones are a formula (`tone`), which the tests
compare with what is read.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SECONDS = 0.1


def tone(rate_hz: int, channels: int, count: int) -> np.ndarray:
    """(count, channels): 440 Hz in the first, 110 Hz more in each that follows, at 0.4."""
    t = np.arange(count)[:, None] / rate_hz
    return 0.4 * np.sin(2.0 * np.pi * (440.0 + 110.0 * np.arange(channels)) * t)


SOX = ("sox", "-D", "-t", "f32", "-r", "{rate}", "-c", "{channels}", "-", "{out}")
FFMPEG = ("ffmpeg", "-v", "error", "-y", "-bitexact", "-f", "f32le", "-ar", "{rate}", "-ac",
          "{channels}", "-i", "-", "{out}")  # fmt: skip

# name, rate, channels, tolerance (of full scale, peak), command
FILES: list[tuple[str, int, int, float, tuple[str, ...]]] = [
    ("u8.wav", 8000, 1, 0.009, (*SOX[:-1], "-b", "8", "-e", "unsigned", "{out}")),
    ("s16.wav", 16000, 1, 4e-5, (*SOX[:-1], "-b", "16", "{out}")),
    ("s24.wav", 44100, 2, 3e-7, (*SOX[:-1], "-b", "24", "{out}")),
    ("s32.wav", 22050, 1, 1e-7, (*SOX[:-1], "-b", "32", "{out}")),
    ("f32.wav", 48000, 1, 1e-7, (*SOX[:-1], "-e", "float", "-b", "32", "{out}")),
    ("f64.wav", 11025, 1, 1e-7, (*SOX[:-1], "-e", "float", "-b", "64", "{out}")),
    ("alaw.wav", 8000, 1, 0.02, (*SOX[:-1], "-e", "a-law", "{out}")),
    ("mulaw.wav", 8000, 1, 0.02, (*SOX[:-1], "-e", "u-law", "{out}")),
    ("extensible-16ch.wav", 8000, 16, 3e-7, (*SOX[:-1], "-b", "24", "{out}")),
    ("pipe.wav", 16000, 1, 4e-5, (*SOX[:-1], "-b", "16", "-t", "wav", "-")),
    ("s16.w64", 16000, 2, 4e-5, (*SOX[:-1], "-b", "16", "{out}")),
    ("s16.aiff", 16000, 2, 4e-5, (*SOX[:-1], "-b", "16", "{out}")),
    ("s24.aiff", 4000, 1, 3e-7, (*SOX[:-1], "-b", "24", "{out}")),
    ("s16.au", 16000, 1, 4e-5, (*SOX[:-1], "-b", "16", "{out}")),
    ("s16-384k.wav", 384000, 1, 4e-5, (*SOX[:-1], "-b", "16", "{out}")),
    ("vorbis.ogg", 44100, 2, 0.05, (*SOX[:-1], "-C", "5", "{out}")),
    ("ffmpeg-rf64.wav", 16000, 1, 4e-5, (*FFMPEG[:-1], "-rf64", "always", "{out}")),
    ("ffmpeg-pipe.wav", 16000, 2, 4e-5, (*FFMPEG[:-1], "-f", "wav", "-")),
    ("ffmpeg.caf", 44100, 1, 4e-5, (*FFMPEG[:-1], "-c:a", "pcm_s16be", "{out}")),
    ("s16.raw", 16000, 2, 4e-5, (*SOX[:-1], "-t", "s16", "-L", "{out}")),
    ("s24be.raw", 96000, 1, 3e-7, (*SOX[:-1], "-t", "s24", "-B", "{out}")),
    ("f32be.raw", 22050, 4, 1e-7, (*SOX[:-1], "-t", "f32", "-B", "{out}")),
    ("u8.raw", 8000, 1, 0.009, (*SOX[:-1], "-t", "u8", "{out}")),
    ("alaw.raw", 8000, 1, 0.02, (*SOX[:-1], "-t", "al", "{out}")),
    ("mulaw.raw", 8000, 1, 0.02, (*SOX[:-1], "-t", "ul", "{out}")),
]
# of a WAV that is written first
SECOND = [
    ("flac.flac", "s24.wav", 3e-7, ("flac", "--silent", "-f", "-o", "{out}", "{in}")),
    ("opus.opus", "f32.wav", 0.05, ("opusenc", "--quiet", "--discard-comments", "{in}", "{out}")),
]
LAYOUTS = {
    "s16.raw": "s16le", "s24be.raw": "s24be", "f32be.raw": "f32be", "u8.raw": "u8",
    "alaw.raw": "alaw", "mulaw.raw": "mulaw",
}  # fmt: skip


def main() -> None:
    told = {}
    for name, rate, channels, tolerance, command in FILES:
        count = round((0.05 if rate > 100_000 else SECONDS) * rate)
        raw = tone(rate, channels, count).astype("<f4").tobytes()
        words = [w.format(rate=rate, channels=channels, out=HERE / name) for w in command]
        out = subprocess.run(words, input=raw, capture_output=True, check=True).stdout
        if words[-1] == "-":
            (HERE / name).write_bytes(out)
        layout = f"{LAYOUTS[name]}:{rate}:{channels}" if name in LAYOUTS else None
        told[name] = {"rate_hz": rate, "channels": channels, "count": count, "raw": layout,
                      "tolerance": tolerance, "by": command[0]}  # fmt: skip
    for name, source, tolerance, command in SECOND:
        words = [w.replace("{in}", str(HERE / source)).format(out=HERE / name) for w in command]
        subprocess.run(words, capture_output=True, check=True)
        told[name] = {**told[source], "tolerance": tolerance, "by": command[0]}
    (HERE / "files.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
