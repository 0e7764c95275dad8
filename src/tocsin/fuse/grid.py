"""Which tracks can be near a place: an index of cells, so that a look costs what it sees.

A track hangs in one cell of the level whose cells are at least as wide as its own disc: everything
within which any gate could let it be found until two seconds after the next whole second. Whoever
asks about a disc reads, level by level, the cells that it touches and one more all round. That is
sometimes too many, never too few, and in the order of the rows, so that what is decided from it is
the same with and without the index (a test compares). Call `hang` when a track has moved.
Units      metres of the frame; seconds since the epoch
"""

from __future__ import annotations

import math

from tocsin.earth.compile import inlaid, kernel
from tocsin.fuse.columns import MODES, Ints, TrackRow
from tocsin.fuse.house import LOOK, READY, SPARSE, TOUCHED, House

CELL_M = 128.0
"""Width of the smallest cells; each level's are twice as wide, the last 4,194 km."""
SIGMAS = 6.0  # wider than every gate
DRIFT_MPS = 20.0  # what a manoeuvre adds to the speed that a track knows
SLACK_S = 2.0  # a statement further than this from the present is held against every track


@kernel
def extent(tr: TrackRow, until: float) -> float:
    """Radius of the disc around a track's place that every gate up to `until` lies within."""
    spread2 = fling2 = fast2 = apart = 0.0
    for mode in range(MODES):
        spread2 = max(spread2, tr.P[mode, 0, 0] + tr.P[mode, 1, 1])
        fling2 = max(fling2, tr.P[mode, 3, 3] + tr.P[mode, 4, 4])
        apart = max(apart, abs(tr.x[1, 0] - tr.x[mode, 0]) + abs(tr.x[1, 1] - tr.x[mode, 1]))
        fast2 = max(fast2, tr.x[mode, 3] ** 2 + tr.x[mode, 4] ** 2)
    speed = math.sqrt(fast2) + SIGMAS * math.sqrt(fling2) + DRIFT_MPS
    return float(apart + SIGMAS * math.sqrt(spread2) + speed * max(until - tr.time, SLACK_S))


@kernel
def _bucket(heads: Ints, level: int, i: int, j: int) -> int:
    mixed = (i * 73856093) ^ (j * 19349663) ^ (level * 83492791)
    return mixed & (heads.size - 1)


@kernel
def leave(h: House, row: int) -> None:
    """Take a row out of its cell."""
    g, spot = h.grid, h.grid.spots[row]
    if spot.level < 0:
        return
    if spot.before >= 0:
        g.spots[spot.before].after = spot.after
    else:
        g.heads[_bucket(g.heads, spot.level, spot.i, spot.j)] = spot.after
    if spot.after >= 0:
        g.spots[spot.after].before = spot.before
    g.levels[spot.level] -= 1
    spot.level = -1


@kernel
def hang(h: House, row: int) -> None:
    """Put a row into the cell where its track now belongs."""
    g, tr, spot = h.grid, h.tracks[row], h.grid.spots[row]
    wide = extent(tr, h.state[0].second + 1.0 + SLACK_S)
    level, cell = 0, CELL_M
    while cell < wide and level < g.levels.size - 1:
        level += 1
        cell *= 2.0
    i, j = math.floor(tr.x[1, 0] / cell), math.floor(tr.x[1, 1] / cell)
    g.ahead[0] = max(g.ahead[0], tr.time)
    if spot.level == level and spot.i == i and spot.j == j:
        return
    leave(h, row)
    b = _bucket(g.heads, level, i, j)
    spot.level, spot.i, spot.j = level, i, j
    spot.before, spot.after = -1, g.heads[b]
    if spot.after >= 0:
        g.spots[spot.after].before = row
    g.heads[b] = row
    g.levels[level] += 1


@kernel
def hang_all(h: House) -> None:
    """Every track anew: at each whole second, and after rows were added or read from bytes."""
    h.grid.ahead[0] = -1e18
    if h.grid.facts[READY] == 0:
        h.grid.heads[:] = -1
        h.grid.levels[:] = 0
        for row in range(h.grid.spots.shape[0]):
            h.grid.spots[row].level = -1
            h.grid.spots[row].mark = 0
            h.grid.spots[row].seat = -1
        h.grid.facts[READY] = 1
    for row in range(h.state[0].tracks):
        hang(h, row)


@kernel
def rows_near(h: House, east: float, north: float, radius: float, t: float) -> Ints:
    """Rows that may have to do with a disc at `t`, ascending; a view that the next call reuses."""
    g, tracks = h.grid, h.state[0].tracks
    late = t < g.ahead[0] - SLACK_S or t > h.state[0].second + 1.0 + SLACK_S
    if tracks <= g.facts[SPARSE] or late:
        for row in range(tracks):
            g.found[row] = row
        return g.found[:tracks]
    cells, cell = 0.0, CELL_M
    for level in range(g.levels.size):
        if g.levels[level] > 0:
            cells += (2.0 * radius / cell + 3.0) ** 2
        cell *= 2.0
    if 4.0 * cells > tracks:
        return g.found[: _by_rows(h, east, north, radius)]
    count, cell = 0, CELL_M
    for level in range(g.levels.size):
        if g.levels[level] > 0:
            count = _by_cells(h, level, cell, east, north, radius, count)
        cell *= 2.0
    in_order(g.found, count)
    return g.found[:count]


@kernel
def _by_rows(h: House, east: float, north: float, radius: float) -> int:
    """All rows held against the disc: quicker than cells where it is wide."""
    count = 0
    for row in range(h.state[0].tracks):
        spot = h.grid.spots[row]
        cell = CELL_M * (1 << spot.level)
        wide = radius + cell
        if spot.i * cell > east + wide or (spot.i + 1) * cell < east - wide:
            continue
        if spot.j * cell > north + wide or (spot.j + 1) * cell < north - wide:
            continue
        h.grid.found[count] = row
        count += 1
    return count


@kernel
def _by_cells(
    h: House, level: int, cell: float, east: float, north: float, radius: float, count: int
) -> int:
    """The rows of one level's cells that the disc touches, and of one cell more all round."""
    g, wide = h.grid, radius + cell
    i0, i1 = math.floor((east - wide) / cell), math.floor((east + wide) / cell)
    j0, j1 = math.floor((north - wide) / cell), math.floor((north + wide) / cell)
    for i in range(i0, i1 + 1):
        for j in range(j0, j1 + 1):
            row = g.heads[_bucket(g.heads, level, i, j)]
            while row >= 0:
                spot = g.spots[row]
                if spot.level == level and spot.i == i and spot.j == j:
                    g.found[count] = row
                    count += 1
                row = spot.after
    return count


@kernel
def in_order(rows: Ints, count: int) -> None:
    """The first `count` numbers in ascending order (Shell 1959, gaps of Ciura 2001)."""
    for gap in (1750, 701, 301, 132, 57, 23, 10, 4, 1):
        for k in range(gap, count):
            row, p = rows[k], k
            while p >= gap and rows[p - gap] > row:
                rows[p] = rows[p - gap]
                p -= gap
            rows[p] = row


@inlaid
def touch(h: House, row: int) -> None:
    """Note that this look changed what is believed of a track: it is to be judged."""
    g = h.grid
    if g.spots[row].mark != g.facts[LOOK]:
        g.spots[row].mark = g.facts[LOOK]
        g.touched[g.facts[TOUCHED]] = row
        g.facts[TOUCHED] += 1


@inlaid
def begin_look(h: House) -> None:
    """A new look: nothing is touched yet."""
    h.grid.facts[LOOK] += 1
    h.grid.facts[TOUCHED] = 0


@inlaid
def rows_touched(h: House) -> Ints:
    """The rows that this look touched, ascending."""
    in_order(h.grid.touched, h.grid.facts[TOUCHED])
    return h.grid.touched[: h.grid.facts[TOUCHED]]


@inlaid
def every_row(h: House) -> Ints:
    """All rows, ascending; a view that the next question reuses."""
    tracks = h.state[0].tracks
    for row in range(tracks):
        h.grid.touched[row] = row
    return h.grid.touched[:tracks]
