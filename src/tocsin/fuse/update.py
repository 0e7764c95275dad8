"""How well a statement fits a track, and what the track learns from it.

An iterated extended Kalman filter (Bar-Shalom et al., 10.5.2) per motion model; matrices are at
most 6 by 6 and every loop is written out, so that no library's thread count changes a bit of it.
"""

from __future__ import annotations

import math

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import (
    BEARING,
    MODES,
    BenchRow,
    Floats,
    Sensors,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.measure import expect

LOG_TURN = math.log(2.0 * math.pi)
FAR = 1e9  # a distance that no gate lets through
LEAST_SHARE = 1e-6  # a model that seemed impossible may still come back
SURE = 0.99  # a pairing likelier than this is taken as given
BENT = 0.01  # a correction of less of the distance needs no second linearisation


@kernel
def hold(b: BenchRow, P: Floats, m: int, gate: float) -> tuple[float, float]:
    """Hold innovation z against covariance P, row by row, without its correlations: the squared
    Mahalanobis distance and the determinant of S = H P H' + R.

    Leaves W = L^-1 H P in `G` and y = L^-1 z in `y`, where S = L L'. Once the distance is beyond
    `gate` it is FAR and the rest is not worked out, since it only grows: what is far off in azimuth
    alone costs a quarter of the whole.
    """
    H, R, z, W, y = b.H, b.R, b.z, b.G, b.y
    total, det = 0.0, 1.0
    for i in range(m):
        e, n, u, ve, vn, vu = H[i, 0], H[i, 1], H[i, 2], H[i, 3], H[i, 4], H[i, 5]
        moving = ve != 0.0 or vn != 0.0 or vu != 0.0  # else velocity's half is nothing
        for a in range(6):
            W[i, a] = e * P[0, a] + n * P[1, a] + u * P[2, a]
        if moving:
            for a in range(6):
                W[i, a] += ve * P[3, a] + vn * P[4, a] + vu * P[5, a]
        s = R[i] + e * W[i, 0] + n * W[i, 1] + u * W[i, 2]
        if moving:
            s += ve * W[i, 3] + vn * W[i, 4] + vu * W[i, 5]
        gap = z[i]
        for k in range(i):
            c = e * W[k, 0] + n * W[k, 1] + u * W[k, 2]
            if moving:
                c += ve * W[k, 3] + vn * W[k, 4] + vu * W[k, 5]
            s -= c * c
            gap -= c * y[k]
            for a in range(6):
                W[i, a] -= c * W[k, a]
        s = max(s, 1e-18)
        total += gap * gap / s
        if total > gate:
            return FAR, 1.0
        det *= s
        root = 1.0 / math.sqrt(s)
        y[i] = gap * root
        for a in range(6):
            W[i, a] *= root
    return total, det


@kernel
def spread_of(H: Floats, P: Floats, i: int) -> float:
    """Variance of what number `i` of a statement should be, as the state is not known."""
    total = 0.0
    for a in range(6):
        for c in range(6):
            total += H[i, a] * P[a, c] * H[i, c]
    return total


@kernel
def _log_likelihood(d2: float, det: float, m: int) -> float:
    return -0.5 * (d2 + math.log(det) + m * LOG_TURN)


@kernel
def fit(
    tr: TrackRow,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    b: BenchRow,
    gate: float,
) -> float:
    """Log-likelihood of a statement under each model, into b.logs.

    Returns the smallest Mahalanobis distance squared of the models; FAR if nothing is usable, or if
    it lies within `gate` of no model, and then b.logs says nothing.
    """
    best, first = FAR, 0
    while first < MODES:  # what the gate keeps out costs one row a model
        m = expect(sensors, s, d, tr.x[first], lag, sound, b.z, b.H, b.R, b.axes)
        if m == 0:
            return FAR
        best, det = hold(b, tr.P[first], m, gate)
        if best < FAR:
            b.logs[first] = _log_likelihood(best, det, m)
            break
        first += 1
    if first == MODES:
        return FAR
    for mode in range(MODES):
        if mode == first:
            continue
        m = expect(sensors, s, d, tr.x[mode], lag, sound, b.z, b.H, b.R, b.axes)
        if m == 0:
            return FAR
        d2, det = hold(b, tr.P[mode], m, math.inf)
        b.logs[mode] = _log_likelihood(d2, det, m)
        best = min(best, d2)
    return best


@kernel
def blend(tr: TrackRow, b: BenchRow) -> float:
    """Log-likelihood of the mixture of all models."""
    top = b.logs[0]
    for mode in range(1, MODES):
        top = max(top, b.logs[mode])
    total = 0.0
    for mode in range(MODES):
        total += tr.mu[mode] * math.exp(b.logs[mode] - top)
    return float(top + math.log(max(total, 1e-300)))


@kernel
def learn_mode(
    x: Floats,
    P: Floats,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    b: BenchRow,
) -> float:
    """Update one model in place; how likely the statement was under it, as a logarithm. Bearings
    are linearised up to three times, others once."""
    rounds = 3 if d.kind == BEARING else 1
    place = sensors[s].place
    bent = BENT * (abs(x[0] - place[0]) + abs(x[1] - place[1]) + abs(x[2] - place[2]))
    before, H, W, y, z = b.x0, b.H, b.G, b.y, b.z
    for a in range(6):
        before[a] = x[a]
    m, said = 0, 0.0
    for k in range(rounds):
        m = expect(sensors, s, d, x, lag, sound, z, H, b.R, b.axes)
        if m == 0:
            return said
        if k > 0:
            for i in range(m):
                for a in range(6):
                    z[i] -= H[i, a] * (before[a] - x[a])
        d2, det = hold(b, P, m, math.inf)
        if k == 0:
            said = _log_likelihood(d2, det, m)
        moved = 0.0
        for a in range(6):
            step = 0.0
            for i in range(m):
                step += W[i, a] * y[i]
            if a < 3:
                moved += abs(before[a] + step - x[a])
            x[a] = before[a] + step
        if moved < bent:
            break
    _shrink(P, W, m)
    return said


@kernel
def _shrink(P: Floats, W: Floats, m: int) -> None:
    """P - W' W, which stays symmetric to the last bit, and its diagonal above 1e-9."""
    for i in range(m):
        for a in range(6):
            w = W[i, a]
            for c in range(6):
                P[a, c] -= w * W[i, c]
    for a in range(6):
        P[a, a] = max(P[a, a], 1e-9)


@kernel
def learn(
    tr: TrackRow,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    b: BenchRow,
) -> float:
    """Update all models and their weights with a statement that belongs to the track; returns how
    likely it was, as a logarithm."""
    for mode in range(MODES):
        b.logs[mode] = learn_mode(tr.x[mode], tr.P[mode], sensors, s, d, lag, sound, b)
    said = blend(tr, b)
    total = 0.0
    for mode in range(MODES):
        tr.mu[mode] = max(tr.mu[mode] * math.exp(b.logs[mode] - said), LEAST_SHARE)
        total += tr.mu[mode]
    for mode in range(MODES):
        tr.mu[mode] /= total
    return said


@kernel
def learn_in_doubt(
    tr: TrackRow,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    trust: float,
    b: BenchRow,
) -> float:
    """As `learn`, from a statement that belongs to the track with probability `trust`: the mean and
    covariance of both cases together (Bar-Shalom, Daum, Huang 2009, with one candidate)."""
    fit(tr, sensors, s, d, lag, sound, b, math.inf)
    said, total = blend(tr, b), 0.0
    for mode in range(MODES):
        x, P = tr.x[mode], tr.P[mode]
        yes = trust * math.exp(b.logs[mode] - said)
        tr.mu[mode] = max(tr.mu[mode] * (1.0 - trust + yes), LEAST_SHARE)
        total += tr.mu[mode]
        own = yes / (1.0 - trust + yes)
        b.Q[:] = P
        learn_mode(x, P, sensors, s, d, lag, sound, b)
        for a in range(6):
            x[a] -= b.x0[a]
        for a in range(6):
            for c in range(6):
                both = own * P[a, c] + (1.0 - own) * b.Q[a, c]
                P[a, c] = both + own * (1.0 - own) * (x[a] * x[c])
        for a in range(6):
            x[a] = b.x0[a] + own * x[a]
    for mode in range(MODES):
        tr.mu[mode] /= total
    return said
