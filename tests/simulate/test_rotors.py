"""Synthetic rotors: lines where physics puts them, and from one seed one sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.simulate.rotors import SIZES, Craft, manoeuvres, random_craft, rotor_sound

RATE_HZ = 16_000


def _spectrum(sound: np.ndarray) -> np.ndarray:
    return np.abs(np.fft.rfft(sound * np.hanning(sound.size))) ** 2


@pytest.mark.parametrize(("rpm", "blades"), [(3_000.0, 2), (5_500.0, 3), (12_000.0, 2)])
def test_a_steady_rotor_sounds_at_its_blade_pass_frequency(rpm: float, blades: int) -> None:
    craft = Craft(1, blades, rpm=rpm, spread=0.0, unsteady=0.0, noise_db=-30.0, motor_db=-60.0)
    sound = rotor_sound(np.random.default_rng(1), RATE_HZ, RATE_HZ, craft=craft)
    power = _spectrum(sound)
    harmonics = (np.arange(1, 6) * craft.blade_pass_hz).astype(int)
    near = sum(power[h - 3 : h + 4].sum() for h in harmonics)
    assert near > 0.5 * power.sum()


def test_a_track_of_rpm_moves_the_lines() -> None:
    craft = Craft(rotors=1, spread=0.0, unsteady=0.0, noise_db=-30.0, roll_off_db=12.0)
    rpm = np.where(np.arange(2 * RATE_HZ) < RATE_HZ, 3_000.0, 6_000.0)
    sound = rotor_sound(np.random.default_rng(2), RATE_HZ, 2 * RATE_HZ, craft=craft, rpm=rpm)
    low, high = _spectrum(sound[:RATE_HZ]), _spectrum(sound[RATE_HZ:])
    assert abs(int(np.argmax(low[:150])) - 100) <= 1
    assert abs(int(np.argmax(high[:250])) - 200) <= 1


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate_hz=st.sampled_from([8_000, 16_000, 44_100, 48_000]),
    n=st.integers(64, 9_000),
    size=st.sampled_from(SIZES),
)
def test_any_craft_sounds_with_unit_level_and_repeatably(
    seed: int, rate_hz: int, n: int, size: str
) -> None:
    def once() -> np.ndarray:
        rng = np.random.default_rng(seed)
        craft = random_craft(rng, size)
        return rotor_sound(
            rng, rate_hz, n, craft=craft, rpm=craft.rpm * manoeuvres(rng, rate_hz, n)
        )

    sound = once()
    assert sound.dtype == np.float32
    assert sound.shape == (n,)
    assert np.sqrt(np.mean(sound.astype(float) ** 2)) == pytest.approx(1.0, abs=1e-3)
    assert np.array_equal(sound, once())


def test_no_line_folds_back_below_half_the_rate() -> None:
    """A toy's shaft at 30,000 rpm read at 8 kHz: all that is left lies on true harmonics."""
    craft = Craft(rotors=1, rpm=30_000.0, spread=0.0, unsteady=0.0, noise_db=-60.0, shaft_db=-10.0)
    power = _spectrum(rotor_sound(np.random.default_rng(3), 8_000, 8_000, craft=craft))
    harmonics = np.arange(1, 8) * 500
    on = sum(power[h - 3 : h + 4].sum() for h in harmonics)
    assert on > 0.99 * power.sum()
