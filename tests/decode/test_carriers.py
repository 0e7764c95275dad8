"""Wi-Fi and Bluetooth frames: where Remote ID lies in them, and where it does not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.shared import recording

from tocsin.decode import bluetooth, capture, ieee80211
from tocsin.decode.crc24 import crc24
from tocsin.decode.radiotap import read_radiotap
from tocsin.decode.remote_id import RemoteId, read_transmission
from tocsin.encode import bluetooth as write_bluetooth
from tocsin.encode import ieee80211 as write_wifi
from tocsin.encode import remote_id
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.words import Frame, Link

SENDER = "02:00:00:00:00:01"
PACK = remote_id.pack([remote_id.basic_id("ABC"), remote_id.location(1.0, 2.0)])
BEACON = write_wifi.beacon(PACK, SENDER, 5.0, counter=9, signal_dbm=-61)
NAN = write_wifi.nan_action(PACK, SENDER, 5.0, counter=9, signal_dbm=-61)
LEGACY = write_bluetooth.legacy_advert(remote_id.basic_id("ABC"), SENDER, 5.0, signal_dbm=-62)
LONG_RANGE = write_bluetooth.long_range_advert(PACK, SENDER, 5.0, signal_dbm=-62)
HEAD = 23  # bytes of radiotap that our writer makes


def heard(data: bytes, link: Link) -> tuple[str | None, float | None, int]:
    found = read_transmission(Frame(data, "s", 0.0, link))
    assert found is not None
    address = None if found.address is None else found.address.hex(":")
    return address, found.signal_dbm, sum(map(len, found.groups))


def bare(data: bytes) -> bytes:
    """Without radiotap and check sum."""
    return data[HEAD:-4]


def beacon_with(*elements: bytes, kind: int = 0x80, control: int = 0) -> bytes:
    sender = bytes.fromhex(SENDER.replace(":", ""))
    head = struct.pack("<BBH6s6s6sH", kind, control, 0, b"\xff" * 6, sender, sender, 0)
    return head + (bytes(4) if control & 0x80 else b"") + bytes(12) + b"".join(elements)


def element(content: bytes, number: int = 221) -> bytes:
    return bytes((number, len(content))) + content


OURS = element(bytes.fromhex("FA0BBC0D") + b"\x07" + PACK)


def test_all_four_transports_name_sender_and_signal() -> None:
    assert heard(BEACON, "radiotap") == (SENDER, -61, 2)
    assert heard(NAN, "radiotap") == (SENDER, -61, 2)
    assert heard(LEGACY, "nordic_ble") == (SENDER, -62, 1)
    assert heard(LONG_RANGE, "nordic_ble") == (SENDER, -62, 2)
    assert heard(bare(BEACON), "ieee80211") == (SENDER, None, 2)
    assert heard(bare(NAN), "ieee80211") == (SENDER, None, 2)


def test_probe_responses_and_frames_with_ht_control() -> None:
    assert heard(beacon_with(OURS, kind=0x50), "ieee80211")[2] == 2
    assert heard(beacon_with(OURS, control=0x80), "ieee80211")[2] == 2
    assert read_transmission(Frame(beacon_with(OURS, control=0x40), "s", 0, "ieee80211")) is None
    assert read_transmission(Frame(beacon_with(OURS, kind=0x40), "s", 0, "ieee80211")) is None


def test_vendor_action_and_parrots_own_element() -> None:
    action = beacon_with(kind=0xD0)[:24] + b"\x04\x09" + OURS[2:]
    assert heard(action, "ieee80211")[2] == 2
    parrot = element(bytes.fromhex("903AE60D") + b"\x07" + PACK)
    assert heard(beacon_with(parrot), "ieee80211")[2] == 2


def test_every_matching_element_of_a_frame_is_read() -> None:
    second = element(bytes.fromhex("FA0BBC0D") + b"\x08" + remote_id.self_id("hello"))
    data = beacon_with(element(b"net", 0), OURS, element(bytes.fromhex("FA0BBC0E")), second)
    assert heard(data, "ieee80211")[2] == 3


def test_a_bad_element_beside_a_good_one_is_counted_and_the_good_one_read() -> None:
    bad = element(bytes.fromhex("FA0BBC0D") + b"\x08" + b"\xf9\x19\x01" + bytes(25))
    decoder = RemoteId()
    assert len(decoder.decode(Frame(beacon_with(bad, OURS), "s", 0.0, "ieee80211"))) == 1
    assert decoder.overlooked == {"protocol-version": 1}
    with pytest.raises(Refused, match="version 9"):
        decoder.decode(Frame(beacon_with(bad), "s", 0.0, "ieee80211"))


def test_a_nan_descriptor_with_filters_before_its_information() -> None:
    info = bytes((len(PACK) + 1, 9)) + PACK
    service = bytes.fromhex("8869199D9209") + bytes((1, 0, 0x10 | 0x40 | 0x04 | 0x08))
    service += b"\xaa\xbb" + b"\x02xy" + b"\x01z" + info
    other = b"\x03" + struct.pack("<H", 9) + bytes.fromhex("112233445566") + bytes((1, 0, 0))
    ours = b"\x03" + struct.pack("<H", len(service)) + service
    data = beacon_with(kind=0xD0)[:24] + bytes.fromhex("0409506F9A13") + other + ours
    assert heard(data, "ieee80211")[2] == 2


@pytest.mark.parametrize("cut", [1, 5, 20])
@pytest.mark.parametrize("frame", [beacon_with(OURS), bare(NAN)[:-7]])
def test_frames_cut_within_remote_id_are_truncated(frame: bytes, cut: int) -> None:
    with pytest.raises(Truncated):
        read_transmission(Frame(frame[:-cut], "s", 0.0, "ieee80211"))


def test_wrong_wifi_check_sums_are_refused() -> None:
    wrong = bytearray(BEACON)
    wrong[-20] ^= 1
    with pytest.raises(Refused, match="check sum") as raised:
        read_transmission(Frame(bytes(wrong), "s", 0.0, "radiotap"))
    assert raised.value.rule == "check-sum"
    flagged = bytearray(BEACON)
    flagged[16] |= 0x40
    with pytest.raises(Refused, match="check sum"):
        read_transmission(Frame(bytes(flagged), "s", 0.0, "radiotap"))


def test_a_driver_that_promises_a_check_sum_it_left_out_is_forgiven() -> None:
    """Its elements fill the frame to the last byte, which a corrupt frame's would not."""
    assert heard(BEACON[:-4], "radiotap") == (SENDER, -61, 2)


def test_bluetooth_check_sums() -> None:
    for advert in (LEGACY, LONG_RANGE):
        wrong = bytearray(advert)
        wrong[8] &= 0xFE
        with pytest.raises(Refused, match="check sum"):
            read_transmission(Frame(bytes(wrong), "s", 0.0, "nordic_ble"))
    assert heard(LEGACY[17:], "ble_ll") == (SENDER, None, 1)
    wrong = bytearray(LEGACY[17:])
    wrong[20] ^= 4
    with pytest.raises(Refused, match="check sum"):
        read_transmission(Frame(bytes(wrong), "s", 0.0, "ble_ll"))
    assert heard(LEGACY[17:-3], "ble_ll") == (SENDER, None, 1)


@pytest.mark.parametrize(
    ("flags", "signal"), [(0x0C00 | 0x0002, -62.0), (0x0C00, None), (0x0000, None)]
)
def test_bluetooth_with_a_head_of_its_radio(flags: int, signal: float | None) -> None:
    head = struct.pack("<BbbBIH", 37, -62, -90, 0, 0x8E89BED6, flags)
    assert heard(head + LEGACY[17:], "ble_ll_phdr") == (SENDER, signal, 1)
    coded = struct.pack("<BbbBIH", 37, -62, -90, 0, 0x8E89BED6, flags | 0x8000)
    assert heard(coded + LONG_RANGE[17:], "ble_ll_phdr") == (SENDER, signal, 2)
    failed = struct.pack("<BbbBIH", 37, -62, -90, 0, 0x8E89BED6, 0x0400)
    with pytest.raises(Refused, match="check sum"):
        read_transmission(Frame(failed + LEGACY[17:], "s", 0.0, "ble_ll_phdr"))


@pytest.mark.parametrize("kind", [0x00, 0x02, 0x06])
def test_legacy_adverts_of_every_kind_and_other_data_before_ours(kind: int) -> None:
    air = bytearray(LEGACY[17:])
    air[4] = kind
    air[-3:] = crc24(bytes(air[4:-3]))
    assert heard(bytes(air), "ble_ll")[2] == 1
    flags = b"\x02\x01\x06"
    body = bytes(air[6:12]) + flags + bytes(air[12:-3])
    pdu = bytes((kind, len(body))) + body
    assert heard(bytes(air[:4]) + pdu + crc24(pdu), "ble_ll")[2] == 1


def test_an_extended_advert_may_hide_its_sender() -> None:
    extended = bytes((3, 0x08, 1, 0))
    content = bytes.fromhex("16FAFF0D") + b"\x01" + PACK
    body = extended + bytes((len(content),)) + content
    pdu = bytes((7, len(body))) + body
    air = bytes.fromhex("D6BE898E") + pdu + crc24(pdu)
    assert heard(air, "ble_ll") == (None, None, 2)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_sniffers_protocol_versions(version: int) -> None:
    advert = bytearray(LEGACY)
    advert[3] = version
    assert heard(bytes(advert), "nordic_ble")[2] == 1
    advert[3] = 9
    assert read_transmission(Frame(bytes(advert), "s", 0.0, "nordic_ble")) is None


def test_radiotap_fields_are_found_behind_every_combination_of_others() -> None:
    """Alignment counts from the start of the head, which several present words move."""
    fields = [
        (8, 8, bytes(range(8, 0, -1))),
        (1, 1, b"\x10"),
        (1, 1, b"\x0c"),
        (2, 4, struct.pack("<HH", 2437, 0)),
        (2, 2, b"\xee\xee"),
        (1, 1, b"\xc4"),
    ]
    for bits in range(64):
        for words in (1, 2, 3):
            head = bytearray(4 + 4 * words)
            for bit, (alignment, size, value) in enumerate(fields):
                if bits >> bit & 1:
                    head += bytes(-len(head) % alignment)
                    assert len(value) == size
                    head += value
            head[2:4] = struct.pack("<H", len(head))
            for word in range(words):
                more = 1 << 31 if word < words - 1 else 0
                struct.pack_into("<I", head, 4 + 4 * word, (bits if word == 0 else 0) | more)
            found = read_radiotap(bytes(head))
            assert found.length == len(head)
            assert found.tsft_us == (0x0102030405060708 if bits & 1 else None)
            assert found.flags == (0x10 if bits & 2 else 0)
            assert found.channel_mhz == (2437 if bits & 8 else None)
            assert found.signal_dbm == (-60 if bits & 32 else None)


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\x08",
        b"\1\0\x08\0\0\0\0\0",
        b"\0\0\x08\0\x01\0\0\0",
        b"\0\0\xff\0\0\0\0\0",
        b"\0\0\x08\0\0\0\0\x80",
    ],
)
def test_broken_radiotap(data: bytes) -> None:
    with pytest.raises(DecodeError):
        read_radiotap(data)


def test_ordinary_wifi_says_nothing() -> None:
    """Spoofed DJI elements and the NAN synchronisation beacons are frames, but not Remote ID."""
    quiet = 0
    for path in (
        "spoofed/dji_wifi_droneid_spoofed.pcapng",
        "odid_dissector_samples/odid_wifi_sample.pcap",
    ):
        for frame in capture.frames(recording(f"remote_id/{path}"), path):
            if read_transmission(frame) is None:
                assert list(RemoteId().decode(frame)) == []
                quiet += 1
    assert quiet == 10 + 21


ordinary = st.lists(
    st.builds(element, st.binary(max_size=255), st.integers(0, 255)), max_size=8
).map(lambda elements: beacon_with(*elements))


@given(ordinary)
def test_ordinary_beacons_say_nothing(data: bytes) -> None:
    """A chance of one in 2^32 an element that it carries our organisation and type."""
    assert list(RemoteId().decode(Frame(data, "s", 0.0, "ieee80211"))) == []


FINDERS: list[Callable[[bytes], object]] = [
    ieee80211.find_radiotap,
    ieee80211.find_bare,
    bluetooth.find_nordic,
    bluetooth.find_bare,
    bluetooth.find_with_head,
]
SEEDS = [BEACON, bare(BEACON), NAN, bare(NAN), LEGACY, LEGACY[17:], LONG_RANGE, LONG_RANGE[17:]]


@given(st.sampled_from(SEEDS), st.data())
def test_mutated_frames_raise_nothing_but_decode_errors(seed: bytes, data: st.DataObject) -> None:
    wrong = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        wrong[data.draw(st.integers(0, len(wrong) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(wrong[: data.draw(st.integers(0, len(wrong)))])
    for mutated in (bytes(wrong), cut):
        for find in FINDERS:
            try:
                find(mutated)
            except DecodeError:
                continue


@given(st.binary(max_size=400))
@example(b"")
@example(bytes.fromhex("FA0BBC0D"))
@example(bytes.fromhex("16FAFF0D"))
@example(bytes.fromhex("8869199D9209"))
def test_any_bytes_raise_nothing_but_decode_errors(data: bytes) -> None:
    for find in FINDERS:
        try:
            find(data)
        except DecodeError:
            continue


@given(st.binary(max_size=60))
def test_crc24_finds_every_single_bit(data: bytes) -> None:
    said = crc24(data)
    assert said == write_bluetooth.crc24(data)
    for bit in range(0, len(data) * 8, 7):
        wrong = bytearray(data)
        wrong[bit // 8] ^= 1 << bit % 8
        assert crc24(bytes(wrong)) != said


def test_crc32_of_our_writer_is_ieee() -> None:
    assert zlib.crc32(BEACON[HEAD:-4]) == int.from_bytes(BEACON[-4:], "little")
