"""A zone's outline in local metres: inside, how far to the edge, and when a line enters it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.validation import explain_validity

from tocsin.earth.frame import LocalFrame

Ring = Sequence[tuple[float, float]]
"""Corners as (lon, lat) degrees, the order of GeoJSON."""

_MIN_AREA_M2 = 1.0


class ZoneShape:
    """A polygon prepared for many questions. `frame` is local to its middle; metres inside."""

    def __init__(self, ring: Ring) -> None:
        lons, lats = np.array([p[0] for p in ring]), np.array([p[1] for p in ring])
        self.frame = LocalFrame(float(lats.mean()), float(lons.mean()))
        east, north, _ = self.frame.to_enu(lats, lons, np.zeros(len(ring)))
        self.polygon = Polygon(np.column_stack([east, north]))
        shapely.prepare(self.polygon)

    def contains(self, east_m: float, north_m: float) -> bool:
        """Whether the point lies inside or on the edge."""
        return bool(self.polygon.covers(Point(east_m, north_m)))

    def distance_m(self, east_m: float, north_m: float) -> float:
        """Metres to the zone, 0 inside."""
        return float(self.polygon.distance(Point(east_m, north_m)))

    def entry_distance_m(
        self, east_m: float, north_m: float, ve: float, vn: float, reach_m: float
    ) -> float | None:
        """Metres along the present course until the zone is entered; None if it is missed.

        0 inside. `reach_m` bounds the look-ahead.
        """
        if self.contains(east_m, north_m):
            return 0.0
        speed = math.hypot(ve, vn)
        if speed == 0.0:
            return None
        start = Point(east_m, north_m)
        end = (east_m + ve / speed * reach_m, north_m + vn / speed * reach_m)
        crossing = LineString([(east_m, north_m), end]).intersection(self.polygon)
        return None if crossing.is_empty else float(start.distance(crossing))


def polygon_faults(ring: Ring) -> str | None:
    """What is wrong with a polygon of (lon, lat) degrees, in one sentence; None if it is sound."""
    if len(set(ring)) < 3:
        return "a polygon needs at least three different corners"
    for lon, lat in ring:
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return f"corner [{lon}, {lat}] is off the globe; corners are [longitude, latitude]"
    polygon = Polygon(ring)
    if not polygon.is_valid:
        return f"the polygon crosses itself: {explain_validity(polygon)}"
    if ZoneShape(ring).polygon.area < _MIN_AREA_M2:
        return "the polygon has no area"
    return None
