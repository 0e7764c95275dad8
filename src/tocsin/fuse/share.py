"""One echo of several tracks: when it is that, and what each of them learns from it.

The event "this echo is of both" competes in the assignment with "one gave it and the other was
missed". Only sure tracks that were seen apart before they met may share one; the middle of the
sharers moves, what lies between them keeps its doubt (Koch and van Keuk 1997).
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import note
from tocsin.fuse.columns import (
    BEARING,
    TENTATIVE,
    Floats,
    Ints,
    StatementRow,
    Statements,
    TrackRow,
)
from tocsin.fuse.house import SURE_BONUS, House, clutter_log
from tocsin.fuse.resolve import (
    Edges,
    learn_blur,
    middle,
    not_parted,
    of_all,
    seen_apart,
    unparted_by,
    view,
)
from tocsin.fuse.strand import lay
from tocsin.fuse.update import learn

SHARERS = 4  # of one echo at most
FAR_APART = 12.0  # sigmas


@kernel
def share_echoes(
    h: House, seen: Statements, a: int, t: float, pairs: Ints, gains: Floats, match: Ints
) -> Ints:
    """Take back what the assignment did where an echo of two explains more; the rows that share
    each statement (-1: none). Edges of one statement stand together in `pairs`."""
    n, count, spots = match.size, pairs.shape[0], h.grid.spots
    party = np.full((n, SHARERS), -1)
    rivals = _rivals(h, seen, a, t, pairs)
    if rivals.shape[0] > 0:
        e = Edges(
            pairs, gains, rivals, np.empty((count, 4)), np.empty((count, 4)),
            np.empty((count, 4)), np.zeros(count, np.int64), party, np.zeros(n),
        )  # fmt: skip
        for k in range(count):
            if match[pairs[k, 1]] == pairs[k, 0]:
                spots[pairs[k, 0]].seat = k
                party[pairs[k, 1], 0] = k
                e.worth[pairs[k, 1]] = gains[k]
        for r in range(rivals.shape[0]):
            for k in rivals[r]:
                if e.many[k] == 0:
                    view(h, e, k, seen[a + pairs[k, 1]], t)
        _weigh_blur(h, seen, a, t, e)
        while _improve(h, seen, a, e):
            pass
        for k in range(count):
            spots[pairs[k, 0]].seat = -1
        for j in range(n):
            match[j] = pairs[party[j, 0], 0] if party[j, 0] >= 0 else -1
            for c in range(SHARERS):
                if party[j, c] >= 0:
                    party[j, c] = pairs[party[j, c], 0]
    return party


@kernel
def _rivals(h: House, seen: Statements, a: int, t: float, pairs: Ints) -> Ints:
    """Pairs of edges of one statement whose tracks are sure, near each other, and two."""
    found, n, count = np.empty((16, 2), np.int64), 0, pairs.shape[0]
    for x in range(count - 1):
        d = seen[a + pairs[x, 1]]
        if d.kind != BEARING or math.isnan(d.range) or math.isnan(d.az):
            continue
        one = h.tracks[pairs[x, 0]]
        for y in range(x + 1, count):
            if pairs[y, 1] != pairs[x, 1]:
                break
            two = h.tracks[pairs[y, 0]]
            if one.status == TENTATIVE or two.status == TENTATIVE or not seen_apart(one, two, t):
                continue
            if not _beside(h, one, two, d):
                continue
            if n == found.shape[0]:
                found = np.concatenate((found, np.empty((n, 2), np.int64)))
            found[n, 0], found[n, 1] = x, y
            n += 1
    return found[:n]


@kernel
def _beside(h: House, one: TrackRow, two: TrackRow, d: StatementRow) -> bool:
    """A cheap look: whether two tracks are so near that the sensor may not part them."""
    place = h.sensors[d.sensor].place
    e, n, u = one.x[0, 0] - place[0], one.x[0, 1] - place[1], one.x[0, 2] - place[2]
    de, dn, du = two.x[0, 0] - one.x[0, 0], two.x[0, 1] - one.x[0, 1], two.x[0, 2] - one.x[0, 2]
    r = math.sqrt(e * e + n * n + u * u) + 1.0
    if abs(e * de + n * dn + u * du) > FAR_APART * d.sig_range * r:
        return False
    return bool(abs(n * de - e * dn) <= FAR_APART * d.sig_az * r * r)


@kernel
def _weigh_blur(h: House, seen: Statements, a: int, t: float, e: Edges) -> None:
    """Learn the resolution from neighbours that gave an echo each, and from those that gave one."""
    spots, duo = h.grid.spots, np.full(2, -1)
    for r in range(e.rivals.shape[0]):
        x, y = e.rivals[r, 0], e.rivals[r, 1]
        d = seen[a + e.pairs[x, 1]]
        mine, theirs = spots[e.pairs[x, 0]].seat, spots[e.pairs[y, 0]].seat
        if mine >= 0 and theirs >= 0:
            if mine == x or (theirs == y and not _rival(e, mine, e.pairs[y, 0])):
                learn_blur(h, d, e, x, y, 0.0)
            h.tracks[e.pairs[x, 0]].own = h.tracks[e.pairs[y, 0]].own = t
        elif mine == x or theirs == y:
            duo[0], duo[1] = x, y
            odds = of_all(h, d, e, duo) - of_all(h, d, e, e.rivals[r, : 1 if mine == x else 2])
            learn_blur(h, d, e, x, y, math.exp(min(odds, 20.0)))


@kernel
def _rival(e: Edges, k: int, row: int) -> bool:
    """Whether the track of edge `k` and `row` are rivals for the statement of `k`."""
    for r in range(e.rivals.shape[0]):
        x, y = e.rivals[r, 0], e.rivals[r, 1]
        if (x == k and e.pairs[y, 0] == row) or (y == k and e.pairs[x, 0] == row):
            return True
    return False


@kernel
def _improve(h: House, seen: Statements, a: int, e: Edges) -> bool:
    """Let two share the echo by which most is gained; False if nothing is."""
    best = worth = 0.0
    crew, chosen = np.empty(SHARERS, np.int64), np.full(SHARERS, -1)
    for r in range(e.rivals.shape[0]):
        x, y = e.rivals[r, 0], e.rivals[r, 1]
        d = seen[a + e.pairs[x, 1]]
        lost = _what_they_hold(h, d, e, x, y)
        if math.isnan(lost) or not _gather(e, x, y, crew):
            continue
        new = of_all(h, d, e, crew) + not_parted(h, d, e, crew) + SURE_BONUS
        new -= clutter_log(h.sensors, d.sensor, d, h.sensors[d.sensor].stray)
        if new - lost > best:
            best, worth = new - lost, new
            chosen[:] = crew
    if chosen[0] < 0:
        return False
    _hand_over(h, e, chosen, worth)
    return True


@kernel
def _hand_over(h: House, e: Edges, crew: Ints, worth: float) -> None:
    """The statement of a crew is theirs from now on, and what they held before is nobody's."""
    spots, j = h.grid.spots, e.pairs[crew[0], 1]
    for k in e.party[j]:
        if k >= 0:
            spots[e.pairs[k, 0]].seat = -1
    for k in crew:
        if k < 0:
            continue
        held = spots[e.pairs[k, 0]].seat
        if held >= 0:
            e.party[e.pairs[held, 1], 0] = -1
            e.worth[e.pairs[held, 1]] = 0.0
        spots[e.pairs[k, 0]].seat = k
    e.party[j] = crew
    e.worth[j] = worth


@kernel
def _what_they_hold(h: House, d: StatementRow, e: Edges, x: int, y: int) -> float:
    """What is gained now by the statement of edges x and y and by whatever else their tracks hold;
    NaN where one of them shares another echo."""
    gain, own = e.worth[e.pairs[x, 1]], 0
    for k in (x, y):
        held = h.grid.spots[e.pairs[k, 0]].seat
        if held < 0:
            continue
        own += 1
        if held == k:
            continue
        if e.party[e.pairs[held, 1], 1] >= 0:
            return math.nan
        gain += e.gains[held]
    if own == 2:
        gain += math.log(1.0 - unparted_by(h, d, e, x, y))
    return float(gain)


@kernel
def _gather(e: Edges, x: int, y: int, crew: Ints) -> bool:
    """Who would share the statement of edges x and y: they, and those who do already if one of
    them is among these; False if that is nobody new, or too many."""
    party = e.party[e.pairs[x, 1]]
    crew[:] = -1
    inside = n = 0
    for k in party:
        inside += 1 if k >= 0 and k in (x, y) else 0
    if inside == 2:
        return False
    if inside == 1:
        for k in party:
            if k >= 0:
                crew[n] = k
                n += 1
    for k in (x, y):
        if inside == 1 and np.any(party == k):
            continue
        if n == SHARERS:
            return False
        crew[n] = k
        n += 1
    return True


@kernel
def accept_shared(h: House, rows: Ints, d: StatementRow, t: float, weight: float) -> None:
    """An echo of several: each learns from it what is left when the others' part is taken away.

    z = mean of h(x_k) + v is n z - sum of the others' h = h(x_i) + n v to the track i, with the
    others' variances as further noise: the marginal of the joint update.
    """
    n = 0
    while n < rows.size and rows[n] >= 0:
        n += 1
    pairs = np.zeros((n, 2), np.int64)
    pairs[:, 0] = rows[:n]
    e = Edges(
        pairs, np.zeros(n), pairs, np.empty((n, 4)), np.empty((n, 4)), np.empty((n, 4)),
        np.zeros(n, np.int64), pairs, np.zeros(n),
    )  # fmt: skip
    crew = np.arange(n)
    for k in range(n):
        view(h, e, k, d, t)
    az, el, far, rate = d.az, d.el, d.range, d.rate
    sig_az, sig_el, sig_range, sig_rate = d.sig_az, d.sig_el, d.sig_range, d.sig_rate
    for k in range(n):
        tr = h.tracks[rows[k]]
        i = 0
        shift, wide = _apart_from(e, crew, k, i)
        d.az, d.sig_az = az + shift, math.sqrt(max(wide - h.sensors[d.sensor].north_var, 1e-12))
        if not math.isnan(el):
            i += 1
            shift, wide = _apart_from(e, crew, k, i)
            d.el, d.sig_el = el + shift, math.sqrt(wide)
        i += 1
        shift, wide = _apart_from(e, crew, k, i)
        d.range, d.sig_range = far + shift, math.sqrt(wide)
        if not math.isnan(rate):
            i += 1
            shift, wide = _apart_from(e, crew, k, i)
            d.rate, d.sig_rate = rate + shift, math.sqrt(wide)
        learn(tr, h.sensors, d.sensor, d, tr.time - t, h.state[0].sound, h.bench[0])
        lay(h, rows[k], d, t)
        note(h, tr, d.sensor, d, weight / n)
        tr.unseen = tr.mute = tr.lost = 0.0
        tr.shared = t
    d.az, d.el, d.range, d.rate = az, el, far, rate
    d.sig_az, d.sig_el, d.sig_range, d.sig_rate = sig_az, sig_el, sig_range, sig_rate


@kernel
def _apart_from(e: Edges, crew: Ints, k: int, i: int) -> tuple[float, float]:
    """By what to shift number `i` of a shared echo so that it is of track `k` alone, and its
    variance then."""
    n = crew.size
    nu, S = middle(e, crew, n, i)
    return n * nu - e.mean[k, i], n * n * S - e.var[k, i]
