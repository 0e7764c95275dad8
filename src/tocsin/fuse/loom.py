"""The loom's one loop: statements in the order they arrived, a whole second at a time."""

from __future__ import annotations

import math

from tocsin.fuse.columns import (
    C_JUMP,
    C_TWICE,
    C_UNSEEN,
    C_WIDTH,
    CI_ROW,
    COASTING,
    CONFIRMED,
    D_RECEIVED,
    D_T,
    DI_SENSOR,
    ENDED,
    N_REPORTS,
    N_TRACKS,
    R_CLAIM,
    R_CLASS,
    R_E,
    R_FIRST,
    R_PEE,
    R_PEN,
    R_PNN,
    R_PUU,
    R_PV,
    R_T,
    R_VE,
    R_WITNESS_T,
    RI_CLAIM,
    RI_HEIGHT,
    RI_KINDS,
    RI_STATUS,
    RI_UID,
    RI_WITNESS,
    S_HEARD,
    S_LAST,
    S_PERIOD,
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
    T_UNSEEN,
    TENTATIVE,
    TI_CLAIM,
    TI_HEIGHT,
    TI_HITS,
    TI_REPORTED,
    TI_SENSORS,
    TI_STATUS,
    TI_UID,
    W_CLOCK,
    W_SECOND,
    WITNESSES,
    Floats,
    Ints,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.house import House
from tocsin.fuse.motion import STEADY_Q, VERTICAL_SHARE, merged
from tocsin.fuse.scan import look, missed

CONFIRM_SCORE = 5.0  # log-odds: 150 to 1
CONFIRM_HITS = 3
END_SCORE = -4.0  # log-odds of a sure track; a tentative one may lose 3 of what it began with
LOSS_TENTATIVE = 3.0
END_TENTATIVE_S = 3.0  # without a hit, or three of its sensors' periods
END_CONFIRMED_S = 8.0
COAST_PACES = 2.5  # a sure track without a hit for so many periods is coasting
ALIVE_S = 30.0  # a sensor that said nothing for longer is not counted as silent, but as unknown
UNSEEN_LIMIT = 11.5  # nats: an honest emitter would be missed like that once in 100,000
TWIN_SIGMAS2 = 9.0


@kernel
def advance(h: House, df: Floats, di: Ints, start: int, now: float) -> int:
    """Work in statements from `start`; the first one left, because the reports are full."""
    j, n = start, int(df.shape[0])
    room = h.reports.f.shape[0]
    while True:
        if h.n[N_REPORTS] + 3 * h.n[N_TRACKS] + 8 > room:
            return j
        limit = min(df[j, D_RECEIVED], now) if j < n else now
        second = h.w[W_SECOND] + 1.0
        if second <= limit:
            keep_house(h, second)
            h.w[W_SECOND] = second
            continue
        if j >= n:
            break
        k = j + 1
        while k < n and di[k, DI_SENSOR] == di[j, DI_SENSOR] and df[k, D_T] == df[j, D_T]:
            k += 1
        look(h, df, di, j, k)
        h.w[W_CLOCK] = max(h.w[W_CLOCK], df[j, D_RECEIVED])
        judge(h, h.w[W_CLOCK])
        j = k
    h.w[W_CLOCK] = max(h.w[W_CLOCK], now)
    return n


@kernel
def keep_house(h: House, second: float) -> None:
    """Once a second: silent looks, endings, twins, and a report of every live track."""
    hear_silence(h, second)
    judge(h, second)
    merge_twins(h)
    for row in range(h.n[N_TRACKS]):
        if h.tracks.i[row, TI_HITS] >= 2 and h.tracks.f[row, T_REPORT] < second:
            report(h, row, second)


@kernel
def hear_silence(h: House, t: float) -> None:
    """Looks that brought nothing leave no line: infer them from each living sensor's period."""
    for s in range(h.sensors.f.shape[0]):
        f = h.sensors.f[s]
        period = f[S_PERIOD]
        if math.isnan(period) or period <= 0.0 or f[S_HEARD] < t - max(ALIVE_S, 20.0 * period):
            continue
        while f[S_LAST] + 1.5 * period < t:
            f[S_LAST] += period
            for row in range(h.n[N_TRACKS]):
                missed(h, row, s)


@kernel
def judge(h: House, t: float) -> None:
    """Confirm, coast and end; every change of status is reported at once."""
    row = 0
    while row < h.n[N_TRACKS]:
        f, i = h.tracks.f[row], h.tracks.i[row]
        status = i[TI_STATUS]
        idle = t - f[T_HIT]
        pace = max(f[T_PACE], 0.5)
        patience = END_TENTATIVE_S if status == TENTATIVE else END_CONFIRMED_S
        patience = max(patience, 3.0 * pace)
        floor = f[T_START] - LOSS_TENTATIVE if status == TENTATIVE else END_SCORE
        doomed = f[T_SCORE] < floor and i[TI_CLAIM] < 0
        if doomed or idle > patience:
            end(h, row, t)
            continue
        suspect = i[TI_CLAIM] >= 0 and f[T_UNSEEN] > UNSEEN_LIMIT
        if i[TI_CLAIM] >= 0:
            claim = h.claims.f[i[TI_CLAIM]]
            claim[C_UNSEEN] = max(claim[C_UNSEEN], f[T_UNSEEN]) if suspect else claim[C_UNSEEN]
            suspect = suspect or (t - f[T_PHYSICAL] > 10.0 and doubted(claim))
        if suspect:
            new = TENTATIVE
        elif status == TENTATIVE:
            sure = f[T_SCORE] >= CONFIRM_SCORE and i[TI_HITS] >= CONFIRM_HITS
            new = CONFIRMED if sure else TENTATIVE
        else:
            new = COASTING if idle > COAST_PACES * pace else CONFIRMED
        if new != status:
            i[TI_STATUS] = new
            report(h, row, t)
        row += 1


@kernel
def doubted(claim: Floats) -> bool:
    """Whether a claim by itself has lost its credit: it jumped, or speaks from two places."""
    twice = claim[C_JUMP] >= 2.0 or claim[C_TWICE] >= 1.0
    return bool(twice or claim[C_UNSEEN] > UNSEEN_LIMIT)


@kernel
def end(h: House, row: int, t: float) -> None:
    """Report the end, free the claim, and let the last row take the place."""
    tracks = h.tracks
    if tracks.i[row, TI_REPORTED] == 1:
        tracks.i[row, TI_STATUS] = ENDED
        report(h, row, t)
    if tracks.i[row, TI_CLAIM] >= 0:
        h.claims.i[tracks.i[row, TI_CLAIM], CI_ROW] = -1
    last = h.n[N_TRACKS] - 1
    if row != last:
        tracks.x[row] = tracks.x[last]
        tracks.P[row] = tracks.P[last]
        tracks.mu[row] = tracks.mu[last]
        tracks.f[row] = tracks.f[last]
        tracks.i[row] = tracks.i[last]
        tracks.witness[row] = tracks.witness[last]
        tracks.witness_t[row] = tracks.witness_t[last]
        if tracks.i[row, TI_CLAIM] >= 0:
            h.claims.i[tracks.i[row, TI_CLAIM], CI_ROW] = row
    h.n[N_TRACKS] = last


@kernel
def merge_twins(h: House) -> None:
    """Two tracks on one thing share its hits: when both lie together and neither is seen at every
    look, the younger ends. Two things flying together are each seen, and stay two."""
    tracks = h.tracks
    a = 0
    while a < h.n[N_TRACKS]:
        b = a + 1
        while b < h.n[N_TRACKS]:
            if not _twins(h, a, b):
                b += 1
                continue
            older = tracks.f[a, T_FIRST] <= tracks.f[b, T_FIRST]
            loser = b if older else a
            winner = a if older else b
            if tracks.i[loser, TI_STATUS] != TENTATIVE and tracks.i[winner, TI_STATUS] == TENTATIVE:
                loser, winner = winner, loser
            claim = tracks.i[loser, TI_CLAIM]
            if claim >= 0 and tracks.i[winner, TI_CLAIM] < 0:
                tracks.i[winner, TI_CLAIM] = claim
                tracks.i[loser, TI_CLAIM] = -1
                tracks.i[winner, TI_SENSORS] |= tracks.i[loser, TI_SENSORS]
                h.claims.i[claim, CI_ROW] = winner
            end(h, loser, h.w[W_CLOCK])
            if loser == a:
                b = a + 1
        a += 1


@kernel
def _twins(h: House, a: int, b: int) -> bool:
    """Whether two rows look like one thing."""
    tracks = h.tracks
    if tracks.i[a, TI_CLAIM] >= 0 and tracks.i[b, TI_CLAIM] >= 0:
        return False
    t = max(tracks.f[a, T_TIME], tracks.f[b, T_TIME])
    total = 0.0
    for k in range(6):
        if k == 2 or k == 5:
            continue
        xa, xb = tracks.x[a, 0, k], tracks.x[b, 0, k]
        if k < 2:
            xa += (t - tracks.f[a, T_TIME]) * tracks.x[a, 0, k + 3]
            xb += (t - tracks.f[b, T_TIME]) * tracks.x[b, 0, k + 3]
        total += (xa - xb) ** 2 / (tracks.P[a, 0, k, k] + tracks.P[b, 0, k, k])
        if total > TWIN_SIGMAS2:
            return False
    return bool(tracks.f[a, T_RATE] + tracks.f[b, T_RATE] < 1.5)


@kernel
def report(h: House, row: int, t: float) -> None:
    """Write one report: the track as it is believed to be at `t`."""
    k = h.n[N_REPORTS]
    h.n[N_REPORTS] += 1
    f, i = h.reports.f[k], h.reports.i[k]
    tracks = h.tracks
    x, P = h.bench.x0, h.bench.Q
    merged(tracks, row, x, P)
    dt = t - tracks.f[row, T_TIME]
    late = max(dt, 0.0)
    f[R_T] = t
    for a in range(3):
        f[R_E + a] = x[a] + dt * x[a + 3]
        f[R_VE + a] = x[a + 3]
    drift = STEADY_Q * late * late * late / 3.0
    f[R_PEE] = P[0, 0] + 2.0 * late * P[0, 3] + late * late * P[3, 3] + drift
    f[R_PNN] = P[1, 1] + 2.0 * late * P[1, 4] + late * late * P[4, 4] + drift
    f[R_PUU] = P[2, 2] + 2.0 * late * P[2, 5] + late * late * P[5, 5] + drift * VERTICAL_SHARE
    f[R_PEN] = P[0, 1] + late * (P[0, 4] + P[1, 3]) + late * late * P[3, 4]
    f[R_PV] = P[3, 3] + P[4, 4]
    f[R_FIRST] = tracks.f[row, T_FIRST]
    for c in range(4):
        f[R_CLASS + c] = tracks.f[row, T_CLASS + c]
    claim = tracks.i[row, TI_CLAIM]
    for c in range(C_WIDTH):
        f[R_CLAIM + c] = h.claims.f[claim, c] if claim >= 0 else 0.0
    i[RI_UID], i[RI_STATUS], i[RI_CLAIM] = tracks.i[row, TI_UID], tracks.i[row, TI_STATUS], claim
    i[RI_HEIGHT], i[RI_KINDS] = tracks.i[row, TI_HEIGHT], tracks.i[row, TI_SENSORS]
    for w in range(WITNESSES):
        i[RI_WITNESS + w] = tracks.witness[row, w]
        f[R_WITNESS_T + w] = tracks.witness_t[row, w]
    tracks.f[row, T_REPORT] = t
    tracks.i[row, TI_REPORTED] = 1
