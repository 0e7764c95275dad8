"""The wide scenes: a land under single microphones, and a land full of drones under radars."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate import instruments as tools
from tocsin.simulate import skies
from tocsin.simulate.battery import Battery, FalseRows
from tocsin.simulate.flight import F64, above_ground
from tocsin.simulate.staged import FLIGHTS, Staged, stage, stream
from tocsin.simulate.stages import ECHOES, MICROPHONE_FADES_FROM, SCORING, T0, WEAK

LAND = LocalFrame(14.9, -4.0, 0.0)
_FALSE_PER_HOUR = 1.0
_GRID_JITTER_M = 500.0


def network(seed: int, duration_s: float, *, microphones: int = 1024, drones: int = 5) -> Staged:
    """Single microphones on a 5 km grid without bearings, fixed wings that come one after another,
    sound delays of seconds, one false alarm a microphone and hour that `sensors.json` hides."""
    rng = stream(seed, FLIGHTS)
    half = 2500.0 * math.ceil(math.sqrt(microphones))
    grid = _grid(microphones, 5000.0)
    grid = grid + _GRID_JITTER_M * rng.standard_normal(grid.shape)
    sensors = tools.microphones(LAND, above_ground(LAND, grid, 5.0))
    flights = [
        skies.fixed_wing(
            stream(seed, FLIGHTS + 1 + n), f"D{n + 1}", LAND, half, duration_s,
            0.0 if n == 0 else skies.between(rng, 0.0, 0.3 * duration_s),
        )
        for n in range(drones)
    ]  # fmt: skip
    false = FalseRows(per_scan=_FALSE_PER_HOUR * tools.MICROPHONE_PERIOD_S / 3600.0)
    battery = Battery(
        sensors, delayed=True, fade=0.3, fades_from=MICROPHONE_FADES_FROM, false_rows=false
    )
    meta: dict[str, object] = {
        "gospa_c_m": 3000.0, "hold_s": 15.0, "false_per_mic_hour": _FALSE_PER_HOUR,
    }  # fmt: skip
    return stage("network", seed, T0, duration_s, LAND, [battery], flights, meta)


def crowd(seed: int, duration_s: float, *, drones: int = 1000, radars: int = 16) -> Staged:
    """Very many drones over a wide land under a grid of radars of 12 km: for speed and memory."""
    side = math.ceil(math.sqrt(radars))
    grid = _grid(radars, 16_000.0)
    sensors = tuple(
        tools.radar(f"radar{n + 1}", LAND, (east, north, up),
                    reach_m=12_000.0, clutter=5.0, sigma_azimuth_deg=0.5)
        for n, (east, north, up) in enumerate(above_ground(LAND, grid, 15.0).tolist())
    )  # fmt: skip
    batteries = [Battery(sensors, sharpness=WEAK, false_rows=ECHOES)]
    flights = [
        skies.fixed_wing(
            stream(seed, FLIGHTS + 1 + n), f"D{n + 1}", LAND, 8000.0 * side, duration_s
        )
        for n in range(drones)
    ]
    return stage("crowd", seed, T0, duration_s, LAND, batteries, flights, dict(SCORING))


def _grid(count: int, spacing_m: float) -> F64:
    """(count, 2) east and north of a square grid around the middle, filled row by row."""
    side = math.ceil(math.sqrt(count))
    k = np.arange(count)
    return np.asarray(np.column_stack([k % side, k // side]) - (side - 1) / 2.0) * spacing_m
