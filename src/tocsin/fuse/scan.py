"""One look of one sensor: gate, assign, learn, count the silent tracks, begin new ones."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import inlaid, kernel
from tocsin.fuse.assign import assign
from tocsin.fuse.birth import note, sight
from tocsin.fuse.claim import claim_statement
from tocsin.fuse.columns import (
    ACOUSTIC,
    ADSB,
    BEARING,
    MUTE,
    RADAR,
    REMOTE_ID,
    TENTATIVE,
    UNSEEN,
    Flags,
    Floats,
    Ints,
    StatementRow,
    Statements,
    TrackRow,
)
from tocsin.fuse.grid import hang, rows_near, touch
from tocsin.fuse.house import (
    LEAST_CHANCE,
    LOOK,
    STRAY_GAIN,
    SURE_BONUS,
    House,
    chance,
    clutter_log,
    reach,
    spoke_last,
)
from tocsin.fuse.lone import ASIDE_S, begin, chance_along, follow, hear_of, keep_waiting
from tocsin.fuse.motion import predict
from tocsin.fuse.mutual import compare
from tocsin.fuse.odds import odds
from tocsin.fuse.register import calibrate
from tocsin.fuse.resolve import AFTER_S
from tocsin.fuse.share import accept_shared, share_echoes
from tocsin.fuse.strand import lay, notice_crowd
from tocsin.fuse.update import FAR, SURE, blend, fit, learn, learn_in_doubt

GATE = (0.0, 10.8, 13.8, 16.3, 18.5, 20.5, 22.5)
"""Chi-square at 99.9 % for 0 to 6 numbers."""
SCORE_TOP = 14.0  # log-odds are not believed beyond one in a million
HIT_TOP = 8.0  # nats that one hit is worth at most
RATE_GAIN = 0.15  # weight of the newest look in a track's rate of hits
CLASS_WEIGHT = 0.7  # looks of one sensor at one thing are not independent
SHADOW_GATE = 9.0  # a leftover this close to a sure track (squared) starts no new one
SLOW_SOUND_MPS = 300.0  # at -50 C: how far a source flew on while its sound came
CHEAP_SIGMAS = 5.0  # wider than any gate, for a look that costs ten multiplications
ONE_BEARING = 1.5  # nats of silence that one bearing outweighs: it fits all claims along its line
FORGIVE_UNSEEN = 0.8  # what is left of the doubt when a sensor sees the claimed thing after all
LONE_MALUS = 2.0  # nats by which a track whose place is known outbids one sensor's lone track


@kernel
def _told(value: float) -> int:
    return 0 if math.isnan(value) else 1


@kernel
def statement_rows(d: StatementRow) -> int:
    """How many numbers a statement brings."""
    if d.kind == BEARING:
        return _told(d.az) + _told(d.el) + _told(d.range) + _told(d.rate)
    m = 2 + _told(d.sig_alt)
    if not math.isnan(d.sig_v):
        m += _told(d.motion[0]) + _told(d.motion[1]) + _told(d.motion[2])
    return m


@kernel
def lone_line(d: StatementRow) -> bool:
    """Whether a statement says only in which direction something is."""
    return bool(d.kind == BEARING and math.isnan(d.range))


@kernel
def spot(h: House, d: StatementRow) -> None:
    """Where a statement with azimuth and range points, and how far off that may be, into
    `place` and `sig_h`; the direction of one without range into `motion`, which a bearing does not
    have: only for the cheap look of `near`."""
    if d.kind != BEARING or math.isnan(d.az):
        return
    lines = h.bench[0].axes
    sensor = h.sensors[d.sensor]
    if math.isnan(d.range):
        sight(sensor, d.az - sensor.north_error, 0.0, lines)
        d.motion[0], d.motion[1] = lines[0, 0], lines[0, 1]
        return
    el = 0.2 if math.isnan(d.el) else d.el
    sight(sensor, d.az - sensor.north_error, el, lines)
    for a in range(3):
        d.place[a] = sensor.place[a] + d.range * lines[0, a]
    lift = 0.3 if math.isnan(d.el) else d.sig_el
    across = math.sqrt(d.sig_az**2 + sensor.north_var)
    d.sig_h = d.sig_range + d.range * max(across, lift * math.sin(min(el + lift, 1.5)))


@inlaid
def near(h: House, tr: TrackRow, d: StatementRow, t: float) -> bool:
    """A cheap look: could this track have anything to do with this sensor's statement?"""
    if tr.bank >= 0:
        return False
    dt = abs(t - tr.time)
    loose = CHEAP_SIGMAS * math.sqrt(tr.P[1, 0, 0] + tr.P[1, 1, 1])
    spread = math.sqrt(tr.P[1, 3, 3] + tr.P[1, 4, 4])
    speed = math.sqrt(tr.x[1, 3] ** 2 + tr.x[1, 4] ** 2)
    loose += dt * (speed + CHEAP_SIGMAS * spread + 10.0)
    if not math.isnan(d.sig_h):
        loose += CHEAP_SIGMAS * d.sig_h
        de, dn = tr.x[1, 0] - d.place[0], tr.x[1, 1] - d.place[1]
        return bool(de * de + dn * dn <= loose * loose)
    place = h.sensors[d.sensor].place
    de, dn = tr.x[1, 0] - place[0], tr.x[1, 1] - place[1]
    limit = 1.1 * reach(h.sensors, d.sensor) + loose
    if de * de + dn * dn > limit * limit:
        return False
    if math.isnan(d.az):
        return True
    doubt = math.sqrt(d.sig_az**2 + h.sensors[d.sensor].north_var)
    doubt = CHEAP_SIGMAS * doubt + (speed + 10.0) / SLOW_SOUND_MPS
    aside = abs(de * d.motion[1] - dn * d.motion[0])
    return bool(aside <= loose + doubt * math.sqrt(de * de + dn * dn))


@inlaid
def rows_for(h: House, d: StatementRow, t: float) -> Ints:
    """Rows that a statement may belong to, ascending; those that `near` passes are among them."""
    if not math.isnan(d.sig_h):
        return rows_near(h, d.place[0], d.place[1], CHEAP_SIGMAS * d.sig_h, t)
    place = h.sensors[d.sensor].place
    return rows_near(h, place[0], place[1], 1.1 * reach(h.sensors, d.sensor), t)


@inlaid
def carry(h: House, row: int, t: float) -> None:
    """Predict a track to `t`, and tell the grid."""
    if h.tracks[row].time < t:
        predict(h.tracks[row], t, h.bench[0])
        hang(h, row)


@kernel
def look(h: House, seen: Statements, a: int, b: int) -> None:
    """Work in statements [a, b): one sensor, one moment."""
    s = seen[a].sensor
    sensor = h.sensors[s]
    t = seen[a].t - sensor.clock_lag
    sensor.heard = max(sensor.heard, seen[a].received)
    sensor.last = max(sensor.last, seen[a].t)
    if seen[a].claim >= 0:
        for j in range(a, b):
            claim_statement(h, seen[j])
        return
    for j in range(a, b):
        calibrate(h, seen[j])
        spot(h, seen[j])
    trust = np.ones(b - a)
    match, party, shadow = _match(h, seen, a, b, t, trust)
    strangers = max(_strangers(h, match), sensor.stray)
    for j in range(a, b):
        row = match[j - a]
        if row >= 0 and party[j - a, 1] >= 0:
            accept_shared(h, party[j - a], seen[j], t, CLASS_WEIGHT)
            for row in party[j - a]:
                if row >= 0:
                    hang(h, row)
                    touch(h, row)
        elif row >= 0:
            sure = h.tracks[row].status != TENTATIVE
            accept(h, h.tracks[row], seen[j], t, sensor.stray if sure else strangers, trust[j - a])
            lay(h, row, seen[j], t)
            compare(h, row, seen[j])
            hang(h, row)
            touch(h, row)
    _miss(h, s)
    sensor.stray += STRAY_GAIN * (np.sum(match < 0) - sensor.stray)
    for j in range(a, b):
        if match[j - a] < 0 and not shadow[j - a]:
            row = begin(h, seen[j])
            lay(h, row, seen[j], t)
            if row >= 0:
                hang(h, row)
                touch(h, row)


@kernel
def _miss(h: House, s: int) -> None:
    """Every track in reach that none of a sensor's statements belongs to was missed."""
    for row in rows_seen(h, s):
        if h.grid.spots[row].mark != h.grid.facts[LOOK]:
            missed(h, row, s)


@inlaid
def rows_seen(h: House, s: int) -> Ints:
    """Rows that may stand within a sensor's reach, ascending."""
    place = h.sensors[s].place
    return rows_near(h, place[0], place[1], reach(h.sensors, s), h.grid.ahead[0])


@kernel
def _strangers(h: House, match: Ints) -> float:
    """Statements of this look that no sure track explains, but for one: what a tentative track's
    hit must stand out from. Where birds swarm, that is more than the sensor's own clutter."""
    open_ones = -1.0
    for row in match:
        if row < 0 or h.tracks[row].status == TENTATIVE:
            open_ones += 1.0
    return open_ones


@kernel
def _match(
    h: House, seen: Statements, a: int, b: int, t: float, trust: Floats
) -> tuple[Ints, Ints, Flags]:
    """Row of each statement or -1, all rows where several share it, and whether a sure track
    shadows it; of directions alone, how likely each pairing is goes into `trust`."""
    n, stray = b - a, h.sensors[seen[a].sensor].stray
    shadow = np.zeros(n, np.bool_)
    room, count = 64, 0
    pairs, gains = np.empty((room, 2), np.int64), np.empty(room)
    for j in range(n):
        d = seen[a + j]
        for row in rows_for(h, d, t):
            tr = h.tracks[row]
            if not near(h, tr, d, t):
                continue
            carry(h, row, t)
            lag, sound, gate = tr.time - t, h.state[0].sound, GATE[statement_rows(d)]
            d2 = fit(tr, h.sensors, d.sensor, d, lag, sound, h.bench[0], gate)
            if d2 == FAR:
                continue
            pd = max(chance(h.sensors, d.sensor, tr.x[0]), LEAST_CHANCE)
            gain = blend(tr, h.bench[0]) - clutter_log(h.sensors, d.sensor, d, stray)
            gain += math.log(pd / (1.0 - pd))
            if tr.status != TENTATIVE:
                gain += SURE_BONUS
                shadow[j] = shadow[j] or d2 < SHADOW_GATE
            if tr.lone >= 0:
                gain -= LONE_MALUS
            if count == room:
                pairs = np.concatenate((pairs, np.empty((room, 2), np.int64)))
                gains = np.concatenate((gains, np.empty(room)))
                room *= 2
            pairs[count, 0], pairs[count, 1], gains[count] = row, j, gain
            count += 1
    pairs, gains = pairs[:count], gains[:count]
    line = lone_line(seen[a])
    if not line:  # many things lie in one direction, though none is near another
        notice_crowd(h, pairs, n, seen[a].t)
    match = _assigned(h, pairs, gains, n, trust, line)
    return match, share_echoes(h, seen, a, t, pairs, gains, match), shadow


@kernel
def _assigned(h: House, pairs: Ints, gains: Floats, n: int, trust: Floats, line: bool) -> Ints:
    """The assignment among the rows that have an edge, so that no other row costs anything."""
    rows, spots = np.empty(pairs.shape[0], np.int64), h.grid.spots
    seats, count = pairs.copy(), 0
    for k in range(pairs.shape[0]):
        row = pairs[k, 0]
        if spots[row].seat < 0:
            spots[row].seat = count
            rows[count] = row
            count += 1
        seats[k, 0] = spots[row].seat
    match = assign(seats, gains, count, n)
    if line:
        fair = gains.copy()
        for k in range(gains.size):
            if h.tracks[pairs[k, 0]].status != TENTATIVE:
                fair[k] -= SURE_BONUS  # right of way is no evidence
        share = odds(seats, fair, count, n)
        for k in range(gains.size):
            if match[seats[k, 1]] == seats[k, 0]:
                trust[seats[k, 1]] = share[k]
    for j in range(n):
        if match[j] >= 0:
            match[j] = rows[match[j]]
    for k in range(count):
        spots[rows[k]].seat = -1
    return match


@kernel
def accept(
    h: House, tr: TrackRow, d: StatementRow, t: float, strangers: float, trust: float
) -> None:
    """A statement was matched to a track: score, learn, remember who said it. `strangers` is how
    many statements of such a look are about something else, `trust` how likely it is of this."""
    s, lag, sound, b = d.sensor, tr.time - t, h.state[0].sound, h.bench[0]
    pd = max(chance(h.sensors, s, tr.x[0]), LEAST_CHANCE)
    own = lone_line(d) and tr.lone == s and not math.isnan(d.az)
    said = follow(h, tr, d, t) if own else 0.0
    if own:
        keep_waiting(h, d)
    if not own or t - tr.aside <= ASIDE_S:
        if trust < SURE:
            said = learn_in_doubt(tr, h.sensors, s, d, lag, sound, trust, b)
        else:
            said = learn(tr, h.sensors, s, d, lag, sound, b)
    if tr.lone >= 0 and s != tr.lone:
        hear_of(tr, d, t)
    gain = math.log(pd) + said - clutter_log(h.sensors, s, d, strangers)
    line, top = lone_line(d), HIT_TOP
    if line and not own and tr.status == TENTATIVE and spoke_last(tr, s):
        top = 0.0  # it would say the same of anything along its line
    tr.score = min(tr.score + min(max(gain, -2.0), top), SCORE_TOP)
    tr.rate += RATE_GAIN * (1.0 / pd - tr.rate)
    note(h, tr, s, d, CLASS_WEIGHT)
    if line:
        tr.unseen = max(tr.unseen - ONE_BEARING, 0.0)
        tr.mute = 0.0 if h.sensors[s].kind == ACOUSTIC else min(tr.mute, tr.unseen)
        return
    if tr.shared < t - AFTER_S:
        tr.own = t
    tr.unseen = tr.mute = tr.lost = 0.0
    if tr.claim >= 0:
        h.claims[tr.claim].doubt[UNSEEN] *= FORGIVE_UNSEEN
        h.claims[tr.claim].doubt[MUTE] *= FORGIVE_UNSEEN


@inlaid
def missed(h: House, row: int, s: int) -> None:
    """A sensor looked and this track was not there: the less it exists, the better it looks."""
    tr, kind = h.tracks[row], h.sensors[s].kind
    if tr.bank >= 0:
        return
    if kind == REMOTE_ID or (kind == ADSB and (tr.claim < 0 or (tr.kinds >> ADSB) & 1 == 0)):
        return  # it may be switched off, and was never on; but an aircraft goes on telling
    pd = chance_along(h, tr, s) if tr.lone >= 0 else chance(h.sensors, s, tr.x[0])
    if pd <= 0.0:
        return
    touch(h, row)
    cost = math.log(1.0 - pd)
    tr.score += cost
    tr.rate -= RATE_GAIN * tr.rate
    if kind == RADAR:
        tr.lost -= cost
    if tr.claim >= 0 and (tr.kinds >> ADSB) & 1 == 0:  # a drone's radar may ignore aircraft
        tr.unseen -= cost
        if kind == ACOUSTIC:
            tr.mute -= cost
