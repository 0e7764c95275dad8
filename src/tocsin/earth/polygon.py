"""A zone's outline in local metres: inside, how far to the edge, and when a line enters it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point, Polygon
from shapely.validation import explain_validity

from tocsin.earth.frame import LocalFrame, destination

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
        self._corners = np.asarray(self.polygon.exterior.coords)
        shapely.prepare(self.polygon)

    def contains(self, east_m: float, north_m: float) -> bool:
        """Whether the point lies inside or on the edge."""
        return bool(self.polygon.covers(Point(east_m, north_m)))

    def distance_m(self, east_m: float, north_m: float) -> float:
        """Metres to the zone, 0 inside."""
        return float(self.polygon.distance(Point(east_m, north_m)))

    def entry_distances_m(
        self, east_m: float, north_m: float, headings_rad: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Metres to the first edge along each heading (radians clockwise from north).

        NaN where the heading misses the zone; 0 everywhere when the point is inside.
        """
        if self.contains(east_m, north_m):
            return np.zeros(len(headings_rad))
        ray_e, ray_n = np.sin(headings_rad)[:, None], np.cos(headings_rad)[:, None]
        start_e, start_n = self._corners[:-1, 0] - east_m, self._corners[:-1, 1] - north_m
        edge_e, edge_n = np.diff(self._corners, axis=0).T
        # point + s * ray = corner + u * edge, solved by Cramer's rule for every ray and edge
        cross = ray_e * edge_n - ray_n * edge_e
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (start_e * edge_n - start_n * edge_e) / cross
            on_edge = (start_e * ray_n - start_n * ray_e) / cross
        hit = (cross != 0.0) & (along >= 0.0) & (on_edge >= 0.0) & (on_edge <= 1.0)
        nearest = np.where(hit, along, np.inf).min(axis=1)
        return np.where(np.isfinite(nearest), nearest, np.nan)


def rings_touch(one: Ring, other: Ring) -> bool:
    """Whether two outlines share any place; one that crosses itself is taken for what it covers."""
    shapes = [shapely.make_valid(Polygon(ring)) for ring in (one, other)]
    return bool(shapes[0].intersects(shapes[1]))


def circle_ring(lon: float, lat: float, radius_m: float, corners: int = 36) -> Ring:
    """The outline of a circle on the ground."""
    places = (destination(lat, lon, 360.0 * n / corners, radius_m) for n in range(corners))
    return tuple((round(there[1], 6), round(there[0], 6)) for there in places)


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
