"""Columns from lines: whatever the line, the same as the ordinary decoder says of it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import SHARED

from tocsin.decode.columns import read_batch
from tocsin.simulate import make_scene
from tocsin.words import Bearing, ClaimedMotion, ClassScores, Detection, Identity, Position, Sigma
from tocsin.words.batch import DETECTION_FLOATS, DetectionBatch, to_batch

HEAD = b'{"t":1.5,"sensor":"a","kind":"radar"'


def told(data: bytes) -> tuple[list[Detection], int]:
    """What the ordinary decoder reads, and how many lines it refuses."""
    found, bad = [], 0
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Detection))
        except (msgspec.DecodeError, UnicodeDecodeError):
            bad += 1
    return found, bad


def plainly(batch: DetectionBatch) -> list[str]:
    """Each row with names instead of places in lists; -0.0 is not 0.0."""
    return [
        repr((
            row.tolist()[:DETECTION_FLOATS], int(row["says"]), int(row["kind"]),
            batch.sensors[row["sensor"]],
            None if row["identity"] < 0 else batch.identities[row["identity"]],
            None if row["source"] < 0 else batch.sources[row["source"]],
        ))
        for row in batch.rows
    ]  # fmt: skip


def same(data: bytes) -> None:
    found, bad = told(data)
    batch, refused = read_batch(data)
    assert plainly(batch) == plainly(to_batch(found))
    assert refused.count == bad


number = st.floats(-1e6, 1e6) | st.integers(-1000, 1000).map(float)
maybe = st.none() | number
name = st.sampled_from(["a", "mic 7", "é", 'x"y', "\u0000", "radar1"]) | st.text(max_size=5)
detections = st.builds(
    Detection,
    t=number,
    sensor=name,
    kind=st.sampled_from(["radar", "acoustic", "remote_id"]),
    position=st.none() | st.builds(Position, number, number, maybe),
    bearing=st.none() | st.builds(Bearing, maybe, maybe, maybe, maybe),
    sigma=st.builds(Sigma, maybe, maybe, maybe, maybe, maybe, maybe),
    class_=st.none() | st.builds(ClassScores, maybe, maybe, maybe, maybe),
    identity=st.none() | st.builds(Identity, st.none() | name, st.none() | name),
    level_db=maybe,
    received=maybe,
    motion=st.none() | st.builds(ClaimedMotion, maybe, maybe, maybe, maybe),
    signal_dbm=maybe,
    source=st.none() | name,
    claimed_t=maybe,
)


@given(st.lists(detections, max_size=5))
def test_what_was_written_is_read(words: list[Detection]) -> None:
    same(msgspec.json.Encoder().encode_lines(words))


@given(detections, st.data())
def test_a_spoiled_line_is_read_or_refused_as_ever(word: Detection, data: st.DataObject) -> None:
    line = bytearray(msgspec.json.encode(word))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(line) - 1))
        byte = data.draw(st.sampled_from(list(b'0123456789.eE+-"{}[]:, \\\tnulltrue\xff')))
        if data.draw(st.booleans()):
            line[at] = byte
        else:
            line.insert(at, byte)
    same(bytes(line) + b"\n" + HEAD + b"}")


@pytest.mark.parametrize(
    "tail",
    [
        b"}", b" }", b',"t":2}', b',"new":1}', b',"new":"x"}', b',"new":[1,{"a":2}]}',
        b',"new":null}', b',"new":"\\n"}', b',"level_db":null}', b',"level_db":"1"}',
        b',"level_db":-0}', b',"level_db":-0.0}', b',"level_db":1e5}', b',"level_db":1E+2}',
        b',"level_db":1e-30}', b',"level_db":01}', b',"level_db":1.}', b',"level_db":.5}',
        b',"level_db":9007199254740993}', b',"level_db":0.1000000000000000055511151231257827}',
        b',"level_db":123456789012345678901234567890}', b',"level_db":1e400}', b',"level_db":+1}',
        b',"position":{"lat":1,"lon":2}}', b',"position":{"lat":1}}', b',"position":{}}',
        b',"position":{"lat":1,"lon":2,"x":3}}', b',"position":{"lat":1,"lon":2,"lat":3}}',
        b',"position":null}', b',"sigma":null}', b',"sigma":{}}', b',"bearing":{}}',
        b',"bearing":{"azimuth_deg":null}}', b',"identity":{}}', b',"identity":{"serial":"x"}}',
        b',"identity":{"serial":"x","serial":"y"}}', b',"identity":{"serial":5}}',
        b',"identity":{"new":"x"}}', b',"identity":{"new":5}}', b',"source":"aa:bb"}', b"}}",
        b"} x",
        b"}{}", b",}", b'"}', b',"\xc3\xa9":1}', b',"kind":"rf"}', b',"sensor":"b"}', b"}\r",
    ],
)  # fmt: skip
def test_odd_lines_mean_what_they_meant(tail: bytes) -> None:
    same(HEAD + tail + b"\n\n  \n" + HEAD + b',"level_db":1.25}')


@pytest.mark.parametrize("scene", ["birds", "liar", "late", "network"])
def test_scenes_are_read_as_they_are(scene: str) -> None:
    words = make_scene(scene, 5, duration_s=60.0).detections
    same(msgspec.json.Encoder().encode_lines(words))


@pytest.mark.skipif(not (SHARED / "data").exists(), reason="no shared data")
def test_shared_scenes_are_read_as_they_are() -> None:
    for folder in sorted((SHARED / "data" / "tracking").glob("S[1-8]*-101")):
        same((folder / "detections.ndjson").read_bytes()[:200_000])
