"""Sounds that are no drone, made up, above all those with a comb: not every comb is a rotor.

Each maker takes a generator and gives a window of 16,000 samples of about unit level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tocsin.hear.features import RATE_HZ, WINDOW
from tocsin.simulate.rotors import Craft, rotor_sound

F64 = npt.NDArray[np.float64]

_T = np.arange(WINDOW) / RATE_HZ
_TABLE = 8_192


def smooth(rng: np.random.Generator, knots_hz: float) -> F64:
    """Noise of unit variance with `knots_hz` values a second, straight between them."""
    count = int(knots_hz) + 3
    place = np.linspace(0.0, count - 1.001, WINDOW)
    return np.asarray(np.interp(place, np.arange(count), rng.standard_normal(count)))


def coloured(rng: np.random.Generator, slope_db: float) -> F64:
    """Noise that changes by `slope_db` an octave."""
    f_hz = np.maximum(np.fft.rfftfreq(WINDOW, 1 / RATE_HZ), 20.0)
    spectrum = np.fft.rfft(rng.standard_normal(WINDOW)) * (f_hz / 1_000.0) ** (slope_db / 6.02)
    noise = np.fft.irfft(spectrum, WINDOW)
    return np.asarray(noise / noise.std())


def resonances(rng: np.random.Generator, sound: F64, count: int = 4) -> F64:
    """The sound through some resonances between 150 and 6,000 Hz."""
    f_hz = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ)
    gain = np.full(f_hz.size, 0.05)
    for _ in range(count):
        top = np.exp(rng.uniform(np.log(150.0), np.log(6_000.0)))
        gain += rng.uniform(0.2, 1.0) / (1.0 + ((f_hz - top) / (0.15 * top)) ** 2)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * gain, WINDOW))


def comb(rng: np.random.Generator, f0_hz: F64, roll_off_db: float) -> F64:
    """Harmonics of a running fundamental, each of its own loudness: one wave, read as it turns."""
    top = int(np.clip(0.45 * RATE_HZ / f0_hz.max(), 1, 40))
    number = np.arange(1, top + 1)
    level = -roll_off_db * (number - 1) + rng.normal(0.0, 3.0, top)
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    spectrum[1 : top + 1] = 10 ** (level / 20) * np.exp(1j * rng.uniform(0, 2 * np.pi, top))
    wave = np.fft.irfft(spectrum, _TABLE)
    turns = np.cumsum(f0_hz) / RATE_HZ
    return np.asarray(wave[((turns % 1.0) * _TABLE).astype(np.int64) % _TABLE])


def fired(rng: np.random.Generator, f0_hz: F64, scatter: float) -> F64:
    """One sharp pulse a cycle, each of its own strength, as an engine or a blade's slap is."""
    turns = np.cumsum(f0_hz) / RATE_HZ + rng.random()
    starts = np.flatnonzero(np.diff(np.floor(turns)) > 0)
    sound = np.zeros(WINDOW)
    sound[starts] = 1.0 + scatter * rng.standard_normal(starts.size)
    length = int(RATE_HZ * rng.uniform(0.002, 0.02))
    decay = np.exp(-np.arange(length) / (length / 5.0)) * rng.standard_normal(length)
    return np.asarray(np.convolve(sound, decay)[:WINDOW])


def engine(rng: np.random.Generator) -> F64:
    """Two- and four-stroke engines: chainsaw, moped, generator, car."""
    low_hz, high_hz = (12.0, 90.0) if rng.random() < 0.4 else (60.0, 240.0)
    f0 = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz)))
    # Revved: no propeller changes its speed by a half in half a second.
    swing = rng.uniform(0.1, 0.4) if rng.random() < 0.4 else rng.uniform(0.0, 0.05)
    run = f0 * np.maximum(1 + swing * smooth(rng, rng.uniform(1.0, 6.0)), 0.3)
    sound = fired(rng, np.maximum(run, 5.0), rng.uniform(0.1, 0.7))
    if rng.random() < 0.5:
        sound *= np.maximum(1 + rng.uniform(0.1, 0.8) * smooth(rng, 6.0), 0.05)
    sound = resonances(rng, sound, int(rng.integers(2, 7)))
    return np.asarray(
        sound / sound.std() + rng.uniform(0.05, 0.8) * coloured(rng, rng.uniform(-6, 0))
    )


def helicopter(rng: np.random.Generator) -> F64:
    """Slow slap of a main rotor, a tail rotor's comb, and a turbine's whine."""
    slap = fired(rng, np.full(WINDOW, rng.uniform(9.0, 34.0)), 0.15)
    slap = resonances(rng, slap, 3)
    beat = rng.uniform(9.0, 34.0)
    rush = coloured(rng, rng.uniform(-9, -2))
    rush *= 1 + rng.uniform(0.2, 0.9) * np.cos(2 * np.pi * beat * _T)
    sound = slap / slap.std() * rng.uniform(0.2, 1.0) + rush * rng.uniform(0.3, 1.0)
    if rng.random() < 0.7:
        tail = comb(rng, np.full(WINDOW, rng.uniform(45.0, 150.0)), rng.uniform(2.0, 6.0))
        sound += rng.uniform(0.1, 1.0) * tail / tail.std()
    if rng.random() < 0.5:
        sound += rng.uniform(0.05, 0.4) * np.sin(2 * np.pi * rng.uniform(1_500, 7_000) * _T)
    return np.asarray(sound)


def aeroplane(rng: np.random.Generator) -> F64:
    """A manned propeller aircraft: one or two steady low combs of propeller and exhaust."""
    blades = int(rng.integers(2, 5))
    craft = Craft(
        rotors=int(rng.integers(1, 3)),
        blades=blades,
        diameter_m=rng.uniform(1.6, 2.6),
        rpm=rng.uniform(1_700.0, 2_700.0),
        spread=0.004,
        unsteady=0.0005,
        roll_off_db=rng.uniform(0.5, 3.0),
        shaft_db=rng.uniform(-12.0, 0.0),
        motor_db=-60.0,
        noise_db=rng.uniform(-12.0, 3.0),
    )
    return np.asarray(rotor_sound(rng, RATE_HZ, WINDOW, craft=craft), np.float64)


def fan(rng: np.random.Generator) -> F64:
    """A fan or an exhaust: mostly rush, with a weak low comb that never moves."""
    hum = comb(rng, np.full(WINDOW, rng.uniform(18.0, 140.0)), rng.uniform(3.0, 9.0))
    rush = resonances(rng, coloured(rng, rng.uniform(-6, 0)), 3)
    return np.asarray(rush / rush.std() + rng.uniform(0.05, 0.6) * hum / hum.std())


def mains(rng: np.random.Generator) -> F64:
    """Hum of 50 or 60 Hz and what it does to a transformer."""
    hum = comb(rng, np.full(WINDOW, float(rng.choice([50.0, 60.0, 100.0, 120.0]))), 3.0)
    return np.asarray(hum / hum.std() + rng.uniform(0.02, 1.0) * coloured(rng, rng.uniform(-6, 0)))


def speech(rng: np.random.Generator) -> F64:
    """Voiced syllables with gliding pitch and formants, a babble of up to three."""
    sound = np.zeros(WINDOW)
    for _ in range(int(rng.integers(1, 4))):
        f0 = rng.uniform(85.0, 320.0) * np.exp(0.18 * smooth(rng, 5.0))
        voice = resonances(rng, comb(rng, f0, rng.uniform(0.5, 2.5)), 3)
        syllables = np.clip(smooth(rng, 7.0) + 0.3, 0.0, None)
        sound += voice / voice.std() * syllables
    return np.asarray(sound + rng.uniform(0.01, 0.3) * coloured(rng, -3.0))


def music(rng: np.random.Generator) -> F64:
    """Notes and chords that begin and die away."""
    sound = np.zeros(WINDOW)
    for _ in range(int(rng.integers(1, 6))):
        f0 = 55.0 * 2.0 ** (rng.integers(0, 60) / 12.0)
        vibrato = 1 + rng.uniform(0, 0.012) * np.sin(2 * np.pi * rng.uniform(4, 7) * _T)
        note = comb(rng, f0 * vibrato, rng.uniform(2.0, 9.0))
        age = _T - rng.uniform(-0.5, 0.8)
        sound += note / note.std() * np.where(age > 0, np.exp(-age * rng.uniform(0.5, 8)), 0.0)
    return np.asarray(sound + rng.uniform(0.003, 0.1) * coloured(rng, -3.0))


def siren(rng: np.random.Generator) -> F64:
    """Wailing, two-tone, horn or reversing beeps."""
    low, high = rng.uniform(250.0, 900.0), rng.uniform(900.0, 2_500.0)
    cycle = (_T * rng.uniform(0.2, 4.0) + rng.random()) % 1.0
    wail = 1 - np.abs(2 * cycle - 1)
    f0 = low + (high - low) * (wail if rng.random() < 0.5 else (wail > 0.5))
    sound = comb(rng, np.asarray(f0, np.float64), rng.uniform(4.0, 14.0))
    if rng.random() < 0.3:
        sound *= cycle > 0.5
    return np.asarray(sound / (sound.std() + 1e-9) + rng.uniform(0.01, 0.5) * coloured(rng, -3.0))


def insects(rng: np.random.Generator) -> F64:
    """Crickets, cicadas, bees, birds."""
    if rng.random() < 0.4:
        f0 = rng.uniform(110.0, 260.0) * (1 + 0.05 * smooth(rng, 9.0))
        wing = comb(rng, f0, rng.uniform(3, 8))
        return np.asarray(wing * np.clip(1 + smooth(rng, 3.0), 0, None) + 0.1 * coloured(rng, 0.0))
    f0 = rng.uniform(1_800.0, 7_000.0) * (1 + 0.06 * smooth(rng, rng.uniform(1, 20)))
    tone = np.sin(2 * np.pi * np.cumsum(f0) / RATE_HZ)
    gate = np.clip(np.sin(2 * np.pi * rng.uniform(2, 60) * _T) + rng.uniform(-0.5, 0.8), 0, None)
    return np.asarray(tone * gate + rng.uniform(0.01, 0.4) * coloured(rng, -3.0))


def rush(rng: np.random.Generator) -> F64:
    """Wind in leaves, surf, traffic, rain, plain noise."""
    sound = coloured(rng, rng.uniform(-12.0, 3.0))
    if rng.random() < 0.5:
        sound *= np.clip(1 + 0.6 * smooth(rng, rng.uniform(1, 6)), 0.05, None)
    if rng.random() < 0.3:
        drops = np.where(rng.random(WINDOW) < rng.uniform(1e-4, 5e-3), 1.0, 0.0)
        drops = resonances(rng, drops * rng.exponential(1.0, WINDOW), 4)
        sound += rng.uniform(0.2, 2.0) * drops / (drops.std() + 1e-9)
    return np.asarray(sound if rng.random() < 0.6 else resonances(rng, sound, 4))


MAKERS: tuple[tuple[Callable[[np.random.Generator], F64], float], ...] = (
    (engine, 0.28),
    (helicopter, 0.12),
    (aeroplane, 0.05),
    (fan, 0.08),
    (mains, 0.05),
    (speech, 0.08),
    (music, 0.08),
    (siren, 0.06),
    (insects, 0.08),
    (rush, 0.26),
)


def other_sound(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Some sound that is no drone, of unit RMS."""
    shares = np.array([share for _, share in MAKERS])
    maker = MAKERS[int(rng.choice(len(MAKERS), p=shares / shares.sum()))][0]
    sound = maker(rng)
    sound = sound - sound.mean()
    return np.asarray(sound / (sound.std() + 1e-9), np.float32)
