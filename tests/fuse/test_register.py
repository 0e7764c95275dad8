"""Registration: a turned and late radar is found by an aircraft; a sound one is left alone."""

from __future__ import annotations

import msgspec
import numpy as np
from tests.fuse.scenes import T0, claim, error_m, every, hear, run, scan, sensor

from tocsin.fuse import misalignments
from tocsin.words import Bearing, Detection, Sensor

TURNED_DEG, LATE_S = -3.0, 0.8


def aircraft(at: float) -> tuple[float, float, float]:
    return -3500.0 + 70.0 * at, 1200.0, 600.0


def drone(at: float) -> tuple[float, float, float]:
    return 1500.0 - 10.0 * at, -800.0 + 12.0 * at, 120.0


def radar(name: str, e: float, n: float) -> Sensor:
    return sensor(
        name, "radar", (e, n, 10.0), max_range_m=5000.0, p_detect=0.9,
        clutter_per_scan=1.0, scan_period_s=1.0,
    )  # fmt: skip


def spoiled(d: Detection) -> Detection:
    """As a radar turned by -3 degrees, whose clock is 0.8 s ahead of the truth, would say it."""
    assert d.bearing is not None
    assert d.bearing.azimuth_deg is not None
    b = d.bearing
    return msgspec.structs.replace(
        d,
        t=d.t + LATE_S,
        bearing=Bearing(
            (b.azimuth_deg + TURNED_DEG) % 360.0, b.elevation_deg, b.range_m, b.range_rate_mps
        ),
    )


def evening(*, wrong: bool) -> tuple[list[Sensor], list[Detection]]:
    rng = np.random.default_rng(21)
    good, other = radar("good", 0.0, 0.0), radar("other", 700.0, 600.0)
    seen = claim(aircraft, every(1.0, 0.0, 90.0), rng, "4B1234", name="adsb", kind="adsb")
    for path in (aircraft, drone):
        seen += scan(good, path, every(1.0, 0.1, 90.0), rng)
        theirs = scan(other, path, every(1.0, 0.6, 90.0), rng)
        seen += [spoiled(d) for d in theirs] if wrong else theirs
    return [good, other], seen


def test_the_wrong_radar_is_found_and_corrected() -> None:
    sensors, seen = evening(wrong=True)
    table, changes = run(sensors, seen)
    found = misalignments(table)
    assert [m.sensor for m in found] == ["other"]
    assert abs(found[0].north_error_deg - TURNED_DEG) < 0.6
    assert abs(found[0].clock_lag_s - LATE_S) < 0.2
    late = [t for t in changes if t.status == "confirmed" and t.t > T0 + 30.0]
    assert len({t.track for t in late}) == 2
    drones = [t for t in late if t.identity is None]
    assert np.median([error_m(t, drone) for t in drones]) < 20.0
    assert all(t.identity is None or t.identity.suspicion < 0.5 for t in late)


def test_a_sound_radar_is_left_alone() -> None:
    sensors, seen = evening(wrong=False)
    table, _ = run(sensors, seen)
    assert misalignments(table) == []


def test_a_turned_direction_finder_is_held_against_radar_tracks() -> None:
    rng = np.random.default_rng(22)
    eye = radar("radar", 0.0, 0.0)
    finder = sensor("df", "rf", (300.0, -400.0, 10.0), max_range_m=5000.0, p_detect=0.9,
                    clutter_per_scan=0.1, scan_period_s=1.0)  # fmt: skip
    heard = hear(finder, drone, every(1.0, 0.3, 90.0), rng, elevation=False)
    turned = [
        msgspec.structs.replace(d, bearing=Bearing((d.bearing.azimuth_deg + 6.0) % 360.0))
        for d in heard
        if d.bearing is not None and d.bearing.azimuth_deg is not None
    ]
    table, _ = run([eye, finder], scan(eye, drone, every(1.0, 0.0, 90.0), rng) + turned)
    found = misalignments(table)
    assert [m.sensor for m in found] == ["df"]
    assert abs(found[0].north_error_deg - 6.0) < 1.5


def friend(at: float) -> tuple[float, float, float]:
    return 1400.0 - 11.0 * at, 900.0 - 9.0 * at, 90.0


def test_a_friendly_remote_id_that_another_radar_confirms_calibrates() -> None:
    rng = np.random.default_rng(23)
    good, other = radar("good", 0.0, 0.0), radar("other", 700.0, 600.0)
    seen = claim(friend, every(1.0, 0.2, 120.0), rng, "158174FG0001")
    seen += scan(good, friend, every(1.0, 0.1, 120.0), rng)
    seen += [spoiled(d) for d in scan(other, friend, every(1.0, 0.6, 120.0), rng)]
    table, _ = run([good, other], seen)
    found = {m.sensor: m for m in misalignments(table)}
    assert "good" not in found
    assert abs(found["other"].north_error_deg - TURNED_DEG) < 1.0


def test_remote_id_alone_turns_no_radar() -> None:
    """A liar whose claim lies 5 degrees beside the drone, at its very range, seen by one radar."""
    rng = np.random.default_rng(24)
    eye = radar("eye", 0.0, 0.0)
    turn = np.radians(5.0)

    def beside(at: float) -> tuple[float, float, float]:
        e, n, u = drone(at)
        return e * np.cos(turn) - n * np.sin(turn), n * np.cos(turn) + e * np.sin(turn), u

    lies = claim(beside, every(1.0, 0.3, 60.0), rng, "158174FG0001")
    table, _ = run([eye], scan(eye, drone, every(1.0, 0.1, 60.0), rng) + lies)
    assert misalignments(table) == []


def two_radars(*, wrong: bool) -> tuple[list[Sensor], list[Detection]]:
    """Two drones before two radars; no aircraft, no Remote ID."""
    rng = np.random.default_rng(25)
    good, other = radar("good", 0.0, 0.0), radar("other", 700.0, 600.0)
    seen = []
    for path in (drone, friend):
        seen += scan(good, path, every(1.0, 0.1, 60.0), rng)
        theirs = scan(other, path, every(1.0, 0.6, 60.0), rng)
        seen += [spoiled(d) for d in theirs] if wrong else theirs
    return [good, other], seen


def test_two_radars_that_share_drones_find_which_is_turned_and_halve_the_lag() -> None:
    sensors, seen = two_radars(wrong=True)
    table, changes = run(sensors, seen)
    good, other = table.sensors
    assert abs(np.degrees(other["north_error"]) - TURNED_DEG) < 0.5
    assert good["north_error"] == 0.0
    assert abs(other["clock_lag"] - good["clock_lag"] - LATE_S) < 0.3
    assert other["clock_var"] > 0.2**2  # whose clock is wrong they cannot tell
    assert [m.sensor for m in misalignments(table)] == ["other"]
    late = [t for t in changes if t.status == "confirmed" and t.t > T0 + 20.0]
    assert len({t.track for t in late}) == 2


def test_two_sound_radars_leave_each_other_alone() -> None:
    table, _ = run(*two_radars(wrong=False))
    assert [float(s["north_error"]) for s in table.sensors] == [0.0, 0.0]
    assert [float(s["clock_lag"]) for s in table.sensors] == [0.0, 0.0]


def test_drones_in_one_direction_of_a_finder_still_tell_the_radars_apart() -> None:
    """A direction finder's gate holds all that flies that way; no radar takes one for another."""
    sensors, seen = two_radars(wrong=True)
    finder = sensor("finder", "rf", (3500.0, 400.0, 15.0), max_range_m=5000.0, p_detect=0.8,
                    clutter_per_scan=0.1, scan_period_s=1.0)  # fmt: skip
    rng = np.random.default_rng(26)
    for path in (drone, friend):
        seen += hear(finder, path, every(1.0, 0.3, 20.0), rng, sigma_deg=15.0, elevation=False)
    table, _ = run([*sensors, finder], [d for d in seen if d.t < T0 + 20.0])
    assert "other" in {m.sensor for m in misalignments(table)}
