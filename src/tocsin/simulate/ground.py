"""Which way is north where a sensor stands: turning scene metres into a sensor's own directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]


def east_north_up(lat_deg: ArrayLike, lon_deg: ArrayLike) -> F64:
    """(…, 3, 3) rows east, north, up of each place, as vectors of the earth-centred frame."""
    lat, lon = np.radians(np.asarray(lat_deg)), np.radians(np.asarray(lon_deg))
    zero = np.zeros_like(lat)
    sin_lat, cos_lat, sin_lon, cos_lon = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
    east = np.stack([-sin_lon, cos_lon, zero], axis=-1)
    north = np.stack([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat], axis=-1)
    up = np.stack([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat], axis=-1)
    return np.stack([east, north, up], axis=-2)


def turn_into(lat_deg: ArrayLike, lon_deg: ArrayLike, scene_lat: float, scene_lon: float) -> F64:
    """(…, 3, 3) rotations from the scene's east-north-up into that of each place."""
    return np.asarray(east_north_up(lat_deg, lon_deg) @ east_north_up(scene_lat, scene_lon).T)
