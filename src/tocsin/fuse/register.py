"""How far a sensor's north and clock are off, learned from things whose place is known.

An aircraft with ADS-B is a free calibration for any sensor that sees it: its azimuth residual is
the north error less the azimuth's rate times the clock's lag, its range residual less the range's
rate times the lag. Remote ID serves as well, but only where *another* radar finds it where it says.
A direction finder, which does not see aircraft, is held against tracks that a radar keeps.

Each sensor carries the normal equations of its two unknowns; `correct` draws the conclusion.
Leaves out  range and elevation errors
"""

from __future__ import annotations

import math

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import (
    BEARING,
    JUMP,
    OFF,
    RADAR,
    RF,
    TENTATIVE,
    ClaimRow,
    Floats,
    SensorRow,
    StatementRow,
)
from tocsin.fuse.correct import CLOCK_PRIOR_S, FORGET, LEAST_DOUBT, NORTH_PRIOR, correct
from tocsin.fuse.house import House
from tocsin.fuse.lies import doubted
from tocsin.fuse.measure import wrap
from tocsin.words.batch import WITNESSES

FRESH_S = 2.5  # a reference older than this is not carried forward
GATE_SIGMAS = 3.0
WEIGHT = 0.5  # errors of one track are not independent from look to look
REFERENCE_SHARE = 4.0  # nor are those of a smoothed claim: they last about four looks
FIRST_SPEED_MPS = 70.0  # of an aircraft that spoke once
WITNESS_S = 5.0


@kernel
def calibrate(h: House, d: StatementRow) -> None:
    """Learn from one statement, if it is about something whose place is known."""
    sensor = h.sensors[d.sensor]
    if d.kind != BEARING or math.isnan(d.az):
        return
    if not math.isnan(d.range):
        _by_claims(h, sensor, d)
    elif sensor.kind == RF:
        _by_tracks(h, sensor, d)


@kernel
def _by_claims(h: House, sensor: SensorRow, d: StatementRow) -> None:
    for c in range(h.state[0].claims):
        claim = h.claims[c]
        age = d.t - claim.path_t
        if claim.fixes == 0 or claim.doubt[JUMP] > 0.2 or abs(age) > FRESH_S:
            continue
        if claim.aircraft == 0 and not _vouched(h, claim, d.sensor, d.t):
            continue
        place = h.bench[0].x0
        for a in range(3):
            place[a] = claim.path[a] + age * claim.speed[a]
            place[a + 3] = claim.speed[a]
        spread = _path_sigma(claim, age)
        if _plausible(sensor, d, place, spread):
            _learn_both(h, d, place, REFERENCE_SHARE * spread * spread, 1.0)


@kernel
def _vouched(h: House, claim: ClaimRow, s: int, t: float) -> bool:
    """Whether a radar other than `s` finds a Remote ID claim where it says that it is."""
    if claim.row < 0 or doubted(claim) or claim.doubt[OFF] > 0.2:
        return False
    tr = h.tracks[claim.row]
    if claim.fixes < 4 or tr.status == TENTATIVE:
        return False
    for k in range(WITNESSES):
        w = tr.witness[k]
        if w >= 0 and w != s and h.sensors[w].kind == RADAR and t - tr.witness_t[k] < WITNESS_S:
            return bool(h.sensors[w].askew[0] < LEAST_DOUBT)
    return False


@kernel
def _path_sigma(claim: ClaimRow, age: float) -> float:
    """How far off a claim's smoothed path may be, metres: a line's fit through its first fixes
    (position (4k - 2) / k(k + 1), speed 12 / k(k^2 - 1)), then the alpha-beta filter's own."""
    k = float(claim.fixes)
    place = max((4.0 * k - 2.0) / (k * (k + 1.0)), 0.25) * claim.sig**2
    if claim.fixes == 1:
        return math.sqrt(place + (age * FIRST_SPEED_MPS) ** 2)
    return math.sqrt(place + age * age * max(12.0 / (k * (k * k - 1.0)), 0.005) * claim.sig**2)


@kernel
def _by_tracks(h: House, sensor: SensorRow, d: StatementRow) -> None:
    """Hold an azimuth against the one radar track it can be about; two candidates: neither."""
    found, spread = 0, 0.0
    place = h.bench[0].x0
    north, _, north_var, _ = _solve(sensor.normal)
    gate = GATE_SIGMAS * math.sqrt(d.sig_az**2 + north_var)
    for row in range(h.state[0].tracks):
        tr = h.tracks[row]
        age = d.t - tr.time
        if tr.status == TENTATIVE or abs(age) > FRESH_S or (tr.kinds >> RADAR) & 1 == 0:
            continue
        e = tr.x[0, 0] + age * tr.x[0, 3] - sensor.place[0]
        n = tr.x[0, 1] + age * tr.x[0, 4] - sensor.place[1]
        if abs(wrap(d.az - math.atan2(e, n)) - north) > gate:
            continue
        found += 1
        spread = 0.5 * (tr.P[0, 0, 0] + tr.P[0, 1, 1])
        for a in range(3):
            place[a] = tr.x[0, a] + age * tr.x[0, a + 3]
            place[a + 3] = tr.x[0, a + 3]
    if found == 1:
        _learn_both(h, d, place, spread, WEIGHT)


@kernel
def _plausible(sensor: SensorRow, d: StatementRow, place: Floats, spread_m: float) -> bool:
    """Whether range, range rate and elevation fit the claim, whatever the azimuth says."""
    e, n, u = _from_sensor(sensor, place, 0)
    ve, vn, vu = _from_sensor(sensor, place, 3)
    r = math.sqrt(e * e + n * n + u * u)
    rate = (e * ve + n * vn + u * vu) / r
    _, lag, _, lag_var = _solve(sensor.normal)
    spread = math.sqrt(d.sig_range**2 + spread_m**2 + rate**2 * lag_var)
    if abs(d.range - r + rate * lag) > GATE_SIGMAS * spread:
        return False
    known = spread_m < 2.0 * d.sig_range + 20.0  # before its speed is known no rate speaks
    if known and not math.isnan(d.rate) and abs(d.rate - rate) > GATE_SIGMAS * (d.sig_rate + 3.0):
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
def _learn_both(h: House, d: StatementRow, place: Floats, var_m2: float, weight: float) -> None:
    """Add one azimuth, and a range where there is one, to the sensor's normal equations."""
    sensor = h.sensors[d.sensor]
    e, n, u = _from_sensor(sensor, place, 0)
    ve, vn, vu = _from_sensor(sensor, place, 3)
    ground2 = e * e + n * n
    turning = (ve * n - vn * e) / ground2
    off = wrap(d.az - math.atan2(e, n))
    own = d.sig_az**2 + var_m2 / ground2
    north, lag, north_var, lag_var = _solve(sensor.normal)
    spread = math.sqrt(own + north_var + turning**2 * lag_var)
    if abs(off - north + turning * lag) > GATE_SIGMAS * spread:
        return
    for k in range(5):
        sensor.normal[k] *= FORGET
    _add(sensor.normal, 1.0, -turning, off, weight / own)
    if not math.isnan(d.range):
        r = math.sqrt(ground2 + u * u)
        rate = (e * ve + n * vn + u * vu) / r
        _add(sensor.normal, 0.0, -rate, d.range - r, weight / (d.sig_range**2 + var_m2))
    correct(h, d.sensor, d.sig_az)


@kernel
def _add(normal: Floats, a: float, b: float, z: float, weight: float) -> None:
    normal[0] += weight * a * a
    normal[1] += weight * a * b
    normal[2] += weight * b * b
    normal[3] += weight * a * z
    normal[4] += weight * b * z


@kernel
def _solve(q: Floats) -> tuple[float, float, float, float]:
    """North error (rad) and clock lag (s) as far as known, and their variances."""
    aa, bb = q[0] + 1.0 / NORTH_PRIOR**2, q[2] + 1.0 / CLOCK_PRIOR_S**2
    det = aa * bb - q[1] * q[1]
    north, lag = (bb * q[3] - q[1] * q[4]) / det, (aa * q[4] - q[1] * q[3]) / det
    return north, lag, bb / det, aa / det
