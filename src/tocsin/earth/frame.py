"""A flat desk laid on the round earth: WGS-84 to local east, north, up metres and back.

Source     PROJ `cart` and `topocentric` (EPSG method 9837), through pyproj
Accuracy   the transformation is exact: no flat-earth step, however far the point is
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod, Transformer

_WGS84 = Geod(ellps="WGS84")


class LocalFrame:
    """East, north, up in metres around an origin on the WGS-84 ellipsoid.

    The origin's unknown altitude is taken as the ellipsoid itself, since a frame needs a place
    to stand; a *point's* unknown altitude is never invented by this class: callers pass a number.
    """

    def __init__(self, lat: float, lon: float, alt_m: float = 0.0) -> None:
        self.lat = lat
        self.lon = lon
        self.alt_m = alt_m
        self._transformer = _topocentric(lat, lon, alt_m)

    def to_enu(
        self, lat: ArrayLike, lon: ArrayLike, alt_m: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Degrees, degrees, ellipsoidal metres to east, north, up metres; any one shape."""
        e, n, u = self._transformer.transform(lon, lat, alt_m)
        return np.asarray(e), np.asarray(n), np.asarray(u)

    def to_wgs84(
        self, east_m: ArrayLike, north_m: ArrayLike, up_m: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """East, north, up metres to degrees, degrees, ellipsoidal metres; any one shape."""
        lon, lat, alt = self._transformer.transform(east_m, north_m, up_m, direction="INVERSE")
        return np.asarray(lat), np.asarray(lon), np.asarray(alt)


@lru_cache(maxsize=256)
def _topocentric(lat: float, lon: float, alt_m: float) -> Transformer:
    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        "+step +proj=cart +ellps=WGS84 "
        f"+step +proj=topocentric +ellps=WGS84 +lat_0={lat!r} +lon_0={lon!r} +h_0={alt_m!r}"
    )


def azimuth_distance(
    from_lat: float, from_lon: float, to_lat: float, to_lon: float
) -> tuple[float, float]:
    """Azimuth at the first point in degrees [0, 360) and geodesic distance in metres (Karney)."""
    azimuth, _, distance = _WGS84.inv(from_lon, from_lat, to_lon, to_lat)
    return float(azimuth) % 360.0, float(distance)


def destination(
    lat: float, lon: float, azimuth_deg: float, distance_m: float
) -> tuple[float, float]:
    """(lat, lon) of the point `distance_m` along the geodesic that starts at `azimuth_deg`."""
    to_lon, to_lat, _ = _WGS84.fwd(lon, lat, azimuth_deg, distance_m)
    return float(to_lat), float(to_lon)
