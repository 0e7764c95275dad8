"""The coarse square of ground that a person's report comes from: never where the person stands.

A cell is 0.01 degrees of latitude by 0.01 of longitude, 1.1 km by 1.1 km at the equator and 1.06 km
wide at 15 degrees, named by its south-western corner: `cell:15.11,-12.74`.
"""

from __future__ import annotations

import math
import re

CELL_PREFIX = "cell:"

CELL_SIGMA_M = 450.0
"""1-sigma of a place of which only the cell is known: 1,110 m / sqrt(12) each way, both ways."""

_STEPS = 100
_NAME = re.compile(r"cell:(-?\d{1,2}\.\d\d),(-?\d{1,3}\.\d\d)", re.ASCII)


def cell_of(lat: float, lon: float) -> str:
    """The cell in which a place lies; degrees. The phone rounds likewise before it sends."""
    return f"{CELL_PREFIX}{_corner(lat):.2f},{_corner(lon):.2f}"


def cell_middle(cell: str) -> tuple[float, float] | None:
    """(lat, lon) of the middle of a cell, degrees; None for what is no cell's name."""
    found = _NAME.fullmatch(cell)
    if found is None:
        return None
    lat, lon = float(found[1]), float(found[2])
    if not (-90.0 <= lat < 90.0 and -180.0 <= lon < 180.0):
        return None
    half = 0.5 / _STEPS
    return round(lat + half, 4), round(lon + half, 4)


def _corner(degrees: float) -> float:
    # 15.11 * 100 is 1510.9999…: a corner belongs to its own cell
    return math.floor(round(degrees * _STEPS, 6)) / _STEPS + 0.0
