"""The sound of rotors: any craft from a palm-sized toy to a hexacopter or a small fixed wing.

Model      each rotor is one revolution's pressure wave, read at the running phase of its own shaft:
           harmonics of the blade-pass frequency with a random roll-off, weaker ones of the shaft
           (no two blades are alike) and of the motor (pole pairs x shaft, and its torque ripple);
           noise of the tips, shaped by tip speed and modulated by the passing blades; whine of the
           speed controller's pulses
Source     Farassat and Magliozzi for tones that fall with harmonic number, Brooks, Pope and
           Marcolini (NASA RP-1218) for a hump of noise near 0.2 x tip speed / thickness
Leaves out distance, air, wind and ground (`air.py`), directivity
Units      samples of unit RMS: the caller sets the level at 1 m
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

_TABLE = 4096
"""Points of one revolution's wave: 200 harmonics are then read with an error below -60 dB."""


@dataclass(frozen=True)
class Craft:
    """What sounds: `rpm` at hover or cruise, `roll_off_db` a harmonic of the blade-pass frequency.

    `shaft_db` and `motor_db` are levels of the shaft's and the motor's lines against the first
    blade-pass line; `noise_db` is the tips' noise against all the lines together; `unsteady` the
    relative 1-sigma of the rpm that the flight controller keeps correcting; `pulses_hz` the speed
    controller's, 0 for none to be heard.
    """

    rotors: int = 4
    blades: int = 2
    diameter_m: float = 0.24
    rpm: float = 5_500.0
    spread: float = 0.02
    unsteady: float = 0.006
    roll_off_db: float = 3.0
    shaft_db: float = -18.0
    pole_pairs: int = 7
    motor_db: float = -15.0
    noise_db: float = -3.0
    pulses_hz: float = 0.0

    @property
    def blade_pass_hz(self) -> float:
        """Blade-pass frequency of the mean rotor."""
        return self.rpm / 60.0 * self.blades


_SIZES: tuple[tuple[str, float, tuple[float, float], tuple[float, float], tuple[int, ...]], ...] = (
    ("toy", 0.20, (0.03, 0.08), (35.0, 85.0), (4,)),
    ("mini", 0.25, (0.08, 0.16), (45.0, 100.0), (4,)),
    ("camera", 0.34, (0.16, 0.32), (50.0, 95.0), (4,)),
    ("lifter", 0.15, (0.32, 0.80), (50.0, 100.0), (4, 6, 8)),
    ("wing", 0.06, (0.15, 0.55), (80.0, 170.0), (1, 1, 2)),
)
"""Name, share, propeller diameter in metres, tip speed in m/s, numbers of rotors."""

SIZES = tuple(name for name, *_ in _SIZES)


def random_craft(rng: np.random.Generator, size: str | None = None) -> Craft:
    """Some craft that could exist, of one of `SIZES` or of any."""
    shares = np.array([share for _, share, *_ in _SIZES])
    index = SIZES.index(size) if size else int(rng.choice(len(_SIZES), p=shares / shares.sum()))
    name, _, (small, large), (slow, fast), rotors = _SIZES[index]
    diameter = math.exp(rng.uniform(math.log(small), math.log(large)))
    tip_mps = rng.uniform(slow, fast)
    blades = int(rng.choice([2, 2, 2, 3, 4] if name in ("toy", "mini") else [2, 2, 2, 3]))
    return Craft(
        rotors=int(rng.choice(rotors)),
        blades=blades,
        diameter_m=diameter,
        rpm=tip_mps / (math.pi * diameter) * 60.0,
        spread=rng.uniform(0.002, 0.045),
        unsteady=10.0 ** rng.uniform(-3.0, -1.6),
        roll_off_db=rng.uniform(0.7, 6.5),
        shaft_db=rng.uniform(-35.0, -5.0),
        pole_pairs=int(rng.choice([6, 7, 7, 11, 12, 14])),
        motor_db=rng.uniform(-35.0, 3.0),
        noise_db=rng.uniform(-14.0, 12.0),
        pulses_hz=float(rng.choice([0.0, 0.0, 8_000.0, 16_000.0, 24_000.0])),
    )


def manoeuvres(rng: np.random.Generator, rate_hz: int, n: int, swing: float = 0.08) -> F64:
    """Factor on the rpm, sample by sample, of a craft that climbs, brakes and turns.

    `swing` is the 1-sigma; knots come about every 0.6 s, as long as such motors take to answer.
    """
    return 1.0 + swing * _wander(rng, rate_hz, n, 1.6)


def rotor_sound(
    rng: np.random.Generator,
    rate_hz: int,
    n: int,
    *,
    craft: Craft | None = None,
    rpm: float | F64 | None = None,
    rotors: int | None = None,
    blades: int | None = None,
) -> F32:
    """`n` samples of a craft's sound at `rate_hz`, of unit RMS.

    `rpm` is one number or one a sample and replaces the craft's; `rotors` and `blades` likewise.
    """
    made = craft or Craft()
    rotors = rotors or made.rotors
    blades = blades or made.blades
    base = np.broadcast_to(np.asarray(made.rpm if rpm is None else rpm, np.float64), (n,))
    shaft_top_hz = float(base.max()) / 60.0 * (1.0 + 4.0 * made.spread + 6.0 * made.unsteady)
    lines = np.zeros(n)
    beats = np.zeros(n)
    fore = _wander(rng, rate_hz, n, 2.0)
    for _ in range(rotors):
        wander = 0.6 * fore + 0.8 * _wander(rng, rate_hz, n, rng.uniform(2.0, 12.0))
        speed = base / 60.0 * (1.0 + made.spread * rng.standard_normal() + made.unsteady * wander)
        turns = rng.random() + np.cumsum(np.maximum(speed, 0.0)) / rate_hz
        table = _revolution(rng, made, blades, 0.49 * rate_hz / max(shaft_top_hz, 1.0))
        gain = 10.0 ** (rng.uniform(-6.0, 0.0) / 20.0)
        loud = 1.0 + 0.25 * _wander(rng, rate_hz, n, 3.0)
        lines += gain * loud * _read(table, turns)
        beats += gain * np.cos(2.0 * math.pi * blades * turns)
    lines /= _rms(lines)
    depth = rng.uniform(0.0, 0.9)
    noise = _tip_noise(rng, rate_hz, n, made) * (1.0 + depth * beats / max(rotors, 1))
    sound = lines + 10.0 ** (made.noise_db / 20.0) * noise / _rms(noise)
    if 0.0 < made.pulses_hz < rate_hz / 2.0:
        electric = float(base.mean()) / 60.0 * made.pole_pairs
        sound += 10.0 ** (rng.uniform(-40.0, -18.0) / 20.0) * _pulses(
            rng, rate_hz, n, made.pulses_hz, electric
        )
    return np.asarray(sound / _rms(sound), np.float32)


def _revolution(rng: np.random.Generator, craft: Craft, blades: int, top_harmonic: float) -> F64:
    """One revolution's wave in `_TABLE` points, without a line above half the sampling rate."""
    top = int(min(top_harmonic, _TABLE // 8))
    if top < 1:
        return np.zeros(_TABLE)
    order = np.arange(1, top + 1)
    level = craft.shaft_db - 0.35 * craft.roll_off_db * order / blades
    level = level + rng.normal(0.0, 5.0, top)
    passing = order % blades == 0
    number = order / blades
    falling = -craft.roll_off_db * (number - 1.0) * np.minimum(1.0, 6.0 / np.maximum(number, 1.0))
    level = np.where(passing, falling + rng.normal(0.0, 3.5, top), level)
    for multiple, weaker in ((1, 0.0), (2, 4.0), (3, 12.0), (6, 3.0), (12, 10.0)):
        line = craft.pole_pairs * multiple
        if line <= top:
            level[line - 1] = (
                np.logaddexp(
                    level[line - 1] / 4.34, (craft.motor_db - weaker + rng.normal(0.0, 4.0)) / 4.34
                )
                * 4.34
            )
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    phase = rng.uniform(0.0, 2.0 * math.pi, top)
    spectrum[1 : top + 1] = 10.0 ** (level / 20.0) * np.exp(1j * phase)
    return np.fft.irfft(spectrum, _TABLE) * _TABLE / 2.0


def _read(table: F64, turns: F64) -> F64:
    """The wave at each turn, linearly between its points."""
    place = (turns % 1.0) * _TABLE
    left = place.astype(np.int64)
    share = place - left
    left %= _TABLE
    return np.asarray(table[left] * (1.0 - share) + table[(left + 1) % _TABLE] * share)


def _wander(rng: np.random.Generator, rate_hz: int, n: int, knots_hz: float) -> F64:
    """Smooth noise of unit variance with about `knots_hz` free values a second."""
    count = max(int(n / rate_hz * knots_hz), 1) + 4
    knots = rng.standard_normal(count)
    place = 1.0 + np.arange(n) * (knots_hz / rate_hz) + rng.random() * 0.999
    left = np.minimum(place.astype(np.int64), count - 2)
    share = place - left
    share = 0.5 - 0.5 * np.cos(math.pi * np.minimum(share, 1.0))
    # The mean of cos^2 and sin^2 mixes has variance 3/4: brought back to one.
    return np.asarray((knots[left] * (1.0 - share) + knots[left + 1] * share) / math.sqrt(0.75))


def _tip_noise(rng: np.random.Generator, rate_hz: int, n: int, craft: Craft) -> F64:
    """Noise with a broad hump at 0.2 x tip speed / thickness, a tenth of a chord of D/10."""
    tip_mps = math.pi * craft.diameter_m * craft.rpm / 60.0
    hump_hz = 0.2 * tip_mps / (0.012 * craft.diameter_m) * rng.uniform(0.4, 1.2)
    hump_hz = float(np.clip(hump_hz, 500.0, 9_000.0))
    f_hz = np.maximum(np.fft.rfftfreq(n, 1.0 / rate_hz), 1.0)
    octaves = np.log2(f_hz / hump_hz)
    width = rng.uniform(0.8, 2.5)
    # A floor keeps some noise at all frequencies: inflow turbulence falls with frequency.
    floor_db = rng.uniform(-24.0, -8.0) - rng.uniform(0.0, 4.0) * np.maximum(octaves, -6.0)
    shape_db = np.maximum(-4.0 * (octaves / width) ** 2, np.minimum(floor_db, 0.0))
    spectrum = np.fft.rfft(rng.standard_normal(n)) * 10.0 ** (shape_db / 20.0)
    return np.asarray(np.fft.irfft(spectrum, n))


def _pulses(
    rng: np.random.Generator, rate_hz: int, n: int, pulses_hz: float, electric_hz: float
) -> F64:
    """The controller's switching line with two side lines a motor's electrical frequency off."""
    t_s = np.arange(n) / rate_hz
    wave = np.zeros(n)
    for beside, level in ((0.0, 1.0), (-electric_hz, 0.5), (electric_hz, 0.5)):
        f_hz = pulses_hz + beside
        if 0.0 < f_hz < rate_hz / 2.0:
            wave += level * np.cos(2.0 * math.pi * (f_hz * t_s + rng.random()))
    return wave


def _rms(x: F64) -> float:
    return float(np.sqrt(np.mean(x * x))) or 1.0
