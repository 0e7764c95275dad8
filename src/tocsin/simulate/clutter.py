"""Things that are not there: false echoes, phantom bearings, a motor-pump taken for a drone."""

from __future__ import annotations

import numpy as np

from tocsin.simulate.battery import Placed, out_of_order, own_place
from tocsin.simulate.flight import F64
from tocsin.simulate.heard import Heard, blank

_LOUDEST_DB, _FAINTEST_DB = 60.0, 40.0
_TOP_ELEVATION_DEG = 20.0  # false echoes come from ground and trees, not from the zenith
_FASTEST_MPS = 25.0


def clutter(placed: Placed, duration_s: float, rng: np.random.Generator) -> Heard:
    """False rows: Poisson in number, `clutter_per_scan` on average; uniform over the scans, over
    the sector in azimuth and area, over low elevations, speeds within 25 m/s and 40 to 60 dB."""
    model = placed.battery.sensors[0]
    scans = int(duration_s // placed.period_s) + 1
    expected = (model.clutter_per_scan or 0.0) * scans * len(placed.place)
    count = int(rng.poisson(expected))

    def uniform(low: float, high: float) -> F64:
        return np.asarray(low + (high - low) * rng.random(count))

    sensor = np.minimum(
        (rng.random(count) * len(placed.place)).astype(np.int64), len(placed.place) - 1
    )
    scan = np.floor(rng.random(count) * scans)
    rows = blank(count)
    rows.t = placed.phase_s[sensor] + scan * placed.period_s
    rows.sensor = sensor + placed.first
    half = model.fov.azimuth_width_deg / 2.0
    azimuth = (model.fov.azimuth_center_deg + uniform(-half, half)) % 360.0
    low = max(model.fov.elevation_min_deg, 0.0)
    elevation = uniform(low, max(low, min(model.fov.elevation_max_deg, _TOP_ELEVATION_DEG)))
    reach = placed.reach_m * np.sqrt(rng.random(count))
    rate = uniform(-_FASTEST_MPS, _FASTEST_MPS)
    level = uniform(_FAINTEST_DB, _LOUDEST_DB)
    if model.sigma_azimuth_deg is not None:
        rows.azimuth_deg = azimuth
    if model.sigma_elevation_deg is not None:
        rows.elevation_deg = elevation
    if model.sigma_range_m is not None:
        rows.range_m = reach
    if model.sigma_range_rate_mps is not None:
        rows.range_rate_mps = rate
    if model.kind == "acoustic":
        rows.level_db = level
    rows.lat, rows.lon, rows.alt_m = own_place(placed, rows.sensor)
    there = (rows.t <= duration_s) & ~out_of_order(placed, sensor, rows.t)
    return rows.take(there)
