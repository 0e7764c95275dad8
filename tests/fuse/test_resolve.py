"""Two drones closer than a radar can part: one echo, two tracks that keep their names."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.fuse.scenes import FRAME, T0, Path, every, run, scan, sensor
from tests.fuse.test_swarm import scored, woven

from tocsin.fuse import from_bytes, new_table, step, to_bytes
from tocsin.simulate import make_scene
from tocsin.words import Bearing, Detection, Sensor, Track

PARTS_M, PARTS_DEG = 30.0, 3.0
END_S = 80.0


def slow(at: float) -> tuple[float, float, float]:
    return -480.0 + 12.0 * at, 1000.0 - 2.0 * at, 80.0


def fast(at: float) -> tuple[float, float, float]:
    return -640.0 + 16.0 * at, 840.0 + 2.0 * at, 85.0


def radar() -> Sensor:
    return sensor(
        "r1", "radar", (0.0, 0.0, 10.0), max_range_m=4000.0, p_detect=0.9, clutter_per_scan=2.0,
        scan_period_s=1.0,
    )  # fmt: skip


def blurred(one: list[Detection], two: list[Detection]) -> list[Detection]:
    """What a radar of poor resolution makes of two echoes of each look: one, in their middle."""
    found = []
    for a, b in zip(one, two, strict=True):
        p, q = a.bearing, b.bearing
        assert p is not None
        assert q is not None
        assert p.range_m is not None
        assert q.range_m is not None
        aside = (q.azimuth_deg - p.azimuth_deg + 180.0) % 360.0 - 180.0
        if abs(p.range_m - q.range_m) > PARTS_M or abs(aside) > PARTS_DEG:
            found += [a, b]
            continue
        middle = Bearing(
            (p.azimuth_deg + 0.5 * aside) % 360.0,
            0.5 * ((p.elevation_deg or 0.0) + (q.elevation_deg or 0.0)),
            0.5 * (p.range_m + q.range_m),
            0.5 * ((p.range_rate_mps or 0.0) + (q.range_rate_mps or 0.0)),
        )
        found.append(Detection(a.t, a.sensor, a.kind, bearing=middle, sigma=a.sigma))
    return found


def meeting(seed: int) -> list[Detection]:
    """Two drones that pass each other before one radar that parts 30 m and 3 degrees."""
    rng, times = np.random.default_rng(seed), every(1.0, 0.0, END_S)
    return blurred(scan(radar(), slow, times, rng), scan(radar(), fast, times, rng))


def nearest(changes: list[Track], at: float, path: Path) -> str:
    """The live track nearest to a drone at a second after T0."""
    told: dict[str, Track] = {}
    for c in changes:
        if c.t <= T0 + at:
            told[c.track] = c
    e, n, _ = path(at)

    def far(c: Track) -> float:
        east, north, _ = FRAME.to_enu(c.lat, c.lon, 0.0)
        return math.hypot(float(east) - e, float(north) - n)

    live = [c for c in told.values() if c.status in ("confirmed", "coasting")]
    return min(live, key=far).track


def test_two_that_meet_before_a_poor_radar_keep_their_names() -> None:
    """The echoes are one for some 15 looks; before, one track in two ended."""
    kept = merged = 0
    for seed in range(1, 9):
        seen = meeting(seed)
        merged += 2 * (int(END_S) + 1) - len(seen)
        _, changes = run([radar()], seen)
        for path in (slow, fast):
            kept += nearest(changes, 15.0, path) == nearest(changes, END_S - 5.0, path)
    assert merged > 8 * 10
    assert kept >= 15


def test_what_the_radar_parts_is_learned_from_its_looks() -> None:
    poor, _ = run([radar()], meeting(1))
    rng, times = np.random.default_rng(1), every(1.0, 0.0, END_S)
    good, _ = run([radar()], scan(radar(), slow, times, rng) + scan(radar(), fast, times, rng))
    assert np.argmax(poor.sensors["blur"][0]) > 0
    assert np.argmax(good.sensors["blur"][0]) == 0


def test_a_lone_track_is_the_same_whatever_the_resolution() -> None:
    seen = scan(radar(), slow, every(1.0, 0.0, 40.0), np.random.default_rng(3))
    told = []
    for blur in ((0.0, -6.0, -6.0, -6.0), (-6.0, -6.0, -6.0, 0.0)):
        table = new_table([radar()])
        table.sensors["blur"][0] = blur
        _, changes = step(table, seen, seen[-1].t)
        told.append(changes)
        assert tuple(table.sensors["blur"][0]) == blur
    assert told[0] == told[1]


def test_shared_echoes_are_the_same_however_cut_and_survive_bytes() -> None:
    seen = meeting(2)
    fine, coarse = run([radar()], seen, 0.25), run([radar()], seen, 2.0)
    assert to_bytes(fine[0]) == to_bytes(coarse[0])
    assert fine[1] == coarse[1][: len(fine[1])]
    table = new_table([radar()])
    cut = len(seen) // 2
    step(table, seen[:cut], seen[cut - 1].t)
    assert float(np.max(table.tracks["shared"])) > 0.0
    other = from_bytes(to_bytes(table))
    for part in (table, other):
        step(part, seen[cut:], seen[-1].t)
    assert to_bytes(table) == to_bytes(other)


def test_two_tracks_on_one_drone_still_become_one() -> None:
    """A second track that is begun beside a sure one never was seen apart from it."""
    rng, times = np.random.default_rng(7), every(1.0, 0.0, 40.0)
    seen = scan(radar(), slow, times, rng) + scan(radar(), slow, every(1.0, 10.0, 13.0), rng)
    table, _ = run([radar()], seen)
    assert int(table.state["tracks"][0]) == 1


@pytest.mark.parametrize("seed", [2, 3, 4, 5, 6])
def test_merged_echoes_cost_little(seed: int) -> None:
    """The crossing before a radar that parts as it should ends between 19 and 30 m."""
    result = scored(make_scene("merged", seed))
    assert result.gospa_m is not None
    assert result.gospa_m < 32.0
    assert result.false_tracks == 0
    assert result.sigma_honesty is not None
    assert result.sigma_honesty < 1.5


def test_merged_swarm_keeps_most_of_its_tracks() -> None:
    changes = woven(make_scene("swarm-merged", 1, duration_s=60.0))
    live = {c.track for c in changes if c.t >= changes[-1].t - 1.0 and c.status == "confirmed"}
    assert len(live) >= 10
