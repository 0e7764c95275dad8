"""Ear reports beside foreign programs: cbor2 reads the bytes, pycose made the vectors, cobs frames
a line; and no event is longer than a radio's frame."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.encode.ear_reports import KEY, PUBLIC, T0, reports, written
from tests.shared import VECTORS

from tocsin.decode.ear_report import read_report
from tocsin.encode import cbor
from tocsin.encode.ear_report import MOST_EVENT_BYTES, framed, signed, write_report
from tocsin.encode.ear_report import cobs as our_cobs
from tocsin.words.ear_report import ClockQuality, EarEvent, EarReport, HeardBearing

cbor2 = pytest.importorskip("cbor2")
cobs = pytest.importorskip("cobs.cobs")

FOREIGN = json.loads((VECTORS / "ear_report" / "pycose.json").read_text("utf-8"))

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=300)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 2**64 - 1), inner),
    max_leaves=12,
)  # fmt: skip


@given(plain)
def test_cbor_is_what_cbor2_writes_in_canonical_form(value: cbor.Value) -> None:
    assert cbor.write(value) == cbor2.dumps(value, canonical=True)


@pytest.mark.parametrize("name", sorted(FOREIGN["reports"]))
def test_a_signed_message_is_byte_for_byte_that_of_pycose(name: str) -> None:
    """Ed25519 is deterministic: same key, same payload, same message."""
    foreign = bytes.fromhex(FOREIGN["reports"][name])
    payload = cbor2.loads(foreign).value[2]
    assert signed(payload, PUBLIC, KEY.sign) == foreign


@pytest.mark.parametrize("name", ["event", "presence", "windows", "heartbeat"])
def test_a_report_read_and_written_again_is_the_same(name: str) -> None:
    foreign = bytes.fromhex(FOREIGN["reports"][name])
    assert written(read_report(foreign)) == foreign


@given(reports())
def test_whatever_is_told_is_read_back(report: EarReport) -> None:
    assert read_report(written(report)) == report


@given(st.binary(max_size=1200))
def test_a_line_is_framed_as_cobs_does(data: bytes) -> None:
    mine = our_cobs(data)
    assert b"\0" not in mine
    assert cobs.decode(mine) == data
    # theirs ends a run of 254 without a code after it; both read alike
    assert len(mine) - len(cobs.encode(data)) in (0, 1)
    assert framed(data) == b"\0" + our_cobs(data + zlib.crc32(data).to_bytes(4, "big")) + b"\0"


def test_the_longest_event_fits_a_radio_frame_of_200_bytes() -> None:
    """Every number as long as it can be, the longest name, more bearings than there is room for."""
    most = 2**32 - 1
    bearings = tuple(HeardBearing(359.99, 360.0, -90.0, 360.0) for _ in range(4))
    event = EarEvent(most, "update", T0 - 4e6, 1.0, -3276.7, 6553.5, bearings)
    report = EarReport("n" * 40, most, T0, ClockQuality("manual", 65.535), event)
    line = framed(written(report))
    assert len(line) <= MOST_EVENT_BYTES
    told = read_report(written(report)).about
    assert isinstance(told, EarEvent)
    assert told.bearings == bearings[:1]


@given(reports())
def test_no_event_is_longer(report: EarReport) -> None:
    if isinstance(report.about, EarEvent):
        assert len(framed(written(report))) <= MOST_EVENT_BYTES


def test_an_event_that_cannot_fit_is_an_error() -> None:
    event = EarEvent(1, "on", T0, 0.9)
    report = EarReport("n" * 90, 1, T0, ClockQuality(), event)
    with pytest.raises(ValueError, match="bytes"):
        write_report(report, PUBLIC, KEY.sign)
