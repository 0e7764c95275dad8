"""How things fly between two looks: two motion models that hand over to each other (IMM).

Both are constant velocity with white acceleration (Bar-Shalom, Li, Kirubarajan, Estimation with
Applications to Tracking and Navigation, 6.2.2); mode 0 flies steadily or hovers, mode 1 turns,
brakes and climbs. Mixing follows their 11.6.6 with dwell times, so that it does not depend on how
often sensors look.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.fuse.columns import Floats, TrackRow
from tocsin.fuse.compile import kernel

STEADY_Q = 0.03  # m2/s3: 0.17 m/s of drift in speed after a second
TURNING_Q = 12.0  # m2/s3: a multirotor's 3 to 5 m/s2, held for about a second
VERTICAL_SHARE = 0.12  # of the power of acceleration, seen in flight logs: climbs are gentler
STEADY_DWELL_S = 25.0  # mean time between manoeuvres
TURNING_DWELL_S = 5.0  # mean length of one
MAX_STEP_S = 30.0  # beyond this no prediction deserves a smaller covariance


@kernel
def mix(x: Floats, P: Floats, mu: Floats, dt: float) -> None:
    """Let the models hand over: x (2, 6), P (2, 6, 6), mu (2), in place."""
    leave0 = 1.0 - math.exp(-dt / STEADY_DWELL_S)
    leave1 = 1.0 - math.exp(-dt / TURNING_DWELL_S)
    c0 = mu[0] * (1.0 - leave0) + mu[1] * leave1
    c1 = mu[0] * leave0 + mu[1] * (1.0 - leave1)
    w00 = mu[0] * (1.0 - leave0) / c0  # share of model 0 in the new model 0
    w01 = mu[0] * leave0 / c1  # share of model 0 in the new model 1
    d = np.empty(6)
    for a in range(6):
        d[a] = x[1, a] - x[0, a]
    for a in range(6):
        for b in range(6):
            p0, p1, dd = P[0, a, b], P[1, a, b], d[a] * d[b]
            P[0, a, b] = w00 * p0 + (1.0 - w00) * p1 + w00 * (1.0 - w00) * dd
            P[1, a, b] = w01 * p0 + (1.0 - w01) * p1 + w01 * (1.0 - w01) * dd
    for a in range(6):
        x0 = x[0, a]
        x[0, a] = x0 + (1.0 - w00) * d[a]
        x[1, a] = x0 + (1.0 - w01) * d[a]
    mu[0] = c0
    mu[1] = c1


@kernel
def drift(x: Floats, P: Floats, dt: float, q: float) -> None:
    """One model forward by `dt` seconds: x (6), P (6, 6), in place. `q` is m2/s3."""
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
    for a in range(3):
        qa = q * VERTICAL_SHARE if a == 2 else q
        P[a, a] += qa * dt * dt * dt / 3.0
        P[a, a + 3] += qa * dt * dt / 2.0
        P[a + 3, a] += qa * dt * dt / 2.0
        P[a + 3, a + 3] += qa * dt


@kernel
def predict(tr: TrackRow, t: float) -> None:
    """Carry a track forward to `t`; a time before the track's own changes nothing."""
    dt = t - tr.time
    if dt <= 0.0:
        return
    mix(tr.x, tr.P, tr.mu, dt)
    drift(tr.x[0], tr.P[0], dt, STEADY_Q)
    drift(tr.x[1], tr.P[1], dt, TURNING_Q)
    tr.time = t


@kernel
def merged(tr: TrackRow, x: Floats, P: Floats) -> None:
    """The one Gaussian with the mean and covariance of both models, into x (6), P (6, 6)."""
    m0, m1 = tr.mu[0], tr.mu[1]
    for a in range(6):
        x[a] = m0 * tr.x[0, a] + m1 * tr.x[1, a]
    for a in range(6):
        da = tr.x[1, a] - tr.x[0, a]
        for b in range(6):
            db = tr.x[1, b] - tr.x[0, b]
            P[a, b] = m0 * tr.P[0, a, b] + m1 * tr.P[1, a, b] + m0 * m1 * da * db
