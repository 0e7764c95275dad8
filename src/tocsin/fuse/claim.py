"""What an emitter claims: joined to a track that is there, or kept apart and doubted.

A claim never drags a track that sensors see: it must fit the gate like any other statement. One
that fits nothing gets a track of its own, and that track stays *tentative* while sensors that must
see it do not, or while it jumps about.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import born_at_fix, note
from tocsin.fuse.columns import (
    ADSB,
    FIX,
    JUMP,
    OFF,
    REMOTE_ID,
    SERIAL,
    TWICE,
    ClaimRow,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.grid import hang, rows_near, touch
from tocsin.fuse.house import House, bear_witness
from tocsin.fuse.lies import GOOD_SEEN, forgive, judge_words, same_report
from tocsin.fuse.motion import predict
from tocsin.fuse.update import fit, learn

OWN_GATE = 25.0  # chi-square of 3 numbers at 99.998 %: an honest claim is let in
JOIN_GATE = 16.3  # chi-square of 3 numbers at 99.9 %
FASTEST_DRONE_MPS = 90.0
FASTEST_AIRCRAFT_MPS = 400.0
CLAIM_GAIN = 1.5  # log-odds that one more claim adds: a liar can send as many as he likes
CLAIM_TOP = 6.0  # and what claims alone can ever reach
PHYSICAL_MEMORY_S = 10.0
TWICE_MEMORY_S = 30.0
FOLLOW_S = 10.0  # after a longer gap the smoothed path begins anew
STALE_S = 2.0  # a word so late says nothing of a drone that may have turned since, good or bad
NEVER = -1.0
OFF_M = 100.0  # nearer than this, it is the track that lags behind a turn, not a lie


@kernel
def claim_statement(h: House, d: StatementRow) -> None:
    """Work in one claimed place."""
    if d.kind != FIX:
        return
    claim = h.claims[d.claim]
    if same_report(claim, d):
        if claim.row >= 0:
            tr = h.tracks[claim.row]
            tr.hit = max(tr.hit, d.t)
            bear_witness(tr, d.sensor, d.t)
            touch(h, claim.row)
        return
    if claim.row >= 0 and h.tracks[claim.row].time - d.t > STALE_S:
        return
    fast = FASTEST_AIRCRAFT_MPS if h.sensors[d.sensor].kind == ADSB else FASTEST_DRONE_MPS
    jumped = _judge_jump(claim, d, fast)
    row = claim.row
    if row >= 0 and not jumped and _try(h, row, d, OWN_GATE) < OWN_GATE:
        _join(h, row, d)
    else:
        _find_place(h, d)
    claim.aircraft = 1 if h.sensors[d.sensor].kind == ADSB else 0
    if claim.aircraft == 1:
        claim.doubt[SERIAL] = 0.0  # only a drone's serial number has that standard
    judge_words(h, claim, d)
    _follow(claim, d)
    if d.t >= claim.t:
        claim.place[:] = d.place
        claim.t = d.t


@kernel
def _follow(claim: ClaimRow, d: StatementRow) -> None:
    """Smooth the claimed places by an alpha-beta filter that starts as a straight line's fit."""
    dt = d.t - claim.path_t
    claim.sig = d.sig_h
    if claim.fixes == 0 or dt > FOLLOW_S:
        claim.path[:] = d.place
        claim.speed[:] = 0.0
        claim.path_t = d.t
        claim.fixes = 1
        return
    if dt <= 0.0:
        return
    claim.fixes += 1
    k = float(claim.fixes)
    alpha = max(2.0 * (2.0 * k - 1.0) / (k * (k + 1.0)), 0.3)
    beta = max(6.0 / (k * (k + 1.0)), 0.05)
    for a in range(3):
        ahead = claim.path[a] + dt * claim.speed[a]
        claim.path[a] = ahead + alpha * (d.place[a] - ahead)
        claim.speed[a] += beta * (d.place[a] - ahead) / dt
    claim.path_t = d.t


@kernel
def _judge_jump(claim: ClaimRow, d: StatementRow, fast: float) -> bool:
    """Whether the claim moved faster than anything flies; remembers the place it left."""
    if claim.t == NEVER:
        return False
    dt = max(abs(d.t - claim.t), 0.2)
    far = math.hypot(d.place[0] - claim.place[0], d.place[1] - claim.place[1])
    slack = 6.0 * d.sig_h + 60.0
    if far <= fast * dt + slack:
        return False
    claim.doubt[JUMP] += 1.0
    claim.figure[JUMP, 0] = far / dt
    gone = d.t - claim.other_t
    if claim.other_t != NEVER and gone < TWICE_MEMORY_S:
        back = math.hypot(d.place[0] - claim.other[0], d.place[1] - claim.other[1])
        if back <= fast * max(gone, 0.2) + slack:
            claim.doubt[TWICE] += 1.0
            claim.figure[TWICE, 0] = far
    claim.other[:] = claim.place
    claim.other_t = claim.t
    return True


@kernel
def _try(h: House, row: int, d: StatementRow, gate: float) -> float:
    """Mahalanobis distance squared of the claim to a track, carried to its time if it fits."""
    tr = h.tracks[row]
    dt = max(d.t - tr.time, 0.0)
    loose = 6.0 * (math.sqrt(tr.P[1, 0, 0] + tr.P[1, 1, 1]) + d.sig_h)
    speed = math.hypot(tr.x[1, 3], tr.x[1, 4])
    loose += dt * (speed + 6.0 * math.sqrt(tr.P[1, 3, 3] + tr.P[1, 4, 4]) + 20.0)
    if math.hypot(tr.x[1, 0] - d.place[0], tr.x[1, 1] - d.place[1]) > loose:
        return gate + 1.0
    if tr.time < d.t:
        predict(tr, d.t, h.bench[0])
        hang(h, row)
    return fit(tr, h.sensors, d.sensor, d, tr.time - d.t, 0.0, h.bench[0], gate)


@kernel
def _join(h: House, row: int, d: StatementRow) -> None:
    """The claim agrees with the track: learn from it, and trust it a bounded little."""
    tr = h.tracks[row]
    learn(tr, h.sensors, d.sensor, d, tr.time - d.t, 0.0, h.bench[0])
    note(h, tr, d.sensor, d, 1.0)
    claim = h.claims[d.claim]
    if d.t - tr.physical < PHYSICAL_MEMORY_S:
        forgive(claim.doubt, GOOD_SEEN)
    if tr.score < CLAIM_TOP:
        tr.score = min(tr.score + CLAIM_GAIN, CLAIM_TOP)
    hang(h, row)
    touch(h, row)


@kernel
def _none() -> int:
    """-1 as an ordinary number: numba would compile the caller again for a literal one."""
    return int(np.int64(-1))


@kernel
def _find_place(h: House, d: StatementRow) -> None:
    """Find the claim another track, or give it one of its own."""
    c = d.claim
    if h.claims[c].row >= 0:
        touch(h, h.claims[c].row)
        _part(h, h.tracks[h.claims[c].row], d)
    best, best_d2 = _none(), JOIN_GATE
    for other in rows_near(h, d.place[0], d.place[1], 6.0 * d.sig_h, d.t):
        if h.tracks[other].claim >= 0 or h.tracks[other].lone >= 0:
            continue
        d2 = _try(h, other, d, JOIN_GATE)
        if d2 < best_d2:
            best, best_d2 = other, d2
    row = h.claims[c].row
    if best >= 0 and row < 0:
        h.tracks[best].claim = c
        h.claims[c].row = best
        _join(h, best, d)
    elif row >= 0:
        _restart(h, h.tracks[row], d)
        hang(h, row)
        touch(h, row)
    else:
        row = born_at_fix(h, d)
        h.tracks[row].claim = c
        h.claims[c].row = row
        hang(h, row)
        touch(h, row)


@kernel
def _part(h: House, tr: TrackRow, d: StatementRow) -> None:
    """The claim left its track. A track that sensors see goes on without it."""
    if d.t - tr.physical >= PHYSICAL_MEMORY_S:
        return
    claim = h.claims[d.claim]
    far = math.hypot(tr.x[0, 0] - d.place[0], tr.x[0, 1] - d.place[1])
    if far > OFF_M + 3.0 * math.sqrt(tr.P[1, 0, 0] + tr.P[1, 1, 1]):
        claim.doubt[OFF] += 1.0
        claim.figure[OFF, 0] = far
    claim.row = -1
    tr.claim = -1
    tr.kinds &= ~((1 << REMOTE_ID) | (1 << ADSB))


@kernel
def _restart(h: House, tr: TrackRow, d: StatementRow) -> None:
    """Move a track that lives by claims alone to where its claim now says: it is less sure now."""
    fresh = h.tracks[born_at_fix(h, d)]
    tr.x[:] = fresh.x
    tr.P[:] = fresh.P
    tr.mu[:] = fresh.mu
    tr.time = d.t
    h.state[0].tracks -= 1
    h.state[0].uids -= 1
    tr.score = min(tr.score - 2.0, 0.0)
    note(h, tr, d.sensor, d, 1.0)
