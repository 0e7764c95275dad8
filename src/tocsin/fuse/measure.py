"""What a sensor should say of a track, and how that changes when the track moves.

Late statements need no rewinding: a statement about `lag` seconds ago is compared with where the
track *was* then, p - v lag. Sound is the same story: a microphone hears where the source was
distance / speed of sound ago, so its lag grows with distance (solved by iteration below).
"""

from __future__ import annotations

import math

from tocsin.earth.compile import inlaid, kernel
from tocsin.fuse.columns import (
    ACOUSTIC,
    BEARING,
    Floats,
    Sensors,
    StatementRow,
)

SOUND_MPS = 343.0  # in air at 20 C; 340 at 15 C, 352 at 35 C: within the bearings' own errors
LATE_S = 0.3  # sound and wires delay by less without harm
LATE_Q = 2.0  # m2/s3, between steady flight and a manoeuvre
MIN_GROUND_M = 1.0  # straight overhead an azimuth means nothing
EARTH_M = 6_371_000.0
TURN = 2.0 * math.pi


@inlaid
def wrap(angle: float) -> float:
    """An angle in radians brought to [-pi, pi)."""
    return angle - TURN * math.floor((angle + math.pi) / TURN)


@inlaid
def sound_lag(sensors: Sensors, s: int, x: Floats, lag: float, sound: float) -> float:
    """Seconds between the track's time and the moment the sensor's statement is about.

    `sound` scales the delay of sound: 1 is physics, 0 a sensor that already corrects for it.
    """
    if sensors[s].kind != ACOUSTIC or sound == 0.0:
        return lag
    total = lag
    for _ in range(3):  # converges as (v/c)^n: 0.1^3 of a second at 34 m/s
        de = x[0] - total * x[3] - sensors[s].place[0]
        dn = x[1] - total * x[4] - sensors[s].place[1]
        du = x[2] - total * x[5] - sensors[s].place[2]
        total = lag + sound * math.sqrt(de * de + dn * dn + du * du) / SOUND_MPS
    return total


@kernel
def expect_bearing(
    sensors: Sensors,
    s: int,
    d: StatementRow,
    x: Floats,
    lag: float,
    z: Floats,
    H: Floats,
    R: Floats,
) -> int:
    """Fill innovation z, matrix H and variances R for a bearing; the number of rows used."""
    rot = sensors[s].turn
    fe = x[0] - lag * x[3] - sensors[s].place[0]
    fn = x[1] - lag * x[4] - sensors[s].place[1]
    fu = x[2] - lag * x[5] - sensors[s].place[2]
    e = rot[0] * fe + rot[1] * fn + rot[2] * fu
    n = rot[3] * fe + rot[4] * fn + rot[5] * fu
    u = rot[6] * fe + rot[7] * fn + rot[8] * fu
    ground2 = max(e * e + n * n, MIN_GROUND_M * MIN_GROUND_M)
    ground = math.sqrt(ground2)
    r2 = ground2 + u * u
    r = math.sqrt(r2)
    m = 0
    if not math.isnan(d.az):
        z[m] = wrap(d.az - sensors[s].north_error - math.atan2(e, n))
        R[m] = d.sig_az**2 + sensors[s].north_var
        _local_row(H, m, rot, n / ground2, -e / ground2, 0.0, lag)
        m += 1
    if not math.isnan(d.el):
        z[m] = d.el - math.atan2(u, ground)
        R[m] = d.sig_el**2
        _local_row(H, m, rot, -e * u / (ground * r2), -n * u / (ground * r2), ground / r2, lag)
        m += 1
    if not math.isnan(d.range):
        z[m] = d.range - r
        R[m] = d.sig_range**2
        if sensors[s].clock_var > 0.0:
            closing = (fe * x[3] + fn * x[4] + fu * x[5]) / r
            R[m] += closing * closing * sensors[s].clock_var
        _local_row(H, m, rot, e / r, n / r, u / r, lag)
        m += 1
    if not math.isnan(d.rate):
        rate = (fe * x[3] + fn * x[4] + fu * x[5]) / r
        z[m] = d.rate - rate
        R[m] = d.sig_rate**2
        for a in range(3):
            f = fe if a == 0 else (fn if a == 1 else fu)
            H[m, a] = (x[a + 3] - rate * f / r) / r
            H[m, a + 3] = f / r - lag * H[m, a]
        m += 1
    return m


@inlaid
def _local_row(H: Floats, m: int, rot: Floats, ge: float, gn: float, gu: float, lag: float) -> None:
    """A gradient in the sensor's own axes, turned into the frame; velocity acts through `lag`."""
    for a in range(3):
        H[m, a] = rot[a] * ge + rot[3 + a] * gn + rot[6 + a] * gu
        H[m, a + 3] = -lag * H[m, a]


@kernel
def vertical(place: Floats, axes: Floats) -> None:
    """Two horizontal axes and the local up at a place of the frame, into axes (3, 3).

    On a sphere: 0.2 degrees off the ellipsoid's normal at worst, 4 mm a metre of height error.
    """
    ue, un, uu = place[0], place[1], place[2] + EARTH_M
    length = math.sqrt(ue * ue + un * un + uu * uu)
    ue, un, uu = ue / length, un / length, uu / length
    flat = math.sqrt(ue * ue + uu * uu)
    axes[0, 0], axes[0, 1], axes[0, 2] = uu / flat, 0.0, -ue / flat
    axes[1, 0] = -un * ue / flat
    axes[1, 1] = flat
    axes[1, 2] = -un * uu / flat
    axes[2, 0], axes[2, 1], axes[2, 2] = ue, un, uu


@kernel
def expect_fix(
    d: StatementRow, x: Floats, lag: float, z: Floats, H: Floats, R: Floats, axes: Floats
) -> int:
    """Fill innovation z, matrix H and variances R for a place; height only where stated."""
    vertical(d.place, axes)
    m = 0
    for k in range(3):
        sigma = d.sig_alt if k == 2 else d.sig_h
        if math.isnan(sigma):
            continue
        z[m] = 0.0
        for a in range(3):
            z[m] += axes[k, a] * (d.place[a] - (x[a] - lag * x[a + 3]))
            H[m, a] = axes[k, a]
            H[m, a + 3] = -lag * axes[k, a]
        R[m] = sigma * sigma
        m += 1
    if not math.isnan(d.sig_v):
        for a in range(3):
            claimed = d.motion[a]
            if math.isnan(claimed):
                continue
            for b in range(6):
                H[m, b] = 0.0
            H[m, a + 3] = 1.0
            z[m] = claimed - x[a + 3]
            R[m] = d.sig_v**2
            m += 1
    return m


@kernel
def expect(
    sensors: Sensors,
    s: int,
    d: StatementRow,
    x: Floats,
    lag: float,
    sound: float,
    z: Floats,
    H: Floats,
    R: Floats,
    axes: Floats,
) -> int:
    """Innovation, matrix and variances of any statement; 0 rows if it says nothing usable."""
    late = max(lag, 0.0)
    lag = sound_lag(sensors, s, x, lag, sound)
    if d.kind != BEARING:
        m = expect_fix(d, x, lag, z, H, R, axes)
        _loosen(H, R, m, late)
        return m
    m = expect_bearing(sensors, s, d, x, lag, z, H, R)
    _loosen(H, R, m, late)
    return m


@inlaid
def _loosen(H: Floats, R: Floats, m: int, late: float) -> None:
    """What is said late is worth less: since then the track may have turned, and p - v lag is off
    by what white acceleration does in that time, in place and in velocity."""
    if late < LATE_S:
        return
    place, speed = LATE_Q * late * late * late / 3.0, LATE_Q * late
    for i in range(m):
        for a in range(3):
            # H for velocity holds -lag times H for place, which belongs to the place
            own = H[i, a + 3] + late * H[i, a]
            R[i] += place * H[i, a] ** 2 + speed * own * own
