"""How far a sensor's north and clock are off, learned from things whose place is known.

An aircraft with ADS-B is a free calibration for any sensor that sees it: its azimuth residual is
the north error less the azimuth's rate times the clock's lag, its range residual less the range's
rate times the lag. A direction finder, which does not see aircraft, is held against tracks that a
radar keeps. Each sensor solves its own two unknowns by weighted least squares; a correction is
applied only when it stands out by four sigmas, so that a sound sensor is left alone.
Leaves out  Remote ID as a reference, since anyone can fake it; range and elevation errors
"""

from __future__ import annotations

import math

from tocsin.fuse.columns import (
    BEARING,
    RADAR,
    RF,
    TENTATIVE,
    Floats,
    SensorRow,
    StatementRow,
)
from tocsin.fuse.compile import kernel
from tocsin.fuse.house import House
from tocsin.fuse.measure import wrap

NORTH_PRIOR = math.radians(5.0)  # 1-sigma of a mast set up in a hurry
CLOCK_PRIOR_S = 0.7
FRESH_S = 2.5  # a reference older than this is not carried forward
FIXES = 4  # claims before an aircraft's speed is known well enough
PLACE_SIGMA_M = 12.0  # of a smoothed ADS-B place
GATE_SIGMAS = 3.0
WEIGHT = 0.5  # errors of one reference are not independent from look to look
APPLY_SIGMAS = 4.0
APPLY_SHARE = 0.4  # of the sensor's own sigma: a smaller north error is not worth correcting
APPLY_CLOCK_S = 0.15


@kernel
def calibrate(h: House, d: StatementRow) -> None:
    """Learn from one statement, if it is about something whose place is known."""
    sensor = h.sensors[d.sensor]
    if d.kind != BEARING or math.isnan(d.az):
        return
    if not math.isnan(d.range):
        _by_aircraft(h, sensor, d)
    elif sensor.kind == RF:
        _by_tracks(h, sensor, d)


@kernel
def _by_aircraft(h: House, sensor: SensorRow, d: StatementRow) -> None:
    for c in range(h.state[0].claims):
        claim = h.claims[c]
        age = d.t - claim.path_t
        if claim.aircraft == 0 or claim.fixes < FIXES or claim.jumps > 0.0 or abs(age) > FRESH_S:
            continue
        place = h.bench[0].x0
        for a in range(3):
            place[a] = claim.path[a] + age * claim.speed[a]
            place[a + 3] = claim.speed[a]
        if _plausible(sensor, d, place):
            _learn_both(sensor, d, place, PLACE_SIGMA_M)


@kernel
def _by_tracks(h: House, sensor: SensorRow, d: StatementRow) -> None:
    """Hold an azimuth against the one radar track it can be about; two candidates: neither."""
    found, sigma = 0, 0.0
    place = h.bench[0].x0
    for row in range(h.state[0].tracks):
        tr = h.tracks[row]
        age = d.t - tr.time
        if tr.status == TENTATIVE or abs(age) > FRESH_S or (tr.kinds >> RADAR) & 1 == 0:
            continue
        e = tr.x[0, 0] + age * tr.x[0, 3] - sensor.place[0]
        n = tr.x[0, 1] + age * tr.x[0, 4] - sensor.place[1]
        off = wrap(d.az - math.atan2(e, n)) - _estimate(sensor, 0)
        gate = GATE_SIGMAS * math.sqrt(d.sig_az**2 + _variance(sensor, 0))
        if abs(off) > gate:
            continue
        found += 1
        sigma = math.sqrt(0.5 * (tr.P[0, 0, 0] + tr.P[0, 1, 1]))
        for a in range(3):
            place[a] = tr.x[0, a] + age * tr.x[0, a + 3]
            place[a + 3] = tr.x[0, a + 3]
    if found == 1:
        _learn_both(sensor, d, place, sigma)


@kernel
def _plausible(sensor: SensorRow, d: StatementRow, place: Floats) -> bool:
    """Whether range, range rate and elevation fit the aircraft, whatever the azimuth says."""
    e, n, u = _from_sensor(sensor, place, 0)
    ve, vn, vu = _from_sensor(sensor, place, 3)
    r = math.sqrt(e * e + n * n + u * u)
    rate = (e * ve + n * vn + u * vu) / r
    spread = math.sqrt(d.sig_range**2 + PLACE_SIGMA_M**2 + rate**2 * _variance(sensor, 1))
    if abs(d.range - r + rate * _estimate(sensor, 1)) > GATE_SIGMAS * spread:
        return False
    if not math.isnan(d.rate) and abs(d.rate - rate) > GATE_SIGMAS * (d.sig_rate + 3.0):
        return False
    lift = math.atan2(u, math.hypot(e, n))
    return bool(math.isnan(d.el) or abs(d.el - lift) < GATE_SIGMAS * (d.sig_el + 0.01))


@kernel
def _from_sensor(sensor: SensorRow, state: Floats, first: int) -> tuple[float, float, float]:
    """Three numbers of a state turned into the sensor's own east, north, up."""
    a, b, c = state[first], state[first + 1], state[first + 2]
    if first == 0:
        a, b, c = a - sensor.place[0], b - sensor.place[1], c - sensor.place[2]
    t = sensor.turn
    return (
        t[0] * a + t[1] * b + t[2] * c,
        t[3] * a + t[4] * b + t[5] * c,
        t[6] * a + t[7] * b + t[8] * c,
    )


@kernel
def _learn_both(sensor: SensorRow, d: StatementRow, place: Floats, sigma_m: float) -> None:
    """Add one azimuth, and a range where there is one, to the sensor's normal equations."""
    e, n, u = _from_sensor(sensor, place, 0)
    ve, vn, vu = _from_sensor(sensor, place, 3)
    ground2 = e * e + n * n
    turning = (ve * n - vn * e) / ground2
    off = wrap(d.az - math.atan2(e, n))
    own = d.sig_az**2 + sigma_m**2 / ground2
    lag, var = _estimate(sensor, 1), _variance(sensor, 1)
    spread = math.sqrt(own + _variance(sensor, 0) + turning**2 * var)
    if abs(off - _estimate(sensor, 0) + turning * lag) > GATE_SIGMAS * spread:
        return
    _add(sensor.normal, 1.0, -turning, off, WEIGHT / own)
    if not math.isnan(d.range):
        r = math.sqrt(ground2 + u * u)
        rate = (e * ve + n * vn + u * vu) / r
        _add(sensor.normal, 0.0, -rate, d.range - r, WEIGHT / (d.sig_range**2 + sigma_m**2))
    _apply(sensor, d.sig_az)


@kernel
def _add(normal: Floats, a: float, b: float, z: float, weight: float) -> None:
    normal[0] += weight * a * a
    normal[1] += weight * a * b
    normal[2] += weight * b * b
    normal[3] += weight * a * z
    normal[4] += weight * b * z


@kernel
def _estimate(sensor: SensorRow, k: int) -> float:
    """North error (k = 0, rad) or clock lag (k = 1, s) as far as known."""
    q = sensor.normal
    aa, bb = q[0] + 1.0 / NORTH_PRIOR**2, q[2] + 1.0 / CLOCK_PRIOR_S**2
    det = aa * bb - q[1] * q[1]
    return float((bb * q[3] - q[1] * q[4]) / det if k == 0 else (aa * q[4] - q[1] * q[3]) / det)


@kernel
def _variance(sensor: SensorRow, k: int) -> float:
    q = sensor.normal
    aa, bb = q[0] + 1.0 / NORTH_PRIOR**2, q[2] + 1.0 / CLOCK_PRIOR_S**2
    return float((bb if k == 0 else aa) / (aa * bb - q[1] * q[1]))


@kernel
def _apply(sensor: SensorRow, sigma_az: float) -> None:
    """Correct the sensor by what stands out; a correction is refined, never dropped."""
    north, north_var = _estimate(sensor, 0), _variance(sensor, 0)
    lag, lag_var = _estimate(sensor, 1), _variance(sensor, 1)
    stands_out = abs(north) > APPLY_SIGMAS * math.sqrt(north_var)
    if sensor.north_var > 0.0 or (stands_out and abs(north) > APPLY_SHARE * sigma_az):
        sensor.north_error, sensor.north_var = north, north_var
    stands_out = abs(lag) > APPLY_SIGMAS * math.sqrt(lag_var)
    if sensor.clock_var > 0.0 or (stands_out and abs(lag) > APPLY_CLOCK_S):
        sensor.clock_lag, sensor.clock_var = lag, lag_var
