"""What UDP datagrams carried, out of every wrapping that is read."""

from __future__ import annotations

import struct
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tocsin.decode import capture
from tocsin.decode.internet import NETWORK_LINKS, carried

UDP = struct.pack(">HHHH", 5000, 8600, 13, 0) + b"hello"
IPV4 = struct.pack(">BBHHHBBH8x", 0x45, 0, 33, 1, 0x4000, 9, 17, 0) + UDP
IPV6 = struct.pack(">IHBB32x", 6 << 28, 13, 17, 1) + UDP
OPTIONS = struct.pack(">IHBB32x", 6 << 28, 21, 0, 1) + b"\x11\x00" + bytes(6) + UDP
MACS = bytes(12)


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        ("ethernet", MACS + b"\x08\x00" + IPV4),
        ("ethernet", MACS + b"\x08\x00" + IPV4 + bytes(13)),
        ("ethernet", MACS + b"\x81\x00\x00\x07\x86\xdd" + IPV6),
        ("ethernet", MACS + b"\x88\xa8\x00\x07\x81\x00\x00\x07\x08\x00" + IPV4),
        ("linux_cooked", bytes(14) + b"\x08\x00" + IPV4),
        ("linux_cooked_v2", b"\x86\xdd" + bytes(18) + OPTIONS),
        ("raw_ip", IPV4),
        ("raw_ip", IPV6),
    ],
)
def test_datagrams(link: str, frame: bytes) -> None:
    assert carried(link, frame) == b"hello"


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (IPV4[:-1], "network frames cut short"),
        (IPV4[:9], "network frames cut short"),
        (IPV4[:6] + b"\x20\x00" + IPV4[8:], "IP fragments"),
        (IPV4[:6] + b"\x00\x10" + IPV4[8:], "IP fragments"),
        (IPV6[:6] + b"\x2c" + IPV6[7:], "IP fragments"),
        (IPV4[:9] + b"\x06" + IPV4[10:], "network frames without UDP"),
        (b"\x00" + IPV4[1:], "network frames without UDP"),
        (b"", "network frames cut short"),
    ],
)
def test_what_carries_no_datagram_says_why(frame: bytes, why: str) -> None:
    assert carried("raw_ip", frame) == why


@given(some.sampled_from(sorted(NETWORK_LINKS)), some.binary(max_size=120))
def test_any_bytes(link: str, frame: bytes) -> None:
    found = carried(link, frame)
    assert isinstance(found, str) or found in frame


def test_a_capture_of_a_network_names_no_sensor() -> None:
    """An interface hears many radars; each message names its own."""
    head = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    record = struct.pack("<IIII", 7, 500_000, len(IPV4), len(IPV4)) + IPV4
    broken = struct.pack("<IIII", 8, 0, 3, 3) + IPV4[:3]
    skipped: Counter[str] = Counter()
    (frame,) = capture.frames(head + record + broken, "net.pcap", skipped=skipped)
    assert (frame.data, frame.sensor, frame.t, frame.link) == (b"hello", "", 7.5, "udp")
    assert skipped == {"network frames cut short": 1}
    (frame,) = capture.frames(head + record, "net.pcap", sensor="radar-1")
    assert frame.sensor == "radar-1"
