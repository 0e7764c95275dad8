"""An ear that hears a tone: for tests of what stands around the ear, whatever the ear is."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.hear import listener

RATE = 16_000


class ToneEar:
    """Nearly sure of a drone where 1 kHz sounds, nearly sure of none elsewhere."""

    def log_odds(self, windows: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(windows, axis=1)) ** 2
        share = power[:, 995:1006].sum(axis=1) / power.sum(axis=1)
        return np.where(share > 0.3, 3.5, -6.0)


@pytest.fixture
def tone_ear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "the_ear", ToneEar)


def evening(script: str, rate_hz: int = RATE, channels: int = 1, seed: int = 4) -> np.ndarray:
    """A second a letter: d drone, n noise, z digital silence, c clipped noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(rate_hz) / rate_hz
    parts = []
    for letter in script:
        noise = rng.standard_normal((rate_hz, channels))
        tone = np.sin(2 * np.pi * 1000.0 * t)[:, None]
        parts.append(
            {
                "d": 0.01 * noise + 0.2 * tone,
                "n": 0.01 * noise,
                "z": 0.0 * noise,
                "c": np.clip(2.0 * noise, -1.0, 1.0),
            }[letter]
        )
    return np.concatenate(parts).astype(np.float32)
