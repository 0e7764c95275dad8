"""How things fly between two looks: five manners of flight that hand over to each other (IMM).

STEADY     constant velocity, shaken by wind
MANOEUVRE  constant velocity with strong white acceleration: brakes, climbs, darts
LEFT/RIGHT a turn at a steady rate, as tight as a multirotor likes, or as a wing's bank allows
HOVER      stays where it is: its velocity dies away within a second

Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation: 6.2.2 for
constant velocity, 11.7.1 for turns at a known rate, 11.6.6 for the mixing, here by rates a second,
so that it does not depend on how often sensors look. Noise goes with the manner of flight and turns
with the speed, not with the class, which is known late and never for sure: what hovers is a
multirotor, what flies at 45 m/s turns like a wing.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import inlaid, kernel
from tocsin.fuse.columns import MODES, BenchRow, Floats, TrackRow

STEADY, MANOEUVRE, LEFT, RIGHT, HOVER = range(5)
POWER = np.array([0.03, 8.0, 3.0, 3.0, 0.3])
"""Of white acceleration, m2/s3; 0.03 is 0.17 m/s of drift in speed after a second."""
START = np.array([0.4, 0.3, 0.05, 0.05, 0.2])
"""How likely each manner is when something is first seen."""
RATES = np.array([
    [0.0, 0.0088, 0.0022, 0.0022, 0.0033],  # steady for a minute
    [0.09, 0.0, 0.015, 0.015, 0.05],  # manoeuvres of 6 s
    [0.1, 0.045, 0.0, 0.015, 0.0],  # turns of 6 s
    [0.1, 0.045, 0.015, 0.0, 0.0],
    [0.033, 0.05, 0.0, 0.0, 0.0],  # hovers for 12 s
])  # fmt: skip
"""Changes from one manner (row) to another (column) a second."""
VERTICAL_SHARE = 0.12  # of the power of acceleration, seen in flight logs: climbs are gentler
TURN_RATE = math.radians(16.0)  # a second
TURN_MPS2 = 6.5  # sideways: a bank of 33 degrees bounds the turn above 23 m/s
HOVER_S = 0.7  # time in which the velocity of what hovers dies away


@kernel
def _hand_over(mu: Floats, dt: float, share: Floats) -> None:
    """How much of manner j comes from manner i after `dt` seconds, into share (MODES, MODES)."""
    for i in range(MODES):
        leave = 0.0
        for j in range(MODES):
            leave += RATES[i, j]
        gone = 1.0 - math.exp(-dt * leave)
        for j in range(MODES):
            share[i, j] = mu[i] * (1.0 - gone if i == j else gone * RATES[i, j] / leave)


@kernel
def mix(x: Floats, P: Floats, mu: Floats, dt: float, b: BenchRow) -> None:
    """Let the manners hand over: x (MODES, 6), P (MODES, 6, 6), mu (MODES), in place. By moments
    about the first manner's state, so that each product is worked out once, not once a pair."""
    share, y, mean = b.share, b.x1, b.P1[0]
    _hand_over(mu, dt, share)
    for j in range(MODES):
        total = 0.0
        for i in range(MODES):
            total += share[i, j]
        mu[j] = total
        for i in range(MODES):
            share[i, j] /= total
    for i in range(MODES):
        for a in range(6):
            y[i, a] = x[i, a] - x[0, a]
    for j in range(MODES):
        for a in range(6):
            mean[j, a] = 0.0
            for i in range(MODES):
                mean[j, a] += share[i, j] * y[i, a]
    _mix_spread(P, share, y, mean, b.z)
    for j in range(MODES - 1, -1, -1):
        for a in range(6):
            x[j, a] = x[0, a] + mean[j, a]


@kernel
def _mix_spread(P: Floats, share: Floats, y: Floats, mean: Floats, spread: Floats) -> None:
    """Covariances of the mixtures, in place; `y` are the states about the first, `mean` the
    mixtures', `spread` (MODES) is scratch."""
    for a in range(6):
        for c in range(a, 6):
            for i in range(MODES):
                spread[i] = P[i, a, c] + y[i, a] * y[i, c]
            for j in range(MODES):
                s = -mean[j, a] * mean[j, c]
                for i in range(MODES):
                    s += share[i, j] * spread[i]
                P[j, a, c] = P[j, c, a] = s


@inlaid
def _move(F: Floats, s: int, y: Floats) -> None:
    """One vector (place, velocity) forward: F is along, across, up for place, then velocity."""
    e, n, u = y[3], y[4], y[5]
    y[0] += F[0] * e + s * F[1] * n
    y[1] += F[0] * n - s * F[1] * e
    y[2] += F[2] * u
    y[3] = F[3] * e + s * F[4] * n
    y[4] = F[3] * n - s * F[4] * e
    y[5] = F[5] * u


@kernel
def drift(x: Floats, P: Floats, dt: float, q: float) -> None:
    """Straight on by `dt` seconds: x (6), P (6, 6), in place. `q` is m2/s3."""
    for a in range(3):
        x[a] += dt * x[a + 3]
    for a in range(3):
        for b in range(3):
            P[a, b] += dt * (P[a, b + 3] + P[a + 3, b]) + dt * dt * P[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            P[a, b + 3] += dt * P[a + 3, b + 3]
    for a in range(3):
        for b in range(3):
            P[b + 3, a] = P[a, b + 3]
    _shake(P, q * dt * dt * dt / 3.0, q * dt * dt / 2.0, q * dt)


@inlaid
def _shake(P: Floats, pp: float, pv: float, vv: float) -> None:
    """Noise of an axis into a covariance: of place, of both, of velocity."""
    for a in range(3):
        share = VERTICAL_SHARE if a == 2 else 1.0
        P[a, a] += share * pp
        P[a, a + 3] += share * pv
        P[a + 3, a] += share * pv
        P[a + 3, a + 3] += share * vv


@kernel
def fly(x: Floats, P: Floats, dt: float, mode: int, F: Floats) -> None:
    """One manner forward by `dt` seconds: x (6), P (6, 6), in place; F (6) is scratch."""
    q = POWER[mode]
    if mode in (STEADY, MANOEUVRE):
        drift(x, P, dt, q)
        return
    side = 1
    if mode == HOVER:
        k = math.exp(-dt / HOVER_S)
        F[0] = F[2] = HOVER_S * (1.0 - k)
        F[3] = F[5] = k
        F[1] = F[4] = 0.0
        pp = q * HOVER_S**2 * (dt - HOVER_S * (1.0 - k) * (1.5 - 0.5 * k))
        pv = 0.5 * q * HOVER_S**2 * (1.0 - k) ** 2
        vv = 0.5 * q * HOVER_S * (1.0 - k * k)
    else:
        side = 1 if mode == RIGHT else -1
        w = min(TURN_RATE, TURN_MPS2 / (math.sqrt(x[3] * x[3] + x[4] * x[4]) + 1e-3))
        sin, cos = math.sin(w * dt), math.cos(w * dt)
        F[0], F[1], F[3], F[4] = sin / w, (1.0 - cos) / w, cos, sin
        F[2], F[5] = dt, 1.0
        pp, pv, vv = q * dt * dt * dt / 3.0, q * dt * dt / 2.0, q * dt
    _move(F, side, x)
    for a in range(6):
        _move(F, side, P[a])
    for a in range(6):
        _move(F, side, P[:, a])
    _shake(P, pp, pv, vv)


@kernel
def predict(tr: TrackRow, t: float, b: BenchRow) -> None:
    """Carry a track forward to `t`; a time before the track's own changes nothing."""
    dt = t - tr.time
    if dt <= 0.0:
        return
    mix(tr.x, tr.P, tr.mu, dt, b)
    for mode in range(MODES):
        fly(tr.x[mode], tr.P[mode], dt, mode, b.y)
    tr.time = t


@kernel
def merged(tr: TrackRow, dt: float, b: BenchRow) -> None:
    """The one Gaussian with the mean and covariance of all manners `dt` seconds on, into b.x0 and
    b.Q; the track stays as it is. Before its own time it is taken to have flown straight."""
    x1, P1, x, P = b.x1, b.P1, b.x0, b.Q
    for mode in range(MODES):
        for a in range(6):
            x1[mode, a] = tr.x[mode, a]
            for c in range(6):
                P1[mode, a, c] = tr.P[mode, a, c]
        if dt > 0.0:
            fly(x1[mode], P1[mode], dt, mode, b.y)
    for a in range(6):
        x[a] = 0.0
        for mode in range(MODES):
            x[a] += tr.mu[mode] * x1[mode, a]
    for a in range(6):
        for c in range(6):
            P[a, c] = 0.0
            for mode in range(MODES):
                P[a, c] += tr.mu[mode] * (
                    P1[mode, a, c] + (x1[mode, a] - x[a]) * (x1[mode, c] - x[c])
                )
    if dt < 0.0:
        for a in range(3):
            x[a] += dt * x[a + 3]
