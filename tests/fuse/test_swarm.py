"""Who is who in swarms, crossings and merged echoes: strands, and the pairing asked again."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from tests.fuse.scenes import T0, every, run, scan, sensor

from tocsin.fuse import from_bytes, new_table, step, to_bytes
from tocsin.fuse.assign import shares
from tocsin.fuse.strand import twist
from tocsin.simulate import Staged, make_scene
from tocsin.study import Rules, TruthPoint, score
from tocsin.study.score import Score
from tocsin.words import Detection, Track


def woven(scene: Staged, tick: float = 4.0) -> list[Track]:
    """All changes of a scene, stepped every `tick` seconds."""
    table = new_table(scene.sensors)
    ordered = sorted(scene.detections, key=lambda d: d.t)
    changes: list[Track] = []
    at, now = 0, ordered[0].t
    while at < len(ordered):
        now += tick
        upto = at
        while upto < len(ordered) and ordered[upto].t <= now:
            upto += 1
        table, told = step(table, ordered[at:upto], now)
        changes += told
        at = upto
    return changes


def scored(scene: Staged) -> Score:
    rules = msgspec.convert(
        {k: v for k, v in scene.meta.items() if k in Rules.__struct_fields__}, Rules
    )
    truth = [
        TruthPoint(p.t, p.id, p.kind, p.lat, p.lon, cover=p.cover)
        for p in scene.truth()
    ]  # fmt: skip
    return score(truth, woven(scene), rules)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_swarm_before_two_radars_is_not_paired_wrongly_for_long(seed: int) -> None:
    """Without strands seed 2 ends at 75 m."""
    result = scored(make_scene("swarm", seed, duration_s=90.0))
    assert result.gospa_m is not None
    assert result.gospa_m < 30.0
    assert result.sigma_honesty is not None
    assert 0.6 < result.sigma_honesty < 1.6
    assert result.false_tracks <= 1
    assert result.identity_switches <= 10


@pytest.mark.parametrize(("name", "limit_m"), [("crossing", 40.0), ("merged", 45.0)])
def test_crossings_keep_their_tracks(name: str, limit_m: float) -> None:
    result = scored(make_scene(name, 1, duration_s=90.0))
    assert result.gospa_m is not None
    assert result.gospa_m < limit_m
    assert result.false_tracks <= 1


def test_a_swarm_is_the_same_however_it_is_cut_and_survives_bytes() -> None:
    scene = make_scene("swarm", 4, duration_s=15.0)
    fine, coarse = woven(scene, 0.5), woven(scene, 4.0)  # the coarse goes on for some seconds
    assert fine == coarse[: len(fine)]
    table = new_table(scene.sensors)
    ordered = sorted(scene.detections, key=lambda d: d.t)
    middle = len(ordered) // 2
    table, _ = step(table, ordered[:middle], ordered[middle - 1].t)
    assert int(table.state["strands"][0]) > 12
    other = from_bytes(to_bytes(table))
    for part in (table, other):
        step(part, ordered[middle:], ordered[-1].t)
    assert to_bytes(table) == to_bytes(other)


def test_a_track_that_is_alone_has_no_strands() -> None:
    radars = [
        sensor(f"r{k}", "radar", (1000.0 * k, 0.0, 10.0), max_range_m=4000.0, p_detect=0.9,
               clutter_per_scan=0.0, scan_period_s=1.0)
        for k in range(2)
    ]  # fmt: skip
    rng = np.random.default_rng(5)
    seen: list[Detection] = []
    for k, radar in enumerate(radars):
        seen += scan(
            radar, lambda t: (300.0, 1500.0 - 12.0 * t, 90.0), every(1.0, 0.3 * k, 20.0), rng
        )
    table, changes = run(radars, seen)
    assert {c.track for c in changes if c.status == "confirmed"} == {"T1"}
    assert int(table.state["strands"][0]) == 0
    assert changes[0].t >= T0


def test_shares_of_two_rivals_are_those_of_both_pairings() -> None:
    """Two tracks, two strands: the whole pairings cost 0 and 4, so odds of e^2 to 1."""
    pairs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    share = shares(pairs, np.array([0.0, 2.0, 2.0, 0.0]), 2, 2)
    sure = 1.0 / (1.0 + math.exp(-2.0))
    assert share == pytest.approx([sure, 1.0 - sure, 1.0 - sure, sure], abs=1e-6)


def test_two_strands_fuse_as_their_information_adds() -> None:
    rng = np.random.default_rng(1)
    roots = rng.standard_normal((2, 6, 6))
    P = roots @ roots.transpose(0, 2, 1) + np.eye(6)
    x = rng.standard_normal((2, 6))
    information = np.linalg.inv(P)
    expected = np.linalg.inv(information.sum(axis=0))
    place = expected @ (information @ x[:, :, None]).sum(axis=0)[:, 0]
    twist(x[0], P[0], x[1], P[1])
    assert np.allclose(P[0], expected)
    assert np.allclose(x[0], place)
