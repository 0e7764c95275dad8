"""The recordings the ear learns from, each with its label and its fold; windows never cross clips.

Folds      Svanström clips in three contiguous blocks of six a class, ESC-10 by its own folds 1 to
           3 (clips of one source never cross), the bench motor in fold 2 whole
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


@dataclass(frozen=True)
class Clip:
    """One recording at 16 kHz: `source` names its collection, `kind` its class there."""

    name: str
    source: str
    kind: str
    drone: bool
    fold: int
    samples: F32

    @property
    def hard(self) -> bool:
        return self.kind in HARD


def load(acoustic: Path) -> list[Clip]:
    """Every clip under the folder `acoustic`, in a fixed order."""
    clips = []
    for file in sorted((acoustic / "svanstrom_audio").glob("*.flac")):
        kind, number = file.stem.split("_")
        fold = (int(number) - 1) // 6
        clips.append(Clip(file.stem, "svanstrom", kind, kind == "DRONE", fold, read(file)))
    for file in sorted((acoustic / "esc10").glob("*/*.ogg")):
        kind = file.parent.name.split("_", 1)[1]
        fold = int(file.stem[0]) - 1
        clips.append(Clip(f"{kind}/{file.stem}", "esc10", kind, False, fold, read(file)))
    for file in sorted((acoustic / "bench_motors" / "prop").glob("*/*.flac")):
        percent = re.search(r"(\d+)pct", file.stem)
        kind = f"bench {percent.group(1)} %" if percent else "bench"
        clips.append(Clip(file.stem, "bench", kind, True, 2, read(file)))
    if not clips:
        raise SystemExit(f"no recordings under {acoustic}: set TOCSIN_SHARED")
    return clips


def read(file: Path) -> F32:
    """A file's mean channel at 16 kHz."""
    samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    common = gcd(rate_hz, RATE_HZ)
    mono = samples.mean(axis=1)
    mono -= mono.mean()
    return np.asarray(resample_poly(mono, RATE_HZ // common, rate_hz // common), np.float32)


def windows(samples: F32, hop: int = RATE_HZ // 2) -> F32:
    """(n, 16000) windows every half second; a shorter clip is repeated to fill one."""
    if samples.size < WINDOW:
        samples = np.resize(samples, WINDOW)
    return np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::hop].copy()
