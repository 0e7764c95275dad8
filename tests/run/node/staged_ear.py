"""An ear for tests of the node around it: a drone is any window louder than -20 dBFS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tocsin.encode.wav import write_wav
from tocsin.hear.sound import blocks
from tocsin.words import (
    BANDS,
    Bearing,
    ClassScores,
    Detection,
    Frame,
    HeardWindow,
    Link,
    Sigma,
)

RATE_HZ = 16_000


class LoudIsDrone:
    """One window a block of half a second; from the second loud one on it is an event."""

    name = "loud"
    links: tuple[Link, ...] = ("sound",)

    def __init__(self) -> None:
        self.heard = 0
        self.overlooked: Counter[str] = Counter()
        self._windows: list[HeardWindow] = []
        self._loud = 0

    def decode(self, frame: Frame) -> Sequence[Detection]:
        self.heard += 1
        samples = np.concatenate([one.samples for one in blocks(frame.data, "x")])
        rms = float(np.sqrt(np.mean(samples**2)))
        level = None if rms == 0.0 else round(20.0 * np.log10(rms), 1)
        dur_s = len(samples) / RATE_HZ
        loud = level is not None and level > -20.0
        self._loud = self._loud + 1 if loud else 0
        window = HeardWindow(
            frame.sensor, frame.t, dur_s,
            p_drone=None if level is None else 0.95 if loud else 0.05, level_dbfs=level,
            bpf_hz=180.0 if loud else None, deaf="silence" if level is None else None,
            bands_db=(-60.0,) * BANDS, event=self._loud >= 2,
        )  # fmt: skip
        self._windows.append(window)
        if not window.event:
            return ()
        return (
            Detection(
                t=frame.t + dur_s / 2, sensor=frame.sensor, kind="acoustic",
                bearing=Bearing(azimuth_deg=45.0), sigma=Sigma(azimuth_deg=3.0),
                class_=ClassScores(drone=0.95),
            ),
        )  # fmt: skip

    def heard_windows(self) -> list[HeardWindow]:
        found, self._windows = self._windows, []
        return found


def sound(*parts: tuple[float, float]) -> bytes:
    """A WAV file of stretches of noise: (seconds, level in dBFS); -999 is digital silence."""
    rng = np.random.default_rng(1)
    whole = np.concatenate(
        [rng.standard_normal(round(s * RATE_HZ)) * 10 ** (db / 20) for s, db in parts]
    )
    pcm = np.clip(np.rint(whole * 32_768), -32_768, 32_767).astype("<i2")
    return write_wav(pcm.tobytes(), RATE_HZ, 1)
