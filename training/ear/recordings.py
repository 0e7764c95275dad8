"""The recordings the ear learns from, each with its label and its fold; windows never cross clips.

Folds      Svanström clips in three contiguous blocks of six a class, ESC-10 by its own folds 1 to
           3 (clips of one source never cross), the bench motor in fold 2 whole; clips that overlap
           (found by cross-correlation) go to the fold of the first of them
Leaves out the bench motor without a propeller: neither a drone nor not one
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import resample_poly

from tocsin.hear.features import RATE_HZ, WINDOW

F32 = npt.NDArray[np.float32]

FOLDS = 3
HARD = ("Helicopter", "Chainsaw", "HELICOPTER")
WIDE_HZ = 48_000
SAME = {
    "BACKGROUND_016": "BACKGROUND_008",
    "DRONE_008": "DRONE_004",
    "HELICOPTER_007": "HELICOPTER_001",
    "HELICOPTER_009": "HELICOPTER_003",
    "HELICOPTER_012": "HELICOPTER_005",
}
"""Svanström clips that hold some of the same sound as an earlier one of another block."""


@dataclass(frozen=True)
class Clip:
    """One recording at 16 kHz: `source` names its collection, `kind` its class there.

    `wide` is the same at 48 kHz where it is kept, to be played slower without losing its top.
    """

    name: str
    source: str
    kind: str
    drone: bool
    fold: int
    samples: F32
    wide: F32 | None = None

    @property
    def hard(self) -> bool:
        return self.kind in HARD


def load(acoustic: Path) -> list[Clip]:
    """Every clip under the folder `acoustic`, in a fixed order."""
    clips = []
    for file in sorted((acoustic / "svanstrom_audio").glob("*.flac")):
        kind = file.stem.split("_")[0]
        fold = (int(SAME.get(file.stem, file.stem)[-3:]) - 1) // 6
        clips.append(Clip(file.stem, "svanstrom", kind, kind == "DRONE", fold, read(file)))
    for file in sorted((acoustic / "esc10").glob("*/*.ogg")):
        kind = file.parent.name.split("_", 1)[1]
        fold = int(file.stem[0]) - 1
        clips.append(Clip(f"{kind}/{file.stem}", "esc10", kind, False, fold, read(file)))
    for file in sorted((acoustic / "bench_motors" / "prop").glob("*/*.flac")):
        percent = re.search(r"(\d+)pct", file.stem)
        kind = f"bench {percent.group(1)} %" if percent else "bench"
        wide = read(file, WIDE_HZ)
        clips.append(Clip(file.stem, "bench", kind, True, 2, read(file), wide))
    if not clips:
        raise SystemExit(f"no recordings under {acoustic}: set TOCSIN_SHARED")
    return clips


def read(file: Path, at_hz: int = RATE_HZ) -> F32:
    """A file's mean channel at 16 kHz, or at another rate."""
    samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    common = gcd(rate_hz, at_hz)
    mono = samples.mean(axis=1)
    mono -= mono.mean()
    return np.asarray(resample_poly(mono, at_hz // common, rate_hz // common), np.float32)


def windows(samples: F32, hop: int = RATE_HZ // 2) -> F32:
    """(n, 16000) windows every half second; a shorter clip is repeated to fill one."""
    if samples.size < WINDOW:
        samples = np.resize(samples, WINDOW)
    return np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::hop].copy()
