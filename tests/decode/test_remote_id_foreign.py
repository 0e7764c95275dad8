"""Our reading of Remote ID against that of foreign decoders, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.decode.foreign import by_core_c, by_dissector
from tests.shared import VECTORS, recording

from tocsin.decode import capture
from tocsin.decode.remote_id import RemoteId, read_messages, read_transmission
from tocsin.errors import DecodeError, Refused
from tocsin.words import Frame
from tocsin.words.remote_id import Message

FOLDER = VECTORS / "remote_id"
CORE_C = json.loads((FOLDER / "core_c_messages.json").read_text())["messages"]
READS_OURS = json.loads((FOLDER / "core_c_reads_ours.json").read_text())
CAPTURES = json.loads((FOLDER / "dissector_captures.json").read_text())["captures"]
OURS = json.loads((FOLDER / "dissector_reads_ours.json").read_text())["captures"]["ours.pcapng"]


@pytest.mark.parametrize("version", ["0", "0-eu", "1", "2"])
def test_every_message_of_core_c_reads_as_core_c_reads_it(version: str) -> None:
    vectors = CORE_C[version]
    assert len(vectors) == 240
    assert {v["type"] for v in vectors} == {0, 1, 2, 3, 4, 5}
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        assert read_messages(data, 0, len(data)) == (
            [by_core_c(vector, int(version[0]))],
            None,
        ), vector


def test_core_c_frames_around_our_packs_are_read() -> None:
    """Beacons and NAN frames as the C library builds them; the address is in the frame."""
    assert len(READS_OURS["frames"]) == 12
    for vector in READS_OURS["frames"]:
        expected = [by_core_c(raw, 2) for raw in vector["messages"]]
        for kind in ("beacon", "nan"):
            frame = Frame(bytes.fromhex(vector[kind]), "s", 0.0, "ieee80211")
            heard = read_transmission(frame)
            assert heard is not None
            assert heard.address == bytes.fromhex("02000000ab01")
            assert sorted(heard.groups[0], key=str) == sorted(expected, key=str)


def dissected(found: dict[str, Any], frame: dict[str, Any]) -> list[Message]:
    """The messages of a frame as the dissector shows them, without the pack's own head."""
    raws = [found["messages"][number] for number in frame["messages"]]
    return [by_dissector(raw) for raw in raws if raw["msgType"] != 15]


def compare(data: bytes, found: dict[str, Any]) -> tuple[int, int]:
    """(frames compared, frames refused); every other frame must say nothing to us either."""
    frames = list(capture.frames(data, "x.pcapng"))
    assert len(frames) == found["packets"]
    shown = {frame["frame"]: frame for frame in found["frames"]}
    compared = refused = 0
    for number, frame in enumerate(frames, start=1):
        expected = shown.get(number)
        try:
            heard = read_transmission(frame)
        except DecodeError:
            assert expected is not None
            refused += 1
            continue
        if heard is None:
            assert expected is None
            continue
        assert expected is not None
        assert heard.groups == (dissected(found, expected),)
        assert bool(heard.refused) == ("errors" in expected)
        assert heard.address is not None
        assert heard.address.hex(":") == expected["address"]
        assert heard.signal_dbm == expected["signal_dbm"]
        compared += 1
    return compared, refused


def test_our_own_capture_reads_as_the_dissector_reads_it() -> None:
    assert compare((FOLDER / "ours.pcapng").read_bytes(), OURS) == (61, 0)


@pytest.mark.parametrize(
    ("path", "compared", "refused"),
    [
        ("linux_transmitter/wireless_RID_test_linux_transmitter.pcapng", 21, 0),
        ("odid_dissector_samples/odid_wifi_bcn_sample.pcap", 21, 0),
        ("odid_dissector_samples/odid_wifi_sample.pcap", 42, 0),
        ("spoofed/dji_wifi_droneid_spoofed.pcapng", 0, 0),
        ("spoofed/f3411_spoofed_anafi.pcapng", 26, 0),
    ],
)
def test_wifi_recordings_read_as_the_dissector_reads_them(
    path: str, compared: int, refused: int
) -> None:
    assert compare(recording(f"remote_id/{path}"), CAPTURES[path]) == (compared, refused)


def test_bluetooth_recording_sound_adverts_read_and_corrupt_ones_refused() -> None:
    """The dissector sees Open Drone ID in 273 of 274 adverts, whatever the check sum says."""
    path = "odid_dissector_samples/odid_bt5_lr_sample.pcapng"
    frames = list(capture.frames(recording(f"remote_id/{path}"), "bt5.pcapng"))
    found = CAPTURES[path]
    shown = {frame["frame"]: frame for frame in found["frames"]}
    assert (len(frames), len(shown)) == (274, 273)
    rules: dict[str, int] = {}
    recognised = compared = 0
    for number, frame in enumerate(frames, start=1):
        try:
            heard = read_transmission(frame)
        except Refused as error:
            recognised += 1
            rules[error.rule] = rules.get(error.rule, 0) + 1
            if error.rule == "check-sum":
                assert not shown[number]["crc_ok"]
            else:  # a pack of no messages: nothing to compare but the pack itself
                assert dissected(found, shown[number]) == []
            continue
        if heard is None:
            assert number not in shown
            continue
        recognised += 1
        compared += 1
        assert shown[number]["crc_ok"]
        assert heard.groups == (dissected(found, shown[number]),)
        assert heard.signal_dbm == shown[number]["signal_dbm"]
    assert recognised == 273
    assert rules == {"check-sum": 29, "pack-count": 19}
    assert compared == 225


def test_a_module_without_a_fix_and_its_corrupt_adverts_give_no_position() -> None:
    data = recording("remote_id/odid_dissector_samples/odid_bt5_lr_sample.pcapng")
    decoder = RemoteId()
    found = []
    for frame in capture.frames(data, "bt5.pcapng"):
        try:
            found += decoder.decode(frame)
        except DecodeError:
            continue
    assert found == []
    assert decoder.heard == 225
