"""A network of bare microphones: who a statement belongs to, and what silence says.

A statement goes to the bank of guesses that expects it most, or supports a track that better
sensors hold. Left alone it waits at its microphone for another one near by; two begin a bank. What
a bank's microphones did *not* say is worked in once a period, a little late.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.bank import GUESSES, BankRow
from tocsin.fuse.birth import open_row
from tocsin.fuse.columns import (
    ACOUSTIC,
    TENTATIVE,
    Ints,
    StatementRow,
    TrackRow,
)
from tocsin.fuse.ears import ears_near
from tocsin.fuse.grid import extent, hang, leave, rows_near, touch
from tocsin.fuse.guesses import carry, level_out, open_bank, sum_up, tidy
from tocsin.fuse.hearing import LEVEL_SPAN_DB, Ear, face, take_on, weigh
from tocsin.fuse.house import DEFAULT_PD, House, bear_witness, chance, reach
from tocsin.fuse.life import end
from tocsin.fuse.measure import SOUND_MPS
from tocsin.fuse.places import DEAD_PRIOR, DEAD_TOP, NEVER

SPARE_M = 800.0  # a bank may reach beyond an ear's circle by what flies during the delay of sound
WIDE = 2.5  # sigmas of a bank within which its microphones are asked
PACE_S = 15.0  # three of it without a statement end a track, 2.5 make it coast
WINDOW_S = 5.0  # of silence worked in at once, where the period is not told
LATE_S = 2.0  # silence is believed only when a line has had so long to arrive
SCORE_TOP = 14.0
MOST_GAIN = 5.0  # nats of one statement, at most
MOST_LOSS = 1.5  # nats of one period of silence: a region may be cut off
NEW_A_LOOK = 2.0e-5  # new things that begin near one microphone, each look
CALM_LOOKS = 720.0  # one false alarm in so many looks, until a microphone shows its own rate
CHAIN_S = 20.0  # two lone statements so far apart in time can be one thing
CHAIN = 6
TWINS = 4.0  # squared sigmas within which two tracks are one
STARVED_S = 12.0
HELD_S = 5.0


@kernel
def ear_of(h: House, s: int, share: float) -> Ear:
    """A microphone for the guesses; `share` of its chance counts."""
    f = h.sensors[s]
    pd = DEFAULT_PD if math.isnan(f.pd) else f.pd
    mps = SOUND_MPS / max(h.state[0].sound, 1e-3)
    return Ear(f.place[0], f.place[1], share * pd, reach(h.sensors, s), mps)


@kernel
def stray_log(h: House, s: int, t: float) -> float:
    """Log-density of a false alarm of this microphone: what is stated, and what it showed."""
    f = h.sensors[s]
    period = WINDOW_S if math.isnan(f.period) else f.period
    calm = CALM_LOOKS if not f.clutter > 0.0 else min(max(1.0 / f.clutter, 60.0), 1e5)
    rate = (1.0 + f.strays) / (calm + max(t, 0.0) / period)
    return math.log(rate / LEVEL_SPAN_DB)


@kernel
def judge_bank(h: House, bank: BankRow, s: int, level: float, t: float, learn: bool) -> float:
    """Likelihood of a statement under a bank, which learns it if `learn`."""
    ear, b = ear_of(h, s, 1.0), h.bench[0]
    total = 0.0
    for k in range(bank.count):
        face(bank.x[k], bank.P[k], bank.time - t, ear, b)
        like = weigh(bank.x[k], True, level, 1.0, ear, b)
        total += bank.w[k] * like
        if learn:
            take_on(bank.x[k], bank.P[k], b)
            bank.w[k] *= like
    if learn:
        tidy(bank)
    return total


@kernel
def hear(h: House, d: StatementRow) -> None:
    """Work in one presence."""
    s = d.sensor
    f = h.sensors[s]
    t = d.t - f.clock_lag
    f.heard = max(f.heard, d.received)
    f.last = max(f.last, t)
    if t > f.spoke:
        f.before, f.spoke = f.spoke, t
    f.dead = DEAD_PRIOR
    stray = stray_log(h, s, t)
    rows = rows_near(h, f.place[0], f.place[1], reach(h.sensors, s) + SPARE_M, t)
    if _support(h, rows, d, t, stray):
        return
    best, most = -1, 0.0
    for row in rows:
        tr = h.tracks[row]
        if tr.bank < 0:
            continue
        bank = h.banks[tr.bank]
        spread = WIDE * math.sqrt(tr.P[0, 0, 0] + tr.P[0, 1, 1])
        limit = reach(h.sensors, s) + SPARE_M + spread + 60.0 * abs(t - tr.time)
        de, dn = tr.x[0, 0] - f.place[0], tr.x[0, 1] - f.place[1]
        if de * de + dn * dn > limit * limit:
            continue
        carry(bank, t)
        gain = math.log(max(judge_bank(h, bank, s, d.level, t, False), 1e-300)) - stray
        if gain > most:
            best, most = tr.bank, gain
    if best >= 0:
        _belong(h, h.banks[best], s, d.level, t, most)
    else:
        _chain(h, d, t)


@kernel
def _belong(h: House, bank: BankRow, s: int, level: float, t: float, gain: float) -> None:
    """A bank learns a statement, and its track is the surer for it."""
    carry(bank, t)
    judge_bank(h, bank, s, level, t, True)
    bank.ear = s
    sum_up(h, bank)
    tr = h.tracks[bank.row]
    tr.score = min(tr.score + min(gain, MOST_GAIN), SCORE_TOP)
    _note(tr, s, t)
    hang(h, bank.row)
    touch(h, bank.row)


@kernel
def _note(tr: TrackRow, s: int, t: float) -> None:
    """Count a statement that belongs to a track."""
    tr.hits += 1
    tr.hit = max(tr.hit, t)
    tr.physical = max(tr.physical, t)
    tr.kinds |= 1 << ACOUSTIC
    bear_witness(tr, s, t)


@kernel
def _support(h: House, rows: Ints, d: StatementRow, t: float, stray: float) -> bool:
    """Whether a sure track that better sensors hold explains the statement: it becomes a witness,
    and neither moves the track nor keeps it alive."""
    best, most = -1, 0.0
    for row in rows:
        tr = h.tracks[row]
        if tr.bank >= 0 or tr.status == TENTATIVE or t - tr.hit > HELD_S:
            continue
        p = chance(h.sensors, d.sensor, tr.x[0])
        if p > most:
            best, most = row, p
    if best < 0:
        return False
    tr = h.tracks[best]
    gain = math.log(most / LEVEL_SPAN_DB) - stray
    tr.score = min(tr.score + max(min(gain, 2.0), 0.0), SCORE_TOP)
    tr.physical = max(tr.physical, t)
    tr.kinds |= 1 << ACOUSTIC
    bear_witness(tr, d.sensor, t)
    touch(h, best)
    return True


@kernel
def _chain(h: House, d: StatementRow, t: float) -> None:
    """Begin a bank with earlier lone statements of microphones near by, or leave this one."""
    s = d.sensor
    f, b = h.sensors[s], h.bench[0]
    n = ears_near(h, f.place[0], f.place[1], 2.0 * reach(h.sensors, s), b)
    links = np.full(CHAIN, -1, np.int64)
    count = 0
    for k in range(n):
        o = b.ears[k]
        if o == s or abs(t - h.sensors[o].call_t) > CHAIN_S:
            continue
        at = min(count, CHAIN - 1)
        if count == CHAIN and h.sensors[o].call_t < h.sensors[links[at]].call_t:
            continue
        while at > 0 and h.sensors[links[at - 1]].call_t < h.sensors[o].call_t:
            links[at] = links[at - 1]
            at -= 1
        links[at] = o
        count = min(count + 1, CHAIN)
    f.strays += 1.0
    if count == 0 or not _begin(h, d, t, links, count):
        f.call_t, f.call_level = t, d.level


@kernel
def _begin(h: House, d: StatementRow, t: float, links: Ints, count: int) -> bool:
    """A track from a chain of lone statements, oldest first; False if they do not fit together."""
    first = links[count - 1]
    row = open_row(h, first, h.sensors[first].call_t)
    tr = h.tracks[row]
    tr.pace = PACE_S
    bank = h.banks[open_bank(h, row, first, tr.first)]
    _spread_out(h, bank, first, h.sensors[first].call_level)
    tr.score = math.log(NEW_A_LOOK / LEVEL_SPAN_DB) - stray_log(h, first, tr.first)
    _note(tr, first, tr.first)
    gain = 0.0
    for k in range(count - 2, -2, -1):
        o = links[k] if k >= 0 else d.sensor
        when = h.sensors[o].call_t if k >= 0 else t
        level = h.sensors[o].call_level if k >= 0 else d.level
        carry(bank, when)
        gain = math.log(max(judge_bank(h, bank, o, level, when, False), 1e-300))
        gain -= stray_log(h, o, when)
        if gain > 0.0:
            _belong(h, bank, o, level, when, gain)
        elif k >= 0:
            links[k] = -1
    if tr.hits < 2 or tr.witness[1] < 0 or gain <= 0.0:
        leave(h, row)
        h.state[0].tracks -= 1
        h.state[0].uids -= 1
        h.state[0].banks -= 1
        return False
    tr.start = tr.score
    for k in range(count):
        if links[k] >= 0:
            h.sensors[links[k]].call_t = NEVER
            h.sensors[links[k]].strays = max(h.sensors[links[k]].strays - 1.0, 0.0)
    h.sensors[d.sensor].strays -= 1.0
    return True


SOURCE_DB, SOURCE_SIGMA_DB = 118.0, 5.0  # a moped at 1 m: 110 to 125 dB
SPEED_SIGMA_MPS = 33.0  # each way: 15 to 60 m/s on any course
GOLDEN_TURN = 2.399963229728653


@kernel
def _spread_out(h: House, bank: BankRow, s: int, level: float) -> None:
    """Guesses all over what the first microphone hears, by a sunflower, weighed by its level."""
    ear, b = ear_of(h, s, 1.0), h.bench[0]
    wide = 0.55 * ear.reach * math.sqrt(math.pi / GUESSES)
    for k in range(GUESSES):
        r = ear.reach * math.sqrt((k + 0.5) / GUESSES)
        x, P, tau = bank.x[k], bank.P[k], r / ear.mps
        x[:] = 0.0
        P[:] = 0.0
        x[0] = ear.east + r * math.sin(k * GOLDEN_TURN)
        x[1] = ear.north + r * math.cos(k * GOLDEN_TURN)
        x[4], P[4, 4] = SOURCE_DB, SOURCE_SIGMA_DB**2
        for a in range(2):
            P[a + 2, a + 2] = SPEED_SIGMA_MPS**2
            P[a, a] = wide * wide + (tau * SPEED_SIGMA_MPS) ** 2
            P[a, a + 2] = P[a + 2, a] = tau * SPEED_SIGMA_MPS**2
        face(x, P, 0.0, ear, b)
        bank.w[k] = weigh(x, True, level, 1.0, ear, b)
        take_on(x, P, b)
    level_out(bank)
    sum_up(h, bank)


@kernel
def hear_nothing(h: House, second: float) -> None:
    """Work in the silence of every bank's microphones, and end banks that hear what others do."""
    k = 0
    while k < h.state[0].banks:
        bank = h.banks[k]
        period = h.sensors[bank.ear].period
        window = WINDOW_S if math.isnan(period) else max(period, 1.0)
        if bank.swept + window + LATE_S > second:
            k += 1
            continue
        _sweep(h, bank, bank.swept, bank.swept + window)
        bank.swept += window
        if not _yield_to_better(h, k, second):
            k += 1


@kernel
def _sweep(h: House, bank: BankRow, begin: float, until: float) -> None:
    """What the microphones around a bank did not say from `begin` until then."""
    carry(bank, until)
    tr, b = h.tracks[bank.row], h.bench[0]
    sum_up(h, bank)
    lag = bank.time - 0.5 * (begin + until)
    wide = WIDE * math.sqrt(max(tr.P[0, 0, 0], tr.P[0, 1, 1])) + SPARE_M
    n = ears_near(h, tr.x[0, 0], tr.x[0, 1], h.state[0].cell + wide, b)
    cost = 0.0
    for j in range(n):
        s = b.ears[j]
        f = h.sensors[s]
        if begin <= f.spoke < until or begin <= f.before < until or f.dead > DEAD_TOP:
            continue
        alive = 1.0 / (1.0 + math.exp(f.dead))
        looks = 1.0 if math.isnan(f.period) else (until - begin) / max(f.period, 0.1)
        likely = _unheard(h, bank, lag, s, alive, looks)
        cost += math.log(likely)
        if tr.status != TENTATIVE and likely < 1.0:
            f.dead = min(f.dead - math.log(1.0 - min((1.0 - likely) / alive, 0.95)), DEAD_TOP)
    tidy(bank)
    sum_up(h, bank)
    tr.score += cost if tr.status == TENTATIVE else max(cost, -MOST_LOSS)


@kernel
def _unheard(h: House, bank: BankRow, lag: float, s: int, alive: float, looks: float) -> float:
    """A bank learns that one microphone said nothing; how likely that was."""
    ear, b = ear_of(h, s, alive), h.bench[0]
    for k in range(bank.count):
        x, P = bank.x[k], bank.P[k]
        limit = ear.reach + SPARE_M + WIDE * math.sqrt(max(P[0, 0], P[1, 1]))
        de, dn = x[0] - ear.east, x[1] - ear.north
        like = 1.0
        if de * de + dn * dn < limit * limit:
            face(x, P, lag, ear, b)
            like = weigh(x, False, math.nan, looks, ear, b)
            take_on(x, P, b)
        bank.w[k] *= like
    return float(max(level_out(bank), 1e-6))


@kernel
def _same(one: TrackRow, two: TrackRow) -> bool:
    """Whether two tracks lie together in place and speed."""
    ahead = one.time - two.time
    total = 0.0
    for k in (0, 1, 3, 4):
        gap = one.x[0, k] - two.x[0, k]
        if k < 2:
            gap -= ahead * two.x[0, k + 3]
        total += gap * gap / (one.P[0, k, k] + two.P[0, k, k])
    return bool(total < TWINS)


@kernel
def _yield_to_better(h: House, k: int, t: float) -> bool:
    """End bank `k` where another track is on the same thing: a surer one, or one that better
    sensors hold, which then goes on under the older name."""
    row = h.banks[k].row
    tr = h.tracks[row]
    wide = extent(tr, t)
    for o in rows_near(h, tr.x[0, 0], tr.x[0, 1], wide, h.grid.ahead[0]):
        other = h.tracks[o]
        if o == row or other.status == TENTATIVE or not _same(tr, other):
            continue
        if other.bank < 0:
            if t - other.hit > HELD_S:
                continue
            if tr.status != TENTATIVE and tr.first < other.first:
                other.uid, tr.uid = tr.uid, other.uid
                other.first, tr.first = tr.first, other.first
        elif tr.status != TENTATIVE and (t - tr.hit < STARVED_S or tr.first < other.first):
            continue
        other.kinds |= tr.kinds
        end(h, row, t)
        return True
    return False
