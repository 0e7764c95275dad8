"""Where something is: WGS-84 positions.

`lat` and `lon` are degrees (the short names are those of the NDJSON contract), `alt_m` is metres
above the WGS-84 ellipsoid. An altitude that nobody measured is None, never 0.
"""

from __future__ import annotations

import msgspec


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point on or above the WGS-84 ellipsoid: degrees, degrees, metres or unknown."""

    lat: float
    lon: float
    alt_m: float | None = None


Ring = tuple[tuple[float, float], ...]
"""A closed line as (lon, lat) pairs in degrees, the order of GeoJSON (RFC 7946, 3.1.1)."""
