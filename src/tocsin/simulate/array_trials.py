"""Arrays to try, and blocks of sound at them with every error that an array in the field has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.hear.array import F64, array_of, directions_of, sound_mps
from tocsin.hear.directions import SPEED_SHARE, TURBULENCE, Direction, Errors
from tocsin.simulate.field import Noise, arriving, noise
from tocsin.simulate.rotors import random_craft, rotor_sound

_HEIGHT = 1.0 - 2.0 * (np.arange(16) + 0.5) / 16
_LEVEL, _SPIRAL = np.sqrt(1.0 - _HEIGHT**2), (np.arange(16) + 0.5) * np.pi * (1.0 + 5.0**0.5)
_RING = 2.0 * np.pi * np.arange(8) / 8

SQUARE: F64 = 0.0707 * np.array([[1.0, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]])
TETRAHEDRON: F64 = 0.0707 * np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
"""20 cm from edge to edge of the diagonal and of the sides: what a small mast carries."""
CIRCLE: F64 = 0.1 * np.stack([np.cos(_RING), np.sin(_RING), 0.0 * _RING], axis=1)
PAIR: F64 = np.array([[0.1, 0.0, 0.0], [-0.1, 0.0, 0.0]])
BALL: F64 = 0.1 * np.stack([_LEVEL * np.cos(_SPIRAL), _LEVEL * np.sin(_SPIRAL), _HEIGHT], axis=1)
"""Sixteen on a sphere of 20 cm."""


class Trial(NamedTuple):
    """A block of sound, and where its source was when the sound of its middle left it."""

    samples: F64
    azimuth_deg: float
    elevation_deg: float


def trial(
    rng: np.random.Generator,
    places: F64,
    snr_db: float,
    kind: Noise = "white",
    *,
    rate_hz: int = 48_000,
    dur_s: float = 0.5,
    distance_m: float = 100.0,
    speed_mps: float = 0.0,
    errors: Errors | None = None,
    gain_db: float = 1.0,
) -> Trial:
    """A drone above the horizon; the array is not quite as it is said to be, by `errors`."""
    n = round(rate_hz * dur_s)
    azimuth, elevation = rng.uniform(0.0, 360.0), rng.uniform(10.0, 60.0)
    mps, drift = sound_mps(15.0), np.zeros(3)
    built = array_of(places).places
    if errors is not None:
        shaken = places + errors.place_m * rng.standard_normal(places.shape)
        built = array_of(
            shaken,
            heading_deg=errors.heading_deg * rng.standard_normal(),
            pitch_deg=errors.tilt_deg * rng.standard_normal(),
            roll_deg=errors.tilt_deg * rng.standard_normal(),
        ).places
        mps *= 1.0 + SPEED_SHARE * rng.standard_normal()
        drift = TURBULENCE * rng.standard_normal(3)
    u = directions_of(np.array(azimuth), np.array(elevation))
    course = np.cross(u, [0.0, 0.0, 1.0])
    # at the middle it was heard where it left: it has flown on by then
    late = np.arange(n)[:, None] / rate_hz - dur_s / 2 + distance_m / mps
    path = distance_m * (u + drift) + speed_mps * late * course / np.linalg.norm(course)
    lead_s = distance_m / mps + 0.1
    source = rotor_sound(rng, rate_hz, n + round((lead_s + 0.2) * rate_hz), craft=random_craft(rng))
    signal = arriving(source.astype(np.float64), rate_hz, path, built, mps, lead_s)
    signal /= signal.std()
    sound = signal * 10.0 ** (snr_db / 20.0) + noise(kind, rng, rate_hz, n, built, mps)
    if errors is not None:
        sound = sound * 10.0 ** (gain_db * rng.standard_normal(len(places)) / 20.0)
    return Trial(0.05 * sound, azimuth, elevation)


def off(told: Direction, truth: Trial) -> tuple[float, float]:
    """Errors of azimuth and elevation, degrees, of an array that tells both."""
    assert told.azimuth_deg is not None and told.elevation_deg is not None  # noqa: PT018
    turned = (told.azimuth_deg - truth.azimuth_deg + 180.0) % 360.0 - 180.0
    return turned, told.elevation_deg - truth.elevation_deg
