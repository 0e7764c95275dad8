"""What an emitter claims: joined to a track that is there, or kept apart and doubted.

A claim never drags a track that sensors see: it must fit the gate like any other statement. One
that fits nothing gets a track of its own, and that track stays *tentative* while sensors that must
see it do not, or while it jumps about.
"""

from __future__ import annotations

import math

from tocsin.fuse.birth import born_at_fix, note
from tocsin.fuse.columns import (
    ADSB,
    C_E,
    C_E2,
    C_JUMP,
    C_JUMP_MPS,
    C_N,
    C_N2,
    C_OFF,
    C_OFF_M,
    C_T,
    C_T2,
    C_TWICE,
    C_TWICE_M,
    C_U,
    CI_ROW,
    D_E,
    D_N,
    D_SIG_H,
    D_T,
    D_U,
    DI_CLAIM,
    DI_SENSOR,
    DI_TYPE,
    FIX,
    N_TRACKS,
    REMOTE_ID,
    SI_KIND,
    T_PHYSICAL,
    T_SCORE,
    T_TIME,
    TI_CLAIM,
    TI_SENSORS,
    Floats,
    Ints,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.house import House
from tocsin.fuse.motion import predict
from tocsin.fuse.update import fit, learn

OWN_GATE = 25.0  # chi-square of 3 numbers at 99.998 %: an honest claim is let in
JOIN_GATE = 16.3  # chi-square of 3 numbers at 99.9 %
FASTEST_DRONE_MPS = 90.0
FASTEST_AIRCRAFT_MPS = 400.0
CLAIM_GAIN = 1.5  # log-odds that one more claim adds: a liar can send as many as he likes
CLAIM_TOP = 6.0  # and what claims alone can ever reach
PHYSICAL_MEMORY_S = 10.0


@kernel
def claim_statement(h: House, d: Floats, di: Ints) -> None:
    """Work in one claimed place."""
    c, s = di[DI_CLAIM], di[DI_SENSOR]
    if di[DI_TYPE] != FIX:
        return
    fast = FASTEST_AIRCRAFT_MPS if h.sensors.i[s, SI_KIND] == ADSB else FASTEST_DRONE_MPS
    jumped = _judge_jump(h, c, d, fast)
    row = h.claims.i[c, CI_ROW]
    if row >= 0 and not jumped and _try(h, row, s, d, di, OWN_GATE) < OWN_GATE:
        _join(h, row, s, d, di)
    else:
        _place_claim(h, c, row, s, d, di, jumped)
    f = h.claims.f[c]
    f[C_E], f[C_N], f[C_U], f[C_T] = d[D_E], d[D_N], d[D_U], d[D_T]


@kernel
def _judge_jump(h: House, c: int, d: Floats, fast: float) -> bool:
    """Whether the claim moved faster than anything flies; remembers the place it left."""
    f = h.claims.f[c]
    if f[C_T] < 0.0:
        return False
    dt = max(abs(d[D_T] - f[C_T]), 0.2)
    far = math.hypot(d[D_E] - f[C_E], d[D_N] - f[C_N])
    slack = 6.0 * d[D_SIG_H] + 60.0
    if far <= fast * dt + slack:
        return False
    f[C_JUMP] += 1.0
    f[C_JUMP_MPS] = far / dt
    if f[C_T2] >= 0.0:
        back = math.hypot(d[D_E] - f[C_E2], d[D_N] - f[C_N2])
        if back <= fast * max(d[D_T] - f[C_T2], 0.2) + slack and d[D_T] - f[C_T2] < 30.0:
            f[C_TWICE] += 1.0
            f[C_TWICE_M] = far
    f[C_E2], f[C_N2], f[C_T2] = f[C_E], f[C_N], f[C_T]
    return True


@kernel
def _try(h: House, row: int, s: int, d: Floats, di: Ints, gate: float) -> float:
    """Mahalanobis distance squared of the claim to a track, carried to its time if it fits."""
    x = h.tracks.x[row, 1]
    P = h.tracks.P[row, 1]
    dt = max(d[D_T] - h.tracks.f[row, T_TIME], 0.0)
    loose = 6.0 * (math.sqrt(P[0, 0] + P[1, 1]) + d[D_SIG_H])
    loose += dt * (math.hypot(x[3], x[4]) + 6.0 * math.sqrt(P[3, 3] + P[4, 4]) + 20.0)
    if math.hypot(x[0] - d[D_E], x[1] - d[D_N]) > loose:
        return gate + 1.0
    predict(h.tracks, row, d[D_T])
    lag = h.tracks.f[row, T_TIME] - d[D_T]
    return fit(h.tracks, row, h.sensors, s, di[DI_TYPE], d, lag, 0.0, h.bench, h.logs)


@kernel
def _join(h: House, row: int, s: int, d: Floats, di: Ints) -> None:
    """The claim agrees with the track: learn from it, and trust it a bounded little."""
    lag = h.tracks.f[row, T_TIME] - d[D_T]
    learn(h.tracks, row, h.sensors, s, di[DI_TYPE], d, lag, 0.0, h.bench, h.logs)
    note(h, row, s, d, 1.0)
    score = h.tracks.f[row, T_SCORE]
    if score < CLAIM_TOP:
        h.tracks.f[row, T_SCORE] = min(score + CLAIM_GAIN, CLAIM_TOP)


@kernel
def _place_claim(h: House, c: int, row: int, s: int, d: Floats, di: Ints, jumped: bool) -> None:
    """Find the claim another track, or give it one of its own."""
    if row >= 0:
        _part(h, c, row, d, jumped)
    best, best_d2 = -1, JOIN_GATE
    for other in range(h.n[N_TRACKS]):
        if h.tracks.i[other, TI_CLAIM] >= 0:
            continue
        d2 = _try(h, other, s, d, di, JOIN_GATE)
        if d2 < best_d2:
            best, best_d2 = other, d2
    if best >= 0:
        h.tracks.i[best, TI_CLAIM] = c
        h.claims.i[c, CI_ROW] = best
        _join(h, best, s, d, di)
        return
    row = h.claims.i[c, CI_ROW]
    if row >= 0:
        _restart(h, row, d, di)
        return
    row = born_at_fix(h, d, di)
    h.tracks.i[row, TI_CLAIM] = c
    h.claims.i[c, CI_ROW] = row


@kernel
def _part(h: House, c: int, row: int, d: Floats, jumped: bool) -> None:
    """The claim left its track. A track that sensors see goes on without it."""
    f = h.claims.f[c]
    physical = d[D_T] - h.tracks.f[row, T_PHYSICAL] < PHYSICAL_MEMORY_S
    if physical:
        f[C_OFF] += 1.0
        f[C_OFF_M] = math.hypot(h.tracks.x[row, 0, 0] - d[D_E], h.tracks.x[row, 0, 1] - d[D_N])
        h.tracks.i[row, TI_CLAIM] = -1
        h.tracks.i[row, TI_SENSORS] &= ~((1 << REMOTE_ID) | (1 << ADSB))
        h.claims.i[c, CI_ROW] = -1
    elif not jumped:
        f[C_OFF] += 0.0


@kernel
def _restart(h: House, row: int, d: Floats, di: Ints) -> None:
    """Move a track that lives by claims alone to where its claim now says: tentative again."""
    fresh = born_at_fix(h, d, di)
    for mode in range(2):
        h.tracks.x[row, mode] = h.tracks.x[fresh, mode]
        h.tracks.P[row, mode] = h.tracks.P[fresh, mode]
        h.tracks.mu[row, mode] = h.tracks.mu[fresh, mode]
    h.tracks.f[row, T_TIME] = d[D_T]
    h.n[N_TRACKS] -= 1
    h.n[1] -= 1
    h.tracks.f[row, T_SCORE] = min(h.tracks.f[row, T_SCORE] - 2.0, 0.0)
    note(h, row, di[DI_SENSOR], d, 1.0)
