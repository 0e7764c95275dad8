"""What a sensor cannot part: how likely two tracks give it one echo, and where that would lie.

What a radar does not resolve it gives as one echo, with probability exp(-1/2 delta' A^-1 delta)
where delta is what lies between the two in range and azimuth (Koch and van Keuk 1997; Svensson,
Ulmke and Hammarstrand 2012). A, its resolution, is learned from its looks at neighbours, as a
multiple of its sigmas. Which echoes are shared, `share` decides.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import BLURS, MODES, Floats, Ints, StatementRow, TrackRow
from tocsin.fuse.house import LEAST_CHANCE, House, chance
from tocsin.fuse.measure import expect
from tocsin.fuse.update import LOG_TURN, spread_of

SCALES = (0.0, 1.5, 3.0, 5.0)
"""Sigmas within which a sensor may not part two things: 0 is one that always does."""
LEAST_BLUR = -6.0  # log-weight of a resolution that seemed impossible: it may still come back
SPREAD = 0.2  # of the sharers' own variance: an echo need not lie in their very middle
MOST_UNPARTED = 0.95
MET_AGE_S = 4.0  # two tracks of that age, seen at nearly every look, are two things
MET_RATE = 1.5  # hits a look of both together: see `life`
AFTER_S = 5.0  # they are still together so long after a shared echo
HOLD_S = 20.0  # not seen apart for so long, two tracks may be one thing after all
FAINT = 2.0  # one look changes what is believed of a resolution by so many nats at most


class Edges(NamedTuple):
    """The edges of one look: `pairs` (row, statement), what each gains, `rivals` (two edges of one
    statement whose tracks the sensor may not part), what each track makes of its statement (`mean`
    innovation and variance `var`, the statement's own `noise`, number by number), and who holds
    what: `party` (statement, edges that share it, -1 none) and what they gain together."""

    pairs: Ints
    gains: Floats
    rivals: Ints
    mean: Floats
    var: Floats
    noise: Floats
    many: Ints
    party: Ints
    worth: Floats


@kernel
def seen_apart(one: TrackRow, two: TrackRow, t: float) -> bool:
    """Whether two tracks that lie together are known to be two things, from before they met."""
    if min(one.own, two.own) < t - HOLD_S:
        return False
    if min(one.shared, two.shared) > t - AFTER_S:
        return True
    young = min(t - one.first, t - two.first) < MET_AGE_S
    return not young and one.rate + two.rate >= MET_RATE


@kernel
def view(h: House, e: Edges, k: int, d: StatementRow, t: float) -> None:
    """What the track of edge `k` makes of its statement, over all models."""
    tr, b = h.tracks[e.pairs[k, 0]], h.bench[0]
    lag, sound = tr.time - t, h.state[0].sound
    e.mean[k] = 0.0
    e.var[k] = 0.0
    for mode in range(MODES):
        m = expect(h.sensors, d.sensor, d, tr.x[mode], lag, sound, b.z, b.H, b.R, b.axes)
        e.many[k] = m
        for i in range(m):
            spread = b.z[i] * b.z[i] + spread_of(b.H, tr.P[mode], i)
            e.mean[k, i] += tr.mu[mode] * b.z[i]
            e.var[k, i] += tr.mu[mode] * spread
            e.noise[k, i] = b.R[i]
    for i in range(e.many[k]):
        e.var[k, i] -= e.mean[k, i] ** 2


@kernel
def _unparted(d: StatementRow, e: Edges, x: int, y: int, scale: float) -> float:
    """The probability that a sensor of this resolution gives one echo of two (edges x and y)."""
    p = 1.0
    for i in (0, 1 if math.isnan(d.el) else 2):
        wide = scale * scale * e.noise[x, i]
        S = wide + e.var[x, i] + e.var[y, i]
        p *= math.sqrt(wide / S) * math.exp(-0.5 * (e.mean[x, i] - e.mean[y, i]) ** 2 / S)
    return min(p, MOST_UNPARTED)


@kernel
def unparted_by(h: House, d: StatementRow, e: Edges, x: int, y: int) -> float:
    """The same over all resolutions that the sensor may have."""
    blur = h.sensors[d.sensor].blur
    part = total = 0.0
    for k in range(BLURS):
        w = math.exp(blur[k])
        total += w
        part += w * _unparted(d, e, x, y, SCALES[k])
    return part / total


@kernel
def learn_blur(h: House, d: StatementRow, e: Edges, x: int, y: int, odds: float) -> None:
    """What a look at two neighbours says: `odds` is how many times likelier it was if the sensor
    did not part them than if it did."""
    blur = h.sensors[d.sensor].blur
    top = -1e300
    for k in range(BLURS):
        p = _unparted(d, e, x, y, SCALES[k])
        blur[k] += min(max(math.log(max(1.0 - p + p * odds, 1e-3)), -FAINT), FAINT)
        top = max(top, blur[k])
    for k in range(BLURS):
        blur[k] = max(blur[k] - top, LEAST_BLUR)


@kernel
def of_all(h: House, d: StatementRow, e: Edges, crew: Ints) -> float:
    """Log-likelihood of an echo that all of a crew (edges, -1: none) gave together, over that of
    their being missed."""
    n = 0
    gain = 0.0
    while n < crew.size and crew[n] >= 0:
        pd = max(chance(h.sensors, d.sensor, h.tracks[e.pairs[crew[n], 0]].x[0]), LEAST_CHANCE)
        gain -= math.log(1.0 - pd)
        if n == 0:
            gain += math.log(pd)
        n += 1
    for i in range(e.many[crew[0]]):
        nu, S = middle(e, crew, n, i)
        gain -= 0.5 * (nu * nu / S + math.log(S) + LOG_TURN)
    return gain


@kernel
def not_parted(h: House, d: StatementRow, e: Edges, crew: Ints) -> float:
    """The log-probability that the sensor parts none of a crew: each from the nearest before it."""
    total = 0.0
    for c in range(1, crew.size):
        near = 1e-9
        for k in range(c):
            if crew[c] >= 0:
                near = max(near, unparted_by(h, d, e, crew[k], crew[c]))
        total += math.log(near) if crew[c] >= 0 else 0.0
    return total


@kernel
def middle(e: Edges, crew: Ints, n: int, i: int) -> tuple[float, float]:
    """Innovation of the middle of `n` tracks in number `i`, and its variance."""
    nu = S = apart = 0.0
    for c in range(n):
        nu += e.mean[crew[c], i] / n
        S += e.var[crew[c], i] / (n * n)
    for c in range(n):
        apart += (e.mean[crew[c], i] - nu) ** 2 / n
    return nu, S + e.noise[crew[0], i] + SPREAD * apart
