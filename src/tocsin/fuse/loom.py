"""The loom's one loop: statements in the order they arrived, a whole second at a time."""

from __future__ import annotations

import math

from tocsin.earth.compile import gate, kernel
from tocsin.fuse.braid import braid
from tocsin.fuse.columns import PRESENCE, Statements
from tocsin.fuse.grid import begin_look, every_row, hang_all, rows_touched
from tocsin.fuse.house import READY, STRAY_GAIN, WANTED, House, borrow
from tocsin.fuse.life import count_flock, judge, merge_twins, report
from tocsin.fuse.network import hear, hear_nothing
from tocsin.fuse.scan import look, missed, rows_seen

ALIVE_S = 30.0  # a sensor that said nothing for longer is not counted as silent, but as unknown
ALIVE_PERIODS = 20.0
LATE_PERIODS = 1.5  # a look is missed when the next should have come half a period ago


@gate
def advance(house: House, seen: Statements, start: int, now: float) -> int:
    """Work in statements from `start`; the first one left where room ran out (all of them, and
    seconds are left: their number), one more than there are when all is done."""
    h = borrow(house)
    state = h.state[0]
    if h.grid.facts[READY] == 0:
        hang_all(h)
    j, n = start, seen.shape[0]
    while True:
        limit = min(seen[j].received, now) if j < n else now
        if state.second + 1.0 <= limit:
            if state.reports + 3 * state.tracks + 8 > h.reports.shape[0]:
                h.grid.facts[WANTED] = 0
                return j
            state.second += 1.0
            keep_house(h, state.second)
            continue
        if j >= n:
            break
        k = j + 1
        while k < n and seen[k].sensor == seen[j].sensor and seen[k].t == seen[j].t:
            k += 1
        room = h.reports.shape[0] - state.reports - state.tracks
        room = min(room, h.tracks.shape[0] - state.tracks)
        if k - j + 8 > room or k - j > h.banks.shape[0] - state.banks:
            h.grid.facts[WANTED] = k - j
            return j
        begin_look(h)
        if seen[j].kind == PRESENCE and seen[j].claim < 0:
            for i in range(j, k):
                hear(h, seen[i])
        else:
            look(h, seen, j, k)
        state.now = max(state.now, seen[j].received)
        judge(h, rows_touched(h), state.now)
        j = k
    state.now = max(state.now, now)
    return n + 1


@kernel
def keep_house(h: House, second: float) -> None:
    """Once a second: silent looks, endings, twins, and a report of every live track."""
    hang_all(h)
    begin_look(h)
    hear_silence(h, second)
    hear_nothing(h, second)
    count_flock(h)
    judge(h, every_row(h), second)
    merge_twins(h)
    braid(h, second)
    for row in range(h.state[0].tracks):
        if h.tracks[row].hits >= 2 and h.tracks[row].told < second:
            report(h, h.tracks[row], second)


@kernel
def hear_silence(h: House, t: float) -> None:
    """Looks that brought nothing leave no line: infer them from each living sensor's period."""
    for k in range(h.others.size):
        s = h.others[k]
        sensor = h.sensors[s]
        period = sensor.period
        if math.isnan(period) or period <= 0.0:
            continue
        if sensor.heard < t - max(ALIVE_S, ALIVE_PERIODS * period):
            continue
        while sensor.last + LATE_PERIODS * period < t:
            sensor.last += period
            sensor.stray *= 1.0 - STRAY_GAIN
            for row in rows_seen(h, s):
                missed(h, row, s)
