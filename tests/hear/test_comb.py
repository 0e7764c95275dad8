"""The comb finds the blades' speed: on made-up rotors to a few per cent, on a real motor rising."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly
from tests.shared import recording

from tocsin.hear.comb import blade_pass
from tocsin.simulate.rotors import Craft, rotor_sound

RATE_HZ = 16_000


@pytest.mark.parametrize("rotors", [1, 4, 6])
@pytest.mark.parametrize("hertz", [70.0, 120.0, 183.0, 330.0, 560.0, 900.0])
def test_a_craft_of_even_speed_is_told_within_two_per_cent(hertz: float, rotors: int) -> None:
    craft = Craft(rotors, rpm=hertz * 30.0, spread=0.002, unsteady=0.002, noise_db=0.0)
    # Where the shaft or the motor is as loud as the blades, no ear can tell which is which.
    craft = replace(craft, shaft_db=-32.0, motor_db=-32.0)
    rng = np.random.default_rng(int(hertz))
    sound = np.stack([rotor_sound(rng, RATE_HZ, RATE_HZ, craft=craft) for _ in range(8)])
    told, salience = blade_pass(sound)
    assert abs(float(np.median(told)) / hertz - 1.0) < 0.02
    assert np.median(salience) > 0.8


def test_noise_has_no_comb() -> None:
    noise = np.random.default_rng(1).standard_normal((20, RATE_HZ)).astype(np.float32)
    assert np.quantile(blade_pass(noise)[1], 0.9) < 0.6


def test_silence_and_dc_give_an_answer_without_salience() -> None:
    flat = np.stack([np.zeros(RATE_HZ), np.full(RATE_HZ, 0.5)]).astype(np.float32)
    _, salience = blade_pass(flat)
    assert np.all(salience < 0.6)


def test_a_real_motor_runs_faster_with_more_throttle() -> None:
    medians = []
    for percent in (40, 60):
        told = []
        for number in range(5):
            name = f"motor_m1_prop_{percent}pct_{number:03d}.flac"
            content = recording(f"acoustic/bench_motors/prop/m1/{name}")
            samples, rate_hz = soundfile.read(io.BytesIO(content), dtype="float32")
            mono = resample_poly(samples.mean(axis=1), RATE_HZ, rate_hz)
            seconds = mono[: 2 * RATE_HZ].reshape(2, RATE_HZ).astype(np.float32)
            told += blade_pass(seconds)[0].tolist()
        medians.append(float(np.median(told)))
        # Two blades: the motor's shaft turns at half of it, and its spread is small.
        assert np.mean(np.abs(np.array(told) / medians[-1] - 1.0) < 0.05) >= 0.7
    assert 1.3 < medians[1] / medians[0] < 1.6
