"""The compiled reader of truth and tracks says what the ordinary decoder says, or stands back."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tocsin.decode import flown
from tocsin.decode.flown import read_lines
from tocsin.study import Report, ReportMaker, Reports, Truth, TruthMaker, TruthPoint
from tocsin.words import ClaimedIdentity, ClassScores, Ellipse, Track, Witness

TRUTH = b'{"t":1.5,"id":"D1","kind":"drone","lat":13.2,"lon":-10.4,"cover":true}\n'
TRACK = (
    b'{"t":1.5,"track":"T1","status":"confirmed","lat":13.2,"lon":-10.4,"ve":1.0,"vn":-2.0,'
    b'"sigma_m":5.0,"sensors":["r]{"],"class":{"drone":0.5}}\n'
)

numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 4))
maybe = st.none() | numbers
share = st.none() | st.floats(0.0, 1.0).map(lambda x: round(x, 3))
names = st.sampled_from(["A", "B1", "b-2", "", "_ x", "A", "B1", "b-2", "é", 'a"', "\\"])
points = st.builds(
    TruthPoint, t=numbers, id=names, kind=st.sampled_from(["drone", "bird", "aircraft"]),
    lat=numbers, lon=numbers, alt_m=maybe, ve=maybe, vn=maybe, vu=maybe,
    cover=st.none() | st.booleans(), serial=st.none() | names,
)  # fmt: skip
tracks = st.builds(
    Track, t=numbers, track=names,
    status=st.sampled_from(["tentative", "confirmed", "coasting", "ended"]),
    lat=numbers, lon=numbers, ve=numbers, vn=numbers, sigma_m=numbers, alt_m=maybe, vu=maybe,
    class_=st.builds(ClassScores, drone=share, bird=share, aircraft=share, other=share),
    sensors=st.lists(names, max_size=2).map(tuple),
    identity=st.none() | st.builds(
        ClaimedIdentity, serial=st.none() | names, session=st.none() | names,
        icao24=st.none() | names, suspicion=st.floats(0.0, 1.0).map(lambda x: round(x, 3)),
    ),
    ellipse=st.none() | st.builds(Ellipse, numbers, numbers, numbers),
    witnesses=st.lists(st.builds(Witness, names, st.just("radar"), numbers), max_size=2).map(tuple),
)  # fmt: skip


def lines(words: list[object]) -> bytes:
    """Words as lines; what is unknown is left out."""
    told = [_without_none(msgspec.to_builtins(word)) for word in words]
    return b"".join(msgspec.json.encode(word) + b"\n" for word in told)


def _without_none(word: object) -> object:
    if isinstance(word, dict):
        return {key: _without_none(value) for key, value in word.items() if value is not None}
    return word


def same(one: Truth | Reports, two: Truth | Reports) -> None:
    for name, value in vars(one).items():
        other = getattr(two, name)
        if name == "claims":
            same(value, other)
        elif isinstance(value, np.ndarray):
            assert value.dtype == other.dtype
            np.testing.assert_array_equal(value, other)
        else:
            assert value == other


@settings(max_examples=200, deadline=None)
@given(st.lists(points, min_size=1, max_size=5))
def test_truth_is_read_as_the_ordinary_decoder_reads_it(flown_: list[TruthPoint]) -> None:
    data = lines(list(flown_))
    ours, theirs = TruthMaker(), TruthMaker()
    read = ours.read(data)
    event("plain" if read else "left to the decoder")
    if read:
        theirs.add(msgspec.json.Decoder(TruthPoint).decode_lines(data))
        same(ours.done(), theirs.done())


@settings(max_examples=200, deadline=None)
@given(st.lists(tracks, min_size=1, max_size=5))
def test_tracks_are_read_as_the_ordinary_decoder_reads_them(told: list[Track]) -> None:
    data = lines(list(told))
    ours, theirs = ReportMaker(), ReportMaker()
    read = ours.read(data)
    event("plain" if read else "left to the decoder")
    if read:
        theirs.add(msgspec.json.Decoder(Report).decode_lines(data))
        same(ours.done(), theirs.done())


def test_plain_lines_are_plain() -> None:
    truth = read_lines(TRUTH + b"\n" + TRUTH, flown.TRUTH)
    assert truth is not None
    assert truth.texts == ["D1"]
    assert truth.floats[1, :3].tolist() == [1.5, 13.2, -10.4]
    told = read_lines(TRACK, flown.REPORT)
    assert told is not None
    assert told.texts == ["T1"]


@pytest.mark.parametrize(
    "bad",
    [
        TRUTH.replace(b'"lat":13.2,', b""), TRUTH.replace(b"13.2", b"null"),
        TRUTH.replace(b"13.2", b"13.2.1"), TRUTH.replace(b'"drone"', b'"kite"'),
        TRUTH.replace(b'"drone"', b'"other"'), TRUTH.replace(b"true", b"1"),
        TRUTH.replace(b"}", b""), TRUTH.replace(b"}", b"}}"), TRUTH.replace(b'"id"', b'"id'),
        TRUTH.replace(b"{", b'{"more":'), TRUTH.replace(b'"t":1.5', b'"t":1.5,"t":2'), TRACK,
        b"[]\n", b"drone\n",
    ],
)  # fmt: skip
def test_what_is_not_plain_truth_is_left_to_the_ordinary_decoder(bad: bytes) -> None:
    assert read_lines(TRUTH + bad, flown.TRUTH) is None


@pytest.mark.parametrize("size", range(1, len(TRACK), 7))
def test_a_line_cut_short_is_not_plain(size: int) -> None:
    assert read_lines(TRACK[:size] + b"\n", flown.REPORT) is None
