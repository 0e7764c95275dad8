"""How far bearings are off, and whether they say so: simulated arrays of 20 cm, a drone at 100 m.

Each condition is a fresh array, turned, tilted, misplaced and mismatched by its stated errors, in
air of another temperature than it thinks. NEES is the mean of (error / stated sigma)^2: 1 is ideal,
and the note has the band that holds 95 % of such means. Noise "around" comes from everywhere, pink;
"white" is each microphone's own; "wind" too, low. The level is over all frequencies.
"""

from __future__ import annotations

import math
from time import process_time
from typing import NamedTuple

import numpy as np

from tocsin.hear.array import F64, array_of
from tocsin.hear.directions import USUAL, Bearings
from tocsin.run.benches import Figure
from tocsin.simulate.array_trials import BALL, CIRCLE, PAIR, SQUARE, TETRAHEDRON, off, trial
from tocsin.simulate.field import Noise

RATE_HZ = 16_000
BLOCK_S = 0.5
TRIALS = 40
_SNRS_DB = (10.0, 0.0, -10.0)
_ARRAYS: tuple[tuple[str, F64, tuple[Noise, ...]], ...] = (
    ("4 in a square", SQUARE, ("around", "white", "wind")),
    ("4 in a tetrahedron", TETRAHEDRON, ("around",)),
    ("8 in a circle", CIRCLE, ("around",)),
    ("16 on a sphere", BALL, ("around",)),
)
_FEWER = 4
"""The sixteen are as often tried less: they take ten times as long."""


class _Errors(NamedTuple):
    """Errors (n, 2) of azimuth and elevation, the sigmas told with them, how many were asked."""

    off: F64
    sigma: F64
    asked: int
    seconds: float


def measure() -> list[Figure]:
    """The errors of every array, noise and level, and the time that four microphones take."""
    figures: list[Figure] = []
    for name, places, kinds in _ARRAYS:
        for kind in kinds:
            for snr_db in _SNRS_DB:
                errors = _try(places, snr_db, kind, TRIALS // (_FEWER if len(places) > 8 else 1))
                figures += _figures(f"{name}, {snr_db:+.0f} dB, {kind}", errors)
    figures.append(_cone())
    return figures


def _try(places: F64, snr_db: float, kind: Noise, trials: int) -> _Errors:
    rng = np.random.default_rng(20)
    bearings = Bearings(array_of(places), RATE_HZ)
    told, sigmas, seconds = [], [], 0.0
    for _ in range(trials):
        truth = trial(rng, places, snr_db, kind, rate_hz=RATE_HZ, dur_s=BLOCK_S, errors=USUAL)
        began = process_time()
        found = bearings.find(truth.samples)
        seconds += process_time() - began
        if found:
            told.append(off(found[0], truth))
            sigmas.append((found[0].sigma_azimuth_deg, found[0].sigma_elevation_deg))
    return _Errors(
        np.array(told, np.float64).reshape(-1, 2),
        np.array(sigmas, np.float64).reshape(-1, 2),
        trials,
        seconds,
    )


def _figures(name: str, errors: _Errors) -> list[Figure]:
    count = len(errors.off)
    if not count:
        return [Figure("bearing", f"{name}: told", 0.0, f"of {errors.asked}")]
    nees = np.square(errors.off / errors.sigma).mean(axis=0)
    low, high = nees_band(count)
    made = []
    for axis, angle in enumerate(("azimuth", "elevation")):
        rms = float(np.sqrt(np.square(errors.off[:, axis]).mean()))
        note = (
            f"bias {errors.off[:, axis].mean():+.2f}, sigma {errors.sigma[:, axis].mean():.2f}, "
            f"NEES {nees[axis]:.2f} (95 %: {low:.2f} to {high:.2f}), told {count} of {errors.asked}"
        )
        made.append(
            Figure("bearing", f"{name}: {angle} RMS", round(rms, 2), "deg", goal="<= 5", note=note)
        )
        made.append(
            Figure(
                "bearing",
                f"{name}: {angle} NEES",
                round(float(nees[axis]), 2),
                "",
                goal=f"{low:.2f} to {high:.2f}",
            )
        )
    speed = errors.asked * BLOCK_S / errors.seconds
    made.append(Figure("bearing", f"{name}: speed", round(speed, 1), "x real time, one core"))
    return made


def nees_band(n: int) -> tuple[float, float]:
    """What holds 95 % of the means of n squared normal errors (chi-square, Wilson and Hilferty)."""
    middle, spread = 1.0 - 2.0 / (9 * n), math.sqrt(2.0 / (9 * n))
    return (middle - 1.96 * spread) ** 3, (middle + 1.96 * spread) ** 3


def _cone() -> Figure:
    """Two microphones tell the angle to themselves only."""
    rng, bearings = np.random.default_rng(20), Bearings(array_of(PAIR), RATE_HZ)
    missed = []
    for _ in range(TRIALS):
        truth = trial(rng, PAIR, 0.0, "around", rate_hz=RATE_HZ, dur_s=BLOCK_S)
        level = math.cos(math.radians(truth.elevation_deg))
        east = level * math.sin(math.radians(truth.azimuth_deg))
        for found in bearings.find(truth.samples):
            cone = found.cone_deg or 0.0
            missed.append(abs(abs(90.0 - cone) - math.degrees(math.asin(abs(east)))))
    rms = float(np.sqrt(np.square(missed).mean())) if missed else math.nan
    note = f"told {len(missed)} of {TRIALS}; no azimuth follows"
    return Figure(
        "bearing", "2 microphones, +0 dB, around: cone RMS", round(rms, 2), "deg", note=note
    )
