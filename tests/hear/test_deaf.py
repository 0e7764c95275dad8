"""Deaf or not: what breaks microphones is told by name, what only sounds bad is left to the ear."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.hear.deaf import judge
from tocsin.words.hearing import Deafness

RATE = 16_000
RNG = np.random.default_rng(11)
T = np.arange(RATE) / RATE


def db(level: float) -> float:
    return float(10.0 ** (level / 20.0))


def in_bits(x: np.ndarray, bits: int = 16) -> np.ndarray:
    full = 2.0 ** (bits - 1)
    return np.clip(np.rint(x * full), -full, full - 1) / full


def with_gaps(share: float, length_s: float = 0.02, value: float = 0.0) -> np.ndarray:
    x = 0.1 * RNG.standard_normal(RATE)
    count = round(share / length_s)
    for k in range(count):
        begin = round((k + 0.3) * RATE / count)
        x[begin : begin + round(length_s * RATE)] = value
    return x


NOISE = RNG.standard_normal(RATE)
TONE = np.sin(2 * np.pi * 180.0 * T)

DEAF: list[tuple[str, np.ndarray, Deafness]] = [
    ("zeros", np.zeros(RATE), "silence"),
    ("one value", np.full(RATE, 0.01), "silence"),
    ("far off zero", np.full(RATE, 0.4), "dc"),
    ("noise far off zero", 0.05 * NOISE + 0.5, "dc"),
    ("an open input of 24 bits", in_bits(db(-108.0) * NOISE, 24), "no-signal"),
    ("a dither of one bit now and then", in_bits(np.where(NOISE > 2.5, 1 / 32768, 0.0)),
     "no-signal"),
    ("loud noise cut off", in_bits(np.clip(1.2 * NOISE, -1.0, 1.0)), "clipping"),
    ("a tone at six times full scale", in_bits(np.clip(6.0 * TONE, -1.0, 1.0)), "clipping"),
    ("the same on one side", np.clip(3.0 * TONE, -10.0, 1.0) / 3.0, "clipping"),
    ("cut off before the converter", 0.3 * np.clip(3.0 * TONE, -1.0, 1.0) + 2e-4 * NOISE,
     "clipping"),
    ("gaps of 20 ms", with_gaps(0.3), "dropout"),
    ("one long gap", with_gaps(0.4, 0.4), "dropout"),
    ("a value that is held", with_gaps(0.4, 0.2, 0.07), "dropout"),
    ("not a number", np.where(T == 0.5, np.nan, 0.1 * NOISE), "not-a-number"),
    ("beyond numbers", np.where(T == 0.5, np.inf, 0.1 * NOISE), "not-a-number"),
]  # fmt: skip

HEARS: list[tuple[str, np.ndarray]] = [
    ("a quiet night, 16 bits, the microphone's own noise", in_bits(db(-91.0) * NOISE)),
    ("a quieter one", in_bits(db(-95.0) * NOISE)),
    ("the same in 24 bits", in_bits(db(-97.0) * NOISE, 24)),
    ("a digital microphone that rests beside zero", in_bits(db(-70.0) * NOISE + 0.05)),
    ("wind that touches full scale", in_bits(np.clip(0.5 * NOISE, -1.0, 1.0))),
    ("a loud pure tone", 0.99 * TONE),
    ("a square-ish engine", np.tanh(1.5 * TONE)),
    ("8 bits", in_bits(0.05 * NOISE, 8)),
    ("one lost buffer of 50 ms", with_gaps(0.05, 0.05)),
    ("a click", np.where(T == 0.5, 1.0, 1e-3 * NOISE)),
]


@pytest.mark.parametrize(("what", "x", "why"), DEAF, ids=[one[0] for one in DEAF])
def test_deafness_has_a_name(what: str, x: np.ndarray, why: Deafness) -> None:
    assert judge(x.astype(np.float32), RATE).deaf == why


@pytest.mark.parametrize(("what", "x"), HEARS, ids=[one[0] for one in HEARS])
def test_what_only_sounds_bad_is_heard(what: str, x: np.ndarray) -> None:
    assert judge(x.astype(np.float32), RATE).deaf is None


def test_levels_are_against_a_full_scale_square_wave_without_the_mean() -> None:
    for offset in (0.0, 0.2):
        tone = (0.1 * TONE + offset).astype(np.float32)
        assert judge(tone, RATE).level_dbfs == pytest.approx(-23.01, abs=0.02)
    assert judge(np.zeros(RATE, np.float32), RATE).level_dbfs is None
    assert judge(np.full(RATE, np.nan, np.float32), RATE).level_dbfs is None
