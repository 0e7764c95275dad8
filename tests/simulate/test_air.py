"""The air of the stage against the values of the standards that it follows."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.simulate.air import Air

BANDS_HZ = 1000.0 * 10.0 ** (0.3 * np.arange(-4, 4))
"""Exact midband frequencies of the octaves from 63 Hz to 8 kHz (ISO 266)."""
TABLE_2_DB_KM = {
    (10.0, 70.0): (0.1, 0.4, 1.0, 1.9, 3.7, 9.7, 32.8, 117.0),
    (20.0, 70.0): (0.1, 0.3, 1.1, 2.8, 5.0, 9.0, 22.9, 76.6),
    (30.0, 70.0): (0.1, 0.3, 1.0, 3.1, 7.4, 12.7, 23.1, 59.3),
    (15.0, 20.0): (0.3, 0.6, 1.2, 2.7, 8.2, 28.2, 88.8, 202.0),
    (15.0, 50.0): (0.1, 0.5, 1.2, 2.2, 4.2, 10.8, 36.2, 129.0),
    (15.0, 80.0): (0.1, 0.3, 1.1, 2.4, 4.1, 8.3, 23.7, 82.8),
}
"""ISO 9613-2:1996, table 2: attenuation in dB/km by ISO 9613-1, by temperature and humidity."""


@pytest.mark.parametrize("weather", TABLE_2_DB_KM)
def test_absorption_is_the_standards_to_its_last_digit(weather: tuple[float, float]) -> None:
    found = Air(*weather).absorption_db_m(BANDS_HZ) * 1000.0
    for ours, theirs in zip(found.tolist(), TABLE_2_DB_KM[weather], strict=True):
        assert ours == pytest.approx(theirs, abs=0.06 if theirs < 100 else 0.6)


def test_thin_air_swallows_high_tones_more() -> None:
    """On a mountain relaxation comes at lower frequencies: it grows as 1 / pressure there."""
    sea, mountain = Air(20.0, 50.0), Air(20.0, 50.0, 70.0)
    assert mountain.absorption_db_m(250.0) != sea.absorption_db_m(250.0)
    assert mountain.absorption_db_m(20_000.0) != sea.absorption_db_m(20_000.0)


@pytest.mark.parametrize(("celsius", "mps"), [(20.0, 343.2), (0.0, 331.3), (40.0, 354.7)])
def test_sound_is_as_fast_as_the_air_is_warm(celsius: float, mps: float) -> None:
    assert Air(celsius).sound_mps == pytest.approx(mps, abs=0.1)


def test_a_level_falls_by_6_db_a_doubling_and_by_what_the_air_takes() -> None:
    air = Air(20.0, 70.0)
    near, far = air.level_db(90.0, [100.0, 200.0], 1_000.0).tolist()
    assert near - far == pytest.approx(20.0 * np.log10(2.0) + 0.5, abs=0.01)
