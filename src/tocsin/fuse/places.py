"""From words to columns: where sensors stand and what their statements say, as numbers."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.fuse.columns import (
    KINDS,
    S_AZ_HALF,
    S_AZ_MID,
    S_CLUTTER,
    S_E,
    S_EL_MAX,
    S_EL_MIN,
    S_HEARD,
    S_LAST,
    S_MAX_RANGE,
    S_N,
    S_PD,
    S_PERIOD,
    S_U,
    S_WIDTH,
    SENSOR_ROTATION,
    SI_HEIGHT_KNOWN,
    SI_KIND,
    SI_PLACED,
    SI_WIDTH,
    Floats,
    Ints,
)
from tocsin.words import Sensor


def local_axes(lat: float, lon: float) -> Floats:
    """East, north and up at a place, as rows of a rotation from earth-centred axes."""
    a, b = math.radians(lat), math.radians(lon)
    sa, ca, sb, cb = math.sin(a), math.cos(a), math.sin(b), math.cos(b)
    return np.array([[-sb, cb, 0.0], [-sa * cb, -sa * sb, ca], [ca * cb, ca * sb, sa]])


def sensor_row(frame: LocalFrame, sensor: Sensor, *, placed: bool) -> tuple[Floats, Ints]:
    """One sensor's columns. An unknown height is taken as 0 and its elevations give no height."""
    f = np.full(S_WIDTH, np.nan)
    height = 0.0 if sensor.alt_m is None else sensor.alt_m
    e, n, u = frame.to_enu(sensor.lat, sensor.lon, height)
    f[S_E], f[S_N], f[S_U] = float(e), float(n), float(u)
    turn = local_axes(sensor.lat, sensor.lon) @ local_axes(frame.lat, frame.lon).T
    f[SENSOR_ROTATION : SENSOR_ROTATION + 9] = turn.ravel()
    for column, value in (
        (S_MAX_RANGE, sensor.max_range_m),
        (S_PD, sensor.p_detect),
        (S_CLUTTER, sensor.clutter_per_scan),
        (S_PERIOD, sensor.scan_period_s),
    ):
        f[column] = np.nan if value is None else value
    f[S_AZ_MID] = math.radians(sensor.fov.azimuth_center_deg)
    f[S_AZ_HALF] = math.radians(min(sensor.fov.azimuth_width_deg, 360.0)) / 2.0
    f[S_EL_MIN] = math.radians(sensor.fov.elevation_min_deg)
    f[S_EL_MAX] = math.radians(sensor.fov.elevation_max_deg)
    f[S_LAST] = f[S_HEARD] = -1e9
    f[22:] = 0.0
    i = np.zeros(SI_WIDTH, np.int64)
    i[SI_KIND] = KINDS.index(sensor.kind)
    i[SI_PLACED] = 1 if placed else 0
    i[SI_HEIGHT_KNOWN] = 0 if sensor.alt_m is None else 1
    return f, i
