"""What one sensor's directions tell of a thing that moves: a line, and how far off it ends.

Directions in time tell the course of what flies steadily and its speed in ranges a second, never
its range. The state of a line is what they do tell (modified polar coordinates, Aidala and Hammel
1983)

    azimuth, azimuth rate w, range rate / range, tangent of the elevation

which holds no range, so that no number of bearings makes one up. The track's place is that state
over a grid of ranges (Peach 1995), each as likely as its speed (and height) are in flight.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import CLIMB_SIGMA_MPS, FLOOR_M, FLOOR_SIGMA_M, sight
from tocsin.fuse.columns import ACOUSTIC, MODES, Floats, StatementRow, TrackRow
from tocsin.fuse.house import House, reach
from tocsin.fuse.measure import SOUND_MPS, wrap

NUMBERS = 4
NEAREST_M = 30.0
RANGES = 24
SPEEDS = np.array([12.0, 30.0])
"""Sigmas of an axis of the speed, m/s: of what hovers and cruises, and of what flies fast."""
SHARES = np.array([0.85, 0.15])
NEARNESS = 2.5  # 3 for ranges as likely as each other on any course; but many come straight at us
RATIO_SIGMA = 0.2  # of range rate over range, a second: 20 m/s at 100 m


@kernel
def sway(x: Floats, P: Floats, dt: float, q: float) -> None:
    """A line forward by `dt` seconds of straight flight: x (4), P (4, 4), in place; `q` is the
    power of acceleration over range squared, 1/s3."""
    w, g, e = x[1], x[2], x[3]
    a, c = 1.0 + g * dt, w * dt
    D = max(a * a + c * c, 1e-6)
    N = g + (g * g + w * w) * dt
    F = np.eye(NUMBERS)
    F[0, 1], F[0, 2] = dt * a / D, -dt * c / D
    F[1, 1], F[1, 2] = 1.0 / D - 2.0 * w * c * dt / D**2, -2.0 * w * a * dt / D**2
    F[2, 1] = 2.0 * w * dt / D - 2.0 * N * c * dt / D**2
    F[2, 2] = (1.0 + 2.0 * g * dt) / D - 2.0 * N * a * dt / D**2
    F[3, 1], F[3, 2], F[3, 3] = -e * c * dt / D**1.5, -e * a * dt / D**1.5, 1.0 / math.sqrt(D)
    x[0] = wrap(x[0] + math.atan2(c, a))
    x[1], x[2], x[3] = w / D, N / D, e / math.sqrt(D)
    old = P.copy()
    for i in range(NUMBERS):
        for j in range(NUMBERS):
            s = 0.0
            for k in range(NUMBERS):
                for m in range(NUMBERS):
                    s += F[i, k] * old[k, m] * F[j, m]
            P[i, j] = s
    P[0, 0] += q * dt * dt * dt / 3.0
    P[0, 1] += q * dt * dt / 2.0
    P[1, 0] += q * dt * dt / 2.0
    P[1, 1] += q * dt
    P[2, 2] += q * dt
    P[3, 3] += q * dt * dt * dt / 3.0


@kernel
def _take(x: Floats, P: Floats, k: int, slope: float, z: float, R: float) -> float:
    """One number into a line: innovation `z` of entry `k`; its log-likelihood."""
    S = slope * slope * P[k, k] + R
    gain = np.empty(NUMBERS)
    for a in range(NUMBERS):
        gain[a] = P[a, k] * slope / S
    for a in range(NUMBERS):
        x[a] += gain[a] * z
    for a in range(NUMBERS):
        for c in range(a + 1):
            P[a, c] -= gain[a] * gain[c] * S
            P[c, a] = P[a, c]
    return float(-0.5 * (z * z / S + math.log(2.0 * math.pi * S)))


@kernel
def take_bearing(x: Floats, P: Floats, d: StatementRow) -> float:
    """A bearing into a line of its own moment; how likely it was, as a logarithm."""
    said = _take(x, P, 0, 1.0, wrap(d.az - x[0]), d.sig_az**2)
    if not math.isnan(d.el):
        slope = 1.0 / (1.0 + x[3] * x[3])
        said += _take(x, P, 3, slope, d.el - math.atan(x[3]), d.sig_el**2)
    return said


@kernel
def begin_line(x: Floats, P: Floats, d: StatementRow, rate: float, doubt: float) -> None:
    """A line from its first bearing and a guess of its rate."""
    x[0], x[1], x[2], x[3] = d.az, rate, 0.0, 0.0
    P[:] = 0.0
    P[0, 0], P[1, 1], P[2, 2], P[3, 3] = d.sig_az**2, doubt * doubt, RATIO_SIGMA**2, 1.0
    if not math.isnan(d.el):
        x[3] = math.tan(d.el)
        P[3, 3] = (d.sig_el * (1.0 + x[3] * x[3])) ** 2


@kernel
def weigh_range(x: Floats, P: Floats, r: float, v2: float, high: bool, K: Floats) -> float:
    """Log-weight of `r` metres along the ground, by the speed (of variance `v2` an axis) and the
    height that it makes of a line; `K` (2, 2) becomes what of the measured velocity (across,
    along) is believed."""
    r2 = r * r
    aa, ac, cc = v2 + r2 * P[1, 1], r2 * P[1, 2], v2 + r2 * P[2, 2]
    det = aa * cc - ac * ac
    K[0, 0], K[1, 1] = v2 * cc / det, v2 * aa / det
    K[0, 1] = K[1, 0] = -v2 * ac / det
    u, v = r * x[1], r * x[2]
    d2 = (u * u * cc - 2.0 * u * v * ac + v * v * aa) / det
    log = -0.5 * (d2 + math.log(det)) + NEARNESS * math.log(r)
    if high:
        S = FLOOR_SIGMA_M**2 + r2 * P[3, 3]
        log += -0.5 * ((r * x[3] - FLOOR_M) ** 2 / S + math.log(S)) + math.log(r)
    return float(log)


@kernel
def place_line(h: House, tr: TrackRow, lag: float) -> None:
    """Write what a line and the ways of flight make of place and speed into its track, `lag`
    seconds after the line's own moment."""
    s = tr.lone
    f, x, P = h.sensors[s], tr.line, tr.line_cov
    far = max(reach(h.sensors, s), 2.0 * NEAREST_M)
    slow = h.state[0].sound / SOUND_MPS if f.kind == ACOUSTIC else 0.0
    logs, K, top = np.empty(2 * RANGES), np.empty((2, 2)), -1e300
    for k in range(2 * RANGES):
        r = NEAREST_M * (far / NEAREST_M) ** ((k // 2 + 0.5) / RANGES)
        logs[k] = weigh_range(x, P, r, SPEEDS[k % 2] ** 2, tr.height == 1, K)
        logs[k] += math.log(SHARES[k % 2])
        top = max(top, logs[k])
    mean, C, m, total = np.zeros(6), np.zeros((6, 6)), np.zeros(6), 0.0
    for k in range(2 * RANGES):
        share = math.exp(logs[k] - top)
        if share < 1e-9:
            continue
        r = NEAREST_M * (far / NEAREST_M) ** ((k // 2 + 0.5) / RANGES)
        _at_range(tr, f.north_var, r, SPEEDS[k % 2] ** 2, lag, slow, m, C, share)
        total += share
        for a in range(6):
            mean[a] += share * m[a]
            for c in range(6):
                C[a, c] += share * m[a] * m[c]
    for a in range(6):
        mean[a] /= total
    for a in range(6):
        for c in range(6):
            C[a, c] = C[a, c] / total - mean[a] * mean[c]
    lines = h.bench[0].axes
    sight(f, x[0] - f.north_error, 0.0, lines)
    _turn_into(tr, f.place, lines, mean, C)


@kernel
def _at_range(
    tr: TrackRow, north_var: float, r: float, v2: float, lag: float, slow: float, m: Floats,
    C: Floats, share: float,
) -> None:  # fmt: skip
    """Place and speed along, across and above the line if it is `r` metres long, into `m` (6), and
    their covariance by `share` added to `C` (6, 6)."""
    x, P, K = tr.line, tr.line_cov, np.empty((2, 2))
    weigh_range(x, P, r, v2, False, K)
    r2 = r * r
    high, high_var = FLOOR_M, FLOOR_SIGMA_M**2
    if tr.height == 1:
        part = high_var / (high_var + r2 * P[3, 3])
        high += part * (r * x[3] - high)
        high_var *= 1.0 - part
    tau = lag + slow * math.hypot(r, high)
    m[4] = K[0, 0] * r * x[1] + K[0, 1] * r * x[2]
    m[3] = K[1, 0] * r * x[1] + K[1, 1] * r * x[2]
    m[0], m[1], m[2], m[5] = r + tau * m[3], tau * m[4], high, 0.0
    along, aside, both = v2 * (1.0 - K[1, 1]), v2 * (1.0 - K[0, 0]), -v2 * K[0, 1]
    pa = r2 * (K[0, 0] * P[0, 1] + K[0, 1] * P[0, 2])  # of place across with speed across
    pl = r2 * (K[1, 0] * P[0, 1] + K[1, 1] * P[0, 2])
    across = r2 * (P[0, 0] + north_var)
    climb = CLIMB_SIGMA_MPS**2
    C[0, 0] += share * tau * tau * along
    C[1, 1] += share * (across + 2.0 * tau * pa + tau * tau * aside)
    C[2, 2] += share * (high_var + tau * tau * climb)
    C[3, 3] += share * along
    C[4, 4] += share * aside
    C[5, 5] += share * climb
    _pair(C, 0, 1, share * (tau * pl + tau * tau * both))
    _pair(C, 0, 3, share * tau * along)
    _pair(C, 0, 4, share * tau * both)
    _pair(C, 1, 3, share * (pl + tau * both))
    _pair(C, 1, 4, share * (pa + tau * aside))
    _pair(C, 2, 5, share * tau * climb)
    _pair(C, 3, 4, share * both)


@kernel
def _pair(C: Floats, a: int, c: int, value: float) -> None:
    C[a, c] += value
    C[c, a] += value


@kernel
def _turn_into(tr: TrackRow, place: Floats, lines: Floats, mean: Floats, C: Floats) -> None:
    """All models of a track from a state along, across and above a line of sight."""
    T = np.zeros((6, 6))
    for k in range(3):
        for a in range(3):
            T[a, k] = T[a + 3, k + 3] = lines[k, a]
    for a in range(6):
        tr.x[0, a] = place[a] if a < 3 else 0.0
        for k in range(6):
            tr.x[0, a] += T[a, k] * mean[k]
        for c in range(6):
            s = 0.0
            for k in range(6):
                for j in range(6):
                    s += T[a, k] * C[k, j] * T[c, j]
            tr.P[0, a, c] = s
    for a in range(6):
        tr.P[0, a, a] = max(tr.P[0, a, a], 1e-6)
    for mode in range(1, MODES):
        tr.x[mode] = tr.x[0]
        tr.P[mode] = tr.P[0]
