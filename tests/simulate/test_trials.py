"""The harder scenes are harder in the way they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.simulate import Staged, make_scene


def false_share(staged: Staged) -> float:
    return sum(label is None for label in staged.labels()) / staged.duration_s


@pytest.mark.parametrize("name", ["approach", "crossing", "swarm"])
def test_dense_is_three_times_the_clutter(name: str) -> None:
    plain, dense = make_scene(name, 2), make_scene(f"{name}-dense", 2)
    fixed = 0.2 if name == "approach" else 0.0  # the finders' own
    ratio = (false_share(dense) - fixed) / (false_share(plain) - fixed)
    assert ratio == pytest.approx(3.0, rel=0.2)
    assert list(plain.truth()) == list(dense.truth())


def test_a_merged_swarm_gives_fewer_echoes() -> None:
    plain, merged = make_scene("swarm", 2), make_scene("swarm-merged", 2)
    counts = [sum(label is not None for label in s.labels()) for s in (plain, merged)]
    assert counts[1] < 0.8 * counts[0]


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_a_mixed_swarm_has_near_and_far_neighbours(seed: int) -> None:
    gaps = []
    for name in ("swarm", "swarm-mixed"):
        flights = make_scene(name, seed, duration_s=10.0).flights
        spots = np.array([flight.position[0, :2] for flight in flights])
        apart = np.linalg.norm(spots[:, None] - spots, axis=2) + np.diag(np.full(len(spots), 1e9))
        gaps.append(apart.min(axis=1))
    assert gaps[1].std() > 3.0
    assert gaps[0].min() > 5.0


def test_the_near_liar_is_150_m_off_and_the_old_flight_is_nowhere() -> None:
    near = make_scene("liar-near", 3)
    assert np.hypot(*near.flights[0].claim_offset[:2]) == pytest.approx(150.0)
    assert near.meta["spoofed_serials"] == [near.flights[0].serial]
    old = make_scene("replayed", 3)
    claimed = {line.identity.serial for line in old.lines() if line.identity}
    assert claimed == {flight.serial for flight in old.flights if flight.serial}
    assert {line.id for line in old.truth()} == {"D1", "D2"}
