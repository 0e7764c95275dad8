"""Capture files: every magic number and byte order, every block, and every way to be damaged."""

from __future__ import annotations

import contextlib
import struct
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decode import capture
from tocsin.encode import pcapng
from tocsin.errors import FormatError
from tocsin.words import Frame

PCAP_MAGICS = {
    (">", 1_000_000): b"\xa1\xb2\xc3\xd4",
    ("<", 1_000_000): b"\xd4\xc3\xb2\xa1",
    (">", 1_000_000_000): b"\xa1\xb2\x3c\x4d",
    ("<", 1_000_000_000): b"\x4d\x3c\xb2\xa1",
}


def pcap(
    packets: list[tuple[int, int, bytes]], order: str, resolution: int, link_type: int = 127
) -> bytes:
    head = struct.pack(order + "HHiIII", 2, 4, 0, 0, 65535, link_type)
    records = [
        struct.pack(order + "IIII", seconds, fraction, len(data), len(data)) + data
        for seconds, fraction, data in packets
    ]
    return PCAP_MAGICS[order, resolution] + head + b"".join(records)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link_type: int, options: bytes = b"", snap: int = 0) -> bytes:
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, snap) + options)


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def enhanced(order: str, ticks: int, data: bytes, number: int = 0) -> bytes:
    head = struct.pack(
        order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)
    )
    return block(order, 6, head + data)


def read(data: bytes, **options: str) -> list[Frame]:
    return list(capture.frames(data, "file.cap", **options))


@pytest.mark.parametrize(("order", "resolution"), list(PCAP_MAGICS))
def test_pcap_of_every_magic_number(order: str, resolution: int) -> None:
    data = pcap([(10, resolution // 4, b"abc"), (11, resolution // 2, b"")], order, resolution)
    assert read(data) == [
        Frame(b"abc", "file", 10.25, "radiotap", "file.cap frame 1"),
        Frame(b"", "file", 11.5, "radiotap", "file.cap frame 2"),
    ]


@pytest.mark.parametrize(
    ("number", "link"),
    [
        (105, "ieee80211"),
        (127, "radiotap"),
        (251, "ble_ll"),
        (256, "ble_ll_phdr"),
        (272, "nordic_ble"),
    ],
)
def test_link_types(number: int, link: str) -> None:
    assert [f.link for f in read(pcap([(1, 0, b"x")], "<", 1_000_000, number))] == [link]
    data = section("<") + interface("<", number) + enhanced("<", 1, b"x")
    assert [f.link for f in read(data)] == [link]


def test_other_link_types_are_counted_and_skipped() -> None:
    skipped: Counter[str] = Counter()
    data = pcap([(1, 0, b"x"), (2, 0, b"y")], "<", 1_000_000, 147)
    assert list(capture.frames(data, skipped=skipped)) == []
    parts = [
        interface("<", 147),
        interface("<", 127),
        enhanced("<", 1, b"x"),
        enhanced("<", 2, b"y", 1),
    ]
    data = section("<") + b"".join(parts)
    assert [f.data for f in capture.frames(data, skipped=skipped)] == [b"y"]
    assert skipped == {"link type 147": 3}


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_interfaces_resolutions_and_offsets(order: str) -> None:
    """if_tsresol as a power of ten and of two, if_tsoffset, names, two sections, odd lengths."""
    options = option(order, 2, b"wifi") + option(order, 9, b"\x09") + option(order, 0, b"")
    binary = option(order, 9, b"\x8a") + option(order, 14, struct.pack(order + "q", 1000))
    data = (
        section(order)
        + interface(order, 127, options)
        + interface(order, 272, binary)
        + block(order, 0x0BAD, b"custom")
        + enhanced(order, 5_500_000_000, b"abcde")
        + enhanced(order, 2048 + 512, b"f", 1)
        + section(order)
        + interface(order, 105)
        + enhanced(order, 7_250_000, b"g")
    )
    assert [(f.data, f.sensor, f.t, f.link) for f in read(data)] == [
        (b"abcde", "wifi", 5.5, "radiotap"),
        (b"f", "file", 1002.5, "nordic_ble"),
        (b"g", "file", 7.25, "ieee80211"),
    ]
    assert {f.sensor for f in read(data, sensor="mast-1")} == {"mast-1"}


@pytest.mark.parametrize("order", ["<", ">"])
def test_simple_and_old_packets(order: str) -> None:
    """A simple packet has no time: it takes that of the frame before. Its length may be snapped."""
    old = struct.pack(order + "HHIIII", 0, 0, 0, 3_000_000, 2, 9) + b"hi"
    data = (
        section(order)
        + interface(order, 127, snap=4)
        + block(order, 2, old)
        + block(order, 3, struct.pack(order + "I", 9) + b"long")
    )
    assert [(f.data, f.t) for f in read(data)] == [(b"hi", 3.0), (b"long", 3.0)]


def damaged(data: bytes) -> tuple[int, str]:
    """(frames before the damage, what is said of it)."""
    frames = capture.frames(data, "file.cap")
    count = 0
    try:
        for _ in frames:
            count += 1
    except FormatError as error:
        return count, str(error)
    raise AssertionError("the damage went unseen")


def test_truncated_tails_name_file_and_byte_after_the_frames_before() -> None:
    data = pcap([(1, 0, b"one"), (2, 0, b"two")], "<", 1_000_000)
    assert damaged(data[:-1]) == (1, "file.cap byte 43: frame 2 is cut short")
    assert damaged(data[: 24 + 19 + 5]) == (1, "file.cap byte 43: frame 2 is cut short")
    assert damaged(data[:20])[0] == 0
    data = section("<") + interface("<", 127) + enhanced("<", 1, b"one") + enhanced("<", 2, b"two")
    size = len(enhanced("<", 2, b"two"))
    where = f"file.cap byte {len(data) - size}: the file ends within a block"
    assert damaged(data[:-1]) == (1, where)
    assert damaged(data[: 4 - size]) == (1, where)


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (struct.pack("<III", 6, 8, 8), "claims 8 bytes"),
        (struct.pack("<III", 6, 12, 16), "two lengths"),
        (enhanced("<", 1, b"x", number=7), "interface 7"),
        (block("<", 6, bytes(8)), "too short"),
        (block("<", 1, bytes(4)), "too short"),
        (block("<", 6, struct.pack("<IIIII", 0, 0, 0, 99, 99)), "longer than its block"),
        (interface("<", 127, struct.pack("<HH", 2, 99)), "longer than its block"),
        (block("<", 0x0A0D0D0A, bytes(16)), "byte order"),
    ],
)
def test_damaged_blocks(tail: bytes, said: str) -> None:
    count, text = damaged(section("<") + interface("<", 127) + enhanced("<", 1, b"x") + tail)
    assert count == 1
    assert said in text


def test_a_frame_of_absurd_length_is_damage() -> None:
    data = pcap([(1, 0, b"x")], "<", 1_000_000) + struct.pack("<IIII", 1, 0, 2**31, 2**31)
    assert damaged(data)[0] == 1


def test_what_is_no_capture_is_refused() -> None:
    assert not capture.CaptureFormat().sniff(b"\x7fELF")
    with pytest.raises(FormatError, match="neither"):
        capture.frames(b"\x7fELF", "x")


frames = st.builds(
    Frame,
    data=st.binary(max_size=300),
    sensor=st.text(min_size=1, max_size=8).filter(lambda s: "\0" not in s),
    # Half a second before 2100, in whole microseconds, which a float holds.
    t=st.integers(0, 4_000_000_000_000_000).map(lambda us: us / 1e6),
    link=st.sampled_from(["radiotap", "ieee80211", "nordic_ble", "ble_ll", "ble_ll_phdr"]),
)


@given(st.lists(frames, max_size=6))
def test_what_we_write_we_read(written: list[Frame]) -> None:
    found = list(capture.frames(pcapng.capture(written)))
    assert [(f.data, f.sensor, f.link) for f in found] == [
        (f.data, f.sensor, f.link) for f in written
    ]
    assert [f.t for f in found] == pytest.approx([f.t for f in written], abs=1e-6)


STARTS = [pcap([(1, 0, b"x")], "<", 1_000_000), section("<") + interface("<", 127), section(">")]


@given(st.sampled_from(STARTS), st.binary(max_size=200), st.integers(0, 60), st.binary(max_size=4))
def test_no_bytes_do_anything_but_format_errors(
    start: bytes, tail: bytes, at: int, patch: bytes
) -> None:
    data = start + tail
    data = data[:4] + (data[4:at] + patch + data[at + len(patch) :] if at > 4 else data[4:])
    with contextlib.suppress(FormatError):
        for frame in capture.frames(data):
            assert len(frame.data) <= len(data)
