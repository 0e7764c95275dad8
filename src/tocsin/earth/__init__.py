"""The ground: geodesy and polygons, thin over pyproj and shapely."""

from tocsin.earth.frame import LocalFrame, azimuth_distance, destination
from tocsin.earth.height import ellipsoidal_height_m, sea_level_height_m
from tocsin.earth.polygon import ZoneShape, circle_ring, polygon_faults, rings_touch

__all__ = [
    "LocalFrame",
    "ZoneShape",
    "azimuth_distance",
    "circle_ring",
    "destination",
    "ellipsoidal_height_m",
    "polygon_faults",
    "rings_touch",
    "sea_level_height_m",
]
