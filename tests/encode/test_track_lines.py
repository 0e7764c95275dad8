"""Lines of tracks from columns: byte for byte what the ordinary encoder writes."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.encode.track_lines import TrackWriter
from tocsin.fuse import new_table, step
from tocsin.simulate import make_scene
from tocsin.words import ClaimedIdentity
from tocsin.words.batch import TRACK, TrackBatch, to_batch


@pytest.mark.parametrize("name", ["birds", "liar", "phantoms", "misaligned", "late"])
def test_tracks_of_scenes_are_written_alike(name: str) -> None:
    scene = make_scene(name, 4, duration_s=60.0)
    batch = to_batch(sorted(scene.detections, key=lambda d: d.received or d.t))
    table, writer = new_table(scene.sensors), TrackWriter()
    now = scene.detections[0].t
    for k in range(8):
        now += 8.0
        arrived = batch.arrived()
        seen = np.flatnonzero((arrived <= now) & (arrived > (now - 8.0 if k else 0.0)))
        table, told = step(table, batch.part(seen[0], seen[-1] + 1), now)
        assert writer.write(told) == msgspec.json.Encoder().encode_lines(told.tracks())


number = st.floats(-1e13, 1e13) | st.floats(-1e-4, 1e-4) | st.sampled_from([0.0, 1.0, 0.1, -0.5])


@given(st.lists(number, min_size=30, max_size=30), st.integers(0, 12), st.integers(-1, 1))
def test_any_numbers_are_written_alike(numbers: list[float], heard: int, claim: int) -> None:
    rows = np.zeros(2, TRACK)
    for k, name in enumerate((TRACK.names or ())[:18]):
        places = {"lat": 7, "lon": 7, "t": 3, "first_t": 3}.get(name, 2)
        rows[name] = round(numbers[k], places) + 0.0
    rows["witness_t"] = [round(v, 3) + 0.0 for v in numbers[18:]]
    rows["uid"], rows["status"], rows["claim"], rows["witnesses"] = 12, 2, claim, heard
    rows["witness"] = np.arange(12) % 3
    rows["alt_m"][0] = np.nan
    who = [ClaimedIdentity("é", suspicion=0.5), ClaimedIdentity("b", reasons=("it jumped",))]
    batch = TrackBatch(rows, 'T"', ["a", 'b"c', "é"], ["radar", "rf", "adsb"], who)
    expected = msgspec.json.Encoder().encode_lines(batch.tracks())
    assert TrackWriter().write(batch) == expected
