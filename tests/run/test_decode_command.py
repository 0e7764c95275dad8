"""`tocsin decode` as a user runs it: a process, its outputs, its exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.encode.example_frames import ADDRESS, SERIAL, frames
from tests.shared import SHARED, VECTORS

from tocsin.encode import bluetooth, pcapng, remote_id
from tocsin.words import Detection, Frame


def run(*arguments: str, stdin: bytes = b"") -> tuple[int, list[Detection], str]:
    """(exit status, detections, what was said on standard error)."""
    told = subprocess.run(
        [sys.executable, "-m", "tocsin.run", "decode", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    lines = told.stdout.splitlines()
    return (
        told.returncode,
        [msgspec.json.decode(line, type=Detection) for line in lines],
        told.stderr.decode(),
    )


def adverts(*messages: bytes, corrupt: int = 0) -> bytes:
    """A capture of legacy adverts; the first `corrupt` of them with a wrong check sum."""
    made = []
    for number, message in enumerate(messages):
        data = bytearray(bluetooth.legacy_advert(message, ADDRESS, 10.0 + number))
        if number < corrupt:
            data[8] &= 0xFE
        made.append(Frame(bytes(data), "ble", 10.0 + number, "nordic_ble"))
    return pcapng.capture(made)


def test_a_capture_becomes_detections_in_the_order_of_time(tmp_path: Path) -> None:
    made = frames()
    (tmp_path / "a.pcapng").write_bytes(pcapng.capture(made[1::2]))
    (tmp_path / "b.pcapng").write_bytes(pcapng.capture(made[::2]))
    status, found, said = run(str(tmp_path / "a.pcapng"), str(tmp_path / "b.pcapng"))
    assert (status, said) == (0, "")
    assert len(found) == 24
    assert [d.t for d in found] == sorted(d.t for d in found)
    assert {d.identity.serial for d in found if d.identity} == {SERIAL}
    assert {d.sensor for d in found} == {"wifi", "ble"}


def test_standard_input_sensor_and_format(tmp_path: Path) -> None:
    data = adverts(remote_id.basic_id("S1"), remote_id.location(1.0, 2.0))
    for kind in ("auto", "remote-id"):
        status, found, _ = run("-", "--format", kind, "--sensor", "mast-7", stdin=data)
        assert (status, [d.sensor for d in found]) == (0, ["mast-7"])
    status, found, said = run("-", "--format", "ndjson", stdin=data)
    assert (status, found) == (2, [])
    assert "line-json" in said


def test_its_own_output_reads_back_the_same(tmp_path: Path) -> None:
    _, found, _ = run("-", stdin=pcapng.capture(frames()))
    lines = b"".join(msgspec.json.encode(d) + b"\n" for d in found)
    assert run("-", stdin=lines) == (0, found, "")


def test_malformed_frames_are_counted_by_rule_and_skipped() -> None:
    place = remote_id.location(1.0, 2.0)
    off_earth = place[:5] + (910_000_000).to_bytes(4, "little") + place[9:]
    data = adverts(place, place, place, off_earth, place, corrupt=2)
    status, found, said = run("-", stdin=data)
    assert (status, len(found)) == (0, 2)
    lines = said.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("tocsin: 2 refused, check-sum; first: standard input frame 1")
    assert lines[1].startswith("tocsin: 1 refused, latitude; first: standard input frame 4")


def test_input_of_which_every_message_is_refused_ends_with_2_and_the_rule() -> None:
    place = remote_id.location(1.0, 2.0)
    status, found, said = run("-", stdin=adverts(*[place] * 500, corrupt=500))
    assert (status, found) == (2, [])
    assert len(said.splitlines()) == 2
    assert "every message was refused" in said
    assert "check-sum" in said.splitlines()[-1]


@pytest.mark.parametrize(
    "data",
    [
        adverts(remote_id.basic_id("S1"), remote_id.location(None, None)),
        adverts(remote_id.self_id("hello"), remote_id.system(1.0, 2.0)),
        pcapng.capture([Frame(b"\0\0\x08\0\0\0\0\0ordinary", "w", 1.0, "radiotap")]),
        pcapng.capture([]),
        b"",
    ],
)
def test_sound_input_without_a_detection_ends_with_0_and_nothing(data: bytes) -> None:
    assert run("-", stdin=data) == (0, [], "")


def test_sound_messages_beside_refused_ones_end_with_0() -> None:
    data = adverts(remote_id.location(1.0, 2.0), remote_id.basic_id("S1"), corrupt=1)
    status, found, said = run("-", stdin=data)
    assert (status, found) == (0, [])
    assert "1 refused, check-sum" in said


def test_a_truncated_tail_gives_what_stands_before_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "cut.pcapng"
    file.write_bytes(adverts(*[remote_id.location(1.0, 2.0)] * 3)[:-7])
    status, found, said = run(str(file))
    assert (status, len(found)) == (2, 2)
    assert said.startswith("tocsin: cut.pcapng byte ")


@pytest.mark.parametrize("data", [b"hello", b"\x1f\x8bzip", bytes(100)])
def test_what_is_no_recording_ends_with_2_and_one_line(data: bytes) -> None:
    status, found, said = run("-", stdin=data)
    assert (status, found, len(said.splitlines())) == (2, [], 1)


def test_bad_usage_ends_with_2() -> None:
    assert run()[0] == 2
    assert run("/no/such/file")[0] == 2
    assert run("-", "--format", "morse")[0] == 2


def test_other_link_types_are_told() -> None:
    data = bytearray(adverts(remote_id.basic_id("S1")))
    data[28 + 8 : 28 + 10] = (147).to_bytes(2, "little")
    status, found, said = run("-", stdin=bytes(data))
    assert (status, found) == (0, [])
    assert said == "tocsin: 1 skipped, link type 147 is not read here\n"


def test_the_shared_recordings() -> None:
    """Positions where the transmitter had one; the corrupt adverts refused."""
    folder = SHARED / "data" / "remote_id"
    if not folder.is_dir():
        pytest.skip("no shared recordings")
    expected = {
        "linux_transmitter/wireless_RID_test_linux_transmitter.pcapng": 21,
        "odid_dissector_samples/odid_wifi_bcn_sample.pcap": 21,
        "odid_dissector_samples/odid_wifi_sample.pcap": 31,
        "odid_dissector_samples/odid_bt5_lr_sample.pcapng": 0,
        "spoofed/f3411_spoofed_anafi.pcapng": 26,
        "spoofed/dji_wifi_droneid_spoofed.pcapng": 10,  # DJI DroneID, no Remote ID
    }
    for path, count in expected.items():
        status, found, said = run(str(folder / path))
        assert (status, len(found)) == (0, count), path
        assert ("29 refused, check-sum" in said) == ("bt5" in path)
        assert all(d.position is not None and d.position.lat for d in found)


def test_sapient_messages_say_nothing_where_sound_and_the_rule_where_broken() -> None:
    folder = VECTORS / "sapient" / "harness"
    status, found, said = run(*sorted(str(p) for p in (folder / "valid").glob("[AERT]*.json")))
    assert (status, found) == (0, [])
    assert "refused" not in said
    status, found, said = run(str(folder / "invalid" / "0130.DerivedDetection.NodeId.Missing.json"))
    assert (status, found) == (2, [])
    assert "first by rule DetectionReport.DerivedDetection.node_id missing" in said
    recorded = VECTORS / "sapient" / "apex" / "foreign_node.bin"
    status, found, said = run(str(recorded))
    assert (status, len(found)) == (0, 6)
    assert "1 refused, StatusReport.report_id missing" in said
