"""Open Drone ID over MAVLink: packets that pymavlink made, read field by field as it reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decode.foreign import HORIZONTAL, SPEED, VERTICAL
from tests.shared import VECTORS

from tocsin.decode.mavlink import MavlinkFormat, MavlinkRemoteId
from tocsin.decode.mavlink.decoder import read_packet
from tocsin.decode.mavlink.packet import is_sound, read_head
from tocsin.decode.remote_id import read_messages
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.words import Detection, Frame
from tocsin.words.remote_id import (
    AIRCRAFT_TYPES,
    AUTH_TYPES,
    EU_CATEGORIES,
    EU_CLASSES,
    ID_TYPES,
    OPERATOR_PLACES,
    STATUSES,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)

FOLDER = VECTORS / "mavlink"
PACKETS = json.loads((FOLDER / "pymavlink_packets.json").read_text())["packets"]
TLOG, STREAM = (FOLDER / "flight.tlog").read_bytes(), (FOLDER / "flight.mavlink").read_bytes()
Raw = dict[str, Any]


def metres(value: float) -> float | None:
    return None if value == -1000 else round(value, 2)


def place(lat: int, lon: int) -> tuple[float | None, float | None]:
    return (None, None) if lat == lon == 0 else (lat / 1e7, lon / 1e7)


def text(raw: str) -> str | None:
    return raw.rstrip("\0") or None


def basic_id(r: Raw) -> list[Message]:
    raw = bytes(r["uas_id"])
    kind = ID_TYPES[r["id_type"]]
    name = raw.rstrip(b"\0").hex() if kind == "session" else raw.rstrip(b"\0").decode()
    return [BasicId(2, kind, AIRCRAFT_TYPES[r["ua_type"]], name)]


def location(r: Raw) -> list[Message]:
    lat, lon = place(r["latitude"], r["longitude"])
    return [
        Location(
            2,
            STATUSES[r["status"]],
            lat,
            lon,
            metres(r["altitude_geodetic"]),
            metres(r["altitude_barometric"]),
            metres(r["height"]),
            ("take-off", "ground")[r["height_reference"]],
            None if r["direction"] >= 36000 else r["direction"] / 100,
            None if r["speed_horizontal"] == 25500 else r["speed_horizontal"] / 100,
            None if r["speed_vertical"] == 6300 else r["speed_vertical"] / 100,
            HORIZONTAL.get(r["horizontal_accuracy"]),
            VERTICAL.get(r["vertical_accuracy"]),
            VERTICAL.get(r["barometer_accuracy"]),
            SPEED.get(r["speed_accuracy"]),
            None if r["timestamp"] == 65535 else round(r["timestamp"], 3),
            r["timestamp_accuracy"] / 10 or None,
        )
    ]


def authentication(r: Raw) -> list[Message]:
    data, page = bytes(r["authentication_data"]), r["data_page"]
    kind = AUTH_TYPES[r["authentication_type"]]
    if page:
        return [Authentication(2, kind, page, data)]
    signed_t = 1_546_300_800.0 + r["timestamp"]
    return [Authentication(2, kind, 0, data[:17], r["last_page_index"], r["length"], signed_t)]


def system(r: Raw) -> list[Message]:
    lat, lon = place(r["operator_latitude"], r["operator_longitude"])
    eu = r["classification_type"] == 1
    return [
        System(
            2,
            OPERATOR_PLACES[r["operator_location_type"]],
            lat,
            lon,
            metres(r["operator_altitude_geo"]),
            r["area_count"],
            r["area_radius"],
            metres(r["area_ceiling"]),
            metres(r["area_floor"]),
            "eu" if eu else "undeclared",
            EU_CATEGORIES[r["category_eu"]] if eu else None,
            EU_CLASSES[r["class_eu"]] if eu else None,
            1_546_300_800.0 + r["timestamp"],
        )
    ]


def pack(r: Raw) -> list[Message]:
    """The messages in it are the radio's own, each of 25 bytes."""
    size, raw = r["single_message_size"], bytes(r["messages"])
    said = []
    for number in range(r["msg_pack_size"]):
        found, _ = read_messages(raw[number * size : (number + 1) * size], 0, size)
        said += found
    return said


READERS = {
    "BASIC_ID": basic_id,
    "LOCATION": location,
    "AUTHENTICATION": authentication,
    "SELF_ID": lambda r: [
        SelfId(2, ("text", "emergency", "extended-status")[r["description_type"]],
               text(r["description"]))
    ],
    "SYSTEM": system,
    "OPERATOR_ID": lambda r: [OperatorId(2, "operator-id", text(r["operator_id"]))],
    "MESSAGE_PACK": pack,
}  # fmt: skip


def test_every_packet_reads_as_pymavlink_reads_it() -> None:
    compared: Counter[str] = Counter()
    for packet in PACKETS:
        read = packet["read"]
        kind = read["mavpackettype"].removeprefix("OPEN_DRONE_ID_")
        found = read_packet(bytes.fromhex(packet["packet"]))
        compared[kind] += 1
        if kind == "SYSTEM_UPDATE":  # holds nothing but where the operator stands
            assert found is None
            continue
        assert found is not None
        assert found[0] == bytes(read["id_or_mac"])
        assert found[1] == READERS[kind](read), packet
    assert compared == {
        "BASIC_ID": 30, "LOCATION": 60, "AUTHENTICATION": 30, "SELF_ID": 30, "SYSTEM": 30,
        "OPERATOR_ID": 30, "SYSTEM_UPDATE": 30, "MESSAGE_PACK": 20,
    }  # fmt: skip


def frames_of(data: bytes, skipped: Counter[str] | None = None) -> list[Frame]:
    count = Counter[str]() if skipped is None else skipped
    form = MavlinkFormat()
    return list(form.frames(data, "flight", sensor=None, start=50.0, skipped=count))


def test_a_log_and_the_raw_stream_of_one_flight() -> None:
    skipped: Counter[str] = Counter()
    logged, raw = frames_of(TLOG, skipped), frames_of(STREAM)
    assert [frame.data for frame in logged] == [frame.data for frame in raw]
    assert len(logged) == 30
    assert skipped == {"other MAVLink message": 40}
    assert {frame.t for frame in raw} == {50.0}
    assert logged[0].t == pytest.approx(1_780_000_000.4)
    decoder = MavlinkRemoteId()
    found = [detection for frame in logged for detection in decoder.decode(frame)]
    assert len(found) == 10
    for step, detection in enumerate(found):
        assert detection.t == pytest.approx(1_780_000_000.5 + 0.7 * step)
        assert detection.sensor == "mavlink-7"
        assert detection.identity is not None
        assert detection.identity.serial == "1581F4XYZ00000012"
        assert detection.position is not None
        assert detection.position.lat == 13.0 + step * 1e-4
        assert detection.position.alt_m == 90.5
        assert detection.motion is not None
        assert (detection.motion.ve, detection.motion.vn, detection.motion.vu) == (10.0, 0.0, 1.0)
        assert detection.sigma.horizontal_m == pytest.approx(7.09, abs=0.02)


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_a_stream_cut_anywhere_gives_the_same_packets(size: int) -> None:
    packets = MavlinkFormat().splitter()
    assert packets is not None
    noise = b"\xfd\xfe\x00boot\xfd"
    data = noise + STREAM + noise + STREAM + bytes(300)
    found = []
    for at in range(0, len(data), size):
        found += packets.feed(data[at : at + size])
    assert found == [frame.data for frame in frames_of(STREAM)] * 2


def test_a_datagram_holds_many_packets() -> None:
    assert MavlinkFormat().datagram(STREAM) == [frame.data for frame in frames_of(STREAM)]
    assert MavlinkFormat().datagram(b"not mavlink") == []


def test_the_format_is_told_by_its_check_sums() -> None:
    form = MavlinkFormat()
    for data in (TLOG, STREAM, bytes.fromhex(PACKETS[0]["packet"]), TLOG[:1000], (TLOG * 9)[:4096]):
        assert form.sniff(data)
    broken = bytearray(STREAM)
    broken[12] ^= 1
    for data in (b"", b"\xfd", b"\xfe" * 4096, b"{}", bytes(4096), bytes(broken), STREAM[1:]):
        assert not form.sniff(data)


def test_a_wrong_bit_anywhere_is_refused() -> None:
    whole = bytes.fromhex(PACKETS[1]["packet"])
    packet = read_head(whole, 0)
    assert packet is not None
    assert is_sound(whole, 0, packet)
    for at in range(packet.end):
        wrong = bytearray(whole)
        wrong[at] ^= 0x10
        try:
            assert read_packet(bytes(wrong)) is None
        except (Refused, Truncated):
            continue


@given(st.binary(max_size=400))
def test_any_bytes_give_detections_or_a_decode_error(data: bytes) -> None:
    decoder, form = MavlinkRemoteId(), MavlinkFormat()
    form.sniff(data)
    packets = form.splitter()
    assert packets is not None
    packets.feed(data)
    for frame in [Frame(data, "s", 0.0, "mavlink"), *frames_of(data)]:
        try:
            decoder.decode(frame)
        except DecodeError:
            continue


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=255))
def test_any_payload_with_a_right_check_sum_is_read_or_refused(kind: str, payload: bytes) -> None:
    """What a hostile transmitter can do: every field at will."""
    sample = next(p for p in PACKETS if p["read"]["mavpackettype"].endswith(f"_{kind}"))
    head = bytearray.fromhex(sample["packet"])[:10]
    head[1], head[2] = len(payload), 0
    crc = reckon(bytes(head[1:]) + payload, extra_of(bytes.fromhex(sample["packet"])))
    data = bytes(head) + payload + crc.to_bytes(2, "little")
    refused = ""
    found: Sequence[Detection] = ()
    try:
        found = MavlinkRemoteId().decode(Frame(data, "s", 0.0, "mavlink"))
    except Refused as error:
        refused = error.rule
    assert refused != "check-sum"
    for detection in found:
        assert detection.position is not None
        assert abs(detection.position.lat) <= 90.0


def reckon(data: bytes, extra: int) -> int:
    """CRC-16/MCRF4XX bit by bit, as its definition has it."""
    crc = 0xFFFF
    for byte in (*data, extra):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


def extra_of(packet: bytes) -> int:
    """CRC_EXTRA of a packet that pymavlink made: the one that gives its check sum."""
    end = 10 + packet[1]
    wanted = int.from_bytes(packet[end : end + 2], "little")
    return next(extra for extra in range(256) if reckon(packet[1:end], extra) == wanted)
