"""Everything the loom's arithmetic works on, in one bundle, and small questions about it."""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.earth.compile import inlaid, kernel, lent
from tocsin.fuse.bank import Banks
from tocsin.fuse.columns import (
    ACOUSTIC,
    BEARING,
    Bench,
    Claims,
    Floats,
    Ints,
    Reports,
    Sensors,
    Spots,
    State,
    StatementRow,
    Statements,
    Strands,
    TrackRow,
    Tracks,
)
from tocsin.fuse.measure import wrap
from tocsin.words.batch import WITNESSES

STRAY_GAIN = 0.03  # weight of the newest look in a sensor's rate of false statements
BIRTH_RATE = 0.02  # new things a scan and sensor: one in fifty scans
RATE_SPAN_MPS = 60.0  # range rates that clutter spreads over, -30 to 30 m/s
HEIGHT_SPAN_M = 600.0  # heights that clutter spreads over
ELEVATION_SPAN = math.radians(30.0)  # clutter hugs the ground, whatever the field of view
EDGE = 0.97  # a target at the very edge of the reach is not expected
ACOUSTIC_FADE = 0.7  # a microphone's probability of detection falls by so much at its reach
DEFAULT_REACH_M = 5000.0
DEFAULT_PD = 0.7
LEAST_CHANCE = 0.1  # a hit proves that the sensor sees there, whatever its model says
SURE_BONUS = 2.0  # nats by which a sure track outbids a tentative one


class Grid(NamedTuple):
    """The index of tracks (see `grid`): the first row of each bucket, -1 for none; where each row
    hangs; how many tracks each level holds; rows found; rows touched by a look; the time of the
    track furthest ahead; and `facts`."""

    heads: Ints
    spots: Spots
    levels: Ints
    found: Ints
    touched: Ints
    ahead: Floats
    facts: Ints


READY, LOOK, TOUCHED, SPARSE, WANTED = 0, 1, 2, 3, 4
"""Places in a grid's `facts`: whether it is built, the number of the look, how many rows it
touched, the number of tracks up to which looking at all of them is quicker, and statements of the
look that found no room."""


class House(NamedTuple):
    """All columns, and scratch space. `pending` is a ring of lone bearings, `cells` where the bare
    microphones stand (see `ears`), `others` the sensors whose silence is counted look by look."""

    sensors: Sensors
    tracks: Tracks
    strands: Strands
    banks: Banks
    cells: Ints
    others: Ints
    claims: Claims
    pending: Statements
    reports: Reports
    state: State
    bench: Bench
    grid: Grid


@kernel
def borrow(h: House) -> House:
    """The same house for the length of one call, in which nobody counts who holds its arrays: that
    counting cost `hang` three quarters of its time."""
    g = h.grid
    grid = Grid(
        lent(g.heads), lent(g.spots), lent(g.levels), lent(g.found), lent(g.touched),
        lent(g.ahead), lent(g.facts),
    )  # fmt: skip
    return House(
        lent(h.sensors), lent(h.tracks), lent(h.strands), lent(h.banks), lent(h.cells),
        lent(h.others), lent(h.claims), lent(h.pending), lent(h.reports), lent(h.state),
        lent(h.bench), grid,
    )  # fmt: skip


@inlaid
def reach(sensors: Sensors, s: int) -> float:
    """How far a sensor claims to reach, metres."""
    r = sensors[s].reach
    return DEFAULT_REACH_M if math.isnan(r) else r


@kernel
def chance(sensors: Sensors, s: int, x: Floats) -> float:
    """Probability that a sensor sees what stands at x (frame metres); 0 where it cannot."""
    if sensors[s].placed == 0:
        return 0.0
    f = sensors[s]
    fe, fn, fu = x[0] - f.place[0], x[1] - f.place[1], x[2] - f.place[2]
    r2 = fe * fe + fn * fn + fu * fu
    limit = reach(sensors, s) * EDGE
    if r2 > limit * limit:
        return 0.0
    rot = f.turn
    e = rot[0] * fe + rot[1] * fn + rot[2] * fu
    n = rot[3] * fe + rot[4] * fn + rot[5] * fu
    u = rot[6] * fe + rot[7] * fn + rot[8] * fu
    el = math.atan2(u, math.sqrt(e * e + n * n))
    if el < f.el_min or el > f.el_max:
        return 0.0
    if f.az_half < math.pi and abs(wrap(math.atan2(e, n) - f.az_mid)) > f.az_half:
        return 0.0
    pd = DEFAULT_PD if math.isnan(f.pd) else f.pd
    if sensors[s].kind == ACOUSTIC:
        pd *= 1.0 - ACOUSTIC_FADE * math.sqrt(r2) / reach(sensors, s)
    return min(pd, 0.98)


@kernel
def clutter_log(sensors: Sensors, s: int, d: StatementRow, strangers: float) -> float:
    """Log-density of statements like `d` where it lies, per unit of its numbers, where a look
    brings `strangers` of them from other things."""
    f = sensors[s]
    log = math.log(strangers + BIRTH_RATE)
    if d.kind == BEARING:
        if not math.isnan(d.az):
            log -= math.log(2.0 * f.az_half)
        if not math.isnan(d.el):
            log -= math.log(min(f.el_max - f.el_min, ELEVATION_SPAN))
        if not math.isnan(d.range):
            log -= math.log(reach(sensors, s))
        if not math.isnan(d.rate):
            log -= math.log(RATE_SPAN_MPS)
        return log
    log -= math.log(math.pi * reach(sensors, s) ** 2)
    if not math.isnan(d.sig_alt):
        log -= math.log(HEIGHT_SPAN_M)
    if not math.isnan(d.sig_v):
        log -= 3.0 * math.log(RATE_SPAN_MPS)
    return log


@kernel
def bear_witness(tr: TrackRow, s: int, t: float) -> None:
    """Note that sensor `s` agreed with the track at `t`; the oldest witness makes room."""
    oldest = 0
    for k in range(WITNESSES):
        if tr.witness[k] == s:
            tr.witness_t[k] = max(tr.witness_t[k], t)
            return
        if tr.witness_t[k] < tr.witness_t[oldest]:
            oldest = k
    tr.witness[oldest] = s
    tr.witness_t[oldest] = t


@kernel
def spoke_last(tr: TrackRow, s: int) -> bool:
    """Whether no other sensor agreed with the track since sensor `s` last did, though one had."""
    own, other = -1e9, -1e9
    for k in range(WITNESSES):
        if tr.witness[k] == s:
            own = tr.witness_t[k]
        elif tr.witness[k] >= 0:
            other = max(other, tr.witness_t[k])
    return own > other > -1e9
