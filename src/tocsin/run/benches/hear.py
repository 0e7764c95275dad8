"""How fast the ear listens: seconds of sound a second of the processor, and what memory it takes.

Read is noise, as nearly all that a microphone hears, and a made rotor in it, when every window is
asked for its blades too; from the bytes of the file to events, on one core. Seconds are the
processor's, of all threads; best of five passes. Memory and start are those of a `tocsin hear` of
its own.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from tocsin.hear.listener import Listener, the_ear
from tocsin.hear.sound import blocks
from tocsin.run.benches import Figure
from tocsin.simulate.rotors import rotor_sound

_PASSES = 5
_SECONDS = 120
_KINDS = (
    ("44.1 kHz stereo FLAC", "FLAC", 44_100, 2, 0.0),
    ("44.1 kHz stereo FLAC, a drone all the time", "FLAC", 44_100, 2, 0.02),
    ("48 kHz mono WAV", "WAV", 48_000, 1, 0.0),
    ("16 kHz mono WAV", "WAV", 16_000, 1, 0.0),
    ("16 kHz mono WAV, a drone all the time", "WAV", 16_000, 1, 0.02),
)
_CHILD = """
import sys
from tocsin.run.cli import main
sys.argv = ["tocsin", "hear", *sys.argv[1:]]
main()
status = open("/proc/self/status").read().split()
print(int(status[status.index("VmHWM:") + 1]) / 1024.0, file=sys.stderr)
"""
# not `ru_maxrss`, which a child takes over from its parent


def measure() -> list[Figure]:
    """Speed of each kind of file, then the memory of a long one and the start with a short one."""
    figures = []
    the_ear()
    for name, kind, rate_hz, channels, rotor in _KINDS:
        data = _file(kind, rate_hz, channels, _SECONDS, rotor)
        seconds = min(_listen(data) for _ in range(_PASSES))
        figures.append(Figure("hear", name, round(_SECONDS / seconds), "x real time", ">= 200"))
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder) / "long.flac", Path(folder) / "short.wav"
        long.write_bytes(_file("FLAC", 44_100, 2, 5 * _SECONDS))
        short.write_bytes(_file("WAV", 16_000, 1, 1))
        peak_mib, _ = _alone(long)
        starts = [_alone(short)[1] for _ in range(_PASSES)]
    return [
        *figures,
        Figure("hear", "peak memory, ten minutes of FLAC", round(peak_mib), "MiB", "<= 150"),
        Figure("hear", "a file of one second, start included", round(min(starts), 2), "s"),
    ]


def _file(kind: str, rate_hz: int, channels: int, seconds: int, rotor: float = 0.02) -> bytes:
    import soundfile

    rng = np.random.default_rng(1)
    second = rotor_sound(rng, rate_hz, 10 * rate_hz)
    sound = np.tile(second, seconds // 10 + 1)[: seconds * rate_hz, None]
    noise = rng.standard_normal((len(sound), channels)).astype(np.float32)
    out = io.BytesIO()
    mixed = rotor * sound / np.std(sound) + 0.01 * noise * np.linspace(1.0, 0.7, channels)
    soundfile.write(out, mixed, rate_hz, format=kind, subtype="PCM_16")
    return out.getvalue()


def _listen(data: bytes) -> float:
    start = process_time()
    listener = Listener("bench")
    for sound in blocks(data, "bench"):
        listener.hear(sound)
    listener.finish()
    return process_time() - start


def _alone(path: Path) -> tuple[float, float]:
    """Peak memory in MiB and wall seconds of `tocsin hear` on a file."""
    words = [sys.executable, "-c", _CHILD, str(path)]
    start = perf_counter()
    out = subprocess.run(  # noqa: S603  our own interpreter
        words,
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    return float(out.stderr.split()[-1]), perf_counter() - start
