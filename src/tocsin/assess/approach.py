"""How a track comes at a zone: inside, closing, when it could enter, and how sure that is.

The present course is not a promise. A fan of headings around it stands for what the covariance
leaves open and for a turn the pilot may yet make; each heading that meets the zone gives a time.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.earth import ZoneShape
from tocsin.words import Track

TURN_ALLOWANCE_RAD = math.radians(12.0)
"""1-sigma of the course change a pilot may make before entry: a drone that follows a river bends
by about this much between two looks, a straight flight by less."""

MIN_SPEED_MPS = 1.5
"""Below this a heading says nothing: a hovering multirotor wanders at about 1 m/s."""

_FAN = np.array([-1.65, -1.1, -0.55, 0.0, 0.55, 1.1, 1.65])
_FAN_WEIGHTS = np.exp(-0.5 * _FAN**2) / np.exp(-0.5 * _FAN**2).sum()
_Z90 = 1.645  # two-sided 90 % of a normal distribution
DEFAULT_SIGMA_MPS = 3.0
"""Velocity error taken where the tracker states none."""


class Approach(msgspec.Struct, frozen=True):
    """Where a track stands to a zone. `eta_s` is (low, likely, high) at 90 %, None if not closing.

    `azimuth_deg` is the direction of the track as seen from the zone's middle; `p_enter` the
    weight of the headings in the fan that meet the zone.
    """

    inside: bool
    distance_m: float
    azimuth_deg: float
    closing_mps: float
    p_enter: float
    eta_s: tuple[float, float, float] | None


def approaches(shape: ZoneShape, tracks: list[Track]) -> list[Approach]:
    """The approach of each track to the zone; one coordinate transformation for all of them."""
    if not tracks:
        return []
    lats, lons = np.array([t.lat for t in tracks]), np.array([t.lon for t in tracks])
    east, north, _ = shape.frame.to_enu(lats, lons, np.zeros(len(tracks)))
    return [
        _approach(shape, track, float(e), float(n))
        for track, e, n in zip(tracks, east, north, strict=True)
    ]


def _approach(shape: ZoneShape, track: Track, east: float, north: float) -> Approach:
    distance = shape.distance_m(east, north)
    azimuth = math.degrees(math.atan2(east, north)) % 360.0
    speed = math.hypot(track.ve, track.vn)
    ahead = shape.distance_m(east + track.ve, north + track.vn)
    closing = distance - ahead
    if distance == 0.0:
        return Approach(True, 0.0, azimuth, closing, 1.0, (0.0, 0.0, 0.0))
    if speed < MIN_SPEED_MPS:
        return Approach(False, distance, azimuth, closing, 0.0, None)
    sigma_mps = DEFAULT_SIGMA_MPS if track.sigma_mps is None else track.sigma_mps
    heading_sigma = math.hypot(TURN_ALLOWANCE_RAD, min(sigma_mps / speed, math.pi / 4))
    heading = math.atan2(track.ve, track.vn)
    reach = shape.entry_distances_m(east, north, heading + heading_sigma * _FAN)
    p_enter, eta = _entry(reach, speed, sigma_mps, track.sigma_m)
    return Approach(False, distance, azimuth, closing, p_enter, eta)


def _entry(
    reach_m: NDArray[np.float64], speed: float, sigma_mps: float, sigma_m: float
) -> tuple[float, tuple[float, float, float] | None]:
    """Probability of entry and (low, likely, high) seconds from the fan's distances."""
    hits = ~np.isnan(reach_m)
    if not hits.any():
        return 0.0, None
    weights = _FAN_WEIGHTS[hits]
    p_enter = float(weights.sum())
    times = reach_m[hits] / speed
    likely = float(np.average(times, weights=weights))
    fan_variance = float(np.average((times - likely) ** 2, weights=weights))
    sigma_s = math.sqrt(fan_variance + (sigma_m / speed) ** 2 + (likely * sigma_mps / speed) ** 2)
    low, high = max(0.0, likely - _Z90 * sigma_s), likely + _Z90 * sigma_s
    # to a tenth: finer would be noise, and noise differs between processors
    return p_enter, (round(low, 1), round(likely, 1), round(high, 1))
