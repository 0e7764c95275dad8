"""A controller's packets: bytes that bumble wrote, read as tshark reads them; and any bytes."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import VECTORS

from tocsin.decode.hci import HciFormat, Reports, find_report
from tocsin.decode.remote_id import RemoteId
from tocsin.errors import DecodeError, FormatError
from tocsin.words import Frame

FORM = HciFormat()
SNOOP = (VECTORS / "hci" / "bumble.btsnoop").read_bytes()
ROWS = json.loads((VECTORS / "hci" / "bumble.json").read_text())


def read(data: bytes = SNOOP) -> list[Frame]:
    return list(FORM.frames(data, "ble.btsnoop", sensor=None, start=0.0, skipped=Counter()))


def packets() -> list[bytes]:
    """The H4 packets of the file."""
    found, at = [], 16
    while at < len(SNOOP):
        size = int.from_bytes(SNOOP[at + 4 : at + 8], "big")
        found.append(SNOOP[at + 24 : at + 24 + size])
        at += 24 + size
    return found


def test_every_report_is_read_as_tshark_reads_it() -> None:
    seen = []
    for frame in read():
        found = find_report(frame.data)
        assert found is not None
        address, signal, spans = found
        assert address is not None
        (start, end) = spans[0]
        row = {
            "t": round(frame.t, 6),
            "address": address.hex(":"),
            "rssi": 127 if signal is None else signal,
            "data": frame.data[start - 1 : end].hex(),
        }
        seen.append(row)
    assert len(seen) == len(ROWS) == 12
    for ours, theirs in zip(seen, ROWS, strict=True):
        if theirs["data"] is None:  # tshark does not join the parts
            theirs = {**theirs, "data": seen[-3]["data"]}
        assert ours == theirs


def test_a_pack_told_in_two_parts_is_whole_though_another_speaks_between() -> None:
    whole = read()[-1]
    found = find_report(whole.data)
    assert found is not None
    assert found[0] == bytes.fromhex("020000000005")
    (detection,) = RemoteId().decode(whole)
    assert detection.identity is not None
    assert detection.identity.serial == "1581F4XYZ00000001"


def test_a_controllers_words_become_detections() -> None:
    decoder = RemoteId()
    found = [detection for frame in read() for detection in decoder.decode(frame)]
    assert len(found) == 5
    assert {d.identity.serial for d in found if d.identity} == {"1581F4XYZ00000001"}


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_a_stream_is_cut_wherever_it_breaks(size: int) -> None:
    stream = b"".join(packets())
    reports = Reports()
    found = [m for at in range(0, len(stream), size) for m in reports.feed(stream[at : at + size])]
    assert found == [frame.data for frame in read()]
    assert reports.dropped == 0


def test_a_file_cut_short_gives_what_stands_before() -> None:
    found = []
    with pytest.raises(FormatError, match="record 15 is cut short"):
        found.extend(FORM.frames(SNOOP[:-3], "x", sensor="ble", start=0.0, skipped=Counter()))


@pytest.mark.parametrize(("kind", "flags"), [(1001, 3), (2001, 3)])
def test_files_of_other_links_hold_bare_events(kind: int, flags: int) -> None:
    """1001: without the H4 byte; 2001: btmon's, whose flags name the kind of packet."""
    made = SNOOP[:12] + kind.to_bytes(4, "big")
    for packet in packets():
        if packet[0] == 4:
            size = (len(packet) - 1).to_bytes(4, "big")
            made += size + size + flags.to_bytes(4, "big") + bytes(12) + packet[1:]
    assert [f.data for f in read(made)] == [f.data for f in read()]


def test_only_its_own_files_are_claimed() -> None:
    assert FORM.sniff(SNOOP[:4096])
    others = [p for p in VECTORS.rglob("*") if p.is_file() and p.parent.name != "hci"]
    assert others
    assert not any(FORM.sniff(path.read_bytes()[:4096]) for path in others)


@given(st.binary(max_size=200), st.integers(0, 1300), st.binary(max_size=8))
def test_any_bytes_give_reports_or_nothing(data: bytes, at: int, wrong: bytes) -> None:
    stream = b"".join(packets())
    decoder = RemoteId()
    for given_bytes in (data, stream[:at] + wrong + stream[at + len(wrong) :]):
        for message in FORM.datagram(given_bytes):
            try:
                decoder.decode(Frame(message, "s", 0.0, "hci"))
            except DecodeError:
                continue


def test_unfinished_advertisements_do_not_pile_up() -> None:
    reports = Reports()
    part = packets()[11]
    for number in range(1000):
        reports.feed(part[:8] + number.to_bytes(6, "little") + part[14:])
    assert len(reports._unfinished) <= 64
