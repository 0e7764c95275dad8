"""Which sensor's strand belongs to which track: asked again once a second, of all looks so far.

For each ranging sensor, its strands are assigned anew to what the other sensors say of the tracks
in company (track-to-track association, Bar-Shalom and Campo 1986; Hungarian method). Where another
pairing is clearly likelier, the tracks are put together again from their strands, and each keeps
the number of the nearest old one.
"""

from __future__ import annotations

import numpy as np

from tocsin.fuse.assign import assign, hungarian
from tocsin.fuse.columns import MODES, STRANDS, Floats, Ints
from tocsin.fuse.compile import kernel
from tocsin.fuse.grid import hang, in_order
from tocsin.fuse.house import House
from tocsin.fuse.motion import predict
from tocsin.fuse.strand import bring, own, part, twist

STICKY = 8.0  # -2 log odds that a new pairing must be better by, for every track it moves
WORST = 60.0  # a cost is not believed beyond
MATCHED = 1000.0  # more than any cost: leave no track without a strand
NEAR_M = 400.0


@kernel
def braid(h: House, t: float) -> None:
    """Ask every sensor whose strands are in use for a better pairing."""
    if h.state[0].strands < 4:
        return
    busy = np.zeros(h.sensors.shape[0], np.int64)
    for k in range(h.state[0].strands):
        busy[h.strands[k].sensor] += 1
        bring(h.strands[k], t)
    for s in range(busy.size):
        if busy[s] > 1:
            _pair_again(h, s, busy[s], t)


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
def _pair_again(h: House, s: int, count: int, t: float) -> None:
    """One sensor: its `count` strands against what the others say."""
    rows = np.empty(count, np.int64)
    x, P = np.zeros((count, 6)), np.zeros((count, 6, 6))
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
    if n < 2:
        return
    match = _best(h, s, rows[:n], x, P)
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
def _best(h: House, s: int, rows: Ints, x: Floats, P: Floats) -> Ints:
    """For each track, whose strand of sensor `s` fits it best when all are served; -1 for none."""
    n = rows.size
    pairs, gains = np.empty((n * n, 2), np.int64), np.empty(n * n)
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
            pairs[count, 0], pairs[count, 1] = i, j
            gains[count] = MATCHED - cost + (STICKY if i == j else 0.0)
            count += 1
    whose = assign(pairs[:count], gains[:count], n, n)
    match = np.full(n, -1, np.int64)
    for j in range(n):
        if whose[j] >= 0:
            match[whose[j]] = j
    return match


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
