"""Two radars that see the same thing are held against each other, where nothing known flies.

Both say where a track is, azimuth and range as they measured them. The second's place less the
first's, less what the track flew meanwhile, is what the north errors and lags of the two make of
it: a turn moves a place across the line of sight of its own radar, a lag back along the track.
Ranges are sharp, so that two of them tell which azimuth is wrong; which clock is wrong they cannot
tell, only how much the clocks differ. Both radars keep the normal equations of the four unknowns
(own north, own lag, the partner's north, lag: upper half of 4 by 4, then the right side).
Leaves out  range errors, crowded tracks, pairs of direction finders
"""

from __future__ import annotations

import math

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import sight
from tocsin.fuse.columns import (
    BEARING,
    MODES,
    RADAR,
    TENTATIVE,
    VIEWS,
    Floats,
    SensorRow,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.correct import FORGET, correct
from tocsin.fuse.house import House

APART_S = 2.5  # looks farther apart than this are not compared
LONE_S = 5.0  # so long must a track have been alone: a neighbour's echo tells of no error
WEIGHT = 0.4  # each look is in two comparisons, and the track's speed errs for several looks
TURN_Q = 4.0  # m2/s3: between steady flight and a hard turn
SOUNDER = 0.3  # a partner is left for one that is so much likelier sound


@kernel
def compare(h: House, row: int, d: StatementRow) -> None:
    """Hold a radar's look at a track against the last looks of others, and keep it for theirs."""
    sensor, tr = h.sensors[d.sensor], h.tracks[row]
    if sensor.kind != RADAR or d.kind != BEARING or math.isnan(d.az) or math.isnan(d.range):
        return
    sensor.sharp = d.sig_az
    mine = h.bench[0].Q[0]
    across_e, across_n = _place(h, tr, d, mine)
    lone = tr.status != TENTATIVE and tr.crowded < d.t - LONE_S
    own, oldest = -1, 0
    learnt = False
    for k in range(VIEWS):
        w = tr.viewer[k]
        if tr.said[k, 0] < tr.said[oldest, 0]:
            oldest = k
        if w == d.sensor:
            own = k
        elif w >= 0 and lone and abs(d.t - tr.said[k, 0]) < APART_S:
            learnt = _choose(h, d.sensor, w) or learnt
            _choose(h, w, d.sensor)
            _learn_pair(h, tr, d.sensor, k, mine, across_e, across_n)
    free = own if own >= 0 else oldest
    tr.viewer[free] = d.sensor
    tr.said[free] = mine
    if learnt:
        correct(h, d.sensor, d.sig_az)


@kernel
def _place(h: House, tr: TrackRow, d: StatementRow, mine: Floats) -> tuple[float, float]:
    """Where a look puts the track, with its covariance, into `mine`; how far a radian moves it.
    The height is the track's, since a radar's own is coarse."""
    f, lines = h.sensors[d.sensor], h.bench[0].axes
    up = tr.x[0, 2] - f.place[2]
    slope = max(min(up / max(d.range, 1.0), 0.9), -0.9)
    level = math.sqrt(1.0 - slope * slope)
    sight(f, d.az, math.asin(slope), lines)
    e, n = d.range * lines[0, 0], d.range * lines[0, 1]
    along = d.sig_range**2 + (slope / level) ** 2 * tr.P[0, 2, 2]
    across = (math.hypot(e, n) * d.sig_az) ** 2
    ce, cn = lines[1, 0], lines[1, 1]
    mine[0], mine[1], mine[2] = d.t, f.place[0] + e, f.place[1] + n
    mine[3] = along * cn * cn + across * ce * ce
    mine[4] = (across - along) * ce * cn
    mine[5] = along * ce * ce + across * cn * cn
    return n, -e


@kernel
def _choose(h: House, s: int, other: int) -> bool:
    """Whether `other` is the radar that `s` is held against: the first, or a sounder one."""
    sensor = h.sensors[s]
    if sensor.partner == other:
        return True
    if sensor.partner >= 0:
        now = h.sensors[sensor.partner]
        worst = max(now.askew[0], now.askew[1])
        if max(h.sensors[other].askew[0], h.sensors[other].askew[1]) > worst - SOUNDER:
            return False
    sensor.partner = other
    sensor.shared[:] = 0.0
    return True


@kernel
def _learn_pair(
    h: House, tr: TrackRow, s: int, k: int, mine: Floats, across_e: float, across_n: float
) -> None:
    """Add one difference of places to the normal equations of both, where they are partners."""
    theirs, w = tr.said[k], tr.viewer[k]
    dt = mine[0] - theirs[0]
    ve = vn = 0.0
    for mode in range(MODES):
        ve += tr.mu[mode] * tr.x[mode, 3]
        vn += tr.mu[mode] * tr.x[mode, 4]
    off_e, off_n = mine[1] - theirs[1] - ve * dt, mine[2] - theirs[2] - vn * dt
    drift = TURN_Q * abs(dt) ** 3 / 3.0
    ee = mine[3] + theirs[3] + dt * dt * tr.P[0, 3, 3] + drift
    en = mine[4] + theirs[4] + dt * dt * tr.P[0, 3, 4]
    nn = mine[5] + theirs[5] + dt * dt * tr.P[0, 4, 4] + drift
    other = h.sensors[w]
    east, north = h.bench[0].x0, h.bench[0].z
    east[0], east[1], north[0], north[1] = across_e, -ve, across_n, -vn
    east[2], east[3] = other.place[1] - theirs[2], ve
    north[2], north[3] = theirs[1] - other.place[0], vn
    if h.sensors[s].partner == w:
        _add(h.sensors[s], 0, east, north, off_e, off_n, ee, en, nn)
    if other.partner == s:
        _add(other, 2, east, north, off_e, off_n, ee, en, nn)


@kernel
def _add(
    sensor: SensorRow,
    first: int,
    east: Floats,
    north: Floats,
    off_e: float,
    off_n: float,
    ee: float,
    en: float,
    nn: float,
) -> None:
    """Add J' C^-1 J and J' C^-1 r; `first` is where the sensor's own columns of J begin."""
    weight = WEIGHT / (ee * nn - en * en)
    for i in range(14):
        sensor.shared[i] *= FORGET
    k = 0
    for i in range(4):
        a = (i + first) % 4
        we = weight * (nn * east[a] - en * north[a])
        wn = weight * (ee * north[a] - en * east[a])
        for j in range(i, 4):
            c = (j + first) % 4
            sensor.shared[k] += we * east[c] + wn * north[c]
            k += 1
        sensor.shared[10 + i] += we * off_e + wn * off_n
