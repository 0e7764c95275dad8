"""The Remote ID bytes we write, as foreign programs read them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.decode.foreign import by_core_c
from tests.encode.example_frames import frames
from tests.shared import VECTORS

from tocsin.decode.remote_id import read_messages
from tocsin.encode import bluetooth, ieee80211, pcapng, remote_id
from tocsin.words import Frame

FOLDER = VECTORS / "remote_id"
READS_OURS = json.loads((FOLDER / "core_c_reads_ours.json").read_text())


def written(call: str, arguments: dict[str, Any]) -> list[bytes]:
    said = dict(arguments)
    if call == "authentication":
        return remote_id.authentication(bytes.fromhex(said.pop("data")), **said)
    message: bytes = getattr(remote_id, call)(**said)
    return [message]


def test_core_c_reads_in_our_bytes_what_we_meant() -> None:
    """The same bytes as when it read them, and its reading equal to ours, field by field."""
    vectors = READS_OURS["messages"]
    assert len(vectors) == 175
    for vector in vectors:
        made = written(vector["call"], vector["arguments"])
        assert [data.hex() for data in made] == vector["hex"]
        for data, raw in zip(made, vector["core_c"], strict=True):
            assert read_messages(data, 0, 25)[0] == [by_core_c(raw, 2)]


def test_core_c_reads_the_numbers_that_we_were_given() -> None:
    for vector in READS_OURS["messages"]:
        if vector["call"] != "location":
            continue
        (raw,), said = vector["core_c"], vector["arguments"]
        for theirs, ours, unknown in (
            ("lat", "lat", 0), ("lon", "lon", 0), ("geo", "alt_m", -1000),
            ("baro", "pressure_alt_m", -1000), ("height", "height_m", -1000),
            ("direction", "direction_deg", 361), ("speed", "speed_mps", 255),
            ("vspeed", "climb_mps", 63), ("timestamp", "after_hour_s", 65535),
        ):  # fmt: skip
            expected = unknown if said[ours] is None else said[ours]
            assert raw[theirs] == pytest.approx(expected, abs=1e-3), (theirs, vector)


def test_core_c_takes_our_nan_frames() -> None:
    for vector in READS_OURS["frames"]:
        pack = bytes.fromhex(vector["pack"])
        frame = ieee80211.nan_action(pack, "02:00:00:00:00:77", 1.78e9, counter=3, signal_dbm=-50)
        assert frame[23:-4].hex() == vector["ours"]
        read = [by_core_c(raw, 2) for raw in vector["ours_read"]]
        assert sorted(read, key=str) == sorted(read_messages(pack, 0, len(pack))[0], key=str)


def test_the_capture_that_the_dissector_read_is_what_we_write() -> None:
    assert pcapng.capture(frames()) == (FOLDER / "ours.pcapng").read_bytes()


@pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")
def test_tshark_finds_no_fault_in_our_capture(tmp_path: Path) -> None:
    file = tmp_path / "ours.pcapng"
    file.write_bytes(pcapng.capture(frames()))
    command = ["tshark", "-o", "wlan.check_checksum:TRUE", "-r", str(file)]
    fault = (
        "_ws.malformed || _ws.expert.severity >= warning || wlan.fcs.status == 0 "
        "|| btle.crc.incorrect"
    )
    told = subprocess.run([*command, "-Y", fault], capture_output=True, text=True, check=True)
    assert told.stdout == ""
    everything = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(everything.stdout.splitlines()) == len(frames())


def test_links_without_a_number_have_no_place_in_a_capture() -> None:
    with pytest.raises(ValueError, match="ndjson"):
        pcapng.capture([Frame(b"{}", "s", 1.0, "ndjson")])


def test_an_address_has_six_bytes() -> None:
    with pytest.raises(ValueError, match="transmitter address"):
        ieee80211.beacon(b"", "02:00", 1.0)
    with pytest.raises(ValueError, match="do not fit"):
        bluetooth.long_range_advert(bytes(250), "02:00:00:00:00:01", 1.0)
