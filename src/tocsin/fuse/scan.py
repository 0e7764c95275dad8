"""One look of one sensor: gate, assign, learn, count the silent tracks, begin new ones."""

from __future__ import annotations

import math

import numpy as np

from tocsin.fuse.assign import assign
from tocsin.fuse.birth import born, note
from tocsin.fuse.claim import claim_statement
from tocsin.fuse.columns import (
    ADSB,
    BEARING,
    D_E,
    D_N,
    D_RECEIVED,
    D_SIG_H,
    D_T,
    DI_CLAIM,
    DI_SENSOR,
    DI_TYPE,
    N_TRACKS,
    REMOTE_ID,
    S_BIAS_T,
    S_E,
    S_HEARD,
    S_LAST,
    S_N,
    SI_KIND,
    SI_PLACED,
    T_RATE,
    T_SCORE,
    T_TIME,
    T_UNSEEN,
    TENTATIVE,
    TI_CLAIM,
    TI_STATUS,
    W_SOUND,
    Flags,
    Floats,
    Ints,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.house import House, chance, clutter_log, reach
from tocsin.fuse.motion import predict
from tocsin.fuse.update import blend, fit, learn

GATE = (0.0, 10.8, 13.8, 16.3, 18.5, 20.5, 22.5)
"""Chi-square at 99.9 % for 0 to 6 numbers."""
SCORE_TOP = 14.0  # log-odds are not believed beyond one in a million
RATE_GAIN = 0.15  # weight of the newest look in a track's rate of hits
CLASS_WEIGHT = 0.7  # looks of one sensor at one thing are not independent
SHADOW_GATE = 9.0  # a leftover this close to a sure track (squared) starts no new one


@kernel
def statement_rows(kind: int, d: Floats) -> int:
    """How many numbers a statement brings."""
    m = 0
    first = 2 if kind == BEARING else 13
    last = 6 if kind == BEARING else 15
    for k in range(first, last):
        if not math.isnan(d[k]):
            m += 1
    if kind != BEARING and not math.isnan(d[13]):
        m += 1
    return m


@kernel
def near(h: House, row: int, s: int, kind: int, d: Floats, t: float) -> bool:
    """A cheap look: could this track have anything to do with this sensor's statement?"""
    x = h.tracks.x[row, 1]
    dt = max(t - h.tracks.f[row, T_TIME], 0.0)
    P = h.tracks.P[row, 1]
    loose = 6.0 * math.sqrt(P[0, 0] + P[1, 1]) + dt * (math.hypot(x[3], x[4]) + 40.0)
    if kind == BEARING:
        limit = 1.1 * reach(h.sensors, s) + loose
        de, dn = x[0] - h.sensors.f[s, S_E], x[1] - h.sensors.f[s, S_N]
    else:
        limit = 6.0 * d[D_SIG_H] + loose
        de, dn = x[0] - d[D_E], x[1] - d[D_N]
    return bool(de * de + dn * dn <= limit * limit)


@kernel
def look(h: House, df: Floats, di: Ints, a: int, b: int) -> None:
    """Work in statements [a, b): one sensor, one moment."""
    s = di[a, DI_SENSOR]
    t = df[a, D_T] - h.sensors.f[s, S_BIAS_T]
    h.sensors.f[s, S_HEARD] = max(h.sensors.f[s, S_HEARD], df[a, D_RECEIVED])
    h.sensors.f[s, S_LAST] = max(h.sensors.f[s, S_LAST], df[a, D_T])
    if h.sensors.i[s, SI_PLACED] == 0 and di[a, DI_TYPE] == BEARING:
        return
    if di[a, DI_CLAIM] >= 0:
        for j in range(a, b):
            claim_statement(h, df[j], di[j])
        return
    rows = h.n[N_TRACKS]
    match, shadow = _match(h, df, di, a, b, s, t)
    hit = np.zeros(rows, np.bool_)
    for j in range(a, b):
        row = match[j - a]
        if row >= 0:
            hit[row] = True
            accept(h, row, s, df[j], di[j], t)
    for row in range(rows):
        if not hit[row]:
            missed(h, row, s)
    for j in range(a, b):
        if match[j - a] < 0 and not shadow[j - a]:
            born(h, df[j], di[j])


@kernel
def _match(h: House, df: Floats, di: Ints, a: int, b: int, s: int, t: float) -> tuple[Ints, Flags]:
    """Row of each statement or -1, and whether a sure track shadows it."""
    rows = h.n[N_TRACKS]
    n = b - a
    shadow = np.zeros(n, np.bool_)
    room = 64
    count = 0
    er, ed, es = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    sound = h.w[W_SOUND]
    for row in range(rows):
        fresh = False
        for j in range(n):
            d, kind = df[a + j], di[a + j, DI_TYPE]
            if not fresh:
                if not near(h, row, s, kind, d, t):
                    if kind == BEARING:
                        break
                    continue
                predict(h.tracks, row, t)
                fresh = True
            lag = h.tracks.f[row, T_TIME] - t
            d2 = fit(h.tracks, row, h.sensors, s, kind, d, lag, sound, h.bench, h.logs)
            if d2 > GATE[statement_rows(kind, d)]:
                continue
            pd = max(chance(h.sensors, s, h.tracks.x[row, 0]), 0.1)
            gain = blend(h.tracks, row, h.logs) - clutter_log(h.sensors, s, kind, d)
            gain += math.log(pd / (1.0 - pd))
            if h.tracks.i[row, TI_STATUS] != TENTATIVE:
                gain += 2.0
                shadow[j] = shadow[j] or d2 < SHADOW_GATE
            if count == room:
                room *= 2
                er2, ed2, es2 = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
                er2[:count], ed2[:count], es2[:count] = er, ed, es
                er, ed, es = er2, ed2, es2
            er[count], ed[count], es[count] = row, j, gain
            count += 1
    return assign(count, er, ed, es, rows, n), shadow


@kernel
def accept(h: House, row: int, s: int, d: Floats, di: Ints, t: float) -> None:
    """A statement was matched to a track: score, learn, remember who said it."""
    kind = di[DI_TYPE]
    lag = h.tracks.f[row, T_TIME] - t
    sound = h.w[W_SOUND]
    fit(h.tracks, row, h.sensors, s, kind, d, lag, sound, h.bench, h.logs)
    pd = max(chance(h.sensors, s, h.tracks.x[row, 0]), 0.1)
    gain = math.log(pd) + blend(h.tracks, row, h.logs) - clutter_log(h.sensors, s, kind, d)
    gain = min(max(gain, -2.0), 8.0)
    h.tracks.f[row, T_SCORE] = min(h.tracks.f[row, T_SCORE] + gain, SCORE_TOP)
    h.tracks.f[row, T_RATE] += RATE_GAIN * (1.0 / pd - h.tracks.f[row, T_RATE])
    learn(h.tracks, row, h.sensors, s, kind, d, lag, sound, h.bench, h.logs)
    note(h, row, s, d, CLASS_WEIGHT)
    h.tracks.f[row, T_UNSEEN] = 0.0


@kernel
def missed(h: House, row: int, s: int) -> None:
    """A sensor looked and this track was not there: the less it exists, the better it looks."""
    kind = h.sensors.i[s, SI_KIND]
    if kind in (REMOTE_ID, ADSB):
        return
    pd = chance(h.sensors, s, h.tracks.x[row, 0])
    if pd <= 0.0:
        return
    cost = math.log(1.0 - pd)
    h.tracks.f[row, T_SCORE] += cost
    h.tracks.f[row, T_RATE] -= RATE_GAIN * h.tracks.f[row, T_RATE]
    if h.tracks.i[row, TI_CLAIM] >= 0:
        h.tracks.f[row, T_UNSEEN] -= cost
