"""Heights above sea level to heights above the ellipsoid, or an honest "unknown".

The pyproj wheel carries no geoid grid, and PROJ then returns the height *unchanged*, without an
error, unless ballpark transformations are forbidden. `allow_ballpark=False` makes it refuse.
Debian's package `proj-data` brings `egm96_15.gtx` in /usr/share/proj.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pyproj
from pyproj.exceptions import ProjError
from pyproj.transformer import Transformer

_DEBIAN_GRIDS = Path("/usr/share/proj")
_WGS84_3D = "EPSG:4979"
_WGS84_WITH_EGM96 = "EPSG:4326+5773"


def ellipsoidal_height_m(lat: float, lon: float, height_msl_m: float) -> float | None:
    """Height above the WGS-84 ellipsoid of a height above mean sea level (EGM96).

    None where no geoid grid is installed: never the same number under another name.
    """
    transformer = _egm96_to_ellipsoid()
    if transformer is None:
        return None
    try:
        _, _, height = transformer.transform(lat, lon, height_msl_m, errcheck=True)
    except ProjError:
        return None
    return None if height in (float("inf"), float("-inf")) else float(height)


def sea_level_height_m(lat: float, lon: float, alt_m: float) -> float | None:
    """Height above mean sea level (EGM96) of a height above the ellipsoid; None as above.

    The geoid is looked up every thousandth of a degree (110 m), where it slopes by centimetres.
    """
    geoid_m = _geoid_height_m(round(lat, 3), round(lon, 3))
    return None if geoid_m is None else alt_m - geoid_m


@lru_cache(maxsize=65_536)
def _geoid_height_m(lat: float, lon: float) -> float | None:
    return ellipsoidal_height_m(lat, lon, 0.0)


@lru_cache(maxsize=1)
def _egm96_to_ellipsoid() -> Transformer | None:
    if (_DEBIAN_GRIDS / "egm96_15.gtx").exists():
        pyproj.datadir.append_data_dir(str(_DEBIAN_GRIDS))
    try:
        return Transformer.from_crs(
            _WGS84_WITH_EGM96, _WGS84_3D, allow_ballpark=False, only_best=True
        )
    except ProjError:
        return None
