"""A track that one sensor's bearings alone begin, and how it lives until another sensor agrees.

Chains      four looks or more over 3 s, a rate of five sigmas, likelier than clutter
Place       what `line` makes of them: honestly wide, and written anew with each bearing
Others      one statement of another sensor is tried for 4 s; a second one makes the place known
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import (
    PENDING,
    SPEED_SIGMA_MPS,
    born,
    note,
    open_row,
    wait_for_crossing,
)
from tocsin.fuse.columns import (
    BEARING,
    Floats,
    Ints,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.house import DEFAULT_PD, House, chance, clutter_log, reach
from tocsin.fuse.line import NEAREST_M, NUMBERS, begin_line, place_line, sway, take_bearing
from tocsin.fuse.measure import wrap

WINDOW_S = 20.0  # a chain is no longer: courses bend
CHAIN_S = 3.0
CHAIN_LOOKS = 4
CHAIN_ROOM = 64
GAP_S = 1.5  # a chain has no longer gap, nor one of more periods than
GAP_PERIODS = 3.5
RATE_SIGMAS = 5.0  # a source that stands shows so much once in two million chains
OTHERS_SIGMAS = 3.5  # and so much without the newest look: no one bearing makes a rate
FASTEST = 0.6  # radians a second: 60 m/s at 100 m
EVIDENCE = 6.0  # nats by which a chain must beat clutter, chains tried counted
CLOSENESS = 3.0  # sigmas of a bearing from its chain
LINE_Q = 1.0  # m2/s3, between steady flight and a hard turn
STEEP = 1.7  # tangent of 60 degrees: overhead, azimuths say nothing of the course
VAGUE = 0.5  # sigma of the range, of the range: a place less sure than this is none
ASIDE_S = 4.0  # two statements of others within so long make the place known


@kernel
def follow(h: House, tr: TrackRow, d: StatementRow, t: float) -> float:
    """A lone track learns a bearing of its own sensor; how likely it was, as a logarithm. One that
    comes out of order teaches it nothing."""
    x, P = tr.line.copy(), tr.line_cov.copy()
    dt = t - tr.line_t
    place = h.sensors[tr.lone].place
    de, dn = tr.x[0, 0] - place[0], tr.x[0, 1] - place[1]
    sway(x, P, dt, LINE_Q * (dt > 0.0) / max(de * de + dn * dn, NEAREST_M**2))
    if x[3] > STEEP or abs(x[1]) > FASTEST:
        begin_line(x, P, d, 0.0, FASTEST)
    said = take_bearing(x, P, d)
    if dt > 0.0:
        tr.line[:] = x
        tr.line_cov[:] = P
        tr.line_t = t
    if t - tr.aside > ASIDE_S:
        place_line(h, tr, tr.time - tr.line_t)
    return said


@kernel
def keep_waiting(h: House, d: StatementRow) -> None:
    """Leave a lone track's bearing to be crossed by another sensor's, but to no second chain."""
    wait_for_crossing(h, d)
    h.pending[(h.state[0].pending - 1) % PENDING].source = 0


@kernel
def hear_of(tr: TrackRow, d: StatementRow, t: float) -> None:
    """Another sensor agreed with a lone track: the second time soon after, its place is known."""
    if not math.isnan(d.el) or not math.isnan(d.sig_alt):
        tr.height = 1
    if t - tr.aside <= ASIDE_S:
        tr.lone = -1
    tr.aside = t


@kernel
def chance_along(h: House, tr: TrackRow, s: int) -> float:
    """The least chance that a sensor sees a lone track, wherever it is along its line."""
    place, x, P = h.sensors[tr.lone].place, tr.x[1], tr.P[1]
    pd = chance(h.sensors, s, x)
    if s == tr.lone or pd <= 0.0:
        return pd
    de, dn = x[0] - place[0], x[1] - place[1]
    r2 = max(de * de + dn * dn, 1.0)
    along = math.sqrt(max(de * de * P[0, 0] + 2.0 * de * dn * P[0, 1] + dn * dn * P[1, 1], 0.0))
    for side in (-1.0, 1.0):
        share = 1.0 + max(2.0 * side * along / r2, -1.0)  # of the way to it
        spot = np.array([place[0] + share * de, place[1] + share * dn, x[2]])
        pd = min(pd, chance(h.sensors, s, spot))
    return pd


@kernel
def is_vague(h: House, tr: TrackRow) -> bool:
    """Whether one sensor's azimuths alone make the place of a track, or its range is not known to
    better than about half."""
    if tr.lone < 0:
        return False
    place, P = h.sensors[tr.lone].place, tr.P[1]
    de, dn = tr.x[1, 0] - place[0], tr.x[1, 1] - place[1]
    along = de * de * P[0, 0] + 2.0 * de * dn * P[0, 1] + dn * dn * P[1, 1]
    r2 = de * de + dn * dn
    return bool(tr.height == 0 or along > (VAGUE * r2) ** 2)


@kernel
def begin(h: House, d: StatementRow) -> int:
    """Begin a track with a statement nobody claimed, or with it and earlier ones; the row or -1."""
    row = born(h, d)
    return row if row >= 0 else born_alone(h, d)


@kernel
def born_alone(h: House, d: StatementRow) -> int:
    """A tentative track from a chain of one sensor's waiting bearings that ends with this one, if
    what they tell of moves; the row or -1."""
    s = d.sensor
    if d.kind != BEARING or math.isnan(d.az) or h.sensors[s].placed == 0:
        return -1
    links = np.empty(CHAIN_ROOM, np.int64)
    count, newest = 0, h.state[0].pending
    for p in range(newest - 1, max(0, newest - PENDING) - 1, -1):
        o = h.pending[p % PENDING]
        if o.received < d.received - WINDOW_S or count == CHAIN_ROOM:
            break
        if o.sensor == s and o.source < 0 and (o.t < d.t or p == newest - 1):
            links[count] = p % PENDING
            count += 1
    if count < CHAIN_LOOKS:
        return -1
    rate, kept = np.zeros(3), np.empty(count, np.int64)
    looks = _best_line(h, links[:count], d, kept, rate)
    if looks < CHAIN_LOOKS:
        return -1
    return _open_line(h, d, kept[:looks], rate, count)


@kernel
def _best_line(h: House, links: Ints, d: StatementRow, kept: Ints, rate: Floats) -> int:
    """The looks of the best line in azimuth and time, newest first, into `kept`, and its rate and
    sigma into `rate`; 0 if the best is short or does not turn for sure. Lines that turn compete
    with those that do not: else a stray bearing at one end would turn a still source."""
    best, most, spare, found = 0, 0.0, np.empty(links.size, np.int64), np.empty(5)
    for j in range(CHAIN_LOOKS - 1, links.size):
        o = h.pending[links[j]]
        gap, turned = d.t - o.t, wrap(d.az - o.az)
        if gap < CHAIN_S or abs(turned) > FASTEST * gap:
            continue
        found[0], found[1] = 0.0, turned / gap
        n = 0
        for _ in range(2):
            n = _on_line(h, links, d, spare, found)
            if n < CHAIN_LOOKS:
                break
        if n >= CHAIN_LOOKS and found[3] > most:
            best, most = n, found[3]
            kept[:n] = spare[:n]
            rate[0], rate[1], rate[2] = found[1], found[2], found[4]
    if best == 0 or d.t - h.pending[kept[best - 1]].t < CHAIN_S:
        return 0
    if h.pending[kept[0]].t != d.t:
        return 0
    if rate[2] * rate[0] < OTHERS_SIGMAS * abs(rate[0]):
        return 0
    return best if abs(rate[0]) > RATE_SIGMAS * rate[1] else 0


@kernel
def _on_line(h: House, links: Ints, d: StatementRow, kept: Ints, found: Floats) -> int:
    """The looks within three sigmas of a line (azimuth from that of `d`, rate), one bearing each,
    into `kept`; their least squares line, the sigma of its rate, and what they bring, into
    `found`."""
    period = h.sensors[d.sensor].period
    gap = CHAIN_S if math.isnan(period) else max(GAP_S, GAP_PERIODS * period)
    n, last = 0, math.nan
    w = wt = wtt = wy = wty = gain = 0.0
    for link in links:
        o = h.pending[link]
        t, y = o.t - d.t, wrap(o.az - d.az)
        off = (y - found[0] - found[1] * t) / o.sig_az
        if t == last or abs(off) > CLOSENESS:
            continue
        if n > 0 and last - t > gap:
            break
        kept[n], last = link, t
        n += 1
        gain += CLOSENESS**2 - off * off
        g = 1.0 / o.sig_az**2
        w, wt, wtt, wy, wty = w + g, wt + g * t, wtt + g * t * t, wy + g * y, wty + g * t * y
    det = w * wtt - wt * wt
    if n < 2 or det <= 0.0:
        return 0
    found[0], found[1] = (wtt * wy - wt * wty) / det, (w * wty - wt * wy) / det
    found[2], found[3] = math.sqrt(w / det), gain
    w -= 1.0 / d.sig_az**2  # without the newest, which lies at (0, 0)
    det = w * wtt - wt * wt
    found[4] = (w * wty - wt * wy) / math.sqrt(w * det) if w > 0.0 and det > 0.0 else 0.0
    return n


@kernel
def _open_line(h: House, d: StatementRow, kept: Ints, rate: Floats, tried: int) -> int:
    """A track from a chain (newest first) if it is likelier than clutter; the row or -1."""
    s = d.sensor
    f = h.sensors[s]
    x, P = np.zeros(NUMBERS), np.zeros((NUMBERS, NUMBERS))
    n = kept.size
    first = h.pending[kept[n - 1]]
    begin_line(x, P, first, rate[0], 3.0 * rate[1])
    r = min(reach(h.sensors, s), SPEED_SIGMA_MPS / abs(rate[0]))
    pd = 0.65 * (DEFAULT_PD if math.isnan(f.pd) else f.pd)  # half way out, where hearing fades
    evidence, before, high = -math.log(float(tried)), first.t, not math.isnan(first.el)
    for k in range(n - 2, -1, -1):
        o = h.pending[kept[k]]
        sway(x, P, o.t - before, LINE_Q / max(r, NEAREST_M) ** 2)
        said = take_bearing(x, P, o)
        before = o.t
        high = high or not math.isnan(o.el)
        if k < n - 2:  # two make a line, whatever they are
            evidence += math.log(pd) + said - clutter_log(h.sensors, s, o, f.stray)
    if not math.isnan(f.period) and f.period > 0.0:
        missed = (d.t - first.t) / f.period + 1.0 - n
        evidence += max(missed, 0.0) * math.log(1.0 - pd)
    if evidence < EVIDENCE:
        return -1
    row = open_row(h, s, d.t - f.clock_lag)
    tr = h.tracks[row]
    tr.lone, tr.height = s, 1 if high and f.height_known == 1 else 0
    tr.line[:] = x
    tr.line_cov[:] = P
    tr.line_t = tr.time
    for k in range(n - 1, -1, -1):
        note(h, tr, s, h.pending[kept[k]], 0.7)
        h.pending[kept[k]].source = row
    place_line(h, tr, 0.0)
    return row
