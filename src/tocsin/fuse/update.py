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
BENT = 0.01  # a correction of less of the distance needs no second linearisation


@kernel
def factor(b: BenchRow, P: Floats, m: int) -> float:
    """L of S = H P H' + R for `m` rows, and G = H P; returns the log-determinant of S."""
    logdet = 0.0
    for i in range(m):
        for a in range(6):
            s = 0.0
            for c in range(6):
                s += b.H[i, c] * P[c, a]
            b.G[i, a] = s
    for i in range(m):
        for j in range(i + 1):
            s = b.R[i] if i == j else 0.0
            for a in range(6):
                s += b.G[i, a] * b.H[j, a]
            for k in range(j):
                s -= b.L[i, k] * b.L[j, k]
            if i == j:
                s = max(s, 1e-18)
                b.L[i, i] = math.sqrt(s)
                logdet += math.log(s)
            else:
                b.L[i, j] = s / b.L[j, j]
    return logdet


@kernel
def distance2(b: BenchRow, m: int) -> float:
    """Mahalanobis distance squared of z under L."""
    total = 0.0
    for i in range(m):
        s = b.z[i]
        for k in range(i):
            s -= b.L[i, k] * b.y[k]
        b.y[i] = s / b.L[i, i]
        total += b.y[i] * b.y[i]
    return total


@kernel
def fit(
    tr: TrackRow,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    b: BenchRow,
) -> float:
    """Log-likelihood of a statement under each model, into b.logs.

    Returns the smallest Mahalanobis distance squared of the models; FAR if nothing is usable.
    """
    best = FAR
    for mode in range(MODES):
        m = expect(sensors, s, d, tr.x[mode], lag, sound, b.z, b.H, b.R, b.axes)
        if m == 0:
            return FAR
        logdet = factor(b, tr.P[mode], m)
        d2 = distance2(b, m)
        b.logs[mode] = -0.5 * (d2 + logdet + m * LOG_TURN)
        best = min(best, d2)
    return best


@kernel
def reaches(
    tr: TrackRow,
    sensors: Sensors,
    s: int,
    d: StatementRow,
    lag: float,
    sound: float,
    b: BenchRow,
    gate: float,
) -> bool:
    """Whether a statement lies within `gate` of any model. Row by row, because the distance only
    grows: what is far off in azimuth alone costs a sixth of the whole."""
    for mode in range(MODES):
        m = expect(sensors, s, d, tr.x[mode], lag, sound, b.z, b.H, b.R, b.axes)
        if m > 0 and _within(b, tr.P[mode], m, gate):
            return True
    return False


@kernel
def _within(b: BenchRow, P: Floats, m: int, gate: float) -> bool:
    total = 0.0
    for i in range(m):
        y = b.z[i]
        for a in range(6):
            s = 0.0
            for c in range(6):
                s += b.H[i, c] * P[c, a]
            b.G[i, a] = s
        for j in range(i + 1):
            s = b.R[i] if i == j else 0.0
            for a in range(6):
                s += b.G[i, a] * b.H[j, a]
            for k in range(j):
                s -= b.L[i, k] * b.L[j, k]
            if i == j:
                b.L[i, i] = math.sqrt(max(s, 1e-18))
            else:
                b.L[i, j] = s / b.L[j, j]
                y -= b.L[i, j] * b.y[j]
        b.y[i] = y / b.L[i, i]
        total += b.y[i] * b.y[i]
        if total > gate:
            return False
    return True


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
) -> None:
    """Update one model in place. Bearings are linearised up to three times, others once."""
    rounds = 3 if d.kind == BEARING else 1
    place = sensors[s].place
    bent = BENT * (abs(x[0] - place[0]) + abs(x[1] - place[1]) + abs(x[2] - place[2]))
    for a in range(6):
        b.x0[a] = x[a]
    m = 0
    for _ in range(rounds):
        m = expect(sensors, s, d, x, lag, sound, b.z, b.H, b.R, b.axes)
        if m == 0:
            return
        factor(b, P, m)
        for i in range(m):
            for a in range(6):
                b.z[i] -= b.H[i, a] * (b.x0[a] - x[a])
        gain(b, m)
        moved = 0.0
        for a in range(6):
            step = 0.0
            for i in range(m):
                step += b.K[a, i] * b.z[i]
            if a < 3:
                moved += abs(b.x0[a] + step - x[a])
            x[a] = b.x0[a] + step
        if moved < bent:
            break
    shrink(P, b, m)


@kernel
def gain(b: BenchRow, m: int) -> None:
    """K = P H' S^-1 for `m` rows, from L and G, by two triangular solves a column."""
    for a in range(6):
        for i in range(m):
            s = b.G[i, a]
            for k in range(i):
                s -= b.L[i, k] * b.y[k]
            b.y[i] = s / b.L[i, i]
        for i in range(m - 1, -1, -1):
            s = b.y[i]
            for k in range(i + 1, m):
                s -= b.L[k, i] * b.K[a, k]
            b.K[a, i] = s / b.L[i, i]


@kernel
def shrink(P: Floats, b: BenchRow, m: int) -> None:
    """P - K G, kept symmetric and its diagonal above 1e-9."""
    for a in range(6):
        for c in range(a, 6):
            s = 0.0
            for i in range(m):
                s += 0.5 * (b.K[a, i] * b.G[i, c] + b.K[c, i] * b.G[i, a])
            P[a, c] -= s
            P[c, a] = P[a, c]
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
    fit(tr, sensors, s, d, lag, sound, b)
    said = blend(tr, b)
    total = 0.0
    for mode in range(MODES):
        tr.mu[mode] = max(tr.mu[mode] * math.exp(b.logs[mode] - said), LEAST_SHARE)
        total += tr.mu[mode]
    for mode in range(MODES):
        tr.mu[mode] /= total
        learn_mode(tr.x[mode], tr.P[mode], sensors, s, d, lag, sound, b)
    return said
