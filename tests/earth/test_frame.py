"""The ground, checked against a library that shares no code with PROJ (pymap3d)."""

from __future__ import annotations

import numpy as np
import pymap3d
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth import LocalFrame, azimuth_distance, destination

latitudes = st.floats(-85, 85)
longitudes = st.floats(-179, 179)
heights = st.floats(-100, 9000)
offsets = st.floats(-2.0, 2.0)


@given(latitudes, longitudes, heights, offsets, offsets, heights)
def test_enu_agrees_with_an_independent_library_to_a_millimetre(
    lat0: float, lon0: float, h0: float, dlat: float, dlon: float, h: float
) -> None:
    lat, lon = lat0 + dlat, lon0 + dlon
    ours = np.array(LocalFrame(lat0, lon0, h0).to_enu(lat, lon, h))
    theirs = np.array(pymap3d.geodetic2enu(lat, lon, h, lat0, lon0, h0))
    assert np.abs(ours - theirs).max() < 1e-3


@given(latitudes, longitudes, st.floats(-2e5, 2e5), st.floats(-2e5, 2e5), st.floats(-500, 9000))
def test_there_and_back_to_a_millimetre(
    lat0: float, lon0: float, e: float, n: float, u: float
) -> None:
    frame = LocalFrame(lat0, lon0, 200.0)
    again = np.array(frame.to_enu(*frame.to_wgs84(e, n, u)))
    assert np.abs(again - np.array([e, n, u])).max() < 1e-3


def test_500_km_away_is_not_flat() -> None:
    _, _, up = LocalFrame(13.0, -10.0).to_enu(13.0, -10.0 + 4.6, 0.0)
    assert up == pytest.approx(-19_500, rel=0.02)


def test_arrays_keep_their_shape() -> None:
    east, north, up = LocalFrame(13.0, -10.0).to_enu(
        np.full((2, 3), 13.1), np.full((2, 3), -10.0), np.zeros((2, 3))
    )
    assert east.shape == north.shape == up.shape == (2, 3)


@given(st.floats(-80, 80), longitudes, st.floats(0, 359.9), st.floats(1, 1e5))
def test_geodesics_agree_with_each_other(
    lat: float, lon: float, azimuth: float, distance: float
) -> None:
    there = destination(lat, lon, azimuth, distance)
    back_azimuth, back_distance = azimuth_distance(lat, lon, *there)
    assert back_distance == pytest.approx(distance, abs=1e-3)
    assert abs((back_azimuth - azimuth + 180) % 360 - 180) < 1e-3
