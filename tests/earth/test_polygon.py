"""Outlines: inside, distance, where a course enters, and what makes a polygon unusable."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from tocsin.earth import ZoneShape, polygon_faults

# about 1.1 km by 1.1 km around 15 N 13 W
SQUARE = ((-13.005, 14.995), (-12.995, 14.995), (-12.995, 15.005), (-13.005, 15.005))


def test_middle_is_inside_and_far_is_far() -> None:
    shape = ZoneShape(SQUARE)
    assert shape.contains(0.0, 0.0)
    assert shape.distance_m(0.0, 0.0) == 0.0
    assert shape.distance_m(0.0, 1553.0) == pytest.approx(1000.0, abs=2.0)


@given(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(-math.pi, math.pi))
def test_entry_distance_agrees_with_shapely(east: float, north: float, heading: float) -> None:
    shape = ZoneShape(SQUARE)
    ours = float(shape.entry_distances_m(east, north, np.array([heading]))[0])
    end = (east + 20_000 * math.sin(heading), north + 20_000 * math.cos(heading))
    crossing = LineString([(east, north), end]).intersection(shape.polygon)
    if crossing.is_empty:
        assert math.isnan(ours)
    elif crossing.length > 1e-3:  # a graze at a corner is decided by the last bit
        assert ours == pytest.approx(Point(east, north).distance(crossing), abs=1e-6)


@pytest.mark.parametrize(
    ("ring", "fault"),
    [
        (SQUARE, None),
        (SQUARE[:2], "three different corners"),
        (((200.0, 14.0), (13.0, 14.0), (13.0, 15.0)), "off the globe"),
        (((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)), "crosses itself"),
    ],
)
def test_faults_are_named(ring: tuple[tuple[float, float], ...], fault: str | None) -> None:
    found = polygon_faults(ring)
    assert (found is None) if fault is None else (found is not None and fault in found)
