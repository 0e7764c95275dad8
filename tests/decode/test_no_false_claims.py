"""What is another protocol's, or ordinary, is no claim to any decoder of claims."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.encode.example_frames import frames as example_frames
from tests.shared import SHARED, VECTORS

from tocsin.decode import capture
from tocsin.decode.dji_droneid import DjiDroneId
from tocsin.decode.french_id import FrenchIdBeacons
from tocsin.decode.mavlink import MavlinkFormat
from tocsin.decode.remote_id import RemoteId
from tocsin.decode.rid_json import RemoteIdJsonFormat
from tocsin.errors import DecodeError
from tocsin.ports import Decoder
from tocsin.words import Frame

RECORDINGS = {
    "linux_transmitter/wireless_RID_test_linux_transmitter.pcapng": "remote-id",
    "odid_dissector_samples/odid_bt5_lr_sample.pcapng": "remote-id",
    "odid_dissector_samples/odid_wifi_bcn_sample.pcap": "remote-id",
    "odid_dissector_samples/odid_wifi_sample.pcap": "remote-id",
    "spoofed/dji_wifi_droneid_spoofed.pcapng": "dji-droneid",
    "spoofed/f3411_spoofed_anafi.pcapng": "remote-id",
}
OWN = {"flight.tlog", "flight.mavlink", "lines.json"}
DECODERS: tuple[Callable[[], Decoder], ...] = (RemoteId, FrenchIdBeacons, DjiDroneId)


def heard(make: Callable[[], Decoder], frames: list[Frame]) -> int:
    """Frames that a decoder took for its own, sound or not."""
    decoder = make()
    refused = 0
    for frame in frames:
        try:
            decoder.decode(frame)
        except DecodeError:
            refused += 1
    return decoder.heard + refused


@pytest.mark.parametrize("path", RECORDINGS)
def test_each_recording_is_read_by_its_own_decoder_alone(path: str) -> None:
    file = SHARED / "data" / "remote_id" / path
    if not file.is_file():
        pytest.skip(f"no shared recording {path}")
    frames = list(capture.frames(file.read_bytes(), file.name))
    said = {make().name for make in DECODERS if heard(make, frames)}
    assert said == {RECORDINGS[path]}


def test_our_own_remote_id_is_nothing_to_the_others() -> None:
    for make in (FrenchIdBeacons, DjiDroneId):
        assert heard(make, example_frames()) == 0


def test_no_committed_vector_or_shared_file_of_another_kind_passes_for_json_or_mavlink() -> None:
    ours = {"mavlink": MavlinkFormat(), "rid_json": RemoteIdJsonFormat()}
    files = [file for file in sorted(VECTORS.rglob("*")) if file.is_file()]
    files += sorted((SHARED / "data").glob("*/*/*.*"))[:300] if SHARED.is_dir() else []
    for file in files:
        with file.open("rb") as content:
            start = content.read(4096)
        for folder, form in ours.items():
            own = file.parent.name == folder and file.name in OWN
            assert form.sniff(start) == own, file
