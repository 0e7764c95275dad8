"""How likely a pairing is, and what a track learns from one that may be wrong."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.fuse.scenes import T0, bearing_from, run, sensor

from tocsin.fuse.columns import BEARING, BENCH, MODES, SENSOR, STATEMENT, TRACK
from tocsin.fuse.odds import odds
from tocsin.fuse.update import learn_in_doubt
from tocsin.words import Bearing, Detection, Sigma


def by_counting(pairs: list[tuple[int, int]], gains: list[float]) -> list[float]:
    """The same probabilities from all assignments, one by one."""
    total, share = 0.0, [0.0] * len(pairs)

    def put(k: int, used: set[tuple[str, int]], chosen: list[int], log: float) -> None:
        nonlocal total
        if k == len(pairs):
            total += math.exp(log)
            for c in chosen:
                share[c] += math.exp(log)
            return
        put(k + 1, used, chosen, log)
        ends = {("row", pairs[k][0]), ("statement", pairs[k][1])}
        if not ends & used:
            put(k + 1, used | ends, [*chosen, k], log + gains[k])

    put(0, set(), [], 0.0)
    return [s / total for s in share]


def solved(pairs: list[tuple[int, int]], gains: list[float], rows: int, dets: int) -> list[float]:
    found: list[float] = odds(np.array(pairs, np.int64), np.array(gains), rows, dets).tolist()
    return found


@given(st.lists(st.floats(-5.0, 12.0), min_size=4, max_size=4))
def test_in_a_chain_the_odds_are_exact(gains: list[float]) -> None:
    pairs = [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert np.allclose(solved(pairs, gains, 3, 2), by_counting(pairs, gains), atol=1e-3)


@given(st.lists(st.floats(-5.0, 12.0), min_size=9, max_size=9))
def test_where_all_compete_the_odds_are_near(gains: list[float]) -> None:
    pairs = [(i, j) for i in range(3) for j in range(3)]
    found = np.array(solved(pairs, gains, 3, 3)).reshape(3, 3)
    assert np.all(found >= 0.0)
    assert np.all(found.sum(axis=1) <= 1.0 + 1e-9)
    assert np.abs(found.ravel() - by_counting(pairs, gains)).max() < 0.2


def test_certainty_stays_finite() -> None:
    assert solved([(0, 0), (0, 1)], [900.0, 880.0], 1, 2) == [0.5, 0.5]


def learnt(trust: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, place and its covariance of a track 1 km north after a bearing 1 degree aside."""
    sensors, d = np.zeros(1, SENSOR), np.zeros(1, STATEMENT)
    sensors["turn"][0] = np.eye(3).ravel()
    for name in ("el", "range", "rate", "sig_el", "sig_range", "sig_rate"):
        d[name] = math.nan
    d["kind"], d["az"], d["sig_az"] = BEARING, math.radians(1.0), math.radians(0.5)
    tr, bench = np.zeros(1, TRACK), np.zeros(1, BENCH)
    tr["x"][0, :, 1] = 1000.0
    tr["P"][0] = np.diag([100.0, 100.0, 100.0, 4.0, 4.0, 4.0])
    tr["mu"][0] = 1.0 / MODES
    learn_in_doubt(tr[0], sensors, 0, d[0], 0.0, 1.0, trust, bench[0])
    return tr["mu"][0], tr["x"][0, 0, :2], tr["P"][0, 0, :2, :2]


def test_a_doubtful_bearing_leaves_the_mean_and_spread_of_both_cases() -> None:
    _, sure, narrow = learnt(1.0)
    _, none, wide = learnt(0.0)
    weights, place, spread = learnt(0.3)
    assert np.allclose(none, [0.0, 1000.0])
    assert np.allclose(wide, np.diag([100.0, 100.0]))
    assert sure[0] > 8.0
    assert np.allclose(weights, 1.0 / MODES)
    assert np.allclose(place, 0.3 * sure + 0.7 * none)
    step = sure - none
    both = 0.3 * narrow + 0.7 * wide + 0.3 * 0.7 * np.outer(step, step)
    assert np.allclose(spread, both, rtol=1e-3)


def test_one_camera_that_follows_its_own_bird_confirms_no_crossing() -> None:
    """Two cameras see a bird each; the lines cross in the air. What one goes on seeing is on its
    line wherever the bird is, so it proves nothing of the crossing."""
    left = sensor("left", "camera", (0.0, 0.0, 2.0), max_range_m=1500.0, p_detect=0.7,
                  clutter_per_scan=0.2, scan_period_s=0.5)  # fmt: skip
    right = sensor("right", "camera", (60.0, 0.0, 2.0), max_range_m=1500.0, p_detect=0.7,
                   clutter_per_scan=0.2, scan_period_s=0.5)  # fmt: skip
    sigma = Sigma(azimuth_deg=0.2, elevation_deg=0.2)

    def seen(by: str, at: float, target: tuple[float, float, float]) -> Detection:
        azimuth, elevation, _ = bearing_from(left if by == "left" else right, target)
        bearing = Bearing(azimuth, elevation)
        return Detection(T0 + at, by, "camera", sigma=sigma, bearing=bearing)

    far, near = (180.0, 300.0, 60.0), (0.0, 150.0, 34.0)
    said = [seen("right", 0.1, near)]
    said += [seen("left", 0.2 + 0.5 * k, far) for k in range(12)]
    _, changes = run([left, right], sorted(said, key=lambda d: d.t))
    assert {t.status for t in changes} <= {"tentative", "ended"}
    there = (80.0, 150.0, 60.0)
    both = [seen(by, 0.1 + 0.5 * k, there) for k in range(12) for by in ("left", "right")]
    _, changes = run([left, right], both)
    assert any(t.status == "confirmed" for t in changes)
