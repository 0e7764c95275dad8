"""What a sensor is corrected by: the verdict on its north and its clock, and the tracks it moves.

Each sensor carries the normal equations of its two unknowns, and a radar also those it shares
with a partner (see `mutual`). North sound or turned, clock sound or late, of both: 16 models (4
without a partner) are weighed by how well they foretold the residuals (Bayes factors of linear
Gaussian models: MacKay, Information Theory, Inference, and Learning Algorithms, ch. 28). What is
applied is the mean over the models, with the doubt that is left as variance, so that a sensor is
corrected after three looks that agree, a sound one is left exactly alone, and where two radars
disagree and nothing tells which of them is wrong, each bears half.
"""

from __future__ import annotations

import math

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import (
    MODES,
    RF,
    BenchRow,
    Floats,
    SensorRow,
    TrackRow,
)
from tocsin.fuse.grid import hang, touch
from tocsin.fuse.house import House
from tocsin.words.batch import WITNESSES

NORTH_PRIOR = math.radians(5.0)  # 1-sigma of a mast set up in a hurry
CLOCK_PRIOR_S = 0.7
SOUND_SHARE = 0.25  # of its own sigma: so far off may the north of a sound sensor be
SOUND_CLOCK_S = 0.05
PRIOR_LOG = math.log(0.02)  # one sensor in fifty is turned, one in fifty is late
LEAST_DOUBT = 0.1  # a smaller weight of error changes nothing at all
FORGET = 1.0 - 1.0 / 2000.0  # a look: masts sink and clocks drift, within the hour
SHIFT_SHARE = 0.5  # of the sensor's own sigma: a smaller change moves no track
SHIFT_CLOCK_S = 0.1
WITNESS_S = 5.0


@kernel
def correct(h: House, s: int, sigma_az: float) -> None:
    """Correct the sensor by the mean of the models, and move the tracks it alone made."""
    sensor, b = h.sensors[s], h.bench[0]
    top = -1e300
    north = lag = north2 = lag2 = total = turned = late = 0.0
    for model in range(4 if sensor.partner < 0 else 16):
        log = _weigh(h, sensor, model, sigma_az, b)
        if log > top:
            shrink = math.exp(top - log)
            north, lag, north2, lag2 = north * shrink, lag * shrink, north2 * shrink, lag2 * shrink
            total, turned, late = total * shrink, turned * shrink, late * shrink
            top = log
        w = math.exp(log - top)
        total += w
        if model & 1:
            turned, north = turned + w, north + w * b.y[0]
            north2 += w * (b.y[0] ** 2 + b.logs[0])
        if model & 2:
            late, lag = late + w, lag + w * b.y[1]
            lag2 += w * (b.y[1] ** 2 + b.logs[1])
    sensor.askew[0], sensor.askew[1] = turned / total, late / total
    before_n, before_c = sensor.north_error, sensor.clock_lag
    doubt = sensor.askew[0] >= LEAST_DOUBT
    sensor.north_error = north / total if doubt else 0.0
    sensor.north_var = north2 / total - (north / total) ** 2 if doubt else 0.0
    doubt = sensor.askew[1] >= LEAST_DOUBT
    sensor.clock_lag = lag / total if doubt else 0.0
    sensor.clock_var = lag2 / total - (lag / total) ** 2 if doubt else 0.0
    turn, wait = sensor.north_error - before_n, sensor.clock_lag - before_c
    if abs(turn) > SHIFT_SHARE * sigma_az or abs(wait) > SHIFT_CLOCK_S:
        for row in range(h.state[0].tracks):
            if _shift(h, h.tracks[row], s, turn, wait):
                hang(h, row)
                touch(h, row)


@kernel
def _weigh(h: House, sensor: SensorRow, model: int, sigma_az: float, b: BenchRow) -> float:
    """The log of how well a model foretold what was seen; its north and lag into `y`, their
    variances into `logs`. Bits of `model`: turned, late, partner turned, partner late."""
    n = 2 if sensor.partner < 0 else 4
    log = 0.0
    for i in range(n):
        for j in range(n):
            b.P1[0, i, j] = 0.0
        b.z[i] = 0.0
    _put(sensor.normal, 0, b)
    if n == 4:
        _put(h.sensors[sensor.partner].normal, 2, b)
        k = 0
        for i in range(4):
            for j in range(i, 4):
                b.P1[0, i, j] += sensor.shared[k]
                k += 1
            b.z[i] += sensor.shared[10 + i]
    for i in range(n):
        wide = (model >> i) & 1
        sharp = sigma_az if i < 2 else h.sensors[sensor.partner].sharp
        if i % 2 == 0:
            prior = NORTH_PRIOR**2 if wide else (SOUND_SHARE * sharp) ** 2
        else:
            prior = CLOCK_PRIOR_S**2 if wide else SOUND_CLOCK_S**2
        b.P1[0, i, i] += 1.0 / prior
        log += PRIOR_LOG * wide - 0.5 * math.log(prior)
    return log + _solve(b, n)


@kernel
def _put(q: Floats, first: int, b: BenchRow) -> None:
    """One sensor's own normal equations into the whole, upper half."""
    b.P1[0, first, first] += q[0]
    b.P1[0, first, first + 1] += q[1]
    b.P1[0, first + 1, first + 1] += q[2]
    b.z[first] += q[3]
    b.z[first + 1] += q[4]


@kernel
def _solve(b: BenchRow, n: int) -> float:
    """Half of z' A^-1 z less half the log-determinant of A; the first two of A^-1 z into `y`, of
    the diagonal of A^-1 into `logs`. The last unknowns are eliminated first."""
    A, z = b.P1[0], b.z
    log = 0.0
    for k in range(n - 1, 1, -1):
        for i in range(k):
            f = A[i, k] / A[k, k]
            for j in range(i, k):
                A[i, j] -= f * A[j, k]
            z[i] -= f * z[k]
        log += 0.5 * z[k] * z[k] / A[k, k] - 0.5 * math.log(A[k, k])
    det = A[0, 0] * A[1, 1] - A[0, 1] ** 2
    b.logs[0], b.logs[1] = A[1, 1] / det, A[0, 0] / det
    b.y[0] = (A[1, 1] * z[0] - A[0, 1] * z[1]) / det
    b.y[1] = (A[0, 0] * z[1] - A[0, 1] * z[0]) / det
    return float(log + 0.5 * (z[0] * b.y[0] + z[1] * b.y[1]) - 0.5 * math.log(det))


@kernel
def _shift(h: House, tr: TrackRow, s: int, turn: float, wait: float) -> bool:
    """A track that sensor `s` helped to make, after its correction grew by `turn` and `wait`: where
    it alone placed the track, the track moves along; where others did too, it is less sure. False
    where it had no part in it."""
    mine, others = False, False
    for k in range(WITNESSES):
        w = tr.witness[k]
        if w < 0 or tr.time - tr.witness_t[k] > WITNESS_S:
            continue
        if w == s:
            mine = True
        elif h.sensors[w].kind != RF:
            others = True
    if not mine:
        return False
    f = h.sensors[s]
    e, n = tr.x[0, 0] - f.place[0], tr.x[0, 1] - f.place[1]
    if others:
        for mode in range(MODES):
            tr.P[mode, 0, 0] += (n * turn) ** 2 + (tr.x[mode, 3] * wait) ** 2
            tr.P[mode, 1, 1] += (e * turn) ** 2 + (tr.x[mode, 4] * wait) ** 2
        return True
    ca, sa = math.cos(turn), math.sin(turn)
    for mode in range(MODES):
        x = tr.x[mode]
        for first in (0, 3):
            e = x[first] - (f.place[0] if first == 0 else 0.0)
            n = x[first + 1] - (f.place[1] if first == 0 else 0.0)
            x[first] += e * (ca - 1.0) - n * sa
            x[first + 1] += n * (ca - 1.0) + e * sa
        for a in range(3):
            x[a] += wait * x[a + 3]
    return True
