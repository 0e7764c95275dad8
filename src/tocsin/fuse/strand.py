"""What each ranging sensor alone says of a track, kept apart while others fly near it.

A radar's range is sharp and its azimuth coarse. In a swarm a wrong pairing of two radars' echoes
therefore persists: only their azimuths, averaged over many looks, tell. A strand is that average:
a filter that one sensor alone feeds (constant velocity, Bar-Shalom et al. 2001, 6.2.2). `braid`
compares the strands of one sensor with those of the others. A track that is alone has none.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.birth import CLIMB_SIGMA_MPS, SPEED_SIGMA_MPS, at_range, learn_rate
from tocsin.fuse.columns import (
    BEARING,
    STRAND_ROOM,
    STRANDS,
    Floats,
    Ints,
    StatementRow,
    StrandRow,
    TrackRow,
)
from tocsin.fuse.house import House
from tocsin.fuse.measure import expect
from tocsin.fuse.motion import drift
from tocsin.fuse.update import hold, learn_mode

CROWD_S = 5.0  # a track is in company so long after a look last could take it for another
STRAND_Q = 1.0  # m2/s3: between steady flight and a hard turn
STRAND_GATE = 25.0  # a statement farther off than this begins its strand anew


@kernel
def notice_crowd(h: House, pairs: Ints, dets: int, t: float) -> None:
    """Note the tracks that shared a statement's gate with another track."""
    sharers = np.zeros(dets, np.int64)
    for k in range(pairs.shape[0]):
        sharers[pairs[k, 1]] += 1
    for k in range(pairs.shape[0]):
        if sharers[pairs[k, 1]] > 1:
            tr = h.tracks[pairs[k, 0]]
            tr.crowded = max(tr.crowded, t)


@kernel
def lay(h: House, row: int, d: StatementRow, t: float) -> None:
    """Let the strand of a statement's sensor learn it, while the track has company."""
    if row < 0 or d.kind != BEARING or math.isnan(d.range) or math.isnan(d.az):
        return
    tr = h.tracks[row]
    if tr.hits > 1 and tr.crowded < d.t - CROWD_S:
        unravel(h, tr)
        return
    k = _strand_of(h, row, d.sensor)
    if k < 0:
        return
    strand = h.strands[k]
    if strand.hits > 0:
        _learn(h, strand, d, t)
    if strand.hits == 0:
        _begin(h, strand, d, t)


@kernel
def _strand_of(h: House, row: int, s: int) -> int:
    """The strand of sensor `s` in a track, a fresh one if need be; -1 if there is no room."""
    tr = h.tracks[row]
    free = -1
    for k in range(STRANDS - 1, -1, -1):
        if tr.strand[k] < 0:
            free = k
        elif h.strands[tr.strand[k]].sensor == s:
            return int(tr.strand[k])
    fresh = h.state[0].strands
    if free < 0 or fresh == STRAND_ROOM:
        return -1
    h.state[0].strands = fresh + 1
    tr.strand[free] = fresh
    h.strands[fresh].sensor, h.strands[fresh].row, h.strands[fresh].hits = s, row, 0
    return int(fresh)


@kernel
def _begin(h: House, strand: StrandRow, d: StatementRow, t: float) -> None:
    """A strand from one statement."""
    strand.x[:] = 0.0
    strand.P[:] = 0.0
    lines = at_range(h, d, strand.x, strand.P)
    for a in range(3):
        strand.P[a + 3, a + 3] = (CLIMB_SIGMA_MPS if a == 2 else SPEED_SIGMA_MPS) ** 2
    if not math.isnan(d.rate):
        learn_rate(strand.x, strand.P, lines, d.rate, d.sig_rate)
    strand.time = t
    strand.hits = 1


@kernel
def _learn(h: House, strand: StrandRow, d: StatementRow, t: float) -> None:
    """A statement into its strand; one that does not fit leaves it without hits."""
    bring(strand, t)
    b, s, lag = h.bench[0], d.sensor, strand.time - t
    m = expect(h.sensors, s, d, strand.x, lag, 1.0, b.z, b.H, b.R, b.axes)
    if hold(b, strand.P, m, STRAND_GATE)[0] > STRAND_GATE:
        strand.hits = 0
        return
    learn_mode(strand.x, strand.P, h.sensors, s, d, lag, 1.0, b)
    strand.hits += 1


@kernel
def bring(strand: StrandRow, t: float) -> None:
    """Carry a strand forward to `t`."""
    if t > strand.time:
        drift(strand.x, strand.P, t - strand.time, STRAND_Q)
        strand.time = t


@kernel
def unravel(h: House, tr: TrackRow) -> None:
    """Drop all strands of a track; the last ones of the store take their places."""
    tr.doubt[:] = 0.0
    for k in range(STRANDS):
        gone = tr.strand[k]
        if gone < 0:
            continue
        tr.strand[k] = -1
        last = h.state[0].strands - 1
        h.state[0].strands = last
        if gone == last:
            continue
        h.strands[gone] = h.strands[last]
        owner = h.tracks[h.strands[gone].row]
        for j in range(STRANDS):
            if owner.strand[j] == last:
                owner.strand[j] = gone


@kernel
def own(h: House, row: int) -> None:
    """Tell the strands of a track that moved where it is now."""
    for k in range(STRANDS):
        if h.tracks[row].strand[k] >= 0:
            h.strands[h.tracks[row].strand[k]].row = row


@kernel
def part(xa: Floats, Pa: Floats, xb: Floats, Pb: Floats, L: Floats, y: Floats) -> float:
    """-2 log-likelihood (less a constant) that two estimates are of one thing; L of Pa + Pb and
    y = L^-1 (xb - xa) stay behind."""
    total = 0.0
    for i in range(6):
        gap = xb[i] - xa[i]
        for j in range(i + 1):
            s = Pa[i, j] + Pb[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, i] = math.sqrt(max(s, 1e-12))
                total += math.log(max(s, 1e-12))
            else:
                L[i, j] = s / L[j, j]
        for k in range(i):
            gap -= L[i, k] * y[k]
        y[i] = gap / L[i, i]
        total += y[i] * y[i]
    return total


@kernel
def twist(xa: Floats, Pa: Floats, xb: Floats, Pb: Floats) -> None:
    """Fuse estimate b into a, in place: the Kalman update with a whole state."""
    L, y, W = np.zeros((6, 6)), np.zeros(6), np.zeros((6, 6))
    part(xa, Pa, xb, Pb, L, y)
    for c in range(6):
        for i in range(6):
            s = Pa[i, c]
            for k in range(i):
                s -= L[i, k] * W[k, c]
            W[i, c] = s / L[i, i]
    for a in range(6):
        for i in range(6):
            xa[a] += W[i, a] * y[i]
    for a in range(6):
        for c in range(a, 6):
            s = Pa[a, c]
            for i in range(6):
                s -= W[i, a] * W[i, c]
            Pa[a, c] = s
            Pa[c, a] = s
