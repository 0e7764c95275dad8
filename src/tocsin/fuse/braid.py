"""Which sensor's strand belongs to which track: asked again once a second, of all looks so far.

For each ranging sensor, its strands are assigned anew to what the other sensors say of the tracks
in company (track-to-track association, Bar-Shalom and Campo 1986; Hungarian method). Where another
pairing is clearly likelier, the tracks are put together again from their strands, and each keeps
the number of the nearest old one.
"""

from __future__ import annotations

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.assign import assign, hungarian, shares
from tocsin.fuse.columns import MODES, STRANDS, Floats, Ints
from tocsin.fuse.grid import hang, in_order
from tocsin.fuse.house import House
from tocsin.fuse.motion import predict
from tocsin.fuse.strand import bring, own, part, twist

STICKY = 2.0  # -2 log odds that a new pairing must be better by, for every track it moves
WORST = 60.0  # a cost is not believed beyond
MATCHED = 1000.0  # more than any cost: leave no track without a strand
NEAR_M = 400.0
TEMPER = 2.0  # looks at one swarm err together: half of what they say of rivals is believed
LEAST_SHARE = 0.01


@kernel
def braid(h: House, t: float) -> None:
    """Ask every sensor whose strands are in use for a better pairing, then say how sure it is."""
    if h.state[0].strands < 4:
        return
    busy = np.zeros(h.sensors.shape[0], np.int64)
    for k in range(h.state[0].strands):
        busy[h.strands[k].sensor] += 1
        bring(h.strands[k], t)
    last = -1
    for s in range(busy.size):
        if busy[s] > 1:
            _pair_again(h, s, busy[s], t)
            last = s
    if last >= 0:
        _weigh(h, last, busy[last])


@kernel
def _slot(h: House, row: int, s: int) -> int:
    """Which of a track's strands is that of sensor `s`; -1 if none."""
    for k in range(STRANDS):
        i = h.tracks[row].strand[k]
        if i >= 0 and h.strands[i].sensor == s:
            return k
    return -1


@kernel
def together(h: House, row: int, but: int, x: Floats, P: Floats) -> int:
    """All strands of a track but that of sensor `but` as one estimate; how many there were."""
    count = 0
    for k in range(STRANDS):
        i = h.tracks[row].strand[k]
        if i < 0 or h.strands[i].sensor == but or h.strands[i].hits == 0:
            continue
        if count == 0:
            x[:] = h.strands[i].x
            P[:] = h.strands[i].P
        else:
            twist(x, P, h.strands[i].x, h.strands[i].P)
        count += 1
    return count


@kernel
def _others(h: House, s: int, rows: Ints, x: Floats, P: Floats) -> int:
    """The tracks with a strand of sensor `s` and of others, into rows; the others together."""
    count = rows.size
    n = 0
    for k in range(h.state[0].strands):
        if h.strands[k].sensor == s:
            rows[n] = h.strands[k].row
            n += 1
    in_order(rows, n)
    n = 0
    for k in range(count):
        row = int(rows[k])
        slot = _slot(h, row, s)
        if slot < 0 or h.strands[h.tracks[row].strand[slot]].hits == 0:
            continue
        if together(h, row, s, x[n], P[n]) > 0:
            rows[n] = row
            n += 1
    return n


@kernel
def _edges(h: House, s: int, rows: Ints, x: Floats, P: Floats) -> tuple[Ints, Floats]:
    """Which strands of sensor `s` could belong to which track, and at what -2 log-likelihood."""
    n = rows.size
    pairs, costs = np.empty((4 * n + 16, 2), np.int64), np.empty(4 * n + 16)
    L, y = np.zeros((6, 6)), np.zeros(6)
    count = 0
    for j in range(n):
        strand = h.strands[h.tracks[rows[j]].strand[_slot(h, rows[j], s)]]
        for i in range(n):
            far = abs(x[i, 0] - strand.x[0]) + abs(x[i, 1] - strand.x[1])
            if i != j and far > NEAR_M:
                continue
            cost = min(part(x[i], P[i], strand.x, strand.P, L, y), WORST)
            if i != j and cost == WORST:
                continue
            if count == costs.size:
                pairs = np.concatenate((pairs, np.empty((count, 2), np.int64)))
                costs = np.concatenate((costs, np.empty(count)))
            pairs[count, 0], pairs[count, 1], costs[count] = i, j, cost
            count += 1
    return pairs[:count], costs[:count]


@kernel
def _pair_again(h: House, s: int, count: int, t: float) -> None:
    """One sensor: its `count` strands against what the others say."""
    rows = np.empty(count, np.int64)
    x, P = np.zeros((count, 6)), np.zeros((count, 6, 6))
    n = _others(h, s, rows, x, P)
    if n < 2:
        return
    pairs, costs = _edges(h, s, rows[:n], x, P)
    gains = MATCHED - costs
    for k in range(gains.size):
        if pairs[k, 0] == pairs[k, 1]:
            gains[k] += STICKY
    whose = assign(pairs, gains, n, n)
    match = np.full(n, -1, np.int64)
    for j in range(n):
        if whose[j] >= 0:
            match[whose[j]] = j
    done = np.zeros(n, np.bool_)
    ring = np.empty(n, np.int64)
    for first in range(n):  # each closed ring of exchanges is put together for itself
        size, i = 0, first
        while i >= 0 and not done[i]:
            done[i] = True
            ring[size] = i
            size += 1
            i = match[i]
        if size > 1 and i == first:
            _rejoin(h, s, rows, ring[:size], match, t)


@kernel
def _weigh(h: House, s: int, count: int) -> None:
    """The mean square by which other pairings of sensor `s` would move each track, as its doubt."""
    rows = np.empty(count, np.int64)
    x, P = np.zeros((count, 6)), np.zeros((count, 6, 6))
    n = _others(h, s, rows, x, P)
    pairs, costs = _edges(h, s, rows[:n], x, P)
    share = shares(pairs, costs / TEMPER, n, n)
    here = np.empty((n, 2))
    for i in range(n):
        h.tracks[rows[i]].doubt[:] = 0.0
        y, S = x[i].copy(), P[i].copy()
        strand = h.strands[h.tracks[rows[i]].strand[_slot(h, rows[i], s)]]
        twist(y, S, strand.x, strand.P)
        here[i] = y[:2]
    for k in range(share.size):
        i, j = pairs[k, 0], pairs[k, 1]
        if i == j or share[k] < LEAST_SHARE:
            continue
        y, S = x[i].copy(), P[i].copy()
        strand = h.strands[h.tracks[rows[j]].strand[_slot(h, rows[j], s)]]
        twist(y, S, strand.x, strand.P)
        e, north = y[0] - here[i, 0], y[1] - here[i, 1]
        doubt = h.tracks[rows[i]].doubt
        doubt[0] += share[k] * e * e
        doubt[1] += share[k] * e * north
        doubt[2] += share[k] * north * north


@kernel
def _rejoin(h: House, s: int, rows: Ints, ring: Ints, match: Ints, t: float) -> None:
    """Put the tracks of one ring together anew; each new one goes to the row it is nearest to."""
    n = ring.size
    held = np.full((n, STRANDS), -1, np.int64)
    for k in range(n):
        tr = h.tracks[rows[ring[k]]]
        predict(tr, t, h.bench[0])
        for c in range(STRANDS):
            held[k, c] = tr.strand[c]
        other = rows[match[ring[k]]]
        held[k, _slot(h, rows[ring[k]], s)] = h.tracks[other].strand[_slot(h, other, s)]
    x, P = np.zeros((n, 6)), np.zeros((n, 6, 6))
    cost = np.zeros((n, n))
    for k in range(n):
        begun = False
        for c in range(STRANDS):
            if held[k, c] < 0:
                continue
            strand = h.strands[held[k, c]]
            if begun:
                twist(x[k], P[k], strand.x, strand.P)
            else:
                x[k] = strand.x
                P[k] = strand.P
                begun = True
        for i in range(n):
            old = h.tracks[rows[ring[i]]].x[0]
            cost[k, i] = (x[k, 0] - old[0]) ** 2 + (x[k, 1] - old[1]) ** 2
    home = hungarian(cost)
    for k in range(n):
        row = rows[ring[home[k]]]
        tr = h.tracks[row]
        for mode in range(MODES):
            tr.x[mode] = x[k]
            tr.P[mode] = P[k]
        for c in range(STRANDS):
            tr.strand[c] = held[k, c]
        own(h, row)
        hang(h, row)
