"""A track's life: confirmed, coasting, ended, merged with its twin; and what is told of it."""

from __future__ import annotations

import math

from tocsin.earth.compile import inlaid, kernel
from tocsin.fuse.columns import (
    ACOUSTIC,
    ADSB,
    COASTING,
    CONFIRMED,
    ENDED,
    HUMAN,
    MUTE,
    RADAR,
    REMOTE_ID,
    TENTATIVE,
    UNSEEN,
    ClaimRow,
    Ints,
    TrackRow,
)
from tocsin.fuse.grid import extent, hang, leave, rows_near
from tocsin.fuse.guesses import close_bank, foretell
from tocsin.fuse.house import House, chance
from tocsin.fuse.lies import UNSEEN_LIMIT, doubted
from tocsin.fuse.lone import is_vague
from tocsin.fuse.motion import merged
from tocsin.fuse.resolve import seen_apart
from tocsin.fuse.strand import own, unravel
from tocsin.words.batch import WITNESSES

CONFIRM_SCORE = 5.0  # log-odds: 150 to 1
CONFIRM_HITS = 3
END_SCORE = -4.0  # log-odds of a sure track; a tentative one may lose 3 of what it began with
LOSS_TENTATIVE = 3.0
END_TENTATIVE_S = 3.0  # without a hit, or three of its sensors' periods
END_CONFIRMED_S = 8.0
END_PACES = 3.0
COAST_PACES = 2.5  # a sure track without a hit for so many periods is coasting
HEARS = 0.3  # a microphone that would hear it less often than this is not counted
UNSEEN_S = 5.0  # a turn can hide a drone from its own gates for some looks
PHYSICAL_MEMORY_S = 10.0
CLAIM_SILENT_S = 2.5  # an emitter that said nothing for longer does not keep its track alive
LOST_LIMIT = 9.0  # nats: four misses of a radar that sees nine times in ten
HEARER_S = 3.0
TWIN_SIGMAS2 = 9.0
KNOWN_KIND = 3.0  # nats between bird and drone
FLOCK_TOP = 2.5  # nats: a flock does not hide a drone that a camera sees
TWIN_RATE = 1.5  # hits a look that two true things together cannot fall below for long


@kernel
def judge(h: House, rows: Ints, t: float) -> None:
    """Confirm, coast and end these rows (ascending); a change of status is reported at once."""
    doomed = 0
    for k in range(rows.size):
        row = rows[k]
        if row >= h.state[0].tracks:
            continue
        tr = h.tracks[row]
        idle = t - tr.hit
        if _is_over(h, tr, idle, t):
            rows[doomed] = row
            doomed += 1
            continue
        new = _status(h, tr, idle, t)
        if new != tr.status:
            tr.status = new
            report(h, tr, t)
    for k in range(doomed - 1, -1, -1):  # from behind: the last row takes the place of an ended one
        end(h, rows[k], t)


@inlaid
def _is_over(h: House, tr: TrackRow, idle: float, t: float) -> bool:
    """Whether silence has spoken, or nothing was heard for too long."""
    patience = END_TENTATIVE_S if tr.status == TENTATIVE else END_CONFIRMED_S
    floor = tr.start - LOSS_TENTATIVE if tr.status == TENTATIVE else END_SCORE
    doomed = _unclaimed(h, tr, t) and (tr.score < floor or _drifts(tr, t))
    return bool(doomed or idle > max(patience, END_PACES * tr.pace))


@inlaid
def _unclaimed(h: House, tr: TrackRow, t: float) -> bool:
    """Whether nobody claims to be this track, or its emitter fell silent and sensors knew it
    too. What only ever was a claim goes by its age, so that its record of lies stays together."""
    if tr.claim < 0:
        return True
    return bool(tr.physical > 0.0 and t - h.claims[tr.claim].t > CLAIM_SILENT_S)


@inlaid
def _drifts(tr: TrackRow, t: float) -> bool:
    """Whether radars lost it and one sensor's bearings alone are left: those lead anywhere."""
    if tr.lost < LOST_LIMIT:
        return False
    hearers = 0
    for k in range(WITNESSES):
        if tr.witness[k] >= 0 and t - tr.witness_t[k] < HEARER_S:
            hearers += 1
    return hearers < 2


@inlaid
def _status(h: House, tr: TrackRow, idle: float, t: float) -> int:
    """What a live track is now. A claim in doubt that sensors do not see is never sure."""
    if tr.claim >= 0:
        claim = h.claims[tr.claim]
        if tr.unseen > UNSEEN_LIMIT and not _placed(h, tr, t, UNSEEN_S):
            _hold_silence_against(h, claim, tr)
        if doubted(claim) and not _placed(h, tr, t, PHYSICAL_MEMORY_S):
            return TENTATIVE
    if tr.status == TENTATIVE:
        sure = tr.score >= CONFIRM_SCORE and tr.hits >= CONFIRM_HITS and not is_vague(h, tr)
        return CONFIRMED if sure else TENTATIVE
    return COASTING if idle > COAST_PACES * max(tr.pace, 0.5) else CONFIRMED


@kernel
def _placed(h: House, tr: TrackRow, t: float, memory_s: float) -> bool:
    """Whether sensors lately found the track at its place: one that measures range, or two. One
    bearing fits whatever is claimed along its line."""
    lines = 0
    for k in range(WITNESSES):
        s = tr.witness[k]
        if s < 0 or t - tr.witness_t[k] > memory_s:
            continue
        kind = h.sensors[s].kind
        if kind in (RADAR, HUMAN):
            return True
        if kind not in (REMOTE_ID, ADSB):
            lines += 1
    return lines >= 2


@kernel
def _hold_silence_against(h: House, claim: ClaimRow, tr: TrackRow) -> None:
    """Nobody saw or heard a claim where they must: what each kind of sensor makes of it."""
    claim.doubt[UNSEEN] = max(claim.doubt[UNSEEN], tr.unseen - tr.mute)
    if tr.mute <= 0.0:
        return
    claim.doubt[MUTE] = max(claim.doubt[MUTE], tr.mute)
    near = 0
    for s in range(h.sensors.shape[0]):
        if h.sensors[s].kind == ACOUSTIC and chance(h.sensors, s, tr.x[0]) > HEARS:
            near += 1
    claim.figure[MUTE, 0] = max(claim.figure[MUTE, 0], float(near))


@kernel
def end(h: House, row: int, t: float) -> None:
    """Report the end, free the claim, and let the last row take the place."""
    tr = h.tracks[row]
    if tr.reported == 1:
        tr.status = ENDED
        report(h, tr, t)
    if tr.claim >= 0:
        h.claims[tr.claim].row = -1
    unravel(h, tr)
    close_bank(h, tr)
    last = h.state[0].tracks - 1
    leave(h, row)
    if row != last:
        leave(h, last)
        h.tracks[row] = h.tracks[last]
        if tr.claim >= 0:
            h.claims[tr.claim].row = row
        own(h, row)
        if tr.bank >= 0:
            h.banks[tr.bank].row = row
    h.state[0].tracks = last
    if row != last:
        hang(h, row)


@kernel
def merge_twins(h: House) -> None:
    """Two tracks on one thing share its hits: when both lie together and neither is seen at every
    look, the younger ends. Two things flying together are each seen, and stay two."""
    a = 0
    while a < h.state[0].tracks:
        b = _twin_of(h, a)
        if b < 0:
            a += 1
            continue
        loser = _weaker(h, a, b)
        _inherit(h, a + b - loser, loser)
        end(h, loser, h.state[0].second)


@kernel
def _twin_of(h: House, a: int) -> int:
    """The first row behind `a` that is the same thing; -1 if none is."""
    tr = h.tracks[a]
    wide = extent(tr, h.state[0].second)
    for b in rows_near(h, tr.x[1, 0], tr.x[1, 1], wide, h.grid.ahead[0]):
        if b > a and _twins(tr, h.tracks[b]):
            return int(b)
    return -1


@kernel
def _weaker(h: House, a: int, b: int) -> int:
    """The row that gives way: a tentative one, else the younger."""
    one, two = h.tracks[a], h.tracks[b]
    if (one.status == TENTATIVE) != (two.status == TENTATIVE):
        return a if one.status == TENTATIVE else b
    return b if one.first <= two.first else a


@kernel
def _inherit(h: House, winner: int, loser: int) -> None:
    """The claim of a twin that ends goes to the one that stays."""
    claim = h.tracks[loser].claim
    if claim >= 0 and h.tracks[winner].claim < 0:
        h.tracks[winner].claim = claim
        h.tracks[winner].kinds |= h.tracks[loser].kinds
        h.tracks[loser].claim = -1
        h.claims[claim].row = winner


@kernel
def _twins(one: TrackRow, two: TrackRow) -> bool:
    """Whether two tracks look like one thing."""
    if one.bank >= 0 or two.bank >= 0:  # the network sees to its own
        return False
    if one.lone >= 0 or two.lone >= 0:  # half the sky lies in its ellipse: it starves instead
        return False
    if seen_apart(one, two, max(one.time, two.time)):
        return False
    if one.rate + two.rate >= TWIN_RATE or (one.claim >= 0 and two.claim >= 0):
        return False
    ahead = one.time - two.time
    total = 0.0
    for k in (0, 1, 3, 4):
        gap = one.x[0, k] - two.x[0, k]
        if k < 2:
            gap -= ahead * (two.x[0, k + 3] if ahead > 0.0 else one.x[0, k + 3])
        total += gap * gap / (one.P[0, k, k] + two.P[0, k, k])
    return bool(total < TWIN_SIGMAS2)


@kernel
def count_flock(h: House) -> None:
    """How many times likelier it is that what flies here is a bird than a drone, as a logarithm,
    judged by what has shown its kind: thirty birds make the thirty-first more likely."""
    birds = drones = 1.0
    for row in range(h.state[0].tracks):
        lean = h.tracks[row].likely[1] - h.tracks[row].likely[0]
        if h.tracks[row].hits >= 2 and abs(lean) > KNOWN_KIND:
            birds += 1.0 if lean > 0.0 else 0.0
            drones += 0.0 if lean > 0.0 else 1.0
    h.state[0].flock = min(max(math.log(birds / drones), 0.0), FLOCK_TOP)


@kernel
def _common_lag(h: House, tr: TrackRow) -> float:
    """The variance (s2) of a lag that all looks at a track may share: no number of them lessens
    it. That of its radar whose clock is best known; 0 where no radar saw it lately."""
    least = 1e9
    for k in range(WITNESSES):
        s = tr.witness[k]
        if s >= 0 and h.sensors[s].kind == RADAR and tr.time - tr.witness_t[k] < HEARER_S:
            least = min(least, h.sensors[s].clock_var)
    return 0.0 if least == 1e9 else least


@kernel
def report(h: House, tr: TrackRow, t: float) -> None:
    """Write one report: the track as it is believed to be at `t`."""
    r = h.reports[h.state[0].reports]
    h.state[0].reports += 1
    b = h.bench[0]
    if tr.bank >= 0:
        foretell(tr, t - tr.time, b)
    else:
        merged(tr, t - tr.time, b)
    for a in range(3):
        r.place[a] = b.x0[a]
        r.motion[a] = b.x0[a + 3]
    P = b.Q
    r.ee, r.nn, r.uu, r.en = P[0, 0], P[1, 1], P[2, 2], P[0, 1]
    r.flock = h.state[0].flock
    r.ee += tr.doubt[0]
    r.en += tr.doubt[1]
    r.nn += tr.doubt[2]
    lag = _common_lag(h, tr)
    r.ee += lag * r.motion[0] ** 2
    r.en += lag * r.motion[0] * r.motion[1]
    r.nn += lag * r.motion[1] ** 2
    r.vv = P[3, 3] + P[4, 4]
    r.t, r.first, r.uid, r.status = t, tr.first, tr.uid, tr.status
    r.height, r.kinds, r.claim = tr.height, tr.kinds, tr.claim
    r.likely[:] = tr.likely
    r.witness[:] = tr.witness
    r.witness_t[:] = tr.witness_t
    if tr.claim >= 0:
        claim = h.claims[tr.claim]
        r.doubt[:] = claim.doubt
        r.figure[:] = claim.figure
    tr.told = t
    tr.reported = 1
