"""Paths on the stage: smooth, consistent, and bent with the earth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymap3d import geodetic2ecef

from tocsin.earth import LocalFrame
from tocsin.simulate import skies
from tocsin.simulate.flight import (
    STEP_S,
    above_ground,
    along,
    drift,
    fly,
    gusts,
    obey,
    rows,
    smoothed,
    steer,
    through,
)
from tocsin.simulate.ground import turn_into
from tocsin.simulate.staged import stream

seeds = st.integers(0, 10_000)


@given(seeds, st.floats(0.5, 55.0))
@settings(max_examples=40, deadline=None)
def test_velocity_is_the_slope_of_the_position(seed: int, t: float) -> None:
    flight = skies.manoeuvring(stream(seed, 0), "D1", 60.0)
    before, _, _ = flight.at(t - 1e-4)
    after, _, _ = flight.at(t + 1e-4)
    _, velocity, flies = flight.at(t)
    assert flies
    assert np.allclose((after - before) / 2e-4, velocity, atol=0.02)


def test_a_path_is_read_exactly_at_its_samples_and_ends_with_its_time() -> None:
    position = along([[0, 0, 10], [300, 0, 10]], 15.0)
    flight = fly("x", "drone", position, start_s=5.0)
    t = 5.0 + STEP_S * np.arange(len(position))
    where, _, flies = flight.at(t)
    assert np.allclose(where, position)
    assert flies.all()
    assert flight.end_s == pytest.approx(5.0 + 20.0)
    early, _, flies = flight.at([4.9, 25.1])
    assert not flies.any()
    assert np.allclose(early, [position[0], position[-1]])


def test_a_straight_way_is_flown_at_its_speed_from_end_to_end() -> None:
    flight = fly("x", "drone", along([[0, 0, 50], [900, 1200, 50]], 15.0))
    _, velocity, _ = flight.at(np.linspace(0.0, 100.0, 301))
    assert np.allclose(np.linalg.norm(velocity, axis=1), 15.0, atol=1e-6)


@given(st.floats(2.0, 30.0), st.floats(-120.0, 120.0))
@settings(max_examples=30, deadline=None)
def test_a_corner_is_cut_by_less_than_half_the_smoothing_and_never_jumped(
    speed: float, turn_deg: float
) -> None:
    corner = np.array([400.0, 0.0, 30.0])
    a = np.radians(turn_deg)
    end = corner + 400.0 * np.array([np.cos(a), np.sin(a), 0.0])
    path = along([[0.0, 0.0, 30.0], corner, end], speed, smooth_s=4.0)
    gap = np.linalg.norm(path - corner, axis=1).min()
    assert gap <= speed * 2.0 + speed * STEP_S
    hops = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert hops.max() <= speed * STEP_S * 1.001


def test_smoothing_leaves_a_straight_line_as_it_is() -> None:
    line = np.column_stack([np.arange(50.0), 2.0 * np.arange(50.0), np.full(50, 7.0)])
    assert np.allclose(smoothed(line, 9), line)
    assert np.allclose(smoothed(line[:, 0], 9), line[:, 0])


def test_rows_go_to_and_fro_beside_each_other() -> None:
    path = rows([0, 0, 3], [0, 300, 0], [8, 0, 0], count=4, speed_mps=6.0, turn_s=4.0)
    flight = fly("s", "drone", path)
    row_s = 50.0 + 4.0
    for k in range(4):
        where, velocity, _ = flight.at(k * row_s + 25.0)
        assert where == pytest.approx([8.0 * k, 150.0, 3.0], abs=0.01)
        assert velocity == pytest.approx([0.0, 6.0 if k % 2 == 0 else -6.0, 0.0], abs=0.01)


def test_a_steady_turn_is_a_circle() -> None:
    turns = np.full(round(36.0 / STEP_S), 10.0)  # 10 deg/s for 36 s: all the way round
    path = steer([0, 0, 80], 0.0, 12.0, turns)
    radius = 12.0 / np.radians(10.0)
    assert np.linalg.norm(path[-1] - path[0]) < 0.01
    middle = path[:-1].mean(axis=0)
    assert np.linalg.norm(path - middle, axis=1) == pytest.approx(radius, rel=1e-3)
    assert path[:, 0].max() > radius  # to the right first: clockwise seen from above


def test_drift_has_its_sigma_and_its_memory() -> None:
    values = drift(stream(3, 0), 200_000, 2.5, 10.0)
    assert values.std() == pytest.approx(2.5, rel=0.05)
    lag = round(10.0 / STEP_S)
    kept = np.corrcoef(values[:-lag], values[lag:])[0, 1]
    assert kept == pytest.approx(np.exp(-1.0), abs=0.05)


def test_gusts_shake_but_do_not_carry_away() -> None:
    calm = along([[0, 0, 50], [6000, 0, 50]], 15.0)
    shaken = gusts(stream(1, 0), calm, 2.0)
    assert 0.5 < (shaken - calm)[:, :2].std() < 2.5
    assert np.abs(shaken - calm).max() < 12.0


def test_waypoints_in_time_hold_a_hover() -> None:
    flight = fly("h", "drone", through([0, 20, 40, 60], [[0, 0, 50], [100, 0, 50], [100, 0, 50],
                                                        [0, 0, 50]], smooth_s=5.0))  # fmt: skip
    where, velocity, _ = flight.at(30.0)
    assert where == pytest.approx([100.0, 0.0, 50.0], abs=1e-6)
    assert np.linalg.norm(velocity) < 1e-6


def test_above_ground_bends_with_the_earth_to_a_millimetre() -> None:
    frame = LocalFrame(14.9, -4.0, 0.0)
    level = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 60_000.0], [-250_000.0, 250_000.0]])
    placed = above_ground(frame, level, 120.0)
    _, _, alt = frame.to_wgs84(*placed.T)
    assert np.allclose(alt, 120.0, atol=1e-3)
    assert np.allclose(placed[:, :2], level)


def test_north_at_a_place_is_what_an_independent_library_calls_north() -> None:
    scene, place = (14.9, -4.0), (16.8, -1.7)
    turn = turn_into(*place, *scene)
    frame = LocalFrame(*scene, 0.0)
    here = np.array(frame.to_enu(*place, 0.0))
    for axis, moved in enumerate(((place[0], place[1] + 1e-4), (place[0] + 1e-4, place[1]))):
        step = np.array(frame.to_enu(*moved, 0.0)) - here
        local = turn @ step
        a, b = np.array(geodetic2ecef(*place, 0.0)), np.array(geodetic2ecef(*moved, 0.0))
        assert local[axis] == pytest.approx(np.linalg.norm(b - a), rel=1e-6)
        assert abs(local[1 - axis]) < 1e-4 * local[axis]
    assert np.allclose(turn @ turn.T, np.eye(3))


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_who_flies_stays_off_the_ground_and_within_its_speed(seed: int) -> None:
    flights = [
        (skies.approach(stream(seed, 0), "a", 100.0), 32.0),
        (skies.loiter(stream(seed, 1), "l", 100.0, 900.0, 450.0), 22.0),
        (skies.turning(stream(seed, 5), "t", 100.0), 25.0),
        (skies.stop_and_go(stream(seed, 6), "s", 100.0), 22.0),
        (skies.pausing(stream(seed, 7), "p", 100.0, 1500.0, 14.0), 22.0),
        (skies.corner(stream(seed, 8), "c", 100.0), 26.0),
        (skies.manoeuvring(stream(seed, 2), "m", 100.0), 32.0),
        (skies.bird(stream(seed, 3), "b", 100.0, 1200.0), 22.0),
        *((flight, 25.0) for flight in skies.swarm(stream(seed, 4), 5, 100.0)),
    ]
    for flight, fastest in flights:
        where, velocity, flies = flight.at(np.linspace(0.0, 99.0, 400))
        assert flies.all(), flight.id
        assert where[:, 2].min() > 0.0, flight.id
        assert np.linalg.norm(velocity, axis=1).max() < fastest, flight.id


def test_a_crossing_pair_meets() -> None:
    one, two = skies.crossing_pair(stream(5, 0), 180.0)
    t = np.linspace(0.0, 180.0, 2000)
    gap = np.linalg.norm(one.at(t)[0] - two.at(t)[0], axis=1)
    assert gap.min() < 40.0
    assert 80.0 < t[gap.argmin()] < 100.0
    assert gap[0] > 300.0


@given(seeds, st.floats(1.0, 6.0))
@settings(max_examples=20, deadline=None)
def test_a_multirotor_obeys_and_never_harder_than_it_can(seed: int, agility: float) -> None:
    rng = stream(seed, 0)
    wanted = np.repeat(rng.uniform(-15.0, 15.0, (4, 3)), 120, axis=0)
    path = obey([5.0, 6.0, 7.0], wanted, np.zeros_like(wanted), agility_mps2=agility)
    velocity = np.diff(path, axis=0) / STEP_S
    pushed = np.linalg.norm(np.diff(velocity, axis=0), axis=1) / STEP_S
    assert path[0].tolist() == [5.0, 6.0, 7.0]
    assert pushed.max() <= agility + 1e-6
    lasting = np.linalg.norm(np.diff(wanted[::120], axis=0), axis=1).max() / agility
    if lasting < 29.0:
        assert np.allclose(velocity[119::120], wanted[119::120], atol=1e-6)
