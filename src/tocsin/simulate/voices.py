"""What the visitors of a scene sound like: rotors, a moped, a motor pump, a helicopter, a weir.

Each is half a minute that runs in a circle, of unit level at 1 m. Engines are a wave a firing,
read at a running phase: harmonics that fall, no two firings alike; the rest is coloured noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.simulate.flight import F64
from tocsin.simulate.passage import F32, RATE_HZ, Voice
from tocsin.simulate.rotors import Craft, manoeuvres, rotor_sound

CIRCLE_S = 30
_SEAM_S = 0.25

QUADCOPTER = Craft(rotors=4, blades=2, diameter_m=0.24, rpm=5_600.0)
"""A camera drone of a kilogram: blades pass 187 times a second."""
SPRAYER = Craft(rotors=6, blades=2, diameter_m=0.76, rpm=2_400.0, pole_pairs=12, noise_db=0.0)
"""A farm hexacopter of 25 kg: blades pass 80 times a second."""


@dataclass(frozen=True)
class Engine:
    """A machine that fires: `firing_hz` on average, lines that fall by `falls_db` an octave from
    `body_hz`, `noise_db` of intake and wheels against them; `wanders` is the speed's 1-sigma."""

    firing_hz: float
    body_hz: float = 150.0
    falls_db: float = 7.0
    uneven: float = 0.25
    noise_db: float = -6.0
    wanders: float = 0.02


MOPED = Engine(firing_hz=85.0, body_hz=300.0, falls_db=6.0, wanders=0.08)
"""A two-stroke at 5,100 a minute."""
PUMP = Engine(firing_hz=12.5, body_hz=90.0, falls_db=5.0, uneven=0.1, noise_db=-3.0, wanders=0.005)
"""A one-cylinder diesel on the irrigation canal, 1,500 a minute, firing every second turn."""
HELICOPTER = Engine(firing_hz=19.5, body_hz=40.0, falls_db=4.0, uneven=0.05, wanders=0.002)
"""Three main blades at 390 a minute: low, far-reaching, steady."""


def rotors(rng: np.random.Generator, craft: Craft, swing: float = 0.03) -> Voice:
    """A drone on its way; `swing` is how far its rotors leave their speed as it steers."""
    count = _length()
    rpm = craft.rpm * manoeuvres(rng, RATE_HZ, count, swing)
    return Voice(_closed(rotor_sound(rng, RATE_HZ, count, craft=craft, rpm=rpm)))


def engine(rng: np.random.Generator, made: Engine) -> Voice:
    """Something with pistons, or slow blades."""
    count = _length()
    knots = np.linspace(0.0, count, CIRCLE_S * 2)
    wander = np.interp(np.arange(count), knots, rng.standard_normal(len(knots)))
    speed = made.firing_hz * (1.0 + made.wanders * wander)
    phase = np.cumsum(speed) / RATE_HZ
    firings = 1.0 + made.uneven * rng.standard_normal(int(phase[-1]) + 2)
    orders = np.arange(1, int(0.45 * RATE_HZ / speed.max()) + 1)[:160]
    octaves = np.abs(np.log2(orders * made.firing_hz / made.body_hz))
    level = 10.0 ** ((-made.falls_db * octaves + rng.normal(0.0, 2.0, len(orders))) / 20.0)
    table = np.zeros(4096)
    turn = np.arange(4096) / 4096.0
    for order, amplitude in zip(orders.tolist(), level.tolist(), strict=True):
        table += amplitude * np.cos(2.0 * np.pi * (order * turn + rng.random()))
    lines = table[((phase % 1.0) * 4096).astype(np.int64)] * firings[phase.astype(np.int64)]
    noise = coloured(rng, count, low_hz=made.body_hz, high_hz=2_500.0)
    sound = lines / _rms(lines) + 10.0 ** (made.noise_db / 20.0) * noise
    return Voice(_closed(sound.astype(np.float32)))


def weir(rng: np.random.Generator) -> Voice:
    """Water that falls over a spillway: noise, most of it between 150 and 1,500 Hz."""
    return Voice(_closed(coloured(rng, _length(), low_hz=150.0, high_hz=1_500.0)))


def coloured(rng: np.random.Generator, count: int, *, low_hz: float, high_hz: float) -> F32:
    """Noise of unit level, even in octaves between two corners, falling by 12 dB beyond."""
    f = np.maximum(np.fft.rfftfreq(count, 1.0 / RATE_HZ), 1.0)
    shape = 1.0 / np.sqrt(f) / (1.0 + (low_hz / f) ** 2) / (1.0 + (f / high_hz) ** 2)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) * shape, count)
    return (noise / _rms(noise)).astype(np.float32)


def _length() -> int:
    return int((CIRCLE_S + _SEAM_S) * RATE_HZ)


def _closed(sound: F32) -> F32:
    """The end faded into the beginning, at equal power, so that the circle has no seam."""
    seam = len(sound) - CIRCLE_S * RATE_HZ
    turn = np.linspace(0.0, np.pi / 2.0, seam, endpoint=False, dtype=np.float32)
    circle = sound[:-seam].copy()
    circle[:seam] = circle[:seam] * np.sin(turn) + sound[-seam:] * np.cos(turn)
    return np.asarray(circle / np.float32(_rms(circle)))


def _rms(x: F32 | F64) -> float:
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) or 1.0
