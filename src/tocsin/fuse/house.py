"""Everything the loom's arithmetic works on, in one bundle, and small questions about it."""

from __future__ import annotations

import math
from typing import NamedTuple

from tocsin.fuse.columns import (
    ACOUSTIC,
    BEARING,
    D_AZ,
    D_EL,
    D_RANGE,
    D_RATE,
    D_SIG_ALT,
    D_SIG_V,
    S_AZ_HALF,
    S_AZ_MID,
    S_CLUTTER,
    S_E,
    S_EL_MAX,
    S_EL_MIN,
    S_MAX_RANGE,
    S_N,
    S_PD,
    S_U,
    SENSOR_ROTATION,
    SI_KIND,
    SI_PLACED,
    WITNESSES,
    Claims,
    Floats,
    Ints,
    Pending,
    Reports,
    Sensors,
    Tracks,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.measure import wrap
from tocsin.fuse.update import Bench

BIRTH_RATE = 0.02  # new things a scan and sensor: one in fifty scans
RATE_SPAN_MPS = 60.0  # range rates that clutter spreads over, -30 to 30 m/s
HEIGHT_SPAN_M = 600.0  # heights that clutter spreads over
ELEVATION_SPAN = math.radians(30.0)  # clutter hugs the ground, whatever the field of view
EDGE = 0.97  # a target at the very edge of the reach is not expected
ACOUSTIC_FADE = 0.7  # a microphone's probability of detection falls by so much at its reach
DEFAULT_REACH_M = 5000.0
DEFAULT_PD = 0.7


class House(NamedTuple):
    """All columns, counters `n`, clocks `w`, and scratch space."""

    sensors: Sensors
    tracks: Tracks
    claims: Claims
    pending: Pending
    reports: Reports
    n: Ints
    w: Floats
    bench: Bench
    logs: Floats


@kernel
def reach(sensors: Sensors, s: int) -> float:
    """How far a sensor claims to reach, metres."""
    r = sensors.f[s, S_MAX_RANGE]
    return DEFAULT_REACH_M if math.isnan(r) else r


@kernel
def chance(sensors: Sensors, s: int, x: Floats) -> float:
    """Probability that a sensor sees what stands at x (frame metres); 0 where it cannot."""
    if sensors.i[s, SI_PLACED] == 0:
        return 0.0
    f = sensors.f[s]
    fe, fn, fu = x[0] - f[S_E], x[1] - f[S_N], x[2] - f[S_U]
    r2 = fe * fe + fn * fn + fu * fu
    limit = reach(sensors, s) * EDGE
    if r2 > limit * limit:
        return 0.0
    rot = f[SENSOR_ROTATION : SENSOR_ROTATION + 9]
    e = rot[0] * fe + rot[1] * fn + rot[2] * fu
    n = rot[3] * fe + rot[4] * fn + rot[5] * fu
    u = rot[6] * fe + rot[7] * fn + rot[8] * fu
    el = math.atan2(u, math.sqrt(e * e + n * n))
    if el < f[S_EL_MIN] or el > f[S_EL_MAX]:
        return 0.0
    if f[S_AZ_HALF] < math.pi and abs(wrap(math.atan2(e, n) - f[S_AZ_MID])) > f[S_AZ_HALF]:
        return 0.0
    pd = DEFAULT_PD if math.isnan(f[S_PD]) else f[S_PD]
    if sensors.i[s, SI_KIND] == ACOUSTIC:
        pd *= 1.0 - ACOUSTIC_FADE * math.sqrt(r2) / reach(sensors, s)
    return min(pd, 0.98)


@kernel
def clutter_log(sensors: Sensors, s: int, kind: int, d: Floats) -> float:
    """Log-density of false or new statements like `d` where it lies, per unit of its numbers."""
    f = sensors.f[s]
    rate = (0.1 if math.isnan(f[S_CLUTTER]) else f[S_CLUTTER]) + BIRTH_RATE
    log = math.log(rate)
    if kind == BEARING:
        if not math.isnan(d[D_AZ]):
            log -= math.log(2.0 * f[S_AZ_HALF])
        if not math.isnan(d[D_EL]):
            log -= math.log(min(f[S_EL_MAX] - f[S_EL_MIN], ELEVATION_SPAN))
        if not math.isnan(d[D_RANGE]):
            log -= math.log(reach(sensors, s))
        if not math.isnan(d[D_RATE]):
            log -= math.log(RATE_SPAN_MPS)
        return log
    log -= math.log(math.pi * reach(sensors, s) ** 2)
    if not math.isnan(d[D_SIG_ALT]):
        log -= math.log(HEIGHT_SPAN_M)
    if not math.isnan(d[D_SIG_V]):
        log -= 3.0 * math.log(RATE_SPAN_MPS)
    return log


@kernel
def bear_witness(tracks: Tracks, row: int, s: int, t: float) -> None:
    """Note that sensor `s` agreed with the track at `t`; the oldest witness makes room."""
    oldest = 0
    for k in range(WITNESSES):
        if tracks.witness[row, k] == s:
            tracks.witness_t[row, k] = max(tracks.witness_t[row, k], t)
            return
        if tracks.witness_t[row, k] < tracks.witness_t[row, oldest]:
            oldest = k
    tracks.witness[row, oldest] = s
    tracks.witness_t[row, oldest] = t
