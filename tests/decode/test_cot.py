"""Cursor on Target as TAK servers and other writers make it; and bytes that mean no good."""

from __future__ import annotations

import contextlib
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.run.tak_news import alarm, all_clear, gone, tracks, zone
from tests.shared import VECTORS

from tocsin.decode.cot import MOST_BYTES, CotFormat, CotSplitter, read_cot
from tocsin.decode.cot_reports import CotReports, CotSettings
from tocsin.decode.tak import TakFormat, TakSplitter, read_tak
from tocsin.encode.cot import cot_xml
from tocsin.encode.cot_news import Speaker, alert_event, gone_event, speaker_key, track_event
from tocsin.encode.tak import tak_event, tak_mesh, tak_stream
from tocsin.errors import DecodeError, FormatError, Refused
from tocsin.run.recordings import installed_formats
from tocsin.words import ClassScores, Frame, Position
from tocsin.words.cot import CotEvent

HERE = VECTORS / "cot"
SPEAKER = Speaker("Clinic", speaker_key("Clinic"))
MARKER = (HERE / "marker.xml").read_bytes()
T = 1795198254.25


def frame(data: bytes, t: float = T, sensor: str = "") -> Frame:
    return Frame(data, sensor, t, "cot")


def altered(old: str, new: str, marker: bytes = MARKER) -> bytes:
    assert old.encode() in marker
    return marker.replace(old.encode(), new.encode())


def test_a_marker_is_a_human_report_and_says_nothing_of_who_made_it() -> None:
    (said,) = CotReports().decode(frame(MARKER, T + 2))
    assert (said.sensor, said.kind, said.t, said.received) == ("cot", "human", T, T + 2)
    assert said.position == Position(15.1025445, -12.7138656)
    assert said.sigma.horizontal_m == 85.5
    assert said.class_ == ClassScores(drone=0.8)
    assert b"BRAVO" not in repr(said).encode()
    assert said.identity is None


def test_takproto_s_bytes_say_what_its_xml_says() -> None:
    """takproto writes the class's extra elements into xmlDetail; both framings."""
    expected = read_cot(MARKER)
    for name in ("marker-mesh.bin", "marker-stream.bin"):
        assert read_tak((HERE / name).read_bytes()) == expected


def test_what_a_tak_server_passed_on_has_every_digit_that_was_sent() -> None:
    heard = (HERE / "freetakserver.bin").read_bytes()
    t = json.loads((HERE / "freetakserver.json").read_text())["t"]
    back = {event.uid: event for event in map(read_cot, CotSplitter().feed(heard))}
    one, two, _ = tracks(t)
    for sent in (track_event(SPEAKER, one, alarm(t)), track_event(SPEAKER, two)):
        assert sent is not None
        assert back[sent.uid] == sent
    over = back[alert_event(SPEAKER, alarm(t), zone(), t).uid]
    assert over.type == "b-a-o-can"
    assert over.remarks == alert_event(SPEAKER, all_clear(t), zone(), t).remarks
    removed = gone_event(SPEAKER, gone(t)[0].track, t)
    assert removed.uid in back
    assert not any("T3" in uid for uid in back), "a bird was told"


def test_nothing_that_a_server_sends_back_of_ours_is_a_report() -> None:
    data = (HERE / "freetakserver.bin").read_bytes()
    decoder = CotReports()
    frames = CotFormat().frames(data, "x", sensor=None, start=0.0, skipped=Counter())
    assert [found for one in frames for found in decoder.decode(one)] == []
    assert decoder.heard > 8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('type="a-u-A-M-F-Q"', 'type="a-f-G-U-C"'),  # where a person is
        ('type="a-u-A-M-F-Q"', 'type="a-h-G"'),  # on the ground
        ('type="a-u-A-M-F-Q"', 'type="b-m-p-w"'),  # a way point
        ('type="a-u-A-M-F-Q"', 'type="t-x-c-t"'),
        ('how="h-g-i-g-o"', 'how="m-g"'),  # a machine's
        ('how="h-g-i-g-o"', 'how="h-g-i-g-o" opex="e-north"'),  # an exercise
        ('uid="5c6a2b7e', 'uid="tocsin-5c6a2b7e'),  # our own
        ('callsign="Drone over river"/>', 'callsign="Drone over river" endpoint="*:-1:stcp"/>'),
        ('<status readiness="true"/>', '<__group name="Cyan" role="Team Member"/>'),
        ('stale="2026-11-20T18:15:54.250Z"', 'stale="2026-11-20T18:10:54.000Z"'),
    ],
)
def test_what_is_no_report_of_something_that_flies(old: str, new: str) -> None:
    decoder = CotReports()
    assert decoder.decode(frame(altered(old, new))) == ()
    assert decoder.heard == 1


def test_a_marker_that_is_sent_again_says_nothing_new_until_it_moves() -> None:
    decoder = CotReports()
    assert len(decoder.decode(frame(MARKER))) == 1
    assert len(decoder.decode(frame(altered("18:10:54", "18:11:54"), T + 60))) == 0
    assert len(decoder.decode(frame(altered('lat="15.1025445"', 'lat="15.11"')))) == 1


def test_sigma_class_and_height() -> None:
    def read(*changes: tuple[str, str]) -> tuple[float | None, object, float | None]:
        data = MARKER
        for old, new in changes:
            data = altered(old, new, data)
        (said,) = CotReports(CotSettings(sigma_m=321.0)).decode(frame(data))
        assert said.position is not None
        return said.sigma.horizontal_m, said.class_, said.position.alt_m

    words = ("Drone over river", "River")
    kind = 'type="a-u-A-M-F-Q"'
    assert read(('ce="85.5"', 'ce="9999999.0"'))[0] == 321.0
    assert read(('ce="85.5"', 'ce="0.0"'))[0] == 321.0
    assert read(('ce="85.5"', 'ce="3"'))[0] == 50.0
    assert read((kind, 'type="a-h-A"'))[1] == ClassScores(drone=0.8), "by its name"
    assert read((kind, 'type="a-h-A"'), words)[1] is None
    assert read((kind, 'type="a-n-A-C-F"'), words)[1] == ClassScores(aircraft=0.8)
    assert read((kind, 'type="b-m-p-s-m"'))[1] == ClassScores(drone=0.8)
    assert read(('hae="9999999.0"', 'hae="310.5"'))[2] is None, "the ground's, most likely"
    risen = (('hae="9999999.0"', 'hae="310.5"'), ('le="9999999.0"', 'le="40"'))
    assert read(*risen)[2] == 310.5


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"hello", "cot-xml"),
        (b"<event", "cot-xml"),
        (b"<events></events>", "cot-xml"),
        (b"<event uid='a' type='b'></event>", "cot-shape"),
        (b'<!DOCTYPE event [<!ENTITY a "b">]>' + MARKER[56:], "cot-doctype"),
        (altered("<archive/>", "&xxe;"), "cot-xml"),
        (altered('lat="15.1025445"', 'lat="95"'), "cot-range"),
        (altered('lat="15.1025445"', 'lat="nan"'), "cot-range"),
        (altered('ce="85.5"', 'ce="inf"'), "cot-range"),
        (altered('ce="85.5"', 'ce="x"'), "cot-shape"),
        (altered('lon="-12.7138656" ', ""), "cot-shape"),
        (altered('time="2026-11-20T18:10:54.250Z"', 'time="yesterday"'), "cot-shape"),
        (altered('type="a-u-A-M-F-Q"', 'type=""'), "cot-shape"),
        (altered("<archive/>", f"<archive>{'x' * MOST_BYTES}</archive>"), "cot-size"),
        (altered("<archive/>", "<a>" * 300 + "</a>" * 300), "cot-xml"),
    ],
)
def test_what_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        read_cot(data)
    assert caught.value.rule == rule


def test_a_file_a_datagram_and_a_stream() -> None:
    two = MARKER + altered("18:10:54", "18:12:54")
    read = list(CotFormat().frames(two, "f", sensor=None, start=0.0, skipped=Counter()))
    assert [one.t for one in read] == [T, T + 120]
    with pytest.raises(FormatError):
        list(CotFormat().frames(two[:-3], "f", sensor=None, start=0.0, skipped=Counter()))
    splitter = CotSplitter()
    found = [m for k in range(0, len(two), 7) for m in splitter.feed(two[k : k + 7])]
    assert b"".join(found) + splitter.waiting == two
    assert len(found) == 2
    splitter.feed(b"x" * (3 * MOST_BYTES))
    assert splitter.dropped > 2 * MOST_BYTES
    assert len(splitter.waiting) <= MOST_BYTES


def test_a_stream_of_protocol_1_is_cut_by_its_lengths_and_found_again() -> None:
    message = (HERE / "marker-stream.bin").read_bytes()
    splitter = TakSplitter()
    data = message + b"\x00\xbf\xff" + message
    found = [m for k in range(len(data)) for m in splitter.feed(data[k : k + 1])]
    assert found == [message, message]
    assert splitter.dropped == 3


def test_nobody_else_s_recordings_are_taken_for_these() -> None:
    ours = {
        "cot": [MARKER],
        "tak": [(HERE / f"marker-{n}.bin").read_bytes() for n in ("mesh", "stream")],
    }
    for form in installed_formats():
        for name, samples in ours.items():
            for sample in samples:
                assert form.sniff(sample[:4096]) == (form.name == name), (form.name, name)
    for path in VECTORS.rglob("*"):
        if path.is_file() and path.parent != HERE:
            start = path.read_bytes()[:4096]
            assert not CotFormat().sniff(start), path
            assert not TakFormat().sniff(start), path


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
events = st.builds(
    CotEvent,
    uid=texts.filter(bool),
    type=st.sampled_from(["a-u-A-M-H-Q", "b-a-g", "a-n-A-C-F"]),
    how=st.sampled_from(["m-f", "h-e"]),
    t=st.integers(1, 4_000_000_000_000).map(lambda ms: ms / 1000),
    start_t=st.integers(1, 4_000_000_000_000).map(lambda ms: ms / 1000),
    stale_t=st.integers(1, 4_000_000_000_000).map(lambda ms: ms / 1000),
    lat=st.integers(-900_000_000, 900_000_000).map(lambda n: n / 1e7),
    lon=st.integers(-1_800_000_000, 1_800_000_000).map(lambda n: n / 1e7),
    hae_m=st.none() | st.integers(-50_000, 5_000_000).map(lambda n: n / 100),
    ce_m=st.none() | st.integers(1, 5_000_000).map(lambda n: n / 100),
    le_m=st.none() | st.integers(1, 5_000_000).map(lambda n: n / 100),
    callsign=st.none() | texts.filter(bool),
    course_deg=st.integers(0, 35_999).map(lambda n: n / 100),
    speed_mps=st.integers(0, 99_999).map(lambda n: n / 100),
    remarks=st.none() | texts.filter(bool),
    opex=st.sampled_from(["", "e"]),
)


@given(events)
def test_there_and_back(event: CotEvent) -> None:
    assert read_cot(cot_xml(event)) == event
    for dressed in (tak_mesh, tak_stream):
        assert read_tak(dressed(tak_event(event))) == event


def mutated(data: bytes) -> st.SearchStrategy[bytes]:
    cut = st.tuples(st.integers(0, len(data)), st.integers(0, 40), st.binary(max_size=40))
    return cut.map(lambda c: data[: c[0]] + c[2] + data[c[0] + c[1] :])


@given(
    st.binary(max_size=300)
    | st.binary(max_size=300).map(lambda b: b"\xbf\x01\xbf" + b)
    | mutated(MARKER)
    | mutated((HERE / "marker-mesh.bin").read_bytes())
    | mutated((HERE / "marker-stream.bin").read_bytes())
)
def test_any_bytes_give_reports_or_a_decode_error(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        CotReports().decode(frame(data))
    for splitter in (CotSplitter(), TakSplitter()):
        splitter.feed(data)
    for form in (CotFormat(), TakFormat()):
        form.sniff(data)
        with contextlib.suppress(FormatError):
            list(form.frames(data, "f", sensor=None, start=0.0, skipped=Counter()))
