"""A track from one sensor's bearings alone: honestly wide, never sure by azimuth alone."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from tests.fuse.scenes import T0, Path, error_m, every, hear, run, sensor

from tocsin.fuse import from_bytes, new_table, step, to_bytes
from tocsin.words import Bearing, Detection, Sensor, Sigma, Track


def finder(name: str = "df", at: tuple[float, float] = (0.0, 0.0), stray: float = 0.1) -> Sensor:
    """A direction finder: azimuth once a second, 4 km."""
    return sensor(
        name, "rf", (*at, 15.0), max_range_m=4000.0, p_detect=0.8,
        clutter_per_scan=stray, scan_period_s=1.0,
    )  # fmt: skip


def array(name: str = "ear", stray: float = 0.05) -> Sensor:
    """An array of microphones: azimuth twice a second, 600 m."""
    return sensor(
        name, "acoustic", (0.0, 0.0, 5.0), max_range_m=600.0, p_detect=0.9,
        clutter_per_scan=stray, scan_period_s=0.5,
    )  # fmt: skip


def strays(s: Sensor, stop: float, rng: np.random.Generator, up: bool = False) -> list[Detection]:
    """Poisson clutter all round."""
    return [
        Detection(
            T0 + at, s.id, s.kind,
            bearing=Bearing(rng.uniform(0.0, 360.0), rng.uniform(0.0, 40.0) if up else None),
            sigma=Sigma(azimuth_deg=3.0, elevation_deg=3.0 if up else None),
        )
        for at in every(s.scan_period_s or 1.0, 0.0, stop)
        for _ in range(rng.poisson(s.clutter_per_scan or 0.0))
    ]  # fmt: skip


def passing(speed: float = 15.0, aside: float = 250.0, half_s: float = 25.0) -> Path:
    """North to south, east of the sensor, nearest after `half_s`."""
    return lambda at: (aside, speed * (half_s - at), 100.0)


def heard(
    s: Sensor, path: Path, seconds: list[float], rng: np.random.Generator, up: bool = False
) -> list[Detection]:
    """Bearings on the path, those that the sensor misses left out."""
    kept = [at for at in seconds if rng.random() < (s.p_detect or 1.0)]
    sound = 343.0 if s.kind == "acoustic" else None
    return hear(s, path, kept, rng, elevation=up, sound_mps=sound)


def lone(s: Sensor, path: Path, seed: int, up: bool = False) -> list[Track]:
    """What a sensor alone makes of a thing that passes for 50 s."""
    rng = np.random.default_rng(seed)
    seen = heard(s, path, every(s.scan_period_s or 1.0, 0.0, 50.0), rng, up)
    return run([s], seen + strays(s, 50.0, rng, up))[1]


def sure(changes: list[Track]) -> list[Track]:
    return [t for t in changes if t.status in ("confirmed", "coasting")]


@pytest.mark.parametrize(
    ("s", "path", "up"),
    [
        (array(), passing(), True),
        (array(), passing(), False),
        (finder(), passing(20.0, 700.0), False),
        (finder(), passing(10.0, 400.0), False),
    ],
)
def test_one_sensor_begins_a_track_whose_ellipse_holds_the_truth(
    s: Sensor, path: Path, up: bool
) -> None:
    found, ratios = 0, []
    for seed in range(12):
        live = [t for t in lone(s, path, seed, up) if t.status != "ended"]
        found += bool(live)
        ratios += [error_m(t, path) ** 2 / (2.0 * t.sigma_m**2) for t in live]
    assert found >= 10
    assert np.mean(ratios) < 1.6
    assert np.mean(np.array(ratios) < 4.5) > 0.95  # three sigmas


@pytest.mark.parametrize("s", [array(), finder()])
def test_azimuth_alone_is_never_sure_of_a_place(s: Sensor) -> None:
    path = passing() if s.kind == "acoustic" else passing(20.0, 700.0)
    for seed in range(8):
        assert sure(lone(s, path, seed)) == []


def test_an_elevation_confirms_it() -> None:
    for seed in range(6):
        found = sure(lone(array(), passing(), seed, up=True))
        assert found
        assert np.median([error_m(t, passing()) for t in found]) < 150.0


def test_a_second_finder_confirms_it_under_the_same_name() -> None:
    first, second = finder("one"), finder("two", (1500.0, -300.0))
    path, kept = passing(15.0, 700.0, 30.0), 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        seen = heard(first, path, every(1.0, 0.0, 60.0), rng) + strays(first, 60.0, rng)
        seen += heard(second, path, every(1.0, 30.5, 60.0), rng) + strays(second, 60.0, rng)
        changes = run([first, second], seen)[1]
        before = {t.track for t in changes if T0 + 28.0 < t.t < T0 + 30.5 and t.status != "ended"}
        found = sure(changes)
        assert found
        assert found[0].t < T0 + 45.0
        late = [t for t in found if t.t > T0 + 45.0]
        assert len({t.track for t in late}) == 1
        assert np.median([error_m(t, path) for t in late]) < 120.0
        kept += late[0].track in before
    assert kept >= 3  # the others were lost before the second finder woke


@pytest.mark.parametrize("s", [array(stray=0.5), finder(stray=0.3), finder(stray=3.0)])
def test_clutter_alone_begins_nothing(s: Sensor) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        assert run([s], strays(s, 300.0, rng, s.kind == "acoustic"), tick=5.0)[1] == []


@pytest.mark.parametrize("s", [array(), finder()])
def test_what_stands_begins_nothing(s: Sensor) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        up = s.kind == "acoustic"
        still = heard(s, lambda _: (300.0, 200.0, 60.0), every(s.scan_period_s or 1.0, 0.0, 200.0),
                      rng, up)  # fmt: skip
        assert run([s], still + strays(s, 200.0, rng, up), tick=5.0)[1] == []


def test_how_a_lone_sensor_is_cut_into_steps_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    seen = heard(array(), passing(), every(0.5, 0.0, 50.0), rng) + strays(array(), 50.0, rng)
    fine, coarse = run([array()], seen, tick=0.1)[1], run([array()], seen, tick=5.0)[1]
    shared = [t for t in coarse if t.t <= fine[-1].t]
    assert fine
    assert msgspec.json.encode(fine) == msgspec.json.encode(shared[: len(fine)])


def test_a_lone_track_survives_bytes() -> None:
    rng = np.random.default_rng(6)
    seen = heard(array(), passing(), every(0.5, 0.0, 50.0), rng) + strays(array(), 50.0, rng)
    ordered = sorted(seen, key=lambda d: d.t)
    whole, resumed = new_table([array()]), new_table([array()])
    at = told = 0
    for second in range(52):
        upto = at
        while upto < len(ordered) and ordered[upto].t <= T0 + second:
            upto += 1
        whole, a = step(whole, ordered[at:upto], T0 + second)
        resumed, b = step(from_bytes(to_bytes(resumed)), ordered[at:upto], T0 + second)
        assert msgspec.json.encode(a) == msgspec.json.encode(b)
        told += len(a)
        at = upto
    assert told > 10
    assert to_bytes(whole) == to_bytes(resumed)
