"""Whatever bare microphones say, every guess stays a Gaussian: finite, positive, weights of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuse.scenes import T0, place

from tocsin.fuse import Table, new_table, step
from tocsin.fuse.columns import COASTING, CONFIRMED, TENTATIVE
from tocsin.words import Detection, Sensor, Sigma

LIVE = (TENTATIVE, CONFIRMED, COASTING)
SLACK = 1e-9  # of the largest eigenvalue: what rounding may leave below zero


@dataclass(frozen=True)
class Said:
    """One presence: which microphone, when by its clock, how much later it came, how loud."""

    ear: int
    t: float
    late: float
    level_db: float | None
    sigma_m: float


levels = st.none() | st.floats(-60.0, 200.0) | st.sampled_from([1e300, -1e300])
sayings = st.builds(
    Said,
    ear=st.integers(0, 8),
    t=st.floats(0.0, 300.0) | st.integers(0, 60).map(float),
    late=st.just(0.0) | st.floats(0.0, 60.0),
    level_db=levels,
    sigma_m=st.sampled_from([1e-6, 1.0, 1500.0, 1e9]),
)


@st.composite
def ears(draw: st.DrawFn) -> list[Sensor]:
    """Nine microphones: in a row, on one spot, near or far; alike in nothing."""
    spacing = draw(st.sampled_from([0.0, 1e-3, 30.0, 900.0, 5000.0]))
    line = draw(st.booleans())
    found = []
    for k in range(9):
        east, north = (k, 0) if line else (k % 3, k // 3)
        p = place((east * spacing, north * spacing, 5.0))
        found.append(
            Sensor(
                f"m{k}", "acoustic", p.lat, p.lon, p.alt_m,
                max_range_m=draw(st.sampled_from([None, 1.0, 400.0, 4000.0, 50_000.0])),
                p_detect=draw(st.sampled_from([None, 0.0, 1e-9, 0.3, 0.9, 1.0])),
                scan_period_s=draw(st.sampled_from([None, 0.1, 5.0, 60.0])),
                clutter_per_scan=draw(st.sampled_from([None, 0.0, 1e-6, 10.0])),
                sigma_horizontal_m=1500.0,
            )
        )  # fmt: skip
    return found


def statements(sensors: list[Sensor], said: list[Said]) -> list[Detection]:
    found = []
    for s in said:
        ear = sensors[s.ear]
        assert ear.lat is not None
        assert ear.lon is not None
        p = place((0.0, 0.0, 0.0))
        p = type(p)(ear.lat, ear.lon, ear.alt_m)
        found.append(
            Detection(
                T0 + s.t, ear.id, "acoustic", p, sigma=Sigma(horizontal_m=s.sigma_m),
                level_db=s.level_db, received=T0 + s.t + s.late,
            )
        )  # fmt: skip
    return sorted(found, key=lambda d: d.received or d.t)


def assert_sound(table: Table) -> None:
    """Every bank and every track is a distribution."""
    for bank in table.banks[: int(table.state["banks"][0])]:
        n = int(bank["count"])
        assert 1 <= n <= len(bank["w"])
        w = bank["w"][:n]
        assert np.all(np.isfinite(w))
        assert np.all(w >= 0.0)
        assert abs(w.sum() - 1.0) < 1e-9
        assert np.all(np.isfinite(bank["x"][:n]))
        for P in bank["P"][:n]:
            assert_covariance(P)
    for track in table.tracks[: int(table.state["tracks"][0])]:
        assert track["status"] in LIVE
        assert np.isfinite(track["score"])
        assert np.all(np.isfinite(track["x"]))
        for P in track["P"]:
            assert_covariance(P)


def assert_covariance(P: np.ndarray) -> None:
    assert np.all(np.isfinite(P))
    assert np.allclose(P, P.T, rtol=1e-9, atol=1e-9)
    least = np.linalg.eigvalsh(P)
    assert least[0] > -SLACK * least[-1]
    assert np.all(np.diag(P) > 0.0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ears(), st.lists(sayings, min_size=2, max_size=40))
def test_guesses_stay_gaussian(sensors: list[Sensor], said: list[Said]) -> None:
    table = new_table(sensors)
    heard = statements(sensors, said)
    for k, now in enumerate(d.received or d.t for d in heard):
        table, told = step(table, [heard[k]], now)
        assert_sound(table)
        for track in told:
            assert np.isfinite([track.lat, track.lon, track.ve, track.vn, track.sigma_m]).all()
    for wait in (10.0, 100.0, 1000.0):
        table, _ = step(table, [], T0 + 360.0 + wait)
        assert_sound(table)
