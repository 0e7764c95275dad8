"""Things that are not there: false echoes, phantom bearings, a motor-pump taken for a drone."""

from __future__ import annotations

import numpy as np

from tocsin.simulate.battery import Placed, out_of_order, own_place
from tocsin.simulate.flight import F64
from tocsin.simulate.heard import Heard, blank

_LOUDEST_DB, _FAINTEST_DB = 60.0, 40.0


def clutter(placed: Placed, duration_s: float, rng: np.random.Generator) -> Heard:
    """False rows: Poisson in number, `clutter_per_scan` on average; uniform over the scans, over
    the sector in azimuth, over 40 to 60 dB, and else as the battery's `FalseRows` say."""
    model, spread = placed.battery.sensors[0], placed.battery.false_rows
    scans = int(duration_s // placed.period_s) + 1
    per_scan = model.clutter_per_scan or 0.0 if spread.per_scan is None else spread.per_scan
    expected = per_scan * scans * len(placed.place)
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
    elevation = uniform(low, max(low, min(model.fov.elevation_max_deg, spread.top_elevation_deg)))
    share = rng.random(count)
    if spread.even_in == "area":
        share = np.sqrt(share)
    reach = spread.near_m + (placed.reach_m - spread.near_m) * share
    rate = uniform(-spread.fastest_mps, spread.fastest_mps)
    level = uniform(_FAINTEST_DB, _LOUDEST_DB)
    if model.sigma_azimuth_deg is not None:
        rows.azimuth_deg = azimuth
    if model.sigma_elevation_deg is not None:
        rows.elevation_deg = elevation
    if model.sigma_range_m is not None:
        rows.range_m = reach
    if model.sigma_range_rate_mps is not None:
        rows.range_rate_mps = rate
    if model.kind == "acoustic" and placed.battery.levels:
        rows.level_db = level
    rows.lat, rows.lon, rows.alt_m = own_place(placed, rows.sensor)
    there = (rows.t <= duration_s) & ~out_of_order(placed, sensor, rows.t)
    return rows.take(there)
