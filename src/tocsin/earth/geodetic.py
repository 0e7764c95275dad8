"""WGS-84 to a house's frame and back, for compiled code and whole columns.

The same transformation as `LocalFrame`, without PROJ in between: geodetic to earth-centred
coordinates (exact), a rotation, and back by Bowring's method (Survey Review 28, 1985), twice, which
is exact to a nanometre below 10,000 km. A test holds it against PROJ.
Units      degrees and metres outside; a frame is 12 numbers: its axes (east, north, up as rows) and
           its middle, all earth-centred
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.compile import kernel

Floats = NDArray[np.float64]
A_M = 6_378_137.0
F = 1.0 / 298.257223563
E2 = F * (2.0 - F)
B_M = A_M * (1.0 - F)
RADIAN = math.pi / 180.0


@kernel
def axes_at(lat: float, lon: float, axes: Floats) -> None:
    """East, north and up at a place, as rows of a rotation from earth-centred axes, into (9)."""
    a, b = lat * RADIAN, lon * RADIAN
    sa, ca, sb, cb = math.sin(a), math.cos(a), math.sin(b), math.cos(b)
    axes[0], axes[1], axes[2] = -sb, cb, 0.0
    axes[3], axes[4], axes[5] = -sa * cb, -sa * sb, ca
    axes[6], axes[7], axes[8] = ca * cb, ca * sb, sa


@kernel
def frame_at(lat: float, lon: float) -> Floats:
    """The frame whose middle lies on the ellipsoid at a place."""
    frame = np.empty(12)
    axes_at(lat, lon, frame)
    n = A_M / math.sqrt(1.0 - E2 * frame[8] ** 2)
    frame[9], frame[10] = n * frame[6], n * frame[7]
    frame[11] = n * (1.0 - E2) * frame[8]
    return frame


@kernel
def into_frame(frame: Floats, lat: float, lon: float, alt_m: float, place: Floats) -> None:
    """East, north, up metres of a WGS-84 place, into place (3)."""
    a, b = lat * RADIAN, lon * RADIAN
    sa, ca = math.sin(a), math.cos(a)
    n = A_M / math.sqrt(1.0 - E2 * sa * sa)
    x = (n + alt_m) * ca * math.cos(b) - frame[9]
    y = (n + alt_m) * ca * math.sin(b) - frame[10]
    z = (n * (1.0 - E2) + alt_m) * sa - frame[11]
    for k in range(3):
        place[k] = frame[3 * k] * x + frame[3 * k + 1] * y + frame[3 * k + 2] * z


@kernel
def out_of_frame(frame: Floats, place: Floats, found: Floats) -> None:
    """Latitude, longitude (degrees), ellipsoidal height of a place (3) of the frame, into (3)."""
    x = frame[9] + frame[0] * place[0] + frame[3] * place[1] + frame[6] * place[2]
    y = frame[10] + frame[1] * place[0] + frame[4] * place[1] + frame[7] * place[2]
    z = frame[11] + frame[2] * place[0] + frame[5] * place[1] + frame[8] * place[2]
    p = math.sqrt(x * x + y * y)
    tb = z * A_M / (p * B_M)  # of the reduced latitude
    ta = 0.0
    for _ in range(2):
        cb = 1.0 / math.sqrt(1.0 + tb * tb)
        sb = tb * cb
        ta = (z + E2 / (1.0 - E2) * B_M * sb**3) / (p - E2 * A_M * cb**3)
        tb = (1.0 - F) * ta
    ca = 1.0 / math.sqrt(1.0 + ta * ta)
    sa = ta * ca
    found[0] = math.atan(ta) / RADIAN
    found[1] = math.atan2(y, x) / RADIAN
    found[2] = p * ca + z * sa - A_M * math.sqrt(1.0 - E2 * sa * sa)
