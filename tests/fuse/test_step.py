"""The loom's door: one thing flies, one track comes out, whatever the mix of sensors."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from tests.fuse.scenes import (
    T0,
    claim,
    dam,
    error_m,
    every,
    hear,
    place,
    river,
    run,
    scan,
    sensor,
)

from tocsin.fuse import deafen, from_bytes, new_table, step, to_bytes
from tocsin.words import Bearing, ClassScores, Detection, Identity, Position, Sigma, Track


def sure(changes: list[Track]) -> list[Track]:
    return [t for t in changes if t.status in ("confirmed", "coasting")]


def evening(seed: int = 1) -> list[Detection]:
    """The drone of the river, heard within the reach of three arrays and one direction finder."""
    rng = np.random.default_rng(seed)
    found = []
    for s in dam():
        period = s.scan_period_s or 1.0
        found += hear(s, river, every(period, 20.0, 70.0), rng, elevation=s.kind == "acoustic",
                      sound_mps=343.0 if s.kind == "acoustic" else None)  # fmt: skip
    return found


def test_microphones_and_a_direction_finder_find_a_silent_drone() -> None:
    _, changes = run(dam(), evening())
    found = sure(changes)
    assert len({t.track for t in found}) == 1
    assert found[0].t - T0 < 26.0  # five seconds after the first bearing
    late = [t for t in found if 35.0 < t.t - T0 <= 70.0]
    assert len(late) >= 35  # once a second
    assert np.median([error_m(t, river) for t in late]) < 20.0
    last = late[-1]
    assert abs(last.ve - 2.0) < 3.0
    assert abs(last.vn + 15.0) < 3.0
    kinds = {w.kind for w in last.witnesses}
    assert kinds == {"acoustic", "rf"}
    assert last.class_.drone is not None
    assert last.class_.drone > 0.8
    assert last.alt_m is not None
    assert last.identity is None


def test_stated_sigma_is_honest() -> None:
    ratios = []
    for seed in range(6):
        _, changes = run(dam(), evening(seed))
        ratios += [
            error_m(t, river) ** 2 / (2.0 * t.sigma_m**2)
            for t in sure(changes)
            if 30.0 < t.t - T0 <= 70.0
        ]
    assert 0.4 < np.mean(ratios) < 1.6


def test_how_the_input_is_cut_into_steps_changes_nothing() -> None:
    fine = run(dam(), evening(), tick=0.1)[1]
    coarse = run(dam(), evening(), tick=5.0)[1]
    shared = [t for t in coarse if t.t <= fine[-1].t]
    assert msgspec.json.encode(fine) == msgspec.json.encode(shared[: len(fine)])


def test_the_state_survives_bytes_at_any_moment() -> None:
    ordered = sorted(evening(), key=lambda d: d.t)
    whole, resumed = new_table(dam()), new_table(dam())
    at = 0
    for second in range(20, 75):
        upto = at
        while upto < len(ordered) and ordered[upto].t <= T0 + second:
            upto += 1
        whole, a = step(whole, ordered[at:upto], T0 + second)
        resumed = from_bytes(to_bytes(resumed))
        resumed, b = step(resumed, ordered[at:upto], T0 + second)
        assert msgspec.json.encode(a) == msgspec.json.encode(b)
        at = upto
    assert to_bytes(whole) == to_bytes(resumed)


def test_bytes_of_another_format_are_refused() -> None:
    raw = msgspec.msgpack.decode(to_bytes(new_table([])))
    raw[0] = 999
    with pytest.raises(ValueError, match="format 999"):
        from_bytes(msgspec.msgpack.encode(raw))


def test_clutter_alone_confirms_nothing() -> None:
    rng = np.random.default_rng(3)
    radar = sensor(
        "radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
        clutter_per_scan=20.0, scan_period_s=1.0,
    )  # fmt: skip
    sigma = Sigma(azimuth_deg=1.0, elevation_deg=1.5, range_m=8.0, range_rate_mps=0.5)
    noise = [
        Detection(
            T0 + k, "radar", "radar", sigma=sigma,
            bearing=Bearing(
                rng.uniform(0, 360), rng.uniform(0, 20),
                rng.uniform(100, 3500), rng.uniform(-30, 30),
            ),
        )
        for k in range(120)
        for _ in range(rng.poisson(20.0))
    ]  # fmt: skip
    _, changes = run([radar], noise, tick=1.0)
    assert sure(changes) == []


def test_a_radar_drone_is_confirmed_coasts_and_ends() -> None:
    rng = np.random.default_rng(4)
    radar = sensor(
        "radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
        clutter_per_scan=2.0, scan_period_s=1.0,
    )  # fmt: skip
    noise = scan(radar, lambda _: (2000.0, -2000.0, 80.0), [80.0], rng)  # the radar still lives
    _, changes = run([radar], scan(radar, river, every(1.0, 0.0, 40.0), rng) + noise)
    name = sure(changes)[0].track
    mine = [t for t in changes if t.track == name]
    statuses = [a.status for a, b in zip(mine, [None, *mine], strict=False)
                if b is None or a.status != b.status]  # fmt: skip
    assert statuses == ["tentative", "confirmed", "coasting", "ended"]
    assert mine[-1].t - T0 < 52.0
    assert mine[-1].first_t == mine[0].first_t


def test_class_scores_decide_between_bird_and_drone() -> None:
    radar = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
                   clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
    for scores, kind in (
        (ClassScores(drone=0.3, bird=0.7), "bird"),
        (ClassScores(drone=0.7, bird=0.3), "drone"),
    ):
        rng = np.random.default_rng(5)
        _, changes = run([radar], scan(radar, river, every(1.0, 0.0, 20.0), rng, scores))
        told = msgspec.structs.asdict(sure(changes)[-1].class_)
        assert max(told, key=lambda k: told[k]) == kind
        assert math.isclose(sum(told.values()), 1.0, abs_tol=2e-4)


def test_remote_id_alone_is_followed_and_named_with_no_other_witness() -> None:
    rng = np.random.default_rng(6)
    _, changes = run([], claim(river, every(1.0, 0.0, 30.0), rng, "158174FG0001"))
    found = sure(changes)
    assert len({t.track for t in found}) == 1
    last = found[-1]
    assert last.identity is not None
    assert last.identity.serial == "158174FG0001"
    assert last.identity.suspicion == 0.0
    assert {w.kind for w in last.witnesses} == {"remote_id"}
    assert np.median([error_m(t, river) for t in found]) < 8.0
    assert (last.class_.drone or 0.0) > 0.9


def test_an_aircraft_with_adsb_is_an_aircraft() -> None:
    rng = np.random.default_rng(7)
    _, changes = run(
        [],
        claim(lambda t: (-4000.0 + 110.0 * t, 500.0, 900.0), every(1.0, 0.0, 40.0), rng, "4B1234",
              name="adsb", kind="adsb"),
    )  # fmt: skip
    last = sure(changes)[-1]
    assert (last.class_.aircraft or 0.0) > 0.9
    assert abs(last.ve - 110.0) < 5.0
    assert last.identity is not None
    assert last.identity.suspicion == 0.0


def test_a_claim_that_agrees_joins_the_track_that_sensors_see() -> None:
    rng = np.random.default_rng(8)
    radar = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
                   clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
    both = scan(radar, river, every(1.0, 0.0, 40.0), rng)
    both += claim(river, every(1.0, 5.3, 40.0), rng, "HONEST")
    _, changes = run([radar], both)
    last = sure(changes)[-1]
    assert len({t.track for t in sure(changes)}) == 1
    assert last.identity is not None
    assert last.identity.serial == "HONEST"
    assert all(t.identity is None or t.identity.suspicion < 0.5 for t in changes)
    assert {w.kind for w in last.witnesses} == {"radar", "remote_id"}


def test_a_claim_nobody_sees_is_doubted_and_never_confirmed() -> None:
    rng = np.random.default_rng(9)
    radar = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
                   clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
    both = scan(radar, river, every(1.0, 0.0, 40.0), rng)
    both += claim(lambda t: (river(t)[0] + 1200.0, river(t)[1], 80.0), every(1.0, 0.4, 40.0), rng,
                  "LIAR")  # fmt: skip
    _, changes = run([radar], both)
    lies = [t for t in changes if t.identity is not None and t.identity.serial == "LIAR"]
    assert all(t.status == "tentative" for t in lies if t.t > T0 + 10.0)
    found = [t for t in lies if t.identity is not None and t.identity.suspicion >= 0.5]
    assert found[0].t - T0 < 10.0
    assert found[-1].identity is not None
    assert found[-1].identity.reasons
    assert len({t.track for t in sure(changes)}) == 1


def test_a_claim_is_not_doubted_because_deaf_arrays_do_not_hear_it() -> None:
    """Three arrays spoke a moment ago, so that their silence counts; unless they are deaf."""
    ears = dam()[:3]
    away = [
        Detection(T0 + 1.0, s.id, s.kind, bearing=Bearing(270.0, 5.0),
                  sigma=Sigma(azimuth_deg=3.0, elevation_deg=3.0))
        for s in ears
    ]  # fmt: skip
    said = claim(lambda _: (0.0, 600.0, 80.0), every(1.0, 2.0, 25.0), np.random.default_rng(4),
                 "QUIET")  # fmt: skip

    def doubt(deaf: set[str]) -> float:
        table, changes = new_table(ears), []
        for k in range(27):
            if k > 1:
                deafen(table, deaf)
            due = [d for d in away + said if T0 + k - 1 < d.t <= T0 + k]
            changes += step(table, due, T0 + k)[1]
        claims = [t.identity for t in changes if t.identity is not None]
        return claims[-1].suspicion

    assert doubt(set()) > 0.5
    assert doubt({s.id for s in ears}) < 0.3  # the serial is odd all the same


def test_a_claim_that_jumps_about_is_suspect_and_drags_nothing() -> None:
    rng = np.random.default_rng(10)
    radar = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
                   clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
    jumps = []
    for k, at in enumerate(every(1.0, 0.4, 40.0)):
        spot = (rng.uniform(-9000.0, 9000.0), rng.uniform(-9000.0, 9000.0), 100.0)
        jumps += claim(lambda _, s=spot: s, [at], rng, "SPOOF") if k % 3 == 0 else []
    _, changes = run([radar], scan(radar, river, every(1.0, 0.0, 40.0), rng) + jumps)
    assert all(t.identity is None for t in sure(changes))
    assert np.max([error_m(t, river) for t in sure(changes) if t.t > T0 + 5.0]) < 80.0
    spoof = [t for t in changes if t.identity is not None]
    assert len({t.track for t in spoof}) == 1
    assert spoof[-1].identity is not None
    assert spoof[-1].identity.suspicion > 0.9
    assert "impossible-jump" in {r.code for r in spoof[-1].identity.because}


def test_one_serial_in_two_places_is_suspect() -> None:
    rng = np.random.default_rng(11)
    here = claim(river, every(1.0, 0.0, 30.0), rng, "TWICE")
    there = claim(lambda t: (river(t)[0] + 4000.0, 0.0, 80.0), every(1.0, 0.5, 30.0), rng, "TWICE")
    _, changes = run([], here + there)
    last = [t for t in changes if t.identity is not None][-1]
    assert last.identity is not None
    assert last.identity.suspicion > 0.9
    assert "serial-twice" in {r.code for r in last.identity.because}
    assert sure([t for t in changes if t.t > T0 + 5.0]) == []


def test_statements_that_cannot_be_used_are_counted() -> None:
    table = new_table(dam())
    rubbish = [
        Detection(T0, "nobody", "rf", bearing=Bearing(10.0)),
        Detection(T0, "nowhere", "acoustic"),
        Detection(T0, "ear0", "radar"),
        Detection(T0, "ear0", "acoustic", bearing=Bearing(math.nan)),
        Detection(T0, "ear0", "acoustic", bearing=Bearing()),
    ]
    table, changes = step(table, rubbish, T0 + 1.0)
    assert changes == []
    assert table.statistics == {
        "unknown-sensor": 2, "bearing-without-place": 2, "says-nothing": 3,
    }  # fmt: skip


def test_late_lines_are_worked_in_without_a_restart() -> None:
    rng = np.random.default_rng(12)
    on_time = evening()
    held_back = [
        msgspec.structs.replace(d, received=d.t + rng.uniform(0.0, 2.0))
        if rng.uniform() < 0.3
        else d
        for d in on_time
    ]
    _, changes = run(dam(), held_back)
    found = sure(changes)
    assert len({t.track for t in found}) == 1
    assert np.median([error_m(t, river) for t in found if 35.0 < t.t - T0 <= 70.0]) < 25.0


def test_far_from_the_middle_directions_still_mean_the_local_north() -> None:
    """A sensor 400 km from the frame's middle: its own north is 3 degrees off the frame's."""
    near = sensor("near", "human", (0.0, 0.0, 0.0))
    far_place = Position(15.0, -7.0, 300.0)
    radar = msgspec.structs.replace(
        sensor("radar", "radar", (0.0, 0.0, 0.0), max_range_m=4000.0, p_detect=0.9,
               clutter_per_scan=1.0, scan_period_s=1.0),
        lat=far_place.lat, lon=far_place.lon, alt_m=300.0,
    )  # fmt: skip
    sigma = Sigma(azimuth_deg=0.1, elevation_deg=0.1, range_m=2.0)
    seen = [
        Detection(
            T0 + k, "radar", "radar", bearing=Bearing(0.0, 2.0, 2000.0 + 10.0 * k), sigma=sigma
        )
        for k in range(20)
    ]
    _, changes = run([near, radar], seen, tick=1.0)
    last = next(t for t in sure(changes) if t.t == T0 + 19.0)
    assert abs(last.lon - far_place.lon) < 5e-5  # due north: 5 m
    assert abs(last.lat - 15.0 - 2190.0 * math.cos(math.radians(2.0)) / 110_650.0) < 1e-4
    assert abs(last.vn - 10.0) < 1.0
    assert abs(last.ve) < 1.0


def test_outputs_are_rounded() -> None:
    _, changes = run(dam(), evening())
    for t in changes:
        assert t.lat == round(t.lat, 7)
        assert t.ve == round(t.ve, 3)
        assert t.sigma_m == round(t.sigma_m, 2)
        assert t.t == round(t.t, 3)


def test_identity_without_a_name_is_no_claim() -> None:
    table = new_table([])
    nameless = Detection(T0, "rid", "remote_id", place((0.0, 0.0, 50.0)), identity=Identity())
    table, _ = step(table, [nameless], T0)
    assert table.identities == []


def test_a_track_that_radars_lost_does_not_wander_off_along_one_bearing() -> None:
    """A stranger near the line of sight of a camera must not carry a lost bird's track away."""
    rng = np.random.default_rng(13)
    radar = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
                   clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
    camera = sensor("camera", "camera", (0.0, 0.0, 12.0), max_range_m=3500.0, p_detect=0.7,
                    clutter_per_scan=0.2, scan_period_s=0.5)  # fmt: skip
    other = (1500.0, -1500.0, 80.0)
    seen = scan(radar, river, every(1.0, 0.0, 20.0), rng)
    seen += scan(radar, lambda _: other, every(1.0, 0.5, 60.0), rng)  # the radar still lives
    seen += hear(camera, river, every(0.5, 0.2, 60.0), rng, sigma_deg=0.3)
    _, changes = run([radar, camera], seen)
    name = next(t.track for t in sure(changes) if error_m(t, river) < 100.0)
    ended = [t for t in changes if t.track == name and t.status == "ended"]
    assert ended
    assert 21.0 < ended[0].t - T0 < 32.0
