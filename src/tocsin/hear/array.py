"""An array of microphones: where they stand, how it is turned, and what its shape can tell.

Axes       of the array: x to its right, y ahead, z up, metres. `heading_deg` is where y points,
           clockwise from true north; then `pitch_deg` raises y, then `roll_deg` lowers x
Shape      "space" (four or more, not in one plane) tells every direction; "plane" tells all but on
           which side of itself a source is, and takes the upper side (of an upright plane the side
           ahead); "line" (two microphones too) tells only the angle to itself, a cone of
           directions, so that neither an azimuth nor an elevation follows, unless it stands upright
Errors     ConfigError
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ConfigError

F64 = NDArray[np.float64]
Shape = Literal["line", "plane", "space"]

FEWEST, MOST = 2, 16
SMALLEST_M, LARGEST_M = 0.02, 5.0
"""Apertures that are served: below, a millimetre is degrees; above, a source at 100 m is near."""
_FLAT = 0.05
"""An array whose extent across a plane or line is below this share of its greatest has none."""
_UPRIGHT = math.cos(math.radians(5.0))


class Array(NamedTuple):
    """Microphones (m, 3) in true axes (east, north, up; metres) about their middle.

    `spread` are the principal axes as rows, the widest first; for a plane the last one is its
    normal, pointing to the side on which sources are looked for.
    """

    places: F64
    shape: Shape
    spread: F64
    aperture_m: float

    @property
    def upright(self) -> bool:
        """Whether it is a line that stands upright, and so tells an elevation."""
        return self.shape == "line" and abs(float(self.spread[0, 2])) > _UPRIGHT


def array_of(
    microphones: F64, *, heading_deg: float = 0.0, pitch_deg: float = 0.0, roll_deg: float = 0.0
) -> Array:
    """An array by the places of its microphones (m, 3) in its own axes. Raises ConfigError."""
    places = np.asarray(microphones, np.float64)
    if places.ndim != 2 or places.shape[1] != 3 or not np.isfinite(places).all():
        raise ConfigError("each microphone has a place of three numbers", remedy="[x, y, z] metres")
    if not FEWEST <= len(places) <= MOST:
        raise ConfigError(f"{len(places)} microphones; an array has {FEWEST} to {MOST}")
    apart = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    if apart[np.triu_indices(len(places), 1)].min() < 1e-3:
        raise ConfigError("two microphones stand at one place")
    aperture = float(apart.max())
    if not SMALLEST_M <= aperture <= LARGEST_M:
        raise ConfigError(
            f"the microphones are {aperture:.3g} m apart, not {SMALLEST_M} to {LARGEST_M:g} m",
            remedy="places are in metres",
        )
    own = places - places.mean(axis=0)
    turn = _turn(heading_deg, pitch_deg, roll_deg)
    _, extent, axes = np.linalg.svd(own, full_matrices=True)
    wide = int((extent > _FLAT * extent[0]).sum()) if len(extent) else 0
    shape: Shape = ("line", "plane", "space")[max(wide, 1) - 1]
    if shape == "plane":
        axes = _front(axes, turn)
    return Array(own @ turn.T, shape, axes @ turn.T, aperture)


def directions_of(azimuth_deg: F64, elevation_deg: F64) -> F64:
    """Unit vectors (n, 3) east, north, up."""
    azimuth, elevation = np.radians(azimuth_deg), np.radians(elevation_deg)
    level = np.cos(elevation)
    return np.stack([level * np.sin(azimuth), level * np.cos(azimuth), np.sin(elevation)], axis=-1)


def angles_of(direction: F64) -> tuple[float, float]:
    """Azimuth in [0, 360) and elevation of a unit vector, degrees."""
    east, north, up = (float(v) for v in direction)
    return math.degrees(math.atan2(east, north)) % 360.0, math.degrees(
        math.atan2(up, math.hypot(east, north))
    )


def sound_mps(air_c: float) -> float:
    """Speed of sound in air, m/s (ideal gas, dry; damp air at 30 C is 0.4 % faster)."""
    return 331.3 * math.sqrt(1.0 + air_c / 273.15)


def grid(array: Array, spacing_deg: float) -> F64:
    """Unit vectors (n, 3), evenly over the directions that the array can tell apart."""
    if array.shape == "line":
        across = _across(array.spread[0])
        angle = np.linspace(0.0, np.pi, max(3, round(180.0 / spacing_deg) + 1))
        fan = np.cos(angle)[:, None] * array.spread[0] + np.sin(angle)[:, None] * across
        return np.asarray(fan)
    count = int(4.0 * np.pi / np.radians(spacing_deg) ** 2)
    # Fibonacci's sphere: even to a few per cent, whatever the count
    k = np.arange(count) + 0.5
    height, turn = 1.0 - 2.0 * k / count, k * np.pi * (1.0 + math.sqrt(5.0))
    level = np.sqrt(1.0 - height**2)
    sphere = np.stack([level * np.cos(turn), level * np.sin(turn), height], axis=1) @ array.spread
    if array.shape == "plane":
        return np.asarray(sphere[sphere @ array.spread[2] > 0.0])
    return np.asarray(sphere)


def _across(axis: F64) -> F64:
    """A unit vector across an axis: level where it can be, else any."""
    side = np.cross([0.0, 0.0, 1.0], axis)
    length = float(np.linalg.norm(side))
    return np.asarray(side / length) if length > 1e-6 else np.array([1.0, 0.0, 0.0])


def _front(axes: F64, turn: F64) -> F64:
    """The axes of a plane with its normal to the side on which sources are looked for: the upper
    one, or ahead (else right) where the plane is upright. `turn` takes them to true axes."""
    normal = turn @ axes[2]
    ahead, right = float(normal @ turn[:, 1]), float(normal @ turn[:, 0])
    for side in (float(normal[2]), ahead, right):
        if abs(side) > 0.02:
            return np.asarray(axes * np.array([[1.0], [1.0], [math.copysign(1.0, side)]]))
    return axes


def _turn(heading_deg: float, pitch_deg: float, roll_deg: float) -> F64:
    """Matrix from the array's axes to east, north, up."""
    h, p, r = (math.radians(v) for v in (heading_deg, pitch_deg, roll_deg))
    rolled = np.array([[math.cos(r), 0, math.sin(r)], [0, 1, 0], [-math.sin(r), 0, math.cos(r)]])
    pitched = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    headed = np.array([[math.cos(h), math.sin(h), 0], [-math.sin(h), math.cos(h), 0], [0, 0, 1]])
    return np.asarray(headed @ pitched @ rolled)
