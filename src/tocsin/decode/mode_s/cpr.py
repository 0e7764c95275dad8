"""Compact position reports: 17 bits of latitude and of longitude → a place.

Standard   DO-260B appendix A, 1.7 (ICAO Doc 9871, C.2.6): even reports cut the globe into 60 zones
           of latitude, odd ones into 59; a pair of both, or one and a place nearby, tells which
Places     degrees, latitude north, longitude east in -180 to 180
Unknown    None for a pair that lies in different bands of longitude zones (it moved between them),
           or whose latitude cannot be
"""

from __future__ import annotations

import math
from bisect import bisect_left

import msgspec

_CODES = 1 << 17
_ZONES = 60
_AIRBORNE_DEG, _SURFACE_DEG = 360.0, 90.0

_FLATTEST = 1.0 - math.cos(math.pi / (2 * 15))
_BANDS = [
    math.degrees(math.acos(math.sqrt(_FLATTEST / (1.0 - math.cos(2.0 * math.pi / zones)))))
    for zones in range(3, 60)
]
_BORDERS = sorted([*_BANDS, 87.0])
"""Latitudes at which the number of longitude zones falls by one, from 59 at the equator."""


class Code(msgspec.Struct, frozen=True):
    """One report as it was sent: the numbers, and whether it is of the odd kind."""

    lat: int
    lon: int
    odd: bool


def longitude_zones(lat: float) -> int:
    """How many zones of longitude there are at a latitude (the standard's NL): 59 down to 1."""
    lat = abs(lat)
    if lat >= 87.0:
        return 2 if lat == 87.0 else 1
    return 59 - bisect_left(_BORDERS, lat)


def airborne_pair(even: Code, odd: Code, newest_odd: bool) -> tuple[float, float] | None:
    """The place of the newest of an even and an odd report."""
    lats = _latitudes(even, odd, _AIRBORNE_DEG)
    lat_even, lat_odd = (lat - 360.0 if lat >= 270.0 else lat for lat in lats)
    if abs(lat_even) > 90.0 or abs(lat_odd) > 90.0:
        return None
    zones = longitude_zones(lat_even)
    if zones != longitude_zones(lat_odd):
        return None
    lat = lat_odd if newest_odd else lat_even
    lon = _longitude(even, odd, newest_odd, zones, _AIRBORNE_DEG)
    return lat, _around(lon)


def surface_pair(
    even: Code, odd: Code, newest_odd: bool, near: tuple[float, float]
) -> tuple[float, float] | None:
    """The same on the ground, where there are eight answers: that nearest to a known place."""
    candidates = _latitudes(even, odd, _SURFACE_DEG)
    north = candidates[newest_odd]
    lat_even, lat_odd = candidates
    if abs(north - near[0]) > abs(north - 90.0 - near[0]):
        lat_even, lat_odd = lat_even - 90.0, lat_odd - 90.0
    zones = longitude_zones(lat_even)
    if abs(lat_even) > 90.0 or abs(lat_odd) > 90.0 or zones != longitude_zones(lat_odd):
        return None
    lon = _longitude(even, odd, newest_odd, zones, _SURFACE_DEG)
    quarter = round((near[1] - lon) / 90.0)
    return lat_odd if newest_odd else lat_even, _around(lon + 90.0 * quarter)


def near_place(
    code: Code, near: tuple[float, float], *, surface: bool
) -> tuple[float, float] | None:
    """The place of one report that lies nearest to a known one: right if that is within half a
    zone (330 km in the air, 83 km on the ground)."""
    span = _SURFACE_DEG if surface else _AIRBORNE_DEG
    height = span / (_ZONES - code.odd)
    lat = height * (code.lat / _CODES + _nearest_zone(near[0], height, code.lat))
    if abs(lat) > 90.0:
        return None
    width = span / max(longitude_zones(lat) - code.odd, 1)
    lon = width * (code.lon / _CODES + _nearest_zone(near[1], width, code.lon))
    return lat, _around(lon)


def _nearest_zone(known: float, size: float, code: int) -> int:
    """The zone in which the code lies nearest to the known degree."""
    return math.floor(known / size - code / _CODES + 0.5)


def _latitudes(even: Code, odd: Code, span: float) -> tuple[float, float]:
    """Both latitudes, in 0 to `span`."""
    zone = (59 * even.lat - 60 * odd.lat + _CODES // 2) // _CODES
    return (
        span / 60 * (zone % 60 + even.lat / _CODES),
        span / 59 * (zone % 59 + odd.lat / _CODES),
    )


def _longitude(even: Code, odd: Code, newest_odd: bool, zones: int, span: float) -> float:
    zone = (even.lon * (zones - 1) - odd.lon * zones + _CODES // 2) // _CODES
    count = max(zones - newest_odd, 1)
    code = odd.lon if newest_odd else even.lon
    return span / count * (zone % count + code / _CODES)


def _around(lon: float) -> float:
    """-180 included, 180 not."""
    return (lon + 180.0) % 360.0 - 180.0
