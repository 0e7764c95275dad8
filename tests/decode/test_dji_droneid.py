"""DJI's DroneID as a foreign dissector reads it, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decode.wifi_frames import beacon_with
from tests.shared import VECTORS, recording

from tocsin.decode import capture
from tocsin.decode.dji_droneid import (
    HEAD,
    DjiDroneId,
    FlightInfo,
    Licence,
    read_droneid,
)
from tocsin.decode.vendor import find_elements
from tocsin.errors import DecodeError, Refused, Truncated

PACKETS = json.loads((VECTORS / "dji_droneid" / "scapy_reads.json").read_text())["packets"]


def info_of(packet: dict[str, Any]) -> FlightInfo:
    said = read_droneid(bytes.fromhex(packet["packet"]))
    assert isinstance(said, FlightInfo)
    return said


def place(read: dict[str, Any], lat: str, lon: str) -> tuple[float | None, float | None]:
    if not read[lat] and not read[lon]:
        return None, None
    return pytest.approx(read[lat], abs=6e-8), pytest.approx(read[lon], abs=6e-8)


def velocity(hundredths: float) -> float:
    """The dissector takes the sign for a part of the number."""
    return round(hundredths - 655.36 if hundredths > 327.67 else hundredths, 2)


def test_every_field_of_every_packet_is_what_the_foreign_dissector_reads() -> None:
    assert len(PACKETS) == 121
    for packet in PACKETS:
        said, read = info_of(packet), packet["read"]
        flags = said.state
        assert (said.version, said.count, said.product) == (
            read["version"],
            read["seqnum"],
            read["produtType"],
        )
        assert (flags & 1, flags >> 9 & 1, flags >> 10 & 1) == (
            read["serialValid"],
            read["horizValid"],
            read["vupValid"],
        )
        serial = bytes.fromhex(read["sn"]).rstrip(b"\0").decode()
        assert said.serial == (serial if read["serialValid"] else None)
        assert (said.lat, said.lon) == place(read, "latitude", "longitude")
        assert (said.home_lat, said.home_lon) == place(read, "homeLatitude", "homeLongitude")
        pilot = place(read, "personLatitude", "personLongitude")
        assert (said.pilot_lat, said.pilot_lon) == pilot
        # It makes metres of tenths, where Kismet takes the same numbers as they are.
        assert said.altitude_raw == round(read["altitude"] * 10)
        assert said.height_raw == round(read["height"] * 10)
        plane = read["horizValid"]
        assert said.vn_mps == (velocity(read["xSpeed"]) if plane else None)
        assert said.ve_mps == (velocity(read["ySpeed"]) if plane else None)
        assert said.vu_mps == (velocity(read["zSpeed"]) if read["vupValid"] else None)
        assert said.yaw_deg == pytest.approx(read["yaw"] - 180.0, abs=0.005)
        assert said.time_raw == (read["personLocUpdateTime"] if said.version == 2 else None)
        assert said.uuid == (read["uuid"][: 2 * read["uuidLength"]] or None)


def test_the_spoofed_recording_reads_without_home_pilot_or_height() -> None:
    decoder = DjiDroneId()
    data = recording("remote_id/spoofed/dji_wifi_droneid_spoofed.pcapng")
    frames = list(capture.frames(data, "dji.pcapng"))
    found = [detection for frame in frames for detection in decoder.decode(frame)]
    assert len(found) == len(frames) == decoder.heard == 10
    for frame, detection in zip(frames, found, strict=True):
        elements = find_elements(frame, HEAD)
        assert elements is not None
        assert elements[2][0].hex() == PACKETS[0]["packet"]
        assert detection.position is not None
        assert detection.position.alt_m is None
        assert detection.sigma.alt_m is None
        assert detection.identity is not None
        assert detection.identity.serial == "K6RE0WENAH9P8QAL"
        assert detection.motion is not None
        assert (detection.motion.ve, detection.motion.vn, detection.motion.vu) == (39.0, 21.0, 9.0)
        assert detection.source == "60:60:1f:c6:0e:cc"
        assert "56.00" not in repr(detection)  # home and pilot
        assert "43.00" not in repr(detection)


def test_a_licence_only_names_the_aircraft() -> None:
    licence = b"\x11" + b"0K1CG12345".ljust(16, b"\0") + b"\x05typed"
    said = read_droneid(licence)
    assert said == Licence("0K1CG12345", b"\x05typed")
    nameless = bytearray.fromhex(PACKETS[0]["packet"])
    nameless[4] &= 0xFE  # serial not valid
    decoder = DjiDroneId()
    assert decoder.decode(beacon_with(HEAD + licence)) == []
    (detection,) = decoder.decode(beacon_with(HEAD + bytes(nameless), t=101.0))
    assert detection.identity is not None
    assert detection.identity.serial == "0K1CG12345"


@pytest.mark.parametrize(
    ("at", "value", "rule"),
    [(0, b"\x12", "message-type"), (1, b"\x03", "protocol-version"),
     (26, (15_708_000).to_bytes(4, "little"), "latitude"),
     (22, (31_416_000).to_bytes(4, "little"), "longitude")],
)  # fmt: skip
def test_broken_packets_are_refused_by_rule(at: int, value: bytes, rule: str) -> None:
    packet = bytearray.fromhex(PACKETS[0]["packet"])
    packet[at : at + len(value)] = value
    with pytest.raises(Refused) as error:
        DjiDroneId().decode(beacon_with(HEAD + bytes(packet)))
    assert error.value.rule == rule


def test_packets_cut_short_are_truncated() -> None:
    whole = bytes.fromhex(PACKETS[0]["packet"])
    for size in (0, 1, 2, 40, 67):
        with pytest.raises(Truncated):
            read_droneid(whole[:size])
    assert isinstance(read_droneid(whole[:68]), FlightInfo)
    with pytest.raises(Truncated):
        read_droneid(b"\x11short")


@given(st.integers(0, 255), st.binary(max_size=120))
def test_any_bytes_give_detections_or_a_decode_error(version: int, body: bytes) -> None:
    for start in (b"\x10" + bytes((version % 4,)), b"\x11", b""):
        try:
            found = DjiDroneId().decode(beacon_with(HEAD + start + body))
        except DecodeError:
            continue
        assert all(detection.position is not None for detection in found)
