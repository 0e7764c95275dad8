"""Places and directions as SAPIENT writes them → WGS-84 positions and true bearings, with sigmas.

Standard   BSI Flex 335 v2.0, Location and RangeBearing: degrees, radians or UTM metres on the
           ellipsoid or the geoid; degrees or radians with metres or kilometres
Errors     taken as 1-sigma; in the units of the coordinates. Errors beside degrees are degrees, but
           some nodes write metres there: more than 0.05 (5.6 km as degrees, and no sensor of small
           drones is that vague) is read as metres. An error of 0 is unknown
Zones      the letter of "30U" is the MGRS band; "30S" is band S (32 to 40 degrees north) where the
           northing fits, else the southern half
North      true and grid north are read, magnetic north where the declination is set; a platform's
           heading is nowhere in the standard
Unknown    None: a height above the geoid without a geoid grid; a UTM place without a zone
"""

from __future__ import annotations

import math
import re
from typing import Protocol

import msgspec
from sapient_msg.bsi_flex_335_v2_0 import location_pb2 as wire
from sapient_msg.bsi_flex_335_v2_0 import range_bearing_pb2 as polar
from sapient_msg.bsi_flex_335_v2_0.location_pb2 import Location
from sapient_msg.bsi_flex_335_v2_0.range_bearing_pb2 import RangeBearing

from tocsin.earth import LocalFrame, ellipsoidal_height_m
from tocsin.earth.utm import grid_convergence_deg, utm_to_degrees
from tocsin.errors import Refused
from tocsin.words import Bearing, Position, Sigma

HORIZONTAL_SIGMA_M = 50.0
"""Where the node tells no error: what the tracker takes for a fix of unknown worth."""
ALT_SIGMA_M = 30.0
AZIMUTH_SIGMA_DEG, ELEVATION_SIGMA_DEG, RANGE_SIGMA_M = 5.0, 10.0, 30.0
"""The tracker's own, for bearings of unknown worth."""
MOST_SIGMA_DEGREES = 0.05
_METRES_A_DEGREE = 111_195.0
_BAND_S_NORTHING_M = (3_500_000.0, 4_450_000.0)
_ZONE = re.compile(r"\s*(\d{1,2})\s*([C-HJ-NP-X])?\s*", re.IGNORECASE)
_RADIANS = frozenset({
    polar.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_M,
    polar.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM,
})  # fmt: skip
_KILOMETRES = frozenset({
    polar.RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_KM,
    polar.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM,
})  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """A position and how sure it is."""

    position: Position
    sigma: Sigma


class Direction(msgspec.Struct, frozen=True):
    """A bearing from the node, true north, and how sure it is."""

    bearing: Bearing
    sigma: Sigma


class _Has(Protocol):
    def HasField(self, name: str) -> bool: ...  # noqa: N802  protobuf's own


def read_place(location: Location, zone: str) -> Place | None:
    """Where a Location is; None for a UTM place in no zone. Raises Refused out of range."""
    system = location.coordinate_system
    if system == wire.LOCATION_COORDINATE_SYSTEM_UTM_M:
        found = _from_utm(location.x, location.y, location.utm_zone or zone)
        if found is None:
            return None
        lat, lon = found
        to_x = to_y = 1.0
    else:
        lat, lon = location.y, location.x
        turn = 1.0
        if system == wire.LOCATION_COORDINATE_SYSTEM_LAT_LNG_RAD_M:
            turn = 180.0 / math.pi
            lat, lon = lat * turn, lon * turn
        if not -90.0 <= lat <= 90.0:
            raise Refused("Location.y out of range", f"latitude {lat:g} degrees")
        if not -180.0 <= lon <= 180.0:
            raise Refused("Location.x out of range", f"longitude {lon:g} degrees")
        to_y = turn * _METRES_A_DEGREE
        to_x = to_y * max(math.cos(lat * math.pi / 180.0), 1e-6)
    alt_m = location.z if _has(location, "z") else None
    if alt_m is not None and location.datum == wire.LOCATION_DATUM_WGS84_G:
        alt_m = ellipsoidal_height_m(lat, lon, alt_m)
    sigma = Sigma(
        horizontal_m=_horizontal_m(location, to_x, to_y),
        alt_m=None if alt_m is None else location.z_error or ALT_SIGMA_M,
    )
    position = Position(round(lat, 7), round(lon, 7), None if alt_m is None else round(alt_m, 2))
    return Place(position, sigma)


def _horizontal_m(location: Location, to_x: float, to_y: float) -> float:
    """Root of half the trace of the horizontal covariance; one error alone stands for both."""
    x, y = location.x_error, location.y_error
    if max(x, y) > MOST_SIGMA_DEGREES * _METRES_A_DEGREE / to_y:
        to_x = to_y = 1.0
    x, y = (x or y) * to_x, (y or x) * to_y
    found = round(math.sqrt((x * x + y * y) / 2.0), 2)
    return found if found > 0.0 else HORIZONTAL_SIGMA_M


def _from_utm(easting_m: float, northing_m: float, zone: str) -> tuple[float, float] | None:
    found = _ZONE.fullmatch(zone)
    if found is None or not 1 <= int(found[1]) <= 60:
        return None
    band = (found[2] or "N").upper()
    low, high = _BAND_S_NORTHING_M
    southern = band < "N" or (band == "S" and not low <= northing_m <= high)
    return utm_to_degrees(int(found[1]), easting_m, northing_m, southern=southern)


def read_direction(
    told: RangeBearing, node: Position | None, declination_deg: float | None
) -> Direction | None:
    """A bearing from the node; None where its north, or everything, is unknown.

    Raises Refused out of range.
    """
    system = told.coordinate_system
    turn = 180.0 / math.pi if system in _RADIANS else 1.0
    metres = 1000.0 if system in _KILOMETRES else 1.0
    azimuth = elevation = range_m = None
    if _has(told, "azimuth"):
        north = _north_deg(told.datum, node, declination_deg)
        if north is None:
            return None
        azimuth = told.azimuth * turn
        if not -360.0 <= azimuth <= 360.0:
            raise Refused("RangeBearing.azimuth out of range", f"{azimuth:g} degrees")
        azimuth = round((azimuth + north) % 360.0, 6)
    if _has(told, "elevation"):
        elevation = round(told.elevation * turn, 6)
        if not -90.0 <= elevation <= 90.0:
            raise Refused("RangeBearing.elevation out of range", f"{elevation:g} degrees")
    if _has(told, "range"):
        range_m = round(told.range * metres, 2)
    if azimuth is None and elevation is None and range_m is None:
        return None
    sigma = Sigma(
        azimuth_deg=None if azimuth is None else told.azimuth_error * turn or AZIMUTH_SIGMA_DEG,
        elevation_deg=None
        if elevation is None
        else told.elevation_error * turn or ELEVATION_SIGMA_DEG,
        range_m=None if range_m is None else told.range_error * metres or RANGE_SIGMA_M,
    )
    return Direction(Bearing(azimuth, elevation, range_m), sigma)


def _has(message: _Has, name: str) -> bool:
    return message.HasField(name)


def _north_deg(datum: int, node: Position | None, declination_deg: float | None) -> float | None:
    """How far the node's north lies east of true north."""
    if datum == polar.RANGE_BEARING_DATUM_TRUE:
        return 0.0
    if datum == polar.RANGE_BEARING_DATUM_MAGNETIC:
        return declination_deg
    if datum == polar.RANGE_BEARING_DATUM_GRID and node is not None:
        return grid_convergence_deg(node.lat, node.lon)
    return None


FLAT_RANGE_DOUBT = 0.07
"""Of the range, where no elevation is told: a thing 30 degrees up is 13 % nearer over the ground
than along the beam, and half of that is the doubt."""


def place_along(node: Position, seen: Direction) -> Place | None:
    """Where a bearing with a range leads to, from the node; None without azimuth or range."""
    azimuth, range_m = seen.bearing.azimuth_deg, seen.bearing.range_m
    if azimuth is None or range_m is None:
        return None
    flat = seen.bearing.elevation_deg is None
    up = math.radians(seen.bearing.elevation_deg or 0.0)
    along = range_m * math.cos(up)
    a = math.radians(azimuth)
    frame = LocalFrame(node.lat, node.lon, node.alt_m or 0.0)
    lat, lon, alt = frame.to_wgs84(along * math.sin(a), along * math.cos(a), range_m * math.sin(up))
    sigma = seen.sigma
    s_range = sigma.range_m or RANGE_SIGMA_M
    s_across = math.radians(sigma.azimuth_deg or AZIMUTH_SIGMA_DEG) * along
    s_up = math.radians(sigma.elevation_deg or ELEVATION_SIGMA_DEG) * range_m
    s_along = math.hypot(s_range * math.cos(up), s_up * math.sin(up))
    if flat:
        s_along = math.hypot(s_range, FLAT_RANGE_DOUBT * range_m)
    horizontal = math.sqrt((s_along * s_along + s_across * s_across) / 2.0)
    vertical = math.hypot(s_range * math.sin(up), s_up * math.cos(up))
    known_alt = not flat and node.alt_m is not None
    return Place(
        Position(
            round(float(lat), 7), round(float(lon), 7), round(float(alt), 2) if known_alt else None
        ),
        Sigma(
            horizontal_m=max(round(horizontal, 2), 0.01),
            alt_m=max(round(vertical, 2), 0.01) if known_alt else None,
        ),
    )
