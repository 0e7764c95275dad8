"""What a bare microphone tells of a thing that flies: heard at a level, or not heard at all.

A statement says that the thing was within reach when the sound left it, and its level how far; a
look without a statement says that it was probably not near. Both shape a guess: a Gaussian of
place, speed and the source's level at 1 m (east, north, their rates, dB). Neither is Gaussian, so
the guess takes on the mean and covariance of the exact product, summed over 25 points of the two
dimensions of place (Gauss-Hermite; assumed density filtering, Maybeck 1982, 12.3).

    chance of being heard   p (1 - 0.7 r / reach)
    level                   source - 20 log10 r, 3 dB of gusts and aspect
    r                       to where the sound left: |p - v tau - m| = c tau
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import BenchRow, Floats
from tocsin.fuse.house import ACOUSTIC_FADE

STATES = 5
LEVEL_VAR = 9.0  # dB2
OUTLIERS = 0.05  # share of levels that mean nothing: an ear that is not calibrated
LEVEL_SPAN_DB = 40.0  # over which levels that mean nothing spread
ABOVE_M = 200.0  # height of flight above the ear: it matters only within some 600 m
SPILL_M = 400.0  # hearing does not stop at the stated reach; it fades over so much
SUBSONIC = 0.2  # of the speed of sound squared: what flies faster than 0.9 of it is taken as such
LEAST = 1e-9  # no statement and no silence is quite impossible
DB_A_NEPER = 8.685889638065037

_NODES, _SHARES = np.polynomial.hermite_e.hermegauss(5)
POINTS = np.array([(a, b) for a in _NODES for b in _NODES])
WEIGHTS = np.outer(_SHARES, _SHARES).ravel() / _SHARES.sum() ** 2


class Ear(NamedTuple):
    """A microphone as a guess needs it: frame metres, chance at no distance, reach, and how fast
    sound comes to it (m/s)."""

    east: float
    north: float
    chance: float
    reach: float
    mps: float


@kernel
def delay(x: Floats, lag: float, ear: Ear) -> float:
    """Seconds that sound takes to an ear from where the mean of a guess was `lag` ago."""
    qe, qn = x[0] - lag * x[2] - ear.east, x[1] - lag * x[3] - ear.north
    half = qe * x[2] + qn * x[3]
    k = max(ear.mps**2 - x[2] ** 2 - x[3] ** 2, SUBSONIC * ear.mps**2)
    root = math.sqrt(half * half + k * (qe * qe + qn * qn + ABOVE_M**2))
    return float((root - half) / k)


@kernel
def face(x: Floats, P: Floats, lag: float, ear: Ear, b: BenchRow) -> None:
    """Put the guess before the ear: offset and delay in b.z[:3]; the source's regression on it and
    what is left in b.z[3:6]; covariance in b.R, its root in b.y; covariances with all in b.G."""
    tau = delay(x, lag, ear)
    lag += tau
    b.z[0], b.z[1] = x[0] - lag * x[2] - ear.east, x[1] - lag * x[3] - ear.north
    b.z[2] = tau
    for a in range(STATES):
        b.G[a, 0] = P[a, 0] - lag * P[a, 2]
        b.G[a, 1] = P[a, 1] - lag * P[a, 3]
        b.G[a, 2] = P[a, 4]
    ee = max(b.G[0, 0] - lag * b.G[2, 0], 1.0)
    nn = max(b.G[1, 1] - lag * b.G[3, 1], 1.0)
    en = b.G[0, 1] - lag * b.G[2, 1]
    se, sn = b.G[4, 0], b.G[4, 1]
    b.y[0] = math.sqrt(ee)
    b.y[1] = en / b.y[0]
    b.y[2] = math.sqrt(max(nn - b.y[1] ** 2, 1.0))
    det = (b.y[0] * b.y[2]) ** 2
    nn = b.y[1] ** 2 + b.y[2] ** 2
    b.z[3], b.z[4] = (se * nn - sn * en) / det, (sn * ee - se * en) / det
    b.z[5] = max(P[4, 4] - b.z[3] * se - b.z[4] * sn, 1e-3)
    b.R[0], b.R[1], b.R[2], b.R[3] = ee, en, nn, det


@kernel
def heard_there(r: float, error: float, var: float, ear: Ear) -> float:
    """Likelihood of a statement from `r` metres away, a dB; `error` of its level, NaN if untold."""
    chance = ear.chance * (1.0 - ACOUSTIC_FADE * min(r / ear.reach, 1.0))
    if r > ear.reach:
        chance *= math.exp((ear.reach - r) / SPILL_M)
    if math.isnan(error):
        return chance / LEVEL_SPAN_DB + LEAST
    bell = math.exp(-0.5 * error * error / var) / math.sqrt(2.0 * math.pi * var)
    return chance * ((1.0 - OUTLIERS) * bell + OUTLIERS / LEVEL_SPAN_DB) + LEAST


@kernel
def unheard_there(r: float, looks: float, ear: Ear) -> float:
    """Likelihood that so many looks at something `r` metres away brought nothing."""
    if r > ear.reach:
        return 1.0
    silent = 1.0 - ear.chance * (1.0 - ACOUSTIC_FADE * r / ear.reach)
    return max(silent if looks == 1.0 else silent**looks, LEAST)


@kernel
def weigh(x: Floats, heard: bool, level: float, looks: float, ear: Ear, b: BenchRow) -> float:
    """Likelihood of what the ear said, a guess having faced it; the product's first moments about
    the guess go to b.x0[:3] and its second to b.Q[:3, :3] (east, north, source)."""
    z = b.z
    var = z[5] + LEVEL_VAR
    kappa = z[5] / var
    total = me = mn = ms = ee = en = nn = es = ns = ss = 0.0
    for k in range(WEIGHTS.size):
        de = b.y[0] * POINTS[k, 0]
        dn = b.y[1] * POINTS[k, 0] + b.y[2] * POINTS[k, 1]
        e, n = z[0] + de, z[1] + dn
        r = math.sqrt(e * e + n * n + ABOVE_M**2)
        r = max(r - (x[2] * e + x[3] * n) / r * (r / ear.mps - z[2]), 1.0)
        ds = z[3] * de + z[4] * dn
        if heard:
            error = level + DB_A_NEPER * math.log(r) - x[4] - ds
            w = WEIGHTS[k] * heard_there(r, error, var, ear)
            if not math.isnan(error):
                ds += kappa * error
        else:
            w = WEIGHTS[k] * unheard_there(r, looks, ear)
        total += w
        me, mn, ms = me + w * de, mn + w * dn, ms + w * ds
        ee, en, nn = ee + w * de * de, en + w * de * dn, nn + w * dn * dn
        es, ns, ss = es + w * de * ds, ns + w * dn * ds, ss + w * ds * ds
    me, mn, ms = me / total, mn / total, ms / total
    b.x0[0], b.x0[1], b.x0[2] = me, mn, ms
    b.Q[0, 0], b.Q[0, 1], b.Q[1, 1] = ee / total - me * me, en / total - me * mn, nn / total - mn**2
    left = z[5] * (1.0 - kappa) if heard and not math.isnan(level) else z[5]
    b.Q[0, 2], b.Q[1, 2], b.Q[2, 2] = (
        es / total - me * ms, ns / total - mn * ms, ss / total - ms * ms + left,
    )  # fmt: skip
    return total


@kernel
def take_on(x: Floats, P: Floats, b: BenchRow) -> None:
    """Give the guess the moments that `weigh` left: mean and covariance of place at the ear's
    moment and of the source, and through them of everything else."""
    ee, en, nn, det = b.R[0], b.R[1], b.R[2], b.R[3]
    ge, gn, left = b.z[3], b.z[4], b.z[5]
    de, dn, ds = b.x0[0], b.x0[1], b.x0[2]
    cee, cen, cnn = b.Q[0, 0] - ee, b.Q[0, 1] - en, b.Q[1, 1] - nn
    ces, cns, css = b.Q[0, 2] - b.G[4, 0], b.Q[1, 2] - b.G[4, 1], b.Q[2, 2] - P[4, 4]
    K = b.G
    for a in range(STATES):
        ae, an = K[a, 0], K[a, 1]
        ks = (K[a, 2] - ge * ae - gn * an) / left
        K[a, 0] = (ae * nn - an * en) / det - ge * ks
        K[a, 1] = (an * ee - ae * en) / det - gn * ks
        K[a, 2] = ks
    for a in range(STATES):
        ke, kn, ks = K[a, 0], K[a, 1], K[a, 2]
        x[a] += ke * de + kn * dn + ks * ds
        te = ke * cee + kn * cen + ks * ces
        tn = ke * cen + kn * cnn + ks * cns
        ts = ke * ces + kn * cns + ks * css
        for c in range(a + 1):
            P[a, c] += te * K[c, 0] + tn * K[c, 1] + ts * K[c, 2]
            P[c, a] = P[a, c]
        P[a, a] = max(P[a, a], 1e-3)
