"""How a track begins: from one place, from a range and direction, or from crossing bearings."""

from __future__ import annotations

import math

import numpy as np

from tocsin.fuse.columns import (
    ADSB,
    BEARING,
    D_AZ,
    D_DRONE,
    D_E,
    D_EL,
    D_RANGE,
    D_RATE,
    D_SIG_ALT,
    D_SIG_AZ,
    D_SIG_EL,
    D_SIG_H,
    D_SIG_RANGE,
    D_SIG_V,
    D_T,
    D_VE,
    DI_SENSOR,
    DI_TYPE,
    FIX,
    HUMAN,
    MODES,
    N_PENDING,
    N_TRACKS,
    N_UIDS,
    REMOTE_ID,
    S_BIAS_AZ,
    S_CLUTTER,
    S_E,
    S_N,
    S_PERIOD,
    S_U,
    SENSOR_ROTATION,
    SI_HEIGHT_KNOWN,
    SI_KIND,
    SI_PLACED,
    T_CLASS,
    T_FIRST,
    T_HIT,
    T_PACE,
    T_PHYSICAL,
    T_RATE,
    T_REPORT,
    T_SCORE,
    T_START,
    T_TIME,
    T_WIDTH,
    TENTATIVE,
    TI_CLAIM,
    TI_HEIGHT,
    TI_HITS,
    TI_SENSORS,
    TI_STATUS,
    TI_UID,
    TI_WIDTH,
    WITNESSES,
    Floats,
    Ints,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.house import BIRTH_RATE, House, bear_witness, reach
from tocsin.fuse.measure import vertical
from tocsin.fuse.update import learn_mode

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
    tracks = h.tracks
    row = int(h.n[N_TRACKS])
    h.n[N_TRACKS] += 1
    h.n[N_UIDS] += 1
    for k in range(T_WIDTH):
        tracks.f[row, k] = 0.0
    for k in range(TI_WIDTH):
        tracks.i[row, k] = 0
    tracks.x[row] = 0.0
    tracks.P[row] = 0.0
    tracks.mu[row, 0] = 0.6
    tracks.mu[row, 1] = 0.4
    tracks.f[row, T_TIME] = t
    tracks.f[row, T_FIRST] = t
    tracks.f[row, T_HIT] = t
    tracks.f[row, T_REPORT] = -1.0
    tracks.f[row, T_PHYSICAL] = -1e9
    tracks.f[row, T_RATE] = 1.0
    period = h.sensors.f[s, S_PERIOD]
    tracks.f[row, T_PACE] = 1.0 if math.isnan(period) else period
    tracks.i[row, TI_UID] = h.n[N_UIDS]
    tracks.i[row, TI_STATUS] = TENTATIVE
    tracks.i[row, TI_CLAIM] = -1
    for k in range(WITNESSES):
        tracks.witness[row, k] = -1
        tracks.witness_t[row, k] = -1e9
    return row


@kernel
def settle(h: House, row: int, s: int, d: Floats, x: Floats, P: Floats) -> None:
    """Give both models of a new row the same state, and note the first witness."""
    kind = h.sensors.i[s, SI_KIND]
    sigma = AIRCRAFT_SPEED_SIGMA_MPS if kind == ADSB else SPEED_SIGMA_MPS
    for a in range(3):
        P[a + 3, a + 3] = (CLIMB_SIGMA_MPS if a == 2 and kind != ADSB else sigma) ** 2
        if not math.isnan(d[D_SIG_V]) and not math.isnan(d[D_VE + a]):
            x[a + 3] = d[D_VE + a]
            P[a + 3, a + 3] = max(d[D_SIG_V], 0.5) ** 2
    for mode in range(MODES):
        h.tracks.x[row, mode] = x
        h.tracks.P[row, mode] = P
    note(h, row, s, d, 1.0)


@kernel
def note(h: House, row: int, s: int, d: Floats, weight: float) -> None:
    """Record that sensor `s` agreed: hits, witness, kind, pace, class."""
    tracks, t = h.tracks, d[D_T]
    tracks.f[row, T_HIT] = max(tracks.f[row, T_HIT], t)
    tracks.i[row, TI_HITS] += 1
    kind = h.sensors.i[s, SI_KIND]
    tracks.i[row, TI_SENSORS] |= 1 << kind
    if kind != REMOTE_ID and kind != ADSB:
        tracks.f[row, T_PHYSICAL] = max(tracks.f[row, T_PHYSICAL], t)
    bear_witness(tracks, row, s, t)
    period = h.sensors.f[s, S_PERIOD]
    if not math.isnan(period):
        tracks.f[row, T_PACE] += 0.2 * (period - tracks.f[row, T_PACE])
    if not math.isnan(d[D_DRONE]):
        top = -1e300
        for c in range(4):
            tracks.f[row, T_CLASS + c] += weight * math.log(min(max(d[D_DRONE + c], 0.02), 0.98))
            top = max(top, tracks.f[row, T_CLASS + c])
        for c in range(4):  # a bounded memory: what was sure may still be unlearned
            tracks.f[row, T_CLASS + c] = max(tracks.f[row, T_CLASS + c] - top, -CLASS_MEMORY)


@kernel
def born_at_fix(h: House, d: Floats, di: Ints) -> int:
    """A track from one stated place."""
    s = di[DI_SENSOR]
    row = open_row(h, s, d[D_T])
    x, P = np.zeros(6), np.zeros((6, 6))
    axes = h.bench.axes
    vertical(d[D_E], d[D_E + 1], d[D_E + 2], axes)
    known = not math.isnan(d[D_SIG_ALT]) and di[DI_TYPE] == FIX
    lift = 0.0 if known else FLOOR_M
    for a in range(3):
        x[a] = d[D_E + a] + lift * axes[2, a]
        for b in range(3):
            flat = axes[0, a] * axes[0, b] + axes[1, a] * axes[1, b]
            up = axes[2, a] * axes[2, b]
            sigma_up = d[D_SIG_ALT] if known else FLOOR_SIGMA_M
            P[a, b] = flat * d[D_SIG_H] ** 2 + up * sigma_up**2
    h.tracks.i[row, TI_HEIGHT] = 1 if known else 0
    settle(h, row, s, d, x, P)
    kind = h.sensors.i[s, SI_KIND]
    if kind in (REMOTE_ID, ADSB, HUMAN):
        h.tracks.f[row, T_SCORE] = 0.0
    else:
        h.tracks.f[row, T_SCORE] = _first_score(h, s)
    h.tracks.f[row, T_START] = h.tracks.f[row, T_SCORE]
    return row


@kernel
def _first_score(h: House, s: int) -> float:
    """Log-odds that a lone statement is something real."""
    clutter = h.sensors.f[s, S_CLUTTER]
    clutter = 0.1 if math.isnan(clutter) else clutter
    return math.log(BIRTH_RATE / (clutter + BIRTH_RATE))


@kernel
def born_at_range(h: House, d: Floats, di: Ints) -> int:
    """A track from one azimuth and range, with or without elevation and range rate."""
    s = di[DI_SENSOR]
    f = h.sensors.f[s]
    row = open_row(h, s, d[D_T])
    x, P = np.zeros(6), np.zeros((6, 6))
    az, r = d[D_AZ] - f[S_BIAS_AZ], d[D_RANGE]
    known = not math.isnan(d[D_EL])
    el = d[D_EL] if known else math.asin(min(FLOOR_M / max(r, FLOOR_M), 1.0))
    sigma_el = d[D_SIG_EL] if known else FLOOR_SIGMA_M / max(r, FLOOR_M)
    h.tracks.i[row, TI_HEIGHT] = 1 if known and h.sensors.i[s, SI_HEIGHT_KNOWN] == 1 else 0
    ca, sa, ce, se = math.cos(az), math.sin(az), math.cos(el), math.sin(el)
    local = np.empty((3, 3))  # along, across, above the line of sight; in the sensor's axes
    local[0, 0], local[0, 1], local[0, 2] = ce * sa, ce * ca, se
    local[1, 0], local[1, 1], local[1, 2] = ca, -sa, 0.0
    local[2, 0], local[2, 1], local[2, 2] = -se * sa, -se * ca, ce
    spread = (d[D_SIG_RANGE], r * max(ce, 0.1) * d[D_SIG_AZ], r * sigma_el)
    rot = f[SENSOR_ROTATION : SENSOR_ROTATION + 9]
    for k in range(3):
        g = np.zeros(3)
        for a in range(3):
            for b in range(3):
                g[a] += rot[3 * b + a] * local[k, b]
        for a in range(3):
            if k == 0:
                x[a] = f[S_E + a] + r * g[a]
            for b in range(3):
                P[a, b] += spread[k] ** 2 * g[a] * g[b]
    settle(h, row, s, d, x, P)
    if not math.isnan(d[D_RATE]):
        only_rate = d.copy()
        only_rate[D_AZ] = only_rate[D_EL] = only_rate[D_RANGE] = np.nan
        for mode in range(MODES):
            learn_mode(
                h.tracks.x[row, mode], h.tracks.P[row, mode],
                h.sensors, s, BEARING, only_rate, 0.0, 0.0, h.bench,
            )  # fmt: skip
    h.tracks.f[row, T_SCORE] = _first_score(h, s)
    h.tracks.f[row, T_START] = h.tracks.f[row, T_SCORE]
    return row


@kernel
def wait_for_crossing(h: House, d: Floats, di: Ints) -> None:
    """Keep a lone bearing for the next one that crosses it."""
    k = h.n[N_PENDING] % PENDING
    h.pending.f[k] = d
    h.pending.i[k] = di
    h.n[N_PENDING] += 1


@kernel
def _crossing(h: House, d: Floats, s: int, o: Floats, so: int, place: Floats) -> bool:
    """Where two azimuths cross, into place (3); False if they do not within both reaches."""
    f, g = h.sensors.f[s], h.sensors.f[so]
    az, bz = d[D_AZ] - f[S_BIAS_AZ], o[D_AZ] - g[S_BIAS_AZ]
    ae, an, be, bn = math.sin(az), math.cos(az), math.sin(bz), math.cos(bz)
    cross = ae * bn - an * be
    if abs(cross) < MIN_CROSS_SIN:
        return False
    de, dn = g[S_E] - f[S_E], g[S_N] - f[S_N]
    ra = (de * bn - dn * be) / cross
    rb = (de * an - dn * ae) / cross
    if ra < 5.0 or rb < 5.0 or ra > reach(h.sensors, s) or rb > reach(h.sensors, so):
        return False
    place[0], place[1] = f[S_E] + ra * ae, f[S_N] + ra * an
    up, weight = 0.0, 0.0
    low, high = 1e9, -1e9
    for k in range(2):
        q, ss, r = (d, f, ra) if k == 0 else (o, g, rb)
        if math.isnan(q[D_EL]):
            continue
        height = ss[S_U] + r * math.tan(q[D_EL])
        sigma = r * q[D_SIG_EL] / math.cos(q[D_EL]) ** 2 + 0.1 * r
        low, high = min(low, height - 2.0 * sigma), max(high, height + 2.0 * sigma)
        if k == 1 and weight > 0.0 and abs(up / weight - height) > 3.0 * sigma + 30.0:
            return False
        up += height / sigma**2
        weight += 1.0 / sigma**2
    place[2] = up / weight if weight > 0.0 else 0.5 * (f[S_U] + g[S_U]) + FLOOR_M
    return True


@kernel
def born_at_crossing(h: House, d: Floats, di: Ints) -> int:
    """A track where this bearing crosses a waiting one of another sensor; -1 if none does."""
    s = di[DI_SENSOR]
    if h.sensors.i[s, SI_PLACED] == 0 or math.isnan(d[D_AZ]):
        return -1
    place = np.zeros(3)
    first = max(0, h.n[N_PENDING] - PENDING)
    for p in range(h.n[N_PENDING] - 1, first - 1, -1):
        o, oi = h.pending.f[p % PENDING], h.pending.i[p % PENDING]
        so = oi[DI_SENSOR]
        if so == s or so < 0 or abs(o[D_T] - d[D_T]) > CROSS_WINDOW_S:
            continue
        if not _crossing(h, d, s, o, so, place):
            continue
        row = open_row(h, s, d[D_T])
        x, P = np.zeros(6), np.zeros((6, 6))
        told = not (math.isnan(d[D_EL]) and math.isnan(o[D_EL]))
        wide = 0.25 * min(reach(h.sensors, s), reach(h.sensors, so))
        for a in range(3):
            x[a] = place[a]
            P[a, a] = (FLOOR_SIGMA_M if a == 2 else wide) ** 2
        h.tracks.i[row, TI_HEIGHT] = 1 if told else 0
        settle(h, row, s, d, x, P)
        note(h, row, so, o, 1.0)
        lag = d[D_T] - o[D_T]
        for mode in range(MODES):
            mx, mP = h.tracks.x[row, mode], h.tracks.P[row, mode]
            learn_mode(mx, mP, h.sensors, so, BEARING, o, lag, 1.0, h.bench)
            learn_mode(mx, mP, h.sensors, s, BEARING, d, 0.0, 1.0, h.bench)
        h.tracks.f[row, T_SCORE] = CROSSING_SCORE
        h.tracks.f[row, T_START] = CROSSING_SCORE
        oi[DI_SENSOR] = -1  # used: a bearing crosses once
        return row
    return -1


@kernel
def born(h: House, d: Floats, di: Ints) -> int:
    """Begin a track with a statement nobody claimed, or keep it waiting; the row or -1."""
    s = di[DI_SENSOR]
    if di[DI_TYPE] != BEARING:
        return born_at_fix(h, d, di)
    if h.sensors.i[s, SI_PLACED] == 0:
        return -1
    if not math.isnan(d[D_RANGE]) and not math.isnan(d[D_AZ]):
        return born_at_range(h, d, di)
    row = born_at_crossing(h, d, di)
    if row < 0:
        wait_for_crossing(h, d, di)
    return row
