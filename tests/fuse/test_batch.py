"""A batch of columns and a list of words are the same to the loom."""

from __future__ import annotations

import msgspec
import pytest

from tocsin.decode.columns import read_batch
from tocsin.encode.track_lines import TrackWriter
from tocsin.fuse import new_table, step, to_bytes
from tocsin.simulate import make_scene
from tocsin.words import Bearing, Detection, Identity, Position, Sensor


@pytest.mark.parametrize("name", ["birds", "liar", "misaligned", "late"])
def test_lines_and_words_give_the_same_bytes(name: str) -> None:
    scene = make_scene(name, 6, duration_s=40.0)
    seen = sorted(scene.detections, key=lambda d: d.t if d.received is None else d.received)
    batch, refused = read_batch(msgspec.json.Encoder().encode_lines(seen))
    assert refused.count == 0
    ours, theirs, writer = new_table(scene.sensors), new_table(scene.sensors), TrackWriter()
    half = len(seen) // 2
    for a, b in ((0, half), (half, len(seen))):
        now = seen[b - 1].received or seen[b - 1].t
        ours, told = step(ours, batch.part(a, b), now)
        theirs, tracks = step(theirs, seen[a:b], now)
        assert writer.write(told) == msgspec.json.Encoder().encode_lines(tracks)
    assert to_bytes(ours) == to_bytes(theirs)


def test_what_cannot_be_used_is_counted() -> None:
    radar = Sensor("radar", "radar", 13.2, -10.4, 0.0)
    seen = [
        Detection(1.0, "radar", "radar"),
        Detection(1.0, "radar", "radar", bearing=Bearing()),
        Detection(1.0, "stranger", "rf", bearing=Bearing(10.0)),
        Detection(1.0, "stranger", "rf", bearing=Bearing(20.0)),
        Detection(1.0, "nobody", "rf"),
    ]
    table, _ = step(new_table([radar]), seen, 2.0)
    assert table.statistics == {
        "says-nothing": 3, "bearing-without-place": 2, "unknown-sensor": 1,
    }  # fmt: skip
    assert table.sensor_ids == ["radar", "stranger"]


def test_an_identity_keeps_what_was_told_last() -> None:
    told = [("op1", "a"), ("op2", ""), ("op1", "")]
    seen = [
        Detection(
            float(k), "r", "remote_id", Position(13.2, -10.4, 50.0),
            identity=Identity("S1", session or None, operator),
        )
        for k, (operator, session) in enumerate(told)
    ]  # fmt: skip
    table, _ = step(new_table([]), seen, 3.0)
    assert table.identities == [Identity("S1", "a", "op1")]
