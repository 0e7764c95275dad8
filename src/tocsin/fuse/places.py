"""From words to columns: where sensors stand and what their statements say, as numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth import LocalFrame
from tocsin.fuse.columns import (
    SENSOR,
    Floats,
)
from tocsin.words import Sensor
from tocsin.words.batch import KINDS

NEVER = -1.0e9
BLURRED = -2.0  # log-odds, for each resolution, that a sensor has it and parts nothing within it
DEAD_PRIOR = -3.5  # log-odds that a microphone is out of order: 3 %
DEAD_TOP = 4.0  # what silence alone can make of them
DEAF = 9.0  # it said so itself


def local_axes(lat: float, lon: float) -> Floats:
    """East, north and up at a place, as rows of a rotation from earth-centred axes."""
    a, b = math.radians(lat), math.radians(lon)
    sa, ca, sb, cb = math.sin(a), math.cos(a), math.sin(b), math.cos(b)
    return np.array([[-sb, cb, 0.0], [-sa * cb, -sa * sb, ca], [ca * cb, ca * sb, sa]])


def sound_mps(air_c: float) -> float:
    """Speed of sound in air of that temperature: 331.3 m/s times sqrt(1 + T / 273.15), an ideal
    gas; humidity adds 1.5 m/s at most. 343.2 at 20 degrees, 353 at 37."""
    return 331.3 * math.sqrt(1.0 + air_c / 273.15)


def sensor_row(frame: LocalFrame, sensor: Sensor, *, placed: bool) -> NDArray[np.void]:
    """One sensor's row. An unknown height is taken as 0 and its elevations give no height."""
    rows: NDArray[np.void] = np.zeros(1, SENSOR)
    row = rows[0]
    e, n, u = frame.to_enu(sensor.lat, sensor.lon, sensor.alt_m or 0.0)
    row["place"] = float(e), float(n), float(u)
    turn = local_axes(sensor.lat, sensor.lon) @ local_axes(frame.lat, frame.lon).T
    row["turn"] = turn.ravel()
    for name, value in (
        ("reach", sensor.max_range_m),
        ("pd", sensor.p_detect),
        ("clutter", sensor.clutter_per_scan),
        ("period", sensor.scan_period_s),
    ):
        row[name] = np.nan if value is None else value
    row["stray"] = 0.1 if sensor.clutter_per_scan is None else sensor.clutter_per_scan
    row["az_mid"] = math.radians(sensor.fov.azimuth_center_deg)
    row["az_half"] = math.radians(min(sensor.fov.azimuth_width_deg, 360.0)) / 2.0
    row["el_min"] = math.radians(sensor.fov.elevation_min_deg)
    row["el_max"] = math.radians(sensor.fov.elevation_max_deg)
    row["last"] = row["heard"] = NEVER
    row["kind"] = KINDS.index(sensor.kind)
    row["spoke"] = row["before"] = row["call_t"] = NEVER
    row["dead"] = DEAD_PRIOR
    row["placed"] = 1 if placed else 0
    row["height_known"] = 0 if sensor.alt_m is None else 1
    bearing = sensor.sigma_azimuth_deg is not None
    bare = sensor.kind == "acoustic" and not bearing and sensor.sigma_horizontal_m is not None
    row["bare"] = 1 if bare else 0
    row["partner"] = -1
    row["blur"][1:] = BLURRED
    return rows
