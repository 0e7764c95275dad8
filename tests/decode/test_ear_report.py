"""Reports of sensor nodes: what counts, what is refused and under which rule."""

from __future__ import annotations

import base64
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.encode.ear_reports import (
    OTHER_KEY,
    OTHER_PUBLIC,
    PUBLIC_TEXT,
    T0,
    event_report,
    reports,
    written,
)
from tests.shared import VECTORS

from tocsin.decode.ear_report import EarReportFormat, EarReports, Frames, read_body, read_report
from tocsin.decode.seen_numbers import WINDOW, SeenNumbers
from tocsin.decode.signed_report import START
from tocsin.encode.ear_report import framed, write_report
from tocsin.errors import DecodeError, Refused
from tocsin.words import Bearing, ClassScores, Detection, Frame, SelfTest, Sigma
from tocsin.words.ear_report import EarEvent, EarReport, Heartbeat

cbor2 = pytest.importorskip("cbor2")

FOREIGN = {
    name: bytes.fromhex(text)
    for name, text in json.loads((VECTORS / "ear_report" / "pycose.json").read_text("utf-8"))[
        "reports"
    ].items()
}


def decoder(**settings: object) -> EarReports:
    nodes = {"north-7": [PUBLIC_TEXT]}
    return EarReports(EarReports.Settings(**{"nodes": nodes, **settings}))  # type: ignore[arg-type]


def told(data: bytes, t: float = T0, one: EarReports | None = None) -> list[Detection]:
    return list((one or decoder()).decode(Frame(data, "", t, "ear-report")))


def refused(data: bytes, t: float = T0, one: EarReports | None = None) -> str:
    with pytest.raises(DecodeError) as caught:
        told(data, t, one)
    return caught.value.rule


def test_pycose_s_event_is_a_bearing_at_the_node_s_time() -> None:
    one = decoder(full_scale_db={"north-7": 120.0})
    assert told(FOREIGN["event"], T0 + 7.0, one) == [
        Detection(
            t=T0, sensor="north-7", kind="acoustic",
            bearing=Bearing(azimuth_deg=359.99, elevation_deg=12.5),
            sigma=Sigma(azimuth_deg=4.5), class_=ClassScores(drone=0.973), level_db=87.5,
            received=T0 + 7.0,
        )
    ]  # fmt: skip


def test_an_event_without_a_bearing_is_a_presence_and_its_end_is_nothing() -> None:
    assert told(FOREIGN["unknown-key-passed-over"])[0].statement == "presence"
    assert told(FOREIGN["presence"]) == []


def test_features_and_self_tests_are_kept_until_fetched() -> None:
    one = decoder()
    assert told(FOREIGN["windows"], one=one) == told(FOREIGN["heartbeat"], one=one) == []
    windows = one.heard_windows()
    assert [w.deaf for w in windows] == [None, "silence", None]
    assert [len(w.bands_db) for w in windows] == [32, 0, 0]
    assert windows[0].bands_db[:2] == (-77.5, -77.0)
    assert windows[0].threshold == 0.9
    assert one.self_tests() == [SelfTest("north-7", T0 + 3.0 - 3600.0, passed=True)]
    assert one.heard_windows() == one.self_tests() == []


def test_a_copy_is_told_once() -> None:
    one = decoder()
    assert len(told(FOREIGN["event"], one=one)) == 1
    assert refused(FOREIGN["event"], one=one) == "repeated"
    assert one.heard == 1


def test_nobody_else_s_key_counts() -> None:
    report = event_report()
    forged = write_report(report, OTHER_PUBLIC, OTHER_KEY.sign)
    assert refused(forged) == "key-unknown"
    claims_our_key = forged[:11] + written(report)[11:15] + forged[15:]
    assert refused(written(report).replace(written(report)[-64:], forged[-64:])) == "signature-bad"
    assert refused(claims_our_key) in ("key-unknown", "signature-bad", "cose-form")
    assert refused(written(report), one=EarReports()) == "key-unknown"


def test_a_known_node_cannot_speak_for_another() -> None:
    assert refused(written(event_report(sensor="south-1"))) == "sensor-other"


def test_times_that_cannot_be_are_refused() -> None:
    data = written(event_report())
    assert refused(data, T0 - 31.0) == "time-ahead"
    assert refused(data, T0 + 86_401.0) == "time-old"
    one = decoder()
    assert refused(data, T0 - 31.0, one) == "time-ahead"
    assert told(data, T0, one)  # refused for its time it was not used up


def test_a_key_is_changed_with_both_known_for_a_while() -> None:
    new = base64.b64encode(OTHER_PUBLIC).decode()
    one = decoder(nodes={"north-7": [PUBLIC_TEXT, new]})
    assert told(written(event_report(9)), one=one)
    fresh = write_report(event_report(1), OTHER_PUBLIC, OTHER_KEY.sign)
    assert told(fresh, one=one)  # numbers are counted by key


@given(st.data())
def test_a_changed_byte_is_refused(data: st.DataObject) -> None:
    report = FOREIGN[data.draw(st.sampled_from(sorted(FOREIGN)))]
    at = data.draw(st.integers(0, len(report) - 1))
    flip = data.draw(st.integers(1, 255))
    one = decoder()
    assert refused(report[:at] + bytes((report[at] ^ flip,)) + report[at + 1 :], one=one)
    assert one.heard == 0


@given(st.binary(max_size=300))
def test_any_bytes_give_a_decode_error(data: bytes) -> None:
    assert refused(data)
    assert refused(START + data)
    with pytest.raises(DecodeError):
        read_body(data)


@given(
    st.dictionaries(
        st.integers(0, 9),
        st.recursive(
            st.none() | st.integers(-(2**33), 2**49) | st.binary(max_size=33) | st.text(max_size=9),
            lambda inner: st.lists(inner, max_size=9),
        ),
    )
)
def test_any_body_gives_a_report_or_a_decode_error(body: dict[int, object]) -> None:
    try:
        report = read_body(cbor2.dumps(body, canonical=True))
    except DecodeError:
        return
    assert isinstance(report, EarReport)


@pytest.mark.parametrize(
    "change", [{0: 2}, {4: [9, None]}, {7: 0}, {5: [0, 7, 0, 0, None, None, []]}]
)
def test_a_body_out_of_its_form_is_refused(change: dict[int, object]) -> None:
    body = cbor2.loads(cbor2.loads(FOREIGN["event"]).value[2])
    with pytest.raises(Refused) as caught:
        read_body(cbor2.dumps({**body, **change}, canonical=True))
    assert caught.value.rule == "report-form"


def test_numbers_overtake_each_other_within_the_window() -> None:
    seen = SeenNumbers()
    assert [seen.take(n) for n in (5, 3, 4, 3, 5, 5 + WINDOW, 6, 5, 4)] == [
        True, True, True, False, False, True, True, False, False,
    ]  # fmt: skip


@given(st.lists(st.integers(0, 3000), max_size=80))
def test_no_number_is_taken_twice(numbers: list[int]) -> None:
    seen = SeenNumbers()
    taken = [n for n in numbers if seen.take(n)]
    assert len(taken) == len(set(taken))


@given(st.lists(st.binary(min_size=1, max_size=600), max_size=6), st.integers(1, 97))
def test_a_line_is_cut_wherever_its_bytes_come_apart(messages: list[bytes], size: int) -> None:
    line = b"".join(framed(one) for one in messages)
    splitter = Frames()
    found = [m for at in range(0, len(line), size) for m in splitter.feed(line[at : at + size])]
    assert found == messages
    assert splitter.dropped == 0


@given(st.binary(max_size=200), st.data())
def test_noise_on_a_line_costs_the_frame_it_hits(noise: bytes, data: st.DataObject) -> None:
    good = written(event_report())
    splitter = Frames()
    found = splitter.feed(noise + framed(good) + framed(good))
    assert found[-1] == good


def test_what_never_ends_is_given_up() -> None:
    splitter = Frames()
    assert splitter.feed(b"\1" * 20_000) == []
    assert splitter.dropped == 20_000
    good = written(event_report())
    assert splitter.feed(framed(good)) == [good]


def test_a_file_of_frames_is_read_in_its_order_with_the_node_s_times() -> None:
    form = EarReportFormat()
    reports_ = [FOREIGN[name] for name in ("event", "windows", "heartbeat")]
    data = b"".join(framed(one) for one in reports_)
    assert form.sniff(data)
    assert form.sniff(reports_[0])
    assert not form.sniff(b"\0\0\0not ours")
    skipped: Counter[str] = Counter()
    frames = list(form.frames(data, "f", sensor=None, start=0.0, skipped=skipped))
    assert [f.data for f in frames] == reports_
    assert [f.t for f in frames] == [T0, T0 + 2.0, T0 + 3.0]
    assert {f.sensor for f in frames} == {"north-7"}
    assert form.datagram(reports_[0]) == [reports_[0]]
    assert form.datagram(data) == reports_
    torn = data[:40] + data[41:]
    assert len(list(form.frames(torn, "f", sensor=None, start=0.0, skipped=skipped))) == 2
    assert skipped == {"broken ear-report frame": 1}


@given(reports())
def test_every_report_of_a_known_node_is_taken(report: EarReport) -> None:
    one = decoder()
    found = told(written(report), report.t, one)
    assert one.heard == 1
    assert bool(found) == (isinstance(report.about, EarEvent) and report.about.state != "off")


def test_a_failed_self_test_says_why() -> None:
    beat = read_report(FOREIGN["heartbeat"])
    assert isinstance(beat.about, Heartbeat)
    assert beat.about.self_test is not None
    deaf = replace(
        beat,
        about=replace(beat.about, self_test=replace(beat.about.self_test, verdict="not-heard")),
    )
    one = decoder()
    told(written(deaf), one=one)
    (test,) = one.self_tests()
    assert not test.passed
    assert "not heard" in test.why
