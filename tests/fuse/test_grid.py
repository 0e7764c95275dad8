"""The index of tracks: it never changes what is decided, and never misses a row."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.fuse import Table, new_table, step
from tocsin.fuse.columns import TENTATIVE
from tocsin.fuse.grid import extent, hang_all, rows_near
from tocsin.fuse.house import SPARSE
from tocsin.simulate import Scale, Staged, make_scene
from tocsin.words import Track

ALL = 1 << 40


def woven(scene: Staged, sparse: int, tick: float = 4.0) -> list[Track]:
    """The tracks of a scene, with the index asked only above so many of them."""
    seen = sorted(scene.detections, key=lambda d: d.t if d.received is None else d.received)
    table = new_table(scene.sensors)
    table.grid.facts[SPARSE] = sparse
    changes: list[Track] = []
    now = seen[0].t
    while seen:
        now += tick
        batch = [d for d in seen if (d.received or d.t) <= now]
        seen = seen[len(batch) :]
        table, told = step(table, batch, now)
        changes += told
    return changes


@pytest.mark.parametrize("name", ["birds", "late", "liar", "phantoms", "misaligned", "network"])
def test_tracks_are_the_same_with_and_without_the_index(name: str) -> None:
    scale = Scale(sensors=196) if name == "network" else None
    scene = make_scene(name, 3, duration_s=40.0 if scale is None else 300.0, scale=scale)
    told = [msgspec.json.encode(woven(scene, sparse)) for sparse in (0, ALL)]
    assert told[0] == told[1]
    assert len(told[0]) > 1000


def test_a_crowd_is_the_same_with_and_without_the_index() -> None:
    scene = make_scene("crowd", 2, duration_s=6.0, scale=Scale(sensors=4, drones=150))
    told = [msgspec.json.encode(woven(scene, sparse)) for sparse in (0, 32, ALL)]
    assert told[0] == told[1] == told[2]


place = st.floats(-60_000.0, 60_000.0)


@given(
    tracks=st.lists(st.tuples(place, place, st.floats(1.0, 5000.0)), min_size=40, max_size=150),
    asked=st.tuples(place, place, st.floats(1.0, 30_000.0)),
)
def test_every_row_whose_disc_touches_is_found_in_order(
    tracks: list[tuple[float, float, float]], asked: tuple[float, float, float]
) -> None:
    table = new_table([])
    fill(table, tracks)
    house = table.house
    hang_all(house)
    east, north, radius = asked
    found = rows_near(house, east, north, radius, 0.0).tolist()
    assert found == sorted(set(found))
    for row, (e, n, _) in enumerate(tracks):
        reach = radius + extent(house.tracks[row], 1.0 + 2.0)
        if (e - east) ** 2 + (n - north) ** 2 <= reach**2:
            assert row in found


def fill(table: Table, tracks: list[tuple[float, float, float]]) -> None:
    """Rows at these places, with a horizontal 1-sigma each."""
    table.make_room()
    while len(table.tracks) < len(tracks) + 8:
        table.state["tracks"] = len(table.tracks)
        table.make_room()
    table.state["tracks"] = len(tracks)
    for row, (e, n, sigma) in enumerate(tracks):
        table.tracks[row]["x"][:, :2] = e, n
        table.tracks[row]["P"][:, range(6), range(6)] = sigma**2
        table.tracks[row]["status"] = TENTATIVE
