"""The self-test's matched filter: what it hears, how well it tells the delay, what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import chirp as scipy_chirp

from tocsin.hear.chirp import CHIRP_S, FROM_HZ, TO_HZ, chirp, find_chirp

RATE_HZ = 16_000


def heard(level_db: float, at: int, seed: int = 1, rate_hz: int = RATE_HZ) -> np.ndarray:
    """The chirp in noise of 0.1, so far above or below it."""
    noise = 0.1 * np.random.default_rng(seed).standard_normal(3 * rate_hz)
    one = chirp(rate_hz).astype(float)
    noise[at : at + len(one)] += one * 0.1 * 10 ** (level_db / 20) / np.sqrt(np.mean(one * one))
    return noise.astype(np.float32)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_it_is_the_linear_sweep_that_scipy_makes(rate_hz: int) -> None:
    t = np.arange(round(CHIRP_S * rate_hz)) / rate_hz
    theirs = scipy_chirp(t, FROM_HZ, CHIRP_S, TO_HZ, phi=-90.0)
    middle = slice(rate_hz // 20, -rate_hz // 20)
    assert np.abs(chirp(rate_hz)[middle] - theirs[middle]).max() < 1e-3


@pytest.mark.parametrize(
    ("level_db", "verdict"), [(10, "heard"), (-10, "heard"), (-30, "not-heard")]
)
def test_it_is_heard_far_below_the_noise_and_not_beneath_it(level_db: float, verdict: str) -> None:
    for seed in range(5):
        found = find_chirp(heard(level_db, 12_345, seed), RATE_HZ)
        assert found.verdict == verdict
        if verdict == "heard":
            assert abs(found.delay_s - 12_345 / RATE_HZ) <= 1 / RATE_HZ
            assert abs(found.level_dbfs - (level_db - 20.0)) < 1.0


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(48_000), np.full(48_000, 0.9), np.full(48_000, np.nan), np.full(8_001, 0.1),
        np.sign(np.sin(np.arange(48_000) * 0.4)),
        np.random.default_rng(3).standard_normal(48_000),
        np.cumsum(np.random.default_rng(4).standard_normal(48_000)) / 100.0,
    ],
    ids=["silence", "dc", "nan", "short", "square", "noise", "wind"],
)  # fmt: skip
def test_what_is_no_chirp_is_not_heard(sound: np.ndarray) -> None:
    assert find_chirp(sound.astype(np.float32), RATE_HZ).verdict == "not-heard"


def test_a_turned_plug_is_heard_too() -> None:
    """A microphone wired the other way round hears as well."""
    assert find_chirp(-heard(0, 4_000), RATE_HZ).verdict == "heard"
