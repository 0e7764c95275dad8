"""Lines, binary messages, values and lists of aircraft receivers, in files and in streams."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decode import transponder
from tests.shared import VECTORS

from tocsin.decode.mode_s import (
    Adsb,
    AircraftJsonFormat,
    AvrFormat,
    BeastFormat,
    BeastGpsFormat,
    IqFormat,
    SbsFormat,
)
from tocsin.decode.mode_s import avr as avr_lines
from tocsin.decode.mode_s.beast import BeastSplitter, read_message
from tocsin.errors import DecodeError, Refused
from tocsin.ports import Format
from tocsin.run import recordings
from tocsin.words import Detection, Frame

A = 0x4B1234
T0 = 1_700_000_000.0
EVEN = transponder.airborne(A, 48.1, 11.5, False)
ODD = transponder.airborne(A, 48.1, 11.5, True)

SBS_3 = (
    b"MSG,3,1,1,4B1234,1,2026/11/24,10:00:01.25,2026/11/24,10:00:01.30,,5000,,,48.1,11.5,,,0,0,0,0"
)
SBS_4 = (
    b"MSG,4,1,1,4B1234,1,2026/11/24,10:00:01.000,2026/11/24,10:00:01.100,,,100,90,,,-640,,0,0,0,0"
)
SBS_1 = b"MSG,1,1,1,4B1234,1,2026/11/24,10:00:00.000,2026/11/24,10:00:00.100,SWR12 ,,,,,,,,0,0,0,0"

DOCUMENT = json.dumps(
    {
        "now": T0,
        "messages": 12,
        "aircraft": [
            {
                "hex": "4b1234", "flight": "SWR12   ", "alt_baro": 5000, "alt_geom": 5300,
                "gs": 100.0, "track": 90.0, "geom_rate": -640, "lat": 48.1, "lon": 11.5,
                "seen_pos": 0.5, "nac_p": 9, "nac_v": 2, "sil": 3, "version": 2, "gva": 2,
                "category": "A7", "rssi": -12.5, "rc": 75,
            },
            {"hex": "~abc123", "lat": 48.2, "lon": 11.6, "seen_pos": 1.0, "alt_baro": "ground"},
            {"hex": "4b0001", "alt_baro": 30000, "seen": 3.0},
            {"hex": "4b0002", "lat": 48.3, "lon": 11.6, "seen_pos": 40.0},
            {"hex": "nonsense", "lat": 48.3, "lon": 11.6, "seen_pos": 1.0},
        ],
    }
).encode()  # fmt: skip

SAMPLES: dict[str, bytes] = {
    "avr": transponder.avr(EVEN) + transponder.avr(ODD, 12_000_000),
    "beast": transponder.beast(EVEN, 5) + transponder.beast(ODD, 12_000_005),
    "sbs": SBS_1 + b"\r\n" + SBS_4 + b"\r\n" + SBS_3 + b"\r\n",
    "aircraft-json": DOCUMENT,
}


def decoded(form: Format, data: bytes, decoder: Adsb | None = None) -> list[Detection]:
    adsb = decoder or Adsb()
    frames = form.frames(data, "roof.log", sensor=None, start=T0, skipped=Counter())
    return [found for frame in frames for found in adsb.decode(frame)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_known_by_its_beginning_and_taken_for_nothing_else(name: str) -> None:
    assert recordings.sniff(SAMPLES[name]).name == name
    for form in recordings.installed_formats():
        if form.name not in (name, "ndjson"):
            assert not form.sniff(SAMPLES[name][:4096]), form.name


@pytest.mark.parametrize("file", ["remote_id/ours.pcapng", "mode_s/messages.ndjson"])
def test_files_of_others_are_left_to_them(file: str) -> None:
    start = (VECTORS / file).read_bytes()[:4096]
    for form in (AvrFormat(), BeastFormat(), SbsFormat(), AircraftJsonFormat(), BeastGpsFormat()):
        assert not form.sniff(start)


@pytest.mark.parametrize("name", ["avr", "beast"])
def test_times_of_a_recording_are_those_of_the_receivers_counter(name: str) -> None:
    (found,) = decoded(recordings.format_named(name), SAMPLES[name])
    assert found.t == pytest.approx(T0 + 1.0)
    assert found.sensor == "roof"
    assert found.position is not None
    assert (found.position.lat, found.position.lon) == pytest.approx((48.1, 11.5), abs=5e-5)


def test_a_counter_that_starts_again_does_not_throw_the_recording_back() -> None:
    data = transponder.avr(EVEN, 12_000_000_000) + transponder.avr(ODD, 12)
    frames = AvrFormat().frames(data, "a", sensor="s", start=T0, skipped=Counter())
    assert [frame.t for frame in frames] == [T0, T0]


def test_signal_level_and_other_heads_of_lines() -> None:
    line = b"<00000000000580" + EVEN.hex().encode() + b";"
    assert avr_lines.read_line(line) == (EVEN, 0x80)
    assert avr_lines.read_line(b"%000000000005" + EVEN.hex().encode() + b";") == (EVEN, None)
    assert decoded(AvrFormat(), b"*7700;\n") == []


@pytest.mark.parametrize(
    "line", [b"*8D;", b"8d4b1234;", b"*zz4b1234587d2b;", b"*5D 4B 12 34 AA BB CC;", b"*;", b"@12;"]
)
def test_lines_that_are_none(line: bytes) -> None:
    with pytest.raises(DecodeError):
        Adsb().decode(Frame(line, "s", T0, "avr"))


def test_binary_messages_are_cut_wherever_the_stream_is_torn() -> None:
    messages = [EVEN, ODD, transponder.all_call(0x1A1A1A), bytes((0x1A, 0x1A))]
    stream = b"".join(transponder.beast(m, 0x1A1A1A1A1A1A, 0x1A) for m in messages)
    whole = BeastSplitter().feed(stream)
    assert [read_message(m) for m in whole] == [(m, 0x1A) for m in messages[:3]] + [None]
    for size in (1, 2, 3, 7, 19):
        splitter = BeastSplitter()
        parts = [stream[k : k + size] for k in range(0, len(stream), size)]
        assert [m for part in parts for m in splitter.feed(part)] == whole
        assert splitter.dropped == splitter.unfinished() == 0


def test_a_message_cut_short_is_refused_and_the_next_is_read() -> None:
    cut, whole = transponder.beast(EVEN, 5)[:12], transponder.beast(ODD, 6)
    first, second = BeastSplitter().feed(cut + whole)
    with pytest.raises(Refused) as short:
        read_message(first)
    assert read_message(second) == (ODD, 200)
    garbage, _ = BeastSplitter().feed(b"noise" + whole)
    with pytest.raises(Refused) as between:
        read_message(garbage)
    assert (short.value.rule, between.value.rule) == ("beast-length", "beast-type")


def test_another_kind_of_stream_is_given_up() -> None:
    splitter = BeastSplitter()
    for _ in range(10):
        splitter.feed(b"GET / HTTP/1.1\r\n" * 64)
    assert splitter.dropped > 4096


def test_status_place_and_id_of_the_receiver_are_passed_over() -> None:
    others = b"\x1a\x34" + bytes(21) + b"\x1a\x35" + bytes(21) + b"\x1a\xe3" + bytes(8)
    stream = others + transponder.beast(EVEN, 5) + b"\x1a\x39" + bytes(9) + transponder.beast(ODD)
    found = BeastSplitter().feed(stream)
    assert [m[0] for m in found] == [0x34, 0x35, 0xE3, 0x33, 0x39, 0x33]
    assert [read_message(m) for m in found[:3]] == [None] * 3
    assert not BeastFormat().sniff(stream)


def gps(second: int, ns: int) -> int:
    return second << 30 | ns


def test_times_of_day_are_told_from_ticks() -> None:
    stamps = [gps(86_396 + k // 20, k % 20 * 50_000_000 + 1) for k in range(80)]
    stamps += [gps(k // 20, k % 20 * 50_000_000 + 1) for k in range(40)]  # past midnight
    data = b"".join(transponder.beast(EVEN, stamp) for stamp in stamps)
    frames = list(BeastFormat().frames(data, "b", sensor="s", start=T0, skipped=Counter()))
    assert frames[-1].t - frames[0].t == pytest.approx(5.95)
    short = transponder.beast(EVEN, gps(5, 1)) + transponder.beast(ODD, gps(6, 1))
    named = list(BeastGpsFormat().frames(short, "b", sensor="s", start=T0, skipped=Counter()))
    assert [f.t - T0 for f in named] == pytest.approx([0.0, 1.0])


def samples(message: bytes, before: int, height: int = 60) -> bytes:
    """A message as pulses in faint noise, two samples a microsecond."""
    quiet = [127 + k % 3 for k in range(2 * before)]
    halves = [1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
    for byte in message:
        for bit in range(7, -1, -1):
            halves += [1, 0] if byte >> bit & 1 else [0, 1]
    pulses = [127 + part * height for half in halves for part in (half, 0)]
    return bytes(quiet + pulses)


@pytest.mark.parametrize("before", [0, 1, 33, 1_048_576 - 100])
def test_messages_in_radio_samples(before: int) -> None:
    whole, answer = transponder.all_call(A), transponder.addressed(4, A, 0x0B34)
    data = samples(EVEN, before) + samples(answer, 7) + samples(whole, 9) + samples(EVEN, 5)[:99]
    form = IqFormat()
    frames = list(form.frames(data + bytes(600), "x", sensor="s", start=T0, skipped=Counter()))
    assert [read_message(frame.data)[0] for frame in frames if frame.data] == [EVEN, whole]  # type: ignore[index]
    assert frames[0].t == T0 + before / 2e6
    assert not form.sniff(data)


def test_lines_of_values() -> None:
    decoder = Adsb()
    (found,) = decoded(SbsFormat(), SAMPLES["sbs"], decoder)
    assert found.t == 1795514401.25
    assert found.position is not None
    assert (found.position.lat, found.position.alt_m) == (48.1, None)
    assert found.identity is not None
    assert (found.identity.icao24, found.identity.callsign) == ("4b1234", "SWR12")
    assert found.motion is not None
    assert (found.motion.ve, found.motion.vn, found.motion.vu) == (51.444, 0.0, -3.251)
    assert decoder.heard == 3


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (SBS_3.replace(b"48.1", b"98.1"), "sbs-range"),
        (SBS_3.replace(b"48.1", b"nan"), "sbs-line"),
        (SBS_3.replace(b"48.1", b"north"), "sbs-line"),
        (SBS_3.replace(b"4B1234", b"4B12"), "sbs-line"),
        (SBS_3 + b",1", "sbs-line"),
        (b"MSG,3", "sbs-line"),
        (b"\xff" * 30, "sbs-line"),
    ],
)
def test_lines_of_values_that_are_none(line: bytes, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        Adsb().decode(Frame(line, "s", T0, "sbs"))
    assert caught.value.rule == rule


def test_a_list_gives_each_fresh_place_once() -> None:
    decoder = Adsb()
    found = decoded(AircraftJsonFormat(), DOCUMENT, decoder)
    swiss, made_up = found
    assert swiss.t == T0 - 0.5
    assert swiss.received == T0
    assert swiss.position is not None
    assert swiss.position.alt_m == pytest.approx(5300 * 0.3048)
    assert swiss.sigma.horizontal_m == pytest.approx(30 / 2.4477, rel=0.4)
    assert swiss.sigma.alt_m == pytest.approx(45 / 1.96, rel=0.1)
    assert swiss.identity is not None
    assert (swiss.identity.icao24, swiss.identity.callsign) == ("4b1234", "SWR12")
    assert made_up.identity is not None
    assert (made_up.identity.icao24, made_up.identity.session) == (None, "~abc123")
    assert made_up.position is not None
    assert made_up.position.alt_m is None
    assert decoder.overlooked == {"aircraft-json-entry": 1}
    assert decoded(AircraftJsonFormat(), DOCUMENT, decoder) == []


def test_lists_one_a_line() -> None:
    later = DOCUMENT.replace(b"1700000000.0", b"1700000003.0")
    assert later != DOCUMENT
    frames = list(
        AircraftJsonFormat().frames(
            DOCUMENT + b"\n" + later + b"\n", "a", sensor="s", start=0.0, skipped=Counter()
        )
    )
    assert [frame.t for frame in frames] == [T0, T0 + 3]


def test_lists_that_are_none() -> None:
    for data in (b"{", b"[]", b'{"now":1}', b'{"now":1,"aircraft":3}', b"\xff"):
        with pytest.raises(Refused):
            Adsb().decode(Frame(data, "s", T0, "aircraft-json"))
    deep = b'{"now":1,"aircraft":[' + b"[" * 50_000 + b"]}"
    with pytest.raises(Refused):
        Adsb().decode(Frame(deep, "s", T0, "aircraft-json"))


@given(st.sampled_from([*SAMPLES, "beast-gps", "mode-s-iq"]), st.binary(max_size=700))
def test_any_bytes_give_detections_or_a_refusal(name: str, data: bytes) -> None:
    form = recordings.format_named(name)
    form.sniff(data)
    decoder = Adsb()
    splitter = form.splitter()
    pieces = [*form.datagram(data), *(splitter.feed(data) if splitter else ()), data]
    for piece in pieces:
        with suppress(DecodeError):
            decoder.decode(Frame(piece, "s", T0, form.link))
    for frame in form.frames(data, "f", sensor=None, start=0.0, skipped=Counter()):
        assert frame.link == form.link


@given(st.binary(min_size=14, max_size=14).map(lambda b: b[:-3]), st.integers(8, 31))
def test_any_content_of_a_whole_message(body: bytes, downlink: int) -> None:
    decoder = Adsb()
    message = transponder.sealed(bytes((downlink % 24 << 3 | body[0] & 7,)) + body[1:])
    for piece in (message, message[:7], message):
        try:
            found = decoder.decode(Frame(transponder.beast(piece)[1:], "s", T0, "beast"))
        except DecodeError:
            continue
        for detection in found:
            assert detection.position is not None
            assert abs(detection.position.lat) <= 90
            assert -180 <= detection.position.lon <= 180
