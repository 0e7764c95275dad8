"""The score: GOSPA and OSPA against Stone Soup's own numbers, and the rules of DESIGN 5."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tocsin.earth import LocalFrame
from tocsin.study import Rules, TruthPoint, read_scene, score
from tocsin.study.match import assign, gospa2, ospa
from tocsin.words import ClaimedIdentity, ClassScores, Track, TrackStatus

FRAME = LocalFrame(13.2, -10.4)
VECTORS = json.loads((Path(__file__).parents[1] / "vectors/score/stonesoup.json").read_text())


def truth(e: float, n: float, t: float = 100.0, name: str = "D1", **more: object) -> TruthPoint:
    lat, lon, _ = FRAME.to_wgs84(e, n, 0.0)
    fields = {"kind": "drone", **more}
    return TruthPoint(t, name, lat=float(lat), lon=float(lon), **fields)  # type: ignore[arg-type]


def track(
    e: float,
    n: float,
    t: float = 100.0,
    name: str = "T1",
    *,
    status: TrackStatus = "confirmed",
    ve: float = 0.0,
    sigma_m: float = 10.0,
    likely: str = "drone",
    identity: ClaimedIdentity | None = None,
) -> Track:
    lat, lon, _ = FRAME.to_wgs84(e, n, 0.0)
    return Track(
        t, name, status, float(lat), float(lon), ve, 0.0, sigma_m,
        class_=ClassScores(**{likely: 0.9}), identity=identity,
    )  # fmt: skip


def one_second(
    truths: list[tuple[float, float]], tracks: list[tuple[float, float]], c: float
) -> tuple[tuple[float, float, float], float]:
    """The parts of GOSPA squared, and OSPA, of one frame."""
    points = [truth(e, n, name=f"D{k}") for k, (e, n) in enumerate(truths)]
    bystander = truth(90_000.0, 0.0, name="B", kind="bird")  # so that there is a frame at all
    told = [track(e, n, name=f"T{k}") for k, (e, n) in enumerate(tracks)]
    matched = read_scene([*points, bystander], told, Rules(gospa_c_m=c)).matched
    located, missed, false = gospa2(matched, c)
    return (float(located[0]), float(missed[0]), float(false[0])), float(ospa(matched, c)[0])


def test_the_vectors_are_there() -> None:
    assert len(VECTORS["cases"]) == 40
    assert "Stone Soup" in VECTORS["origin"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['gospa']:.1f}")
def test_gospa_and_ospa_are_stone_soups(case: dict[str, object]) -> None:
    c = case["c"]
    assert isinstance(c, float)
    (located, missed, false), whole = one_second(case["truth"], case["tracks"], c)  # type: ignore[arg-type]
    assert math.sqrt(located + missed + false) == pytest.approx(case["gospa"], rel=1e-5, abs=1e-3)
    assert located == pytest.approx(case["localisation"], rel=1e-4, abs=1e-2)
    assert missed == pytest.approx(case["missed"], abs=1e-9)
    assert false == pytest.approx(abs(case["false"]), abs=1e-9)  # type: ignore[arg-type]
    assert whole == pytest.approx(case["ospa"], rel=1e-5, abs=1e-3)


places = st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), max_size=6)


@given(places, places)
def test_gospa_is_bounded_and_zero_only_for_the_same(
    a: list[tuple[float, float]], b: list[tuple[float, float]]
) -> None:
    parts, _ = one_second(a, b, 100.0)
    assert 0.0 <= sum(parts) <= 5000.0 * (len(a) + len(b)) + 1e-6
    own, _ = one_second(a, a, 100.0)
    assert sum(own) == pytest.approx(0.0, abs=1e-6)


edges = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0.0, 99.0)),
    max_size=24, unique_by=lambda edge: edge[:2],
)  # fmt: skip


@given(edges)
def test_group_by_group_is_as_good_as_all_at_once(found: list[tuple[int, int, float]]) -> None:
    i, j = (np.array([edge[k] for edge in found], np.int64) for k in (0, 1))
    cost = np.array([edge[2] for edge in found])
    chosen = assign(i, j, cost, 100.0)
    whole = np.full((8, 8), 100.0)
    whole[i, j] = cost
    best = whole[linear_sum_assignment(whole)].sum()
    assert len(set(i[chosen].tolist())) == len(set(j[chosen].tolist())) == chosen.sum()
    ours = cost[chosen].sum() + 100.0 * (8 - chosen.sum())
    assert ours == pytest.approx(best)


def test_a_report_counts_for_hold_seconds_and_is_carried_forward() -> None:
    points = [truth(10.0 * k, 0.0, 100.0 + k) for k in range(5)]
    figures = score(points, [track(0.0, 0.0, 100.0, ve=10.0)], Rules())
    assert figures.covered_share == 3 / 5
    assert figures.rmse_m == pytest.approx(0.0, abs=0.01)


def test_nothing_is_taken_from_the_future() -> None:
    figures = score([truth(0.0, 0.0, 100.0)], [track(0.0, 0.0, 100.5)], Rules())
    assert figures.covered_share == 0.0


@pytest.mark.parametrize("status", ["tentative", "ended"])
def test_tentative_and_ended_tracks_do_not_count(status: TrackStatus) -> None:
    figures = score([truth(0.0, 0.0)], [track(0.0, 0.0, status=status)], Rules())
    assert figures.gospa_m == pytest.approx(100.0 / math.sqrt(2.0))


def test_a_track_on_a_bystander_leaves_the_frame() -> None:
    points = [truth(0.0, 0.0), truth(500.0, 0.0, name="B1", kind="bird")]
    told = [track(1.0, 0.0), track(505.0, 0.0, name="T2", likely="bird")]
    figures = score(points, told, Rules())
    assert figures.gospa_m == pytest.approx(1.0, abs=1e-3)
    assert figures.false_tracks == 0
    assert figures.bird_called_drone_s == 0
    wrong = score(points, [told[0], track(505.0, 0.0, name="T2")], Rules())
    assert wrong.bird_called_drone_s == 1
    assert wrong.bird_tracks_called_drone == 1


def test_a_drone_outside_all_cover_is_a_bystander_and_missing_it_costs_nothing() -> None:
    figures = score([truth(0.0, 0.0, cover=False)], [], Rules())
    assert figures.gospa_m == 0.0
    assert figures.covered_share is None


def test_false_tracks_switches_and_honesty() -> None:
    points = [truth(0.0, 0.0, 100.0 + k) for k in range(10)]
    told = [track(10.0, 0.0, 100.0 + k, name="T1" if k < 5 else "T2") for k in range(10)]
    told += [track(800.0, 0.0, 100.0 + k, name="T9") for k in range(10)]
    told += [track(0.0, 0.0, 105.0, name="T1", status="ended")]
    figures = score(points, told, Rules())
    assert figures.identity_switches == 1
    assert figures.false_tracks == 1
    assert figures.false_tracks_per_hour == pytest.approx(1 / (9 / 3600))
    assert figures.sigma_honesty == pytest.approx(0.5, rel=1e-3)  # d 10 m, sigma 10 m
    assert figures.first_confirmation_s == 0.0


def test_liars_are_counted_by_the_scenes_own_list() -> None:
    points = [truth(0.0, 0.0, 100.0 + k) for k in range(4)]
    liar = [
        track(900.0, 0.0, 100.0 + k, name="T2", status="tentative",
              identity=ClaimedIdentity(serial="L", suspicion=0.2 * k))
        for k in range(4)
    ]  # fmt: skip
    honest = [
        track(0.0, 0.0, 100.0 + k, identity=ClaimedIdentity(serial="H", suspicion=0.2 * k))
        for k in range(4)
    ]
    figures = score(points, liar + honest, Rules(spoofed_serials=("L",)))
    assert figures.liars_found == 1
    assert figures.liar_found_after_s == 3.0
    assert figures.honest_called_liar_share == 0.25
    assert score(points, honest, Rules()).liars_found is None


def test_no_tracks_at_all_says_not_computable_where_it_is() -> None:
    figures = score([truth(0.0, 0.0)], [], Rules())
    assert figures.rmse_m is None
    assert figures.sigma_honesty is None
    assert figures.first_confirmation_s is None
    assert figures.false_tracks_per_hour is None
    assert figures.never_confirmed == 1
