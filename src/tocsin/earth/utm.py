"""Universal Transverse Mercator: eastings and northings to degrees, and where its grid's north is.

Source     PROJ `utm` on WGS-84, through pyproj; the convergence is the transverse Mercator's on a
           sphere, within 0.01 degrees of the ellipsoid's inside a zone
"""

from __future__ import annotations

import math
from functools import lru_cache

from pyproj import Transformer

_FALSE_NORTHING_M = 10_000_000.0


def utm_to_degrees(
    zone: int, easting_m: float, northing_m: float, *, southern: bool
) -> tuple[float, float] | None:
    """(lat, lon) of a place of a zone (1 to 60), None where the zone has no such place."""
    if not (100_000.0 <= easting_m <= 900_000.0 and 0.0 <= northing_m <= _FALSE_NORTHING_M):
        return None
    lon, lat = _transformer(zone, southern).transform(easting_m, northing_m)
    return (lat, lon) if math.isfinite(lat) and math.isfinite(lon) else None


def grid_convergence_deg(lat: float, lon: float) -> float:
    """How far grid north of a place's own zone lies east of true north, in degrees."""
    zone = int((lon + 180.0) // 6.0)
    off = math.radians(lon - (zone * 6.0 - 177.0))
    return math.degrees(math.atan(math.tan(off) * math.sin(math.radians(lat))))


@lru_cache(maxsize=16)
def _transformer(zone: int, southern: bool) -> Transformer:
    return Transformer.from_crs(
        f"EPSG:{(32700 if southern else 32600) + zone}", "EPSG:4326", always_xy=True
    )
