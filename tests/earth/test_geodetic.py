"""The compiled conversion against PROJ, and there and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.earth import LocalFrame
from tocsin.earth.geodetic import frame_at, into_frame, out_of_frame

lat, lon = st.floats(-89.9, 89.9), st.floats(-180.0, 180.0)


@given(lat, lon, st.floats(-4.5, 4.5), st.floats(-4.5, 4.5), st.floats(-500.0, 20_000.0))
def test_the_frame_is_proj_s_to_a_tenth_of_a_millimetre(
    lat0: float, lon0: float, north: float, east: float, alt_m: float
) -> None:
    there = max(min(lat0 + north, 89.9), -89.9), lon0 + east
    expected = LocalFrame(lat0, lon0).to_enu(*there, alt_m)
    frame, place, back = frame_at(lat0, lon0), np.empty(3), np.empty(3)
    into_frame(frame, *there, alt_m, place)
    assert np.abs(place - np.array(expected)).max() < 1e-4
    out_of_frame(frame, place, back)
    assert abs(back[0] - there[0]) < 1e-9
    assert abs((back[1] - there[1] + 180.0) % 360.0 - 180.0) < 1e-9 / np.cos(np.radians(there[0]))
    assert abs(back[2] - alt_m) < 1e-4
