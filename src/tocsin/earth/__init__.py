"""The ground: geodesy and polygons, thin over pyproj and shapely."""

from tocsin.earth.frame import LocalFrame, azimuth_distance, destination
from tocsin.earth.height import ellipsoidal_height_m, sea_level_height_m
from tocsin.earth.polygon import ZoneShape, polygon_faults

__all__ = [
    "LocalFrame",
    "ZoneShape",
    "azimuth_distance",
    "destination",
    "ellipsoidal_height_m",
    "polygon_faults",
    "sea_level_height_m",
]
