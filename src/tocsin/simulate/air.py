"""What the air does to a sound on its way: it spreads, it is swallowed, it takes its time.

Standard   ISO 9613-1:1993, 6.2 to 6.4 and annex B: attenuation of pure tones by the atmosphere
Units      degrees Celsius, per cent, kilopascals, hertz, metres, decibels a metre
Leaves out  wind and temperature that bend sound, turbulence, ground that is not flat
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tocsin.simulate.flight import F64

_ZERO_C_K = 273.15
_TRIPLE_K = 273.16  # of water, where its vapour pressure is reckoned from
_STANDARD_K = 293.15
_STANDARD_KPA = 101.325
_SOUND_MPS = 343.2  # at 20 degrees


@dataclass(frozen=True)
class Air:
    """Still air of one temperature, humidity and pressure all over the scene."""

    temperature_c: float = 20.0
    humidity_pct: float = 50.0
    pressure_kpa: float = _STANDARD_KPA

    @property
    def sound_mps(self) -> float:
        """Speed of sound (ISO 9613-1, annex A: dry air; humidity adds at most 0.3 %)."""
        return _SOUND_MPS * float(np.sqrt((self.temperature_c + _ZERO_C_K) / _STANDARD_K))

    def absorption_db_m(self, frequency_hz: ArrayLike) -> F64:
        """Decibels that each metre of air takes from a pure tone (equations 3 to 5 and B.2, B.3);
        within 10 % from −20 to 50 degrees and 0.05 to 5 % of water in the air."""
        f2 = np.asarray(frequency_hz, dtype=np.float64) ** 2
        kelvin = self.temperature_c + _ZERO_C_K
        warmth, pressure = kelvin / _STANDARD_K, self.pressure_kpa / _STANDARD_KPA
        vapour = 10.0 ** (-6.8346 * (_TRIPLE_K / kelvin) ** 1.261 + 4.6151)
        water = self.humidity_pct * vapour / pressure  # per cent of the molecules
        oxygen = pressure * (24.0 + 4.04e4 * water * (0.02 + water) / (0.391 + water))
        slow = np.exp(-4.170 * (warmth ** (-1.0 / 3.0) - 1.0))
        nitrogen = pressure / np.sqrt(warmth) * (9.0 + 280.0 * water * slow)
        classical = 1.84e-11 / pressure * np.sqrt(warmth)
        relaxing = 0.01275 * np.exp(-2239.1 / kelvin) / (oxygen + f2 / oxygen)
        relaxing = relaxing + 0.1068 * np.exp(-3352.0 / kelvin) / (nitrogen + f2 / nitrogen)
        return np.asarray(8.686 * f2 * (classical + warmth**-2.5 * relaxing))

    def level_db(self, source_db: float, distance_m: ArrayLike, frequency_hz: float) -> F64:
        """Level of a tone at a distance, of its level at 1 m: spreading and absorption."""
        r = np.maximum(np.asarray(distance_m, dtype=np.float64), 1.0)
        lost = 20.0 * np.log10(r) + self.absorption_db_m(frequency_hz) * (r - 1.0)
        return np.asarray(source_db - lost)


MILD = Air()
"""A spring day at sea level."""
