"""What an emitter's own words say against it: its clock, its speed, its signal, its number.

Each doubt is a count of things that an honest emitter would not do, with the numbers of the last
of them; `suspicion` weighs them. Doubts shrink while the emitter behaves.
"""

from __future__ import annotations

import math

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import (
    CLOCK,
    DOUBTS,
    JUMP,
    MUTE,
    OFF,
    SIGNAL,
    SPEED,
    TWICE,
    UNSEEN,
    ClaimRow,
    Floats,
    StatementRow,
)
from tocsin.fuse.house import House

NEVER = -1.0
REGRESS_S = 2.0  # two radios of one aircraft may queue their words for a second
FROZEN_S = 10.0
WALK_S = 8.0  # over which claimed speeds are added up and held against the claimed places
WALK_GAP_S = 3.5  # after a longer silence nobody knows how it flew
WALK_SIGMAS = 6.0
WALK_SHARE = 0.25  # of the way: turns between two words, and the age of each
SAME_M, SAME_CLAIM_S, SAME_S = 0.05, 0.05, 0.45
SIGNAL_GAIN = 0.2  # weight of the newest signal in its mean
SIGNAL_LEAST = 4.0  # words before a mean is a mean: flutter of 2.5 dB becomes 1.2
SIGNAL_ALIKE_DB = 2.5
SIGNAL_APART_DB = 6.0  # what the claimed distances should make of it
SIGNAL_S = 10.0
SHARERS = 3  # others of one strength, where distance would have it otherwise
GOOD_WORD = 0.995  # of a doubt is left after a word that gives none: half after 140 of them
GOOD_SEEN = 0.96  # and after one that sensors confirm: half after 17
UNSEEN_LIMIT = 11.5  # nats: an honest emitter would be missed like that once in 100,000


@kernel
def same_report(claim: ClaimRow, d: StatementRow) -> bool:
    """Whether this is the last word again, heard by another receiver: no second evidence."""
    if claim.t == NEVER or abs(d.t - claim.t) > 2.0:
        return False
    for a in range(3):
        if abs(d.place[a] - claim.place[a]) > SAME_M:
            return False
    if not math.isnan(d.said) and not math.isnan(claim.clock):
        return bool(abs(d.t + d.said - claim.clock) < SAME_CLAIM_S)
    return bool(abs(d.t - claim.t) < SAME_S)


@kernel
def judge_words(h: House, claim: ClaimRow, d: StatementRow) -> None:
    """Hold one word against those before it, and against what others say."""
    before = 0.0
    for k in range(DOUBTS):
        before += claim.doubt[k]
    _judge_clock(claim, d)
    _judge_speed(claim, d)
    _judge_signal(h, claim, d)
    after = 0.0
    for k in range(DOUBTS):
        after += claim.doubt[k]
    if after <= before:
        forgive(claim.doubt, GOOD_WORD)


@kernel
def forgive(doubt: Floats, share: float) -> None:
    """The emitter behaved: doubts shrink. Not those that rest on what it goes on doing: a number
    that breaks the standard, and that nobody sees or hears it."""
    for k in (JUMP, TWICE, OFF, SIGNAL, CLOCK, SPEED):
        doubt[k] *= share


@kernel
def _judge_clock(claim: ClaimRow, d: StatementRow) -> None:
    """Whether the emitter's own time stamp runs backwards, or stands still."""
    if math.isnan(d.said) or d.t <= claim.t:
        return
    said = d.t + d.said
    if math.isnan(claim.clock) or said > claim.clock:
        claim.clock, claim.clock_t = said, d.t
    elif said < claim.clock - REGRESS_S:
        claim.doubt[CLOCK] += 1.0
        claim.figure[CLOCK, 0] = claim.clock - said
        claim.clock, claim.clock_t = said, d.t
    elif d.t - claim.clock_t > FROZEN_S:
        claim.doubt[CLOCK] += 1.0
        claim.figure[CLOCK, 0] = d.t - claim.clock_t
        claim.clock_t = d.t


@kernel
def _judge_speed(claim: ClaimRow, d: StatementRow) -> None:
    """Whether the claimed places move as the claimed velocities say, over some seconds."""
    e, n = d.motion[0], d.motion[1]
    if math.isnan(e) or math.isnan(n):
        return
    dt = d.t - claim.walk_t
    if claim.walk_from == NEVER or dt > WALK_GAP_S or claim.doubt[JUMP] > claim.walk_jumps:
        claim.walk_from = d.t
        claim.walk_place[:] = d.place
        claim.walk[0] = claim.walk[1] = 0.0
    elif dt > 0.0:
        claim.walk[0] += 0.5 * dt * (e + claim.walk[2])
        claim.walk[1] += 0.5 * dt * (n + claim.walk[3])
    else:
        return
    claim.walk_jumps = claim.doubt[JUMP]
    claim.walk[2], claim.walk[3], claim.walk_t = e, n, d.t
    took = d.t - claim.walk_from
    if took < WALK_S:
        return
    far_e, far_n = d.place[0] - claim.walk_place[0], d.place[1] - claim.walk_place[1]
    told, went = math.hypot(claim.walk[0], claim.walk[1]), math.hypot(far_e, far_n)
    slack = WALK_SIGMAS * d.sig_h + WALK_SHARE * max(told, went) + d.sig_v * took
    if math.hypot(far_e - claim.walk[0], far_n - claim.walk[1]) > slack:
        claim.doubt[SPEED] += 1.0
        claim.figure[SPEED, 0], claim.figure[SPEED, 1] = told / took, went / took
    claim.walk_from = NEVER


@kernel
def _judge_signal(h: House, claim: ClaimRow, d: StatementRow) -> None:
    """Whether several aircraft that sensors do not see come with one signal strength, though they
    claim to be near and far. The doubt is how many more there are, while they are."""
    if math.isnan(d.signal) or h.sensors[d.sensor].placed == 0:
        return
    if claim.hearer != d.sensor and claim.signals > 0.0 and d.t - claim.t < SIGNAL_S:
        return  # one receiver at a time: the one that heard it first
    if claim.hearer != d.sensor:
        claim.hearer, claim.signals = d.sensor, 0.0
    claim.signals += 1.0
    gain = max(1.0 / claim.signals, SIGNAL_GAIN)
    claim.signal += gain * (d.signal - claim.signal)
    claim.afar = _afar(h, d)
    if claim.signals < SIGNAL_LEAST or _seen(h, claim, d.t):
        return
    alike = apart = 0
    for c in range(h.state[0].claims):
        o = h.claims[c]
        if o.hearer != claim.hearer or o.signals < SIGNAL_LEAST or d.t - o.t > SIGNAL_S:
            continue
        if abs(o.signal - claim.signal) > SIGNAL_ALIKE_DB or _seen(h, o, d.t):
            continue
        alike += 1
        apart += 1 if abs(o.afar - claim.afar) > SIGNAL_APART_DB else 0
    if apart > 0 and alike > SHARERS:
        claim.doubt[SIGNAL] = max(claim.doubt[SIGNAL], float(alike - SHARERS))
        claim.figure[SIGNAL, 0] = float(alike)


@kernel
def _afar(h: House, d: StatementRow) -> float:
    """Free-space loss of the claimed distance from the receiver, less a constant, dB."""
    p = h.sensors[d.sensor].place
    far2 = 0.0
    for a in range(3):
        far2 += (d.place[a] - p[a]) ** 2
    return 10.0 * math.log10(max(far2, 1.0))


@kernel
def _seen(h: House, claim: ClaimRow, t: float) -> bool:
    """Whether sensors find the claim where it says that it is."""
    return bool(claim.row >= 0 and t - h.tracks[claim.row].physical < SIGNAL_S)


@kernel
def doubted(claim: ClaimRow) -> bool:
    """Whether a claim by itself has lost its credit: it jumped, spoke from two places, comes with
    others from one transmitter, or nobody who must see or hear it does."""
    doubt = claim.doubt
    return bool(
        doubt[JUMP] >= 1.5
        or doubt[TWICE] >= 0.6
        or doubt[SIGNAL] >= 1.0
        or doubt[UNSEEN] + doubt[MUTE] > UNSEEN_LIMIT
    )
