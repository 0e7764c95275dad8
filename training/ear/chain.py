"""One recording chain for every sound, drone or not: air, room, wind, microphone, codec, level.

What the chain does must tell nothing of what sounded: positives and negatives draw from the same
distributions, and real recordings go through it like made-up ones.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import soundfile

from tocsin.hear.features import RATE_HZ, WINDOW

F32 = npt.NDArray[np.float32]

_F_HZ = np.fft.rfftfreq(WINDOW, 1 / RATE_HZ).astype(np.float32)
_AIR_HZ = (0.0, 63.0, 125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)
_AIR_DB_KM = (0.0, 0.1, 0.3, 1.1, 2.8, 5.0, 9.0, 22.9, 76.6)
"""ISO 9613-2 table 2, after ISO 9613-1: 20 degrees C, 70 % relative humidity."""
_AIR = np.interp(_F_HZ, _AIR_HZ, _AIR_DB_KM).astype(np.float32) / 1_000.0
_HEARD = (_F_HZ**2 / (_F_HZ**2 + 200.0**2)).astype(np.float32)


def mixed(rng: np.random.Generator, fore: F32, back: F32, snr_db: npt.NDArray[np.floating]) -> F32:
    """`fore` at a distance over `back`, in (n, 16000), at the ratio above 200 Hz that is asked."""
    n = len(fore)
    spectrum = np.fft.rfft(fore)
    metres = np.where(rng.random(n) < 0.4, 0.0, np.exp(rng.uniform(np.log(5), np.log(500), n)))
    spectrum *= 10.0 ** (-metres[:, None].astype(np.float32) * _AIR / 20.0)
    for row in np.flatnonzero(rng.random(n) < 0.35):
        spectrum[row] *= _room(rng)
    behind = np.fft.rfft(back)
    ratio = np.sqrt(_power(spectrum) / np.maximum(_power(behind), 1e-12))
    gain = ratio * 10.0 ** (-snr_db / 20.0)
    return _unit(np.fft.irfft(spectrum + gain[:, None] * behind, WINDOW))


def recorded(rng: np.random.Generator, sound: F32) -> F32:
    """(n, 16000) sounds of unit level as some cheap microphone and some file format keep them."""
    n = len(sound)
    sound = sound + _wind(rng, n)
    spectrum = np.fft.rfft(sound) * _microphone(rng, n)
    sound = _unit(np.fft.irfft(spectrum, WINDOW))
    floor = np.where(rng.random(n) < 0.3, -80.0, rng.uniform(-60.0, -15.0, n))
    hiss = rng.standard_normal(sound.shape, np.float32)
    hiss[::2] = np.diff(np.cumsum(hiss[::2], axis=1) * 0.2, axis=1, prepend=0) + 0.3 * hiss[::2]
    sound = sound + 10.0 ** (floor[:, None].astype(np.float32) / 20.0) * hiss
    sound = _coded(rng, _clipped(rng, sound))
    level = 10.0 ** (rng.uniform(-60.0, -3.0, (n, 1)).astype(np.float32) / 20.0)
    offset = rng.normal(0.0, 0.01, (n, 1)).astype(np.float32)
    return np.asarray(np.round((sound * level + offset) * 32_768.0) / 32_768.0, np.float32)


def _power(spectrum: npt.NDArray[np.complexfloating]) -> F32:
    return np.asarray((np.abs(spectrum) ** 2 * _HEARD).mean(axis=1), np.float32)


def _unit(sound: npt.NDArray[np.floating]) -> F32:
    rms = np.sqrt(np.mean(sound * sound, axis=1, keepdims=True))
    return np.asarray(sound / np.maximum(rms, 1e-9), np.float32)


def _room(rng: np.random.Generator) -> npt.NDArray[np.complexfloating]:
    """Response of a room or a yard: a first sound, then noise that dies in 0.05 to 0.8 s."""
    t_s = np.arange(WINDOW // 2) / RATE_HZ
    tail = rng.standard_normal(t_s.size) * 10.0 ** (-3.0 * t_s / np.exp(rng.uniform(-3.0, -0.2)))
    tail[0] = 0.0
    tail *= rng.uniform(0.2, 1.5) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    # The ground's or a wall's one strong echo.
    tail[int(rng.integers(8, 400))] += rng.uniform(-0.7, 0.7)
    return np.fft.rfft(tail, WINDOW)


def _wind(rng: np.random.Generator, n: int) -> F32:
    """Gusts below some 30 to 400 Hz on a quarter of the windows, bumps of a hand on some."""
    wind = np.zeros((n, WINDOW), np.float32)
    t = np.arange(WINDOW)
    for row in np.flatnonzero(rng.random(n) < 0.25):
        corner = np.exp(rng.uniform(np.log(30.0), np.log(400.0)))
        shape = 1.0 / (1.0 + (_F_HZ / corner) ** rng.uniform(1.2, 3.0))
        noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(WINDOW)) * shape, WINDOW)
        gust = np.interp(t, np.linspace(0, WINDOW, 6), rng.uniform(0.1, 1.0, 6))
        wind[row] = noise / noise.std() * gust * 10.0 ** (rng.uniform(-15.0, 18.0) / 20.0)
    for row in np.flatnonzero(rng.random(n) < 0.06):
        for start in rng.integers(0, WINDOW - 400, int(rng.integers(1, 5))):
            bump = rng.standard_normal(400) * np.exp(-np.arange(400) / rng.uniform(20, 120))
            wind[row, start : start + 400] += bump * rng.uniform(1.0, 8.0)
    return wind


def _microphone(rng: np.random.Generator, n: int) -> F32:
    """Random colour: smooth in log frequency, a tilt, and the band's two ends."""
    octave = np.log2(np.maximum(_F_HZ, 20.0) / 1_000.0)
    waves = np.cos(np.outer(np.arange(1, 6), octave * 0.8) + rng.uniform(0, 6.28, (5, 1)))
    colour = (rng.normal(0.0, 2.2, (n, 5)) @ waves) + rng.normal(0.0, 1.5, (n, 1)) * octave
    low = np.exp(rng.uniform(np.log(15.0), np.log(300.0), (n, 1)))
    high = np.where(rng.random((n, 1)) < 0.5, 20_000.0, np.exp(rng.uniform(8.1, 8.95, (n, 1))))
    colour -= 10.0 * np.log10(1.0 + (low / np.maximum(_F_HZ, 1.0)) ** 4)
    colour -= np.minimum(10.0 * np.log10(1.0 + (_F_HZ / high) ** 24.0), 90.0)
    return np.asarray(10.0 ** (colour / 20.0), np.float32)


def _clipped(rng: np.random.Generator, sound: F32) -> F32:
    bound = np.where(rng.random(len(sound)) < 0.12, rng.uniform(0.6, 2.5, len(sound)), 40.0)
    bound = bound[:, None].astype(np.float32)
    return np.clip(sound, -bound, bound)


def _coded(rng: np.random.Generator, sound: F32) -> F32:
    """Some windows through Ogg/Vorbis, MP3 or mu-law, as one stream a codec and batch."""
    sound = sound.copy()
    which = rng.random(len(sound))
    for low, high, file, kind in (
        (0.00, 0.09, "OGG", "VORBIS"),
        (0.09, 0.17, "MP3", "MPEG_LAYER_III"),
        (0.17, 0.23, "WAV", "ULAW"),
    ):
        rows = np.flatnonzero((which >= low) & (which < high))
        if rows.size:
            level = 0.1 if file != "WAV" else 0.2
            stream = np.clip(sound[rows].reshape(-1) * level, -1.0, 1.0)
            box = io.BytesIO()
            soundfile.write(box, stream, RATE_HZ, subtype=kind, format=file)
            box.seek(0)
            back, _ = soundfile.read(box, dtype="float32")
            sound[rows] = np.resize(back, stream.size).reshape(-1, WINDOW) / level
    return sound
