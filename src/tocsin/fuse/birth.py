"""How a track begins: from one place, from a range and direction, or from crossing bearings."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import (
    ADSB,
    BEARING,
    FIX,
    HUMAN,
    MODES,
    REMOTE_ID,
    TENTATIVE,
    Floats,
    SensorRow,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.house import BIRTH_RATE, House, bear_witness, reach
from tocsin.fuse.measure import vertical
from tocsin.fuse.motion import START
from tocsin.fuse.update import learn_mode
from tocsin.words.batch import WITNESSES

SPEED_SIGMA_MPS = 15.0  # before anybody measured it: most drones fly below 25 m/s
CLIMB_SIGMA_MPS = 3.0
AIRCRAFT_SPEED_SIGMA_MPS = 120.0
FLOOR_M = 120.0  # height above the sensor where none was measured, and its doubt
FLOOR_SIGMA_M = 90.0
CROSS_WINDOW_S = 2.5  # two bearings of one thing may be so far apart in time
MIN_CROSS_SIN = 0.17  # lines that meet at less than 10 degrees do not fix a place
PENDING = 256
CROSSING_SCORE = -3.0  # log-odds of two bearings that meet: most pairs of strangers do not
CLASS_MEMORY = 8.0  # nats between the likeliest class and the rest, at most


@kernel
def open_row(h: House, s: int, t: float) -> int:
    """A fresh, empty, tentative row at the end of the columns."""
    state = h.state[0]
    row = state.tracks
    state.tracks += 1
    state.uids += 1
    tr = h.tracks[row]
    tr.x[:] = 0.0
    tr.P[:] = 0.0
    for mode in range(MODES):
        tr.mu[mode] = START[mode]
    tr.time = tr.first = tr.hit = t
    tr.score = tr.start = tr.unseen = tr.mute = tr.lost = 0.0
    tr.told = -1.0
    tr.crowded = tr.own = tr.shared = -1e9
    tr.doubt[:] = 0.0
    tr.strand[:] = -1
    tr.bank = tr.lone = -1
    tr.line[:] = 0.0
    tr.line_cov[:] = 0.0
    tr.line_t = 0.0
    tr.aside = -1e9
    tr.viewer[:] = -1
    tr.said[:, 0] = -1e9
    tr.physical = -1e9
    tr.rate = 1.0
    period = h.sensors[s].period
    tr.pace = 1.0 if math.isnan(period) else period
    tr.likely[:] = 0.0
    tr.uid = state.uids
    tr.status = TENTATIVE
    tr.hits = tr.height = tr.kinds = tr.reported = 0
    tr.claim = -1
    for k in range(WITNESSES):
        tr.witness[k] = -1
        tr.witness_t[k] = -1e9
    return row


@kernel
def settle(h: House, row: int, s: int, d: StatementRow, x: Floats, P: Floats) -> None:
    """Give all models of a new row the same state, and note the first witness."""
    kind = h.sensors[s].kind
    sigma = AIRCRAFT_SPEED_SIGMA_MPS if kind == ADSB else SPEED_SIGMA_MPS
    for a in range(3):
        P[a + 3, a + 3] = (CLIMB_SIGMA_MPS if a == 2 and kind != ADSB else sigma) ** 2
        if not math.isnan(d.sig_v) and not math.isnan(d.motion[a]):
            x[a + 3] = d.motion[a]
            P[a + 3, a + 3] = max(d.sig_v, 0.5) ** 2
    tr = h.tracks[row]
    for mode in range(MODES):
        for a in range(6):
            tr.x[mode, a] = x[a]
            for b in range(6):
                tr.P[mode, a, b] = P[a, b]
    note(h, tr, s, d, 1.0)


@kernel
def note(h: House, tr: TrackRow, s: int, d: StatementRow, weight: float) -> None:
    """Record that sensor `s` agreed: hits, witness, kind, pace, class."""
    tr.hit = max(tr.hit, d.t)
    tr.hits += 1
    kind = h.sensors[s].kind
    claims = kind in (REMOTE_ID, ADSB)
    confessed = claims and _says_drone(d)
    tr.kinds |= 1 << (REMOTE_ID if confessed else kind)
    if not claims:
        tr.physical = max(tr.physical, d.t)
    bear_witness(tr, s, d.t)
    period = h.sensors[s].period
    if not math.isnan(period):
        tr.pace += 0.2 * (period - tr.pace)
    if not math.isnan(d.likely[0]) and (confessed or not claims):
        top = -1e300
        for c in range(4):
            tr.likely[c] += weight * math.log(min(max(d.likely[c], 0.02), 0.98))
            top = max(top, tr.likely[c])
        for c in range(4):  # a bounded memory: what was sure may still be unlearned
            tr.likely[c] = max(tr.likely[c] - top, -CLASS_MEMORY)


@kernel
def _says_drone(d: StatementRow) -> bool:
    """Whether an emitter says that it is a drone. That it is none is what a liar would say too, so
    that a claim of any other class weighs no more than its kind of sensor does, once."""
    told = d.likely
    return bool(told[0] > told[1] and told[0] > told[2] and told[0] > told[3])


@kernel
def born_at_fix(h: House, d: StatementRow) -> int:
    """A track from one stated place."""
    s = d.sensor
    row = open_row(h, s, d.t)
    tr = h.tracks[row]
    x, P = np.zeros(6), np.zeros((6, 6))
    axes = h.bench[0].axes
    vertical(d.place, axes)
    known = not math.isnan(d.sig_alt) and d.kind == FIX
    lift = 0.0 if known else FLOOR_M
    sigma_up = d.sig_alt if known else FLOOR_SIGMA_M
    for a in range(3):
        x[a] = d.place[a] + lift * axes[2, a]
        for b in range(3):
            flat = axes[0, a] * axes[0, b] + axes[1, a] * axes[1, b]
            P[a, b] = flat * d.sig_h**2 + axes[2, a] * axes[2, b] * sigma_up**2
    tr.height = 1 if known else 0
    settle(h, row, s, d, x, P)
    kind = h.sensors[s].kind
    tr.score = 0.0 if kind in (REMOTE_ID, ADSB, HUMAN) else _first_score(h, s)
    tr.start = tr.score
    return row


@kernel
def _first_score(h: House, s: int) -> float:
    """Log-odds that a lone statement is something real."""
    clutter = h.sensors[s].stray
    return math.log(BIRTH_RATE / (clutter + BIRTH_RATE))


@kernel
def sight(f: SensorRow, az: float, el: float, lines: Floats) -> None:
    """Unit vectors along, across and above a line of sight, in the frame, into lines (3, 3)."""
    ca, sa, ce, se = math.cos(az), math.sin(az), math.cos(el), math.sin(el)
    for a in range(3):
        east, north, up = f.turn[a], f.turn[3 + a], f.turn[6 + a]
        lines[0, a] = east * ce * sa + north * ce * ca + up * se
        lines[1, a] = east * ca - north * sa
        lines[2, a] = -east * se * sa - north * se * ca + up * ce


@kernel
def born_at_range(h: House, d: StatementRow) -> int:
    """A track from one azimuth and range, with or without elevation and range rate."""
    s = d.sensor
    row = open_row(h, s, d.t)
    tr = h.tracks[row]
    x, P = np.zeros(6), np.zeros((6, 6))
    tr.height = 1 if not math.isnan(d.el) and h.sensors[s].height_known == 1 else 0
    lines = at_range(h, d, x, P)
    settle(h, row, s, d, x, P)
    if not math.isnan(d.rate):
        for mode in range(MODES):
            learn_rate(tr.x[mode], tr.P[mode], lines, d.rate, d.sig_rate)
    tr.score = tr.start = _first_score(h, s)
    return row


@kernel
def at_range(h: House, d: StatementRow, x: Floats, P: Floats) -> Floats:
    """Place and its covariance from one azimuth and range, into x (6) and P (6, 6); the axes."""
    f = h.sensors[d.sensor]
    r = d.range
    known = not math.isnan(d.el)
    el = d.el if known else math.asin(min(FLOOR_M / max(r, FLOOR_M), 1.0))
    sigma_el = d.sig_el if known else FLOOR_SIGMA_M / max(r, FLOOR_M)
    lines = h.bench[0].axes
    sight(f, d.az - f.north_error, el, lines)
    across = r * max(math.cos(el), 0.1) * math.sqrt(d.sig_az**2 + f.north_var)
    for k in range(3):
        spread = d.sig_range if k == 0 else (across if k == 1 else r * sigma_el)
        for a in range(3):
            if k == 0:
                x[a] = f.place[a] + r * lines[0, a]
            for b in range(3):
                P[a, b] += spread**2 * lines[k, a] * lines[k, b]
    return lines


@kernel
def learn_rate(x: Floats, P: Floats, lines: Floats, rate: float, sigma: float) -> None:
    """The first range rate of a track whose speed is unknown: along the line of sight only."""
    S = sigma * sigma
    for a in range(3):
        for b in range(3):
            S += lines[0, a] * P[3 + a, 3 + b] * lines[0, b]
    g = np.zeros(3)
    for a in range(3):
        for b in range(3):
            g[a] += P[3 + a, 3 + b] * lines[0, b]
    for a in range(3):
        x[3 + a] += g[a] / S * rate
        for b in range(3):
            P[3 + a, 3 + b] -= g[a] * g[b] / S


@kernel
def wait_for_crossing(h: House, d: StatementRow) -> None:
    """Keep a lone bearing for the next one that crosses it."""
    h.pending[h.state[0].pending % PENDING] = d
    h.state[0].pending += 1


@kernel
def _height_at(f: SensorRow, q: StatementRow, r: float) -> tuple[float, float]:
    """Height of a bearing's line at `r` metres along the ground, and its 1-sigma; NaN if flat."""
    height = f.place[2] + r * math.tan(q.el)
    return height, r * q.sig_el / math.cos(q.el) ** 2 + 0.1 * r


@kernel
def _crossing(h: House, d: StatementRow, o: StatementRow, place: Floats) -> bool:
    """Where two azimuths cross, into place (3); False if they do not within both reaches."""
    f, g = h.sensors[d.sensor], h.sensors[o.sensor]
    az, bz = d.az - f.north_error, o.az - g.north_error
    ae, an, be, bn = math.sin(az), math.cos(az), math.sin(bz), math.cos(bz)
    cross = ae * bn - an * be
    if abs(cross) < MIN_CROSS_SIN:
        return False
    de, dn = g.place[0] - f.place[0], g.place[1] - f.place[1]
    ra, rb = (de * bn - dn * be) / cross, (de * an - dn * ae) / cross
    if ra < 5.0 or rb < 5.0:
        return False
    if ra > reach(h.sensors, d.sensor) or rb > reach(h.sensors, o.sensor):
        return False
    place[0], place[1] = f.place[0] + ra * ae, f.place[1] + ra * an
    place[2] = 0.5 * (f.place[2] + g.place[2]) + FLOOR_M
    up_a, sig_a = _height_at(f, d, ra)
    up_b, sig_b = _height_at(g, o, rb)
    if math.isnan(up_a) and math.isnan(up_b):
        return True
    if math.isnan(up_b) or math.isnan(up_a):
        place[2] = up_b if math.isnan(up_a) else up_a
        return True
    if abs(up_a - up_b) > 3.0 * math.hypot(sig_a, sig_b) + 30.0:
        return False
    wa, wb = 1.0 / sig_a**2, 1.0 / sig_b**2
    place[2] = (wa * up_a + wb * up_b) / (wa + wb)
    return True


@kernel
def born_at_crossing(h: House, d: StatementRow) -> int:
    """A track where this bearing crosses a waiting one of another sensor; -1 if none does."""
    if math.isnan(d.az):
        return -1
    place = np.zeros(3)
    newest = h.state[0].pending
    for p in range(newest - 1, max(0, newest - PENDING) - 1, -1):
        o = h.pending[p % PENDING]
        if o.sensor < 0 or o.sensor == d.sensor or abs(o.t - d.t) > CROSS_WINDOW_S:
            continue
        if _crossing(h, d, o, place):
            return _begin_at(h, d, o, place)
    return -1


@kernel
def _begin_at(h: House, d: StatementRow, o: StatementRow, place: Floats) -> int:
    """A track at a crossing: a broad guess, then both bearings properly."""
    row = open_row(h, d.sensor, d.t)
    tr = h.tracks[row]
    x, P = np.zeros(6), np.zeros((6, 6))
    wide = 0.25 * min(reach(h.sensors, d.sensor), reach(h.sensors, o.sensor))
    for a in range(3):
        x[a] = place[a]
        P[a, a] = (FLOOR_SIGMA_M if a == 2 else wide) ** 2
    tr.height = 0 if math.isnan(d.el) and math.isnan(o.el) else 1
    settle(h, row, d.sensor, d, x, P)
    note(h, tr, o.sensor, o, 1.0)
    b, sound = h.bench[0], h.state[0].sound
    for mode in range(MODES):
        learn_mode(tr.x[mode], tr.P[mode], h.sensors, o.sensor, o, d.t - o.t, sound, b)
        learn_mode(tr.x[mode], tr.P[mode], h.sensors, d.sensor, d, 0.0, sound, b)
    tr.score = tr.start = CROSSING_SCORE
    o.sensor = -1  # used: a bearing crosses once
    return row


@kernel
def born(h: House, d: StatementRow) -> int:
    """Begin a track with a statement nobody claimed, or keep it waiting; the row or -1."""
    if d.kind != BEARING:
        return born_at_fix(h, d)
    if h.sensors[d.sensor].placed == 0:
        return -1
    if not math.isnan(d.range) and not math.isnan(d.az):
        return born_at_range(h, d)
    row = born_at_crossing(h, d)
    if row < 0:
        wait_for_crossing(h, d)
    return row
