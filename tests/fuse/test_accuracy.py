"""How the loom judges motion, strangers and flocks; each on scenes made here."""

from __future__ import annotations

import math

import numpy as np
from tests.fuse.scenes import T0, error_m, every, hear, run, scan, sensor

from tocsin.earth import LocalFrame
from tocsin.fuse import new_table
from tocsin.fuse.places import sound_mps
from tocsin.words import Bearing, ClassScores, Detection, Sensor, Sigma, Track


def radar(clutter: float = 2.0) -> Sensor:
    return sensor(
        "radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
        clutter_per_scan=clutter, scan_period_s=1.0,
    )  # fmt: skip


def sure(changes: list[Track]) -> list[Track]:
    return [t for t in changes if t.status in ("confirmed", "coasting")]


def circle(at: float) -> tuple[float, float, float]:
    """Round and round at 15 m/s and 14 degrees a second."""
    turn = math.radians(14.0) * at
    return 800.0 + 61.4 * math.cos(turn), 61.4 * math.sin(turn), 80.0


def hover(at: float) -> tuple[float, float, float]:
    return 300.0, 500.0, 60.0


def test_a_turn_is_followed_with_an_honest_sigma() -> None:
    ratios, errors = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        _, changes = run([radar()], scan(radar(), circle, every(1.0, 0.0, 60.0), rng))
        for t in sure(changes):
            if t.t - T0 > 10.0:
                errors.append(error_m(t, circle))
                ratios.append(errors[-1] ** 2 / (2.0 * t.sigma_m**2))
    assert np.mean(errors) < 13.0  # a plot is 16 m off
    assert 0.5 < np.mean(ratios) < 1.5


def test_what_hovers_is_held_still() -> None:
    rng = np.random.default_rng(3)
    _, changes = run([radar()], scan(radar(), hover, every(1.0, 0.0, 60.0), rng))
    late = [t for t in sure(changes) if 30.0 < t.t - T0 <= 60.0]
    assert np.mean([math.hypot(t.ve, t.vn) for t in late]) < 0.6
    assert np.mean([error_m(t, hover) for t in late]) < 6.0


def noise(rng: np.random.Generator, rate: float, seconds: int) -> list[Detection]:
    sigma = Sigma(azimuth_deg=1.0, elevation_deg=1.5, range_m=8.0, range_rate_mps=0.5)
    return [
        Detection(
            T0 + k, "radar", "radar", sigma=sigma,
            bearing=Bearing(
                rng.uniform(0, 360), rng.uniform(0, 20),
                rng.uniform(100, 3500), rng.uniform(-30, 30),
            ),
        )
        for k in range(seconds)
        for _ in range(rng.poisson(rate))
    ]  # fmt: skip


def test_clutter_ten_times_as_dense_as_stated_confirms_nothing() -> None:
    liar = radar(clutter=4.0)
    table, changes = run([liar], noise(np.random.default_rng(5), 40.0, 90), tick=1.0)
    assert sure(changes) == []
    assert float(table.sensors[0]["stray"]) > 20.0


def test_less_clutter_than_stated_is_learned() -> None:
    proud = radar(clutter=20.0)
    table, _ = run([proud], noise(np.random.default_rng(6), 1.0, 120), tick=1.0)
    assert float(table.sensors[0]["stray"]) < 3.0


def test_in_a_flock_the_undecided_is_more_likely_a_bird() -> None:
    rng = np.random.default_rng(7)
    seen = scan(radar(), hover, every(1.0, 0.0, 30.0), rng, ClassScores(drone=0.53, bird=0.47))
    alone = sure(run([radar()], seen)[1])[-1]
    for k in range(8):
        a = 0.5 + 0.6 * k
        path = (lambda e, n: lambda at: (e + 5.0 * at, n, 70.0))(
            1500.0 * math.sin(a), 1500.0 * math.cos(a)
        )
        seen += scan(radar(), path, every(1.0, 0.0, 30.0), rng, ClassScores(drone=0.1, bird=0.9))
    _, changes = run([radar()], seen)
    among = next(t for t in reversed(sure(changes)) if error_m(t, hover) < 40.0)
    assert (alone.class_.drone or 0.0) > (among.class_.drone or 0.0) + 0.2
    assert (among.class_.bird or 0.0) > 1.5 * (among.class_.drone or 0.0)


def test_sound_is_slower_in_cold_air() -> None:
    assert abs(sound_mps(20.0) - 343.2) < 0.1
    assert abs(sound_mps(0.0) - 331.3) < 1e-9
    cold = new_table([radar()], air_c=-10.0)
    assert float(cold.state["sound"][0]) > 1.05


def test_a_frame_is_exact_500_km_from_its_middle() -> None:
    middle = LocalFrame(13.2, -10.4)
    for lat, lon in ((17.7, -10.4), (13.2, -5.8), (9.9, -13.6)):
        here = LocalFrame(lat, lon, 200.0)
        for e, n, u in ((3000.0, 0.0, 100.0), (0.0, -3000.0, 50.0), (-2000.0, 2000.0, 400.0)):
            there = here.to_wgs84(e, n, u)
            far = np.array(middle.to_enu(*there)) - np.array(middle.to_enu(lat, lon, 200.0))
            assert abs(math.sqrt(float((far**2).sum())) - math.sqrt(e * e + n * n + u * u)) < 0.01


def test_one_bearing_alone_is_never_confirmed() -> None:
    rng = np.random.default_rng(8)
    finder = sensor("df", "rf", (0.0, 0.0, 10.0), max_range_m=4000.0, p_detect=0.9,
                    clutter_per_scan=0.1, scan_period_s=1.0)  # fmt: skip
    heard = hear(finder, circle, every(1.0, 0.0, 40.0), rng, elevation=False)
    assert sure(run([finder], heard)[1]) == []
