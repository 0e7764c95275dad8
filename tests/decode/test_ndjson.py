"""Lines of detections.ndjson: read, refused with the line, written, and put in their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import SHARED

from tocsin.decode import ndjson
from tocsin.errors import DecodeError, Refused
from tocsin.ports import Decoder
from tocsin.words import (
    Bearing,
    ClaimedMotion,
    ClassScores,
    Detection,
    Frame,
    Identity,
    Position,
    Sigma,
)

HEAD = b'{"t":1.5,"sensor":"a","kind":"radar"'


def rule(line: bytes) -> str:
    with pytest.raises(Refused) as raised:
        ndjson.read_line(line, "x line 3")
    assert raised.value.where == "x line 3"
    return raised.value.rule


def test_it_is_a_decoder() -> None:
    assert isinstance(ndjson.DetectionLines(), Decoder)


def test_unknown_keys_are_ignored_and_missing_keys_unknown() -> None:
    line = HEAD + b',"new":{"x":[1,null]},"position":{"lat":1,"lon":2,"extra":3}}'
    assert ndjson.read_line(line) == Detection(1.5, "a", "radar", Position(1.0, 2.0))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", "line-json"),
        (b"{", "line-json"),
        (b"\xff\xfe", "line-json"),
        (HEAD.replace(b"1.5", b"NaN") + b"}", "line-json"),
        (HEAD.replace(b"1.5", b"-Infinity") + b"}", "line-json"),
        (HEAD.replace(b'"a"', b'"\xff"') + b"}", "line-json"),
        (HEAD.replace(b"1.5", b"1e999") + b"}", "line-shape"),
        (HEAD.replace(b"1.5", b'"1.5"') + b"}", "line-shape"),
        (HEAD.replace(b"radar", b"sonar") + b"}", "line-shape"),
        (b'{"t":1,"kind":"rf"}', "line-shape"),
        (b"[1]", "line-shape"),
        (HEAD.replace(b'"a"', b'""') + b"}", "line-range"),
        (HEAD + b',"position":{"lat":90.1,"lon":0}}', "line-range"),
        (HEAD + b',"position":{"lat":0,"lon":-180.1}}', "line-range"),
        (HEAD + b',"bearing":{"azimuth_deg":360.5}}', "line-range"),
        (HEAD + b',"bearing":{"azimuth_deg":-1}}', "line-range"),
        (HEAD + b',"bearing":{"elevation_deg":91}}', "line-range"),
        (HEAD + b',"bearing":{"range_m":-5}}', "line-range"),
        (HEAD + b',"sigma":{"horizontal_m":0}}', "line-range"),
        (HEAD + b',"class":{"drone":1.2}}', "line-range"),
        (HEAD + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "line-json"),
    ],
)
def test_bad_lines_are_refused_with_their_rule_and_place(line: bytes, expected: str) -> None:
    assert rule(line) == expected


def test_a_file_names_its_first_bad_line() -> None:
    with pytest.raises(Refused, match="d line 3") as raised:
        ndjson.read_lines(HEAD + b"}\n\n{}\n{}\n", "d")
    assert raised.value.rule == "line-shape"


def test_frames_stand_at_the_time_they_were_received() -> None:
    data = HEAD + b'}\n  \r\nrubbish\n{"t":9,"sensor":"b","kind":"rf","received":12.25}\n'
    found = [(f.t, f.sensor, f.origin) for f in ndjson.NdjsonFormat().frames(data, "d")]
    assert found == [(1.5, "a", "d line 1"), (1.5, "", "d line 3"), (12.25, "b", "d line 4")]


def test_what_came_live_keeps_when_it_came() -> None:
    decode = ndjson.DetectionLines().decode
    (found,) = decode(Frame(HEAD + b"}", "", 3.0004, "ndjson"))
    assert (found.t, found.received) == (1.5, 3.0)
    (found,) = decode(Frame(HEAD + b"}", "", 1.5, "ndjson"))
    assert found.received is None
    (found,) = decode(Frame(HEAD + b',"received":2}', "", 7.0, "ndjson"))
    assert found.received == 2.0


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
positive = st.none() | st.floats(1e-3, 1e6)
share = st.none() | st.floats(0, 1)
words = st.none() | st.text(max_size=8)
detections = st.builds(
    Detection,
    t=numbers,
    sensor=st.text(min_size=1, max_size=8),
    kind=st.sampled_from(["radar", "rf", "acoustic", "camera", "remote_id", "adsb", "human"]),
    position=st.none()
    | st.builds(Position, st.floats(-90, 90), st.floats(-180, 180), st.none() | numbers),
    bearing=st.none()
    | st.builds(Bearing, st.none() | st.floats(0, 360), st.none() | st.floats(-90, 90), positive),
    sigma=st.builds(Sigma, positive, positive, positive, positive, positive, positive),
    class_=st.none() | st.builds(ClassScores, share, share, share, share),
    identity=st.none() | st.builds(Identity, words, words, words, words, words),
    level_db=st.none() | numbers,
    received=st.none() | numbers,
    motion=st.none() | st.builds(ClaimedMotion, st.none() | numbers, st.none() | numbers),
    signal_dbm=st.none() | numbers,
    source=words,
    claimed_t=st.none() | numbers,
)


@given(detections)
def test_what_we_write_we_read(detection: Detection) -> None:
    line = ndjson.write_line(detection)
    assert b"\n" not in line
    assert ndjson.read_line(line) == detection


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_detection_or_a_decode_error(line: bytes) -> None:
    try:
        ndjson.read_line(line)
    except DecodeError:
        return


def test_every_line_of_the_shared_scenes_is_good() -> None:
    files = sorted((SHARED / "data" / "tracking").glob("*/detections.ndjson"))
    if not files:
        pytest.skip("no shared scenes")
    for file in files:
        data = file.read_bytes()
        assert len(ndjson.read_lines(data, file.name)) == data.count(b"\n")
