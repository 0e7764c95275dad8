"""ASTERIX datagrams and files: what is told, what is refused, and what is passed by."""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.shared import VECTORS, recording

from tocsin.decode.asterix import Asterix, AsterixFormat
from tocsin.decode.asterix.blocks import chain, read_items
from tocsin.decode.asterix.day import time_of_day
from tocsin.decode.asterix.told import AsterixSettings
from tocsin.errors import ConfigError, DecodeError, FormatError, Refused, Truncated
from tocsin.run import recordings
from tocsin.words import Detection, Frame
from tocsin.words.asterix import EDITIONS, USUAL_EDITIONS, table

PLOT = "3000 30 fdf702 19c9 356d4d a0 c5aff1e0 0200 0528 3c660c 10c236d41820" + (
    "01c0780031bc0000 40 0deb 07b9582e 4100 20f5"
)
NOON = 1_795_521_600.0
"""24 November 2026, 12:00 UTC."""


def block(category: int, items: dict[str, str], edition: str | None = None) -> bytes:
    """A data block of one record with these items, in hexadecimal."""
    uap = table(category, edition or USUAL_EDITIONS[category]).uap
    present = [name in items for name in uap]
    last = max(place for place, there in enumerate(present) if there)
    bits = bytearray(last // 7 + 1)
    for place, there in enumerate(present):
        if there:
            bits[place // 7] |= 0x80 >> place % 7
    for octet in range(len(bits) - 1):
        bits[octet] |= 1
    body = bytes(bits) + bytes.fromhex("".join(items[name] for name in uap if name in items))
    return bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body


def plot(descriptor: str = "20", **rest: str) -> bytes:
    """A primary plot at 15 NM, 90 degrees, one second after noon."""
    items = {"010": "1902", "140": "546080", "020": descriptor, "040": "0f004000"}
    return block(48, items | {name.removeprefix("i"): value for name, value in rest.items()})


def tell(
    data: bytes, t: float = NOON, link: str = "asterix", **settings: object
) -> list[Detection]:
    decoder = Asterix(AsterixSettings(**settings))  # type: ignore[arg-type]
    return list(decoder.decode(Frame(data, "", t, link)))


def test_a_real_plot() -> None:
    (found,) = tell(bytes.fromhex(PLOT), 27_355.0)
    assert found.t == 27_354.602
    assert (found.received, found.sensor, found.kind) == (27_355.0, "asterix-25-201", "radar")
    assert found.bearing is not None
    assert found.bearing.azimuth_deg == pytest.approx(340.1367)
    assert found.bearing.range_m == pytest.approx(197.6835938 * 1852, abs=0.01)
    assert found.identity is not None
    assert (found.identity.icao24, found.identity.callsign) == ("3c660c", "DLH65A")
    assert found.class_ is not None
    assert found.class_.aircraft == 0.97
    assert found.sigma.range_m == 70.0


def test_a_bare_echo_is_of_no_known_class() -> None:
    (found,) = tell(plot())
    assert found.class_ is None
    assert found.identity is None
    assert found.bearing is not None
    assert (found.bearing.azimuth_deg, found.bearing.range_m) == (90.0, 27_780.0)
    assert (found.sigma.range_m, found.sigma.azimuth_deg) == (120.0, 0.15)
    assert found.t == NOON + 1.0
    (own,) = tell(plot(), sigma_range_m=9.0, sigma_azimuth_deg=1.5, clock="received")
    assert (own.sigma.range_m, own.sigma.azimuth_deg, own.t) == (9.0, 1.5, NOON)


@pytest.mark.parametrize("descriptor", ["00", "30", "22", "2180"])
def test_what_does_not_fly_tells_nothing(descriptor: str) -> None:
    """No detection, simulated, field monitor, test target."""
    assert tell(plot(descriptor)) == []


def test_a_range_beyond_the_item_is_none() -> None:
    (found,) = tell(plot("2140"))
    assert found.bearing is not None
    assert found.bearing.range_m is None
    assert found.sigma.range_m is None


@pytest.mark.parametrize(
    ("item", "doppler", "rate"),
    [
        ("8003ef", "receding", -17.0),
        ("8003ef", "approaching", 17.0),
        ("8003ef", "unknown", None),
        ("8083ef", "receding", None),  # doubtful
        ("4001000100010001", "receding", None),  # raw only: ambiguous
    ],
)
def test_doppler_speeds(item: str, doppler: str, rate: float | None) -> None:
    (found,) = tell(plot(i120=item), doppler=doppler)
    assert found.bearing is not None
    assert found.bearing.range_rate_mps == rate
    assert (found.sigma.range_rate_mps is None) == (rate is None)


def test_birds_are_told_as_birds() -> None:
    (found,) = tell(plot(i030="0b26"))
    assert found.class_ is not None
    assert found.class_.bird == 0.9


def test_cartesian_plots() -> None:
    items = {"010": "1902", "140": "546080", "020": "20", "042": "00800080"}
    (found,) = tell(block(48, items))
    assert found.bearing is not None
    assert found.bearing.azimuth_deg == 45.0
    assert found.bearing.range_m == pytest.approx(2**0.5 * 1852, abs=0.01)


PLACE = {"0.23": "22be66 01a1b3", "0.26": "008af99a 000686ce", "2.6": "22be66 01a1b3"}
"""48.8584 N, 2.2945 E."""


@pytest.mark.parametrize("edition", PLACE)
def test_both_languages_of_ads_b(edition: str) -> None:
    items = {
        "010": "1902",
        "130": PLACE[edition],
        "080": "3c660c",
        "140": "020d",
        "170": "10c236d41820",
    }
    if edition.startswith("0."):
        items |= {"040": "0000", "030": "546080"}
    else:
        items |= {"040": "00", "073": "546080", "090": "1112", "210": "10"}
    (found,) = tell(block(21, items, edition), editions={"021": edition})
    assert (found.kind, found.t, found.sensor) == ("adsb", NOON + 1.0, "asterix-25-2")
    assert found.position is not None
    assert found.position.lat == pytest.approx(48.8584, abs=4e-5)
    assert found.position.lon == pytest.approx(2.2945, abs=4e-5)
    assert found.position.alt_m == pytest.approx(1000.1, abs=0.1)
    assert found.identity is not None
    assert (found.identity.icao24, found.identity.callsign) == ("3c660c", "DLH65A")
    # NACp 9: 30 m hold 95 %.
    expected_m = 378.3 if edition.startswith("0.") else 12.26
    assert found.sigma.horizontal_m == expected_m


@pytest.mark.parametrize(
    ("quality", "version", "sigma_m"),
    [
        ("1112", "10", 12.26),  # NACp 9
        ("1100", "10", 378.3),  # NACp 0
        ("0d0101b0", "10", round(185.2 / 2.4477, 2)),  # NACp 0, PIC 11: 0.1 NM
        ("0c", "00", round(185.2 / 2.4477, 2)),  # version 0, NUCp 6
        ("00", "10", 378.3),
        (None, None, 378.3),
    ],
)
def test_sigma_of_quality_indicators(
    quality: str | None, version: str | None, sigma_m: float
) -> None:
    items = {"010": "1902", "040": "00", "131": "11000000 01000000"}
    if quality is not None and version is not None:
        items |= {"090": quality, "210": version}
    (found,) = tell(block(21, items))
    assert found.sigma.horizontal_m == sigma_m


def test_emitter_categories_and_what_is_no_flight() -> None:
    items = {"010": "1902", "040": "00", "131": "11000000 01000000"}
    drone, lorry = (tell(block(21, items | {"020": code}))[0].class_ for code in ("0d", "15"))
    assert drone is not None
    assert lorry is not None
    assert (drone.drone, lorry.other) == (0.95, 0.95)
    for descriptor in ("02", "0120", "0110"):  # field monitor, simulated, test
        assert tell(block(21, items | {"040": descriptor})) == []


def track(**rest: str) -> bytes:
    items = {"010": "1902", "070": "546080", "105": "008af887 000686cb", "040": "0001"}
    return block(62, items | {name.removeprefix("i"): value for name, value in rest.items()})


@pytest.mark.parametrize(
    ("items", "alt_m", "sigma_m"),
    [
        ({"i130": "0064"}, 190.5, 30.0),
        ({"i136": "0064"}, 762.0, 150.0),
        ({"i135": "8064"}, 762.0, 150.0),  # corrected for the pressure of the day
        ({"i135": "7fff"}, -7.62, 150.0),
        ({}, None, None),
    ],
)
def test_heights_of_tracks(
    items: dict[str, str], alt_m: float | None, sigma_m: float | None
) -> None:
    (found,) = tell(track(**items))
    assert found.position is not None
    assert (found.position.alt_m, found.sigma.alt_m) == (alt_m, sigma_m)


def test_accuracies_of_tracks() -> None:
    (stated,) = tell(track(i130="0064", i500="90 0018 0020 08"))
    assert stated.sigma.horizontal_m == pytest.approx((12**2 + 16**2) ** 0.5 / 2**0.5, abs=0.01)
    assert stated.sigma.alt_m == pytest.approx(8 * 6.25 * 0.3048, abs=0.01)
    (angles,) = tell(track(i500="20 0010 0010"))
    assert angles.sigma.horizontal_m == pytest.approx(8.1, abs=0.1)
    (none,) = tell(track(i500="80 0000 0000"))
    assert none.sigma.horizontal_m == 0.5


@pytest.mark.parametrize("status", ["0180", "0140", "01010180"])
def test_tracks_that_nobody_sees_tell_nothing(status: str) -> None:
    """Simulated, ended, coasting."""
    assert tell(track(i080=status)) == []


def test_a_track_nowhere_on_earth_is_refused_and_the_others_are_told() -> None:
    lost = {"010": "1902", "070": "546080", "105": "7fffffff 00000000"}
    decoder = Asterix()
    found = decoder.decode(Frame(block(62, lost) + track(), "", NOON, "asterix"))
    assert len(found) == 1
    assert decoder.overlooked == {"asterix-position": 1}


def test_a_datagram_of_several_blocks_and_unknown_categories() -> None:
    decoder = Asterix()
    data = bytes.fromhex("01 0005 f0f0") + plot() + track() + bytes.fromhex("fe 0004 00")
    found = decoder.decode(Frame(data, "", NOON, "udp"))
    assert [one.sensor for one in found] == ["asterix-25-2"] * 2
    assert decoder.overlooked == {"asterix-category-001": 1, "asterix-category-254": 1}
    assert decoder.heard == 2


def test_service_messages_are_heard() -> None:
    decoder = Asterix()
    north = block(34, {"010": "1902", "000": "01", "030": "546080"})
    sector = block(34, {"010": "1902", "000": "02", "030": "546080", "020": "20"})
    batch = block(65, {"010": "1902", "000": "02", "030": "546080", "020": "07"})
    video = block(240, {"010": "1902", "000": "01", "030": "0141"})
    for data in (north, sector, batch, video):
        assert decoder.decode(Frame(data, "", NOON, "asterix")) == []
    assert decoder.heard == 4
    assert decoder.services == {
        "034 north marker": 1,
        "034 sector crossing": 1,
        "065 end of batch": 1,
    }


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", None),
        (b"\x30\x00\x03", "asterix-block"),
        (b"\x30\x00\x09\xf0", "asterix-block"),
        (bytes.fromhex("3e 0005 4000"), "asterix-062-frn-2"),
        (bytes.fromhex("30 0004") + b"\x01", "truncated"),
        (bytes.fromhex("30 0004 00"), "asterix-presence"),
        (bytes.fromhex("30 0016") + b"\x01" * 18 + b"\x00", "asterix-presence"),
        (bytes.fromhex("30 0008 0101010400"), "asterix-length"),
    ],
)
def test_what_is_broken_is_refused_by_rule(data: bytes, rule: str | None) -> None:
    decoder = Asterix()
    try:
        assert decoder.decode(Frame(data, "", NOON, "asterix")) == []
        said = None
    except Refused as error:
        said = error.rule
    except Truncated:
        said = "truncated"
    assert said == rule
    assert decoder.heard == 0


def test_what_udp_carries_else_is_passed_by() -> None:
    for other in (b"", b"hello", b'{"t":1}', plot()[:-1], b"\x30\x00", PLOT.encode()):
        assert tell(other, link="udp") == []


def test_blocks_with_heads_of_oradis() -> None:
    head = (len(plot()) + 6).to_bytes(2, "big") + b"\x02\xbb\x40\x35"
    assert len(tell((head + plot()) * 2, link="udp")) == 2
    assert chain(head + plot() + b"\x00") is None


def test_wrong_editions_are_told_with_the_right_ones() -> None:
    for wrong in ({"048": "9.9"}, {"129": "1.0"}, {"x": "1"}):
        with pytest.raises(ConfigError, match="no edition"):
            Asterix(AsterixSettings(editions=wrong))
    for category, editions in EDITIONS.items():
        for edition in editions:
            Asterix(AsterixSettings(editions={f"{category:03}": edition}))


def test_editions_read_the_same_bits_differently() -> None:
    """A bit of I048/230 was spare in 1.15 and says SI later."""
    data = block(48, {"010": "1902", "230": "02e0"})
    ((_, old),) = read_items(data, {48: "1.15"})
    ((_, new),) = read_items(data)
    assert isinstance(old["230"], dict)
    assert isinstance(new["230"], dict)
    assert "SI" not in old["230"]
    assert new["230"]["SI"] == 1


@pytest.mark.parametrize(
    ("received_t", "of_day", "t"),
    [
        (NOON, 43_201.0, NOON + 1.0),
        (NOON + 43_199.0, 1.0, NOON + 43_201.0),  # their clock is ahead
        (NOON + 43_202.0, 86_399.0, NOON + 43_199.0),  # sent before midnight
    ],
)
def test_midnight(received_t: float, of_day: float, t: float) -> None:
    assert time_of_day(int(of_day * 128), received_t) == t


def frames(data: bytes, start: float = 0.0) -> list[Frame]:
    form = AsterixFormat()
    return list(form.frames(data, "x.ast", sensor=None, start=start, skipped=Counter()))


def at(of_day: float) -> bytes:
    ticks = int(of_day * 128).to_bytes(3, "big").hex()
    return block(48, {"010": "1902", "140": ticks, "020": "20", "040": "0f004000"})


def test_files_without_a_date() -> None:
    data = at(86_390.0) + block(21, {"010": "1902", "040": "00"}) + at(86_399.0) + at(3.0)
    assert [frame.t for frame in frames(data)] == [86_390.0, 86_390.0, 86_399.0, 86_403.0]
    midnight = NOON + 43_200.0
    assert [frame.t - midnight for frame in frames(data, midnight)] == [-10.0, -10.0, -1.0, 3.0]
    with pytest.raises(FormatError, match="no data block"):
        frames(data + b"\x30")


def test_files_with_the_heads_of_gps_recordings() -> None:
    data = b"\xcd" * 2200 + (plot() + bytes(10)) * 3
    assert AsterixFormat().sniff(data[:4096])
    assert [frame.data for frame in frames(data)] == [plot()] * 3


def test_files_are_told_by_their_content() -> None:
    form = AsterixFormat()
    assert recordings.sniff(plot() * 3).name == "asterix"
    assert form.sniff((plot() * 200)[:4096])
    assert form.sniff(bytes.fromhex("01 0005 f0f0") + plot())
    for other in (plot() + b"x", plot()[:-1], b"\x30\x00\x04\x01", b"0.5,0.25\n", b"", b"<event/>"):
        assert not form.sniff(other)


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*/*")), ids=lambda path: path.name)
def test_no_other_recording_is_taken_for_asterix(path) -> None:  # type: ignore[no-untyped-def]
    if path.is_file():
        assert not AsterixFormat().sniff(path.read_bytes()[:4096])


def test_streams_are_cut_into_blocks() -> None:
    splitter = AsterixFormat().splitter()
    data = b"\xff\xff" + plot() + track()
    found = [one for place in range(len(data)) for one in splitter.feed(data[place : place + 1])]
    assert found == [plot(), track()]
    assert splitter.dropped == 2


def test_a_datagram_of_tiny_records_is_not_read_to_its_end() -> None:
    decoder = Asterix()
    data = b"\x3e\xff\xff" + b"\x10\x07" * 32_766
    assert decoder.decode(Frame(data, "", NOON, "asterix")) == []
    assert decoder.heard == 8192
    assert decoder.overlooked == {"asterix-records": 1}


@given(some.binary(max_size=200), some.sampled_from(["asterix", "udp"]))
def test_any_bytes(data: bytes, link: str) -> None:
    with contextlib.suppress(DecodeError):
        Asterix().decode(Frame(data, "", NOON, link))
    with contextlib.suppress(DecodeError):
        read_items(data)
    AsterixFormat().sniff(data)


@given(some.sampled_from(sorted(EDITIONS)), some.binary(min_size=1, max_size=120))
def test_any_record(category: int, record: bytes) -> None:
    data = bytes([category]) + (len(record) + 3).to_bytes(2, "big") + record
    for edition in EDITIONS[category]:
        decoder = Asterix(AsterixSettings(editions={f"{category:03}": edition}))
        with contextlib.suppress(DecodeError):
            decoder.decode(Frame(data, "", NOON, "asterix"))
        with contextlib.suppress(DecodeError):
            read_items(data, {category: edition})


def broken(data: bytes, chance: random.Random) -> bytes:
    """One to five bits flipped, and now and then some bytes cut out or put in."""
    wrong = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at, some_bytes = chance.randrange(len(wrong)), chance.randint(1, 9)
        match chance.randrange(5):
            case 0 if len(wrong) > 20:
                del wrong[at : at + some_bytes]
            case 1:
                wrong[at:at] = chance.randbytes(some_bytes)
            case _:
                wrong[at] ^= 1 << chance.randrange(8)
    return bytes(wrong)


def test_broken_records() -> None:
    """Real and foreign records broken at random, from a fixed seed."""
    chance = random.Random(20261124)
    lines = (VECTORS / "asterix" / "libasterix.jsonl").read_text().splitlines()
    seeds = [(one["cat"], bytes.fromhex(one["hex"])) for one in map(json.loads, lines)]
    decoder = Asterix()
    refused = told = 0
    for _ in range(5_000):
        category, record = chance.choice(seeds)
        body = broken(record, chance)
        data = bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body
        try:
            told += len(decoder.decode(Frame(data, "", NOON, "asterix")))
            read_items(data)
        except DecodeError:
            refused += 1
    assert told > 50
    assert refused > 500


@pytest.mark.parametrize(
    ("name", "heard", "told"),
    [("cat_034_048.pcap", 162, 126), ("cat_062_065.pcap", 3, 2), ("cat_001_002.pcap", 0, 0)],
)
def test_recordings_of_real_networks(name: str, heard: int, told: int) -> None:
    data = recording(f"surveillance/asterix_croatia/{name}")
    decoder = Asterix()
    found = [one for frame in recordings.frames(data) for one in decoder.decode(frame)]
    assert (decoder.heard, len(found)) == (heard, told)
    assert all(one.received is not None and abs(one.t - one.received) < 5 for one in found)
    if name == "cat_034_048.pcap":
        assert decoder.services["034 sector crossing"] > 10


def test_raw_recordings() -> None:
    for name, told in (("cat048.ast", 1), ("cat062.ast", 7)):
        data = recording(f"surveillance/asterix4py/{name}")
        assert recordings.sniff(data).name == "asterix"
        assert sum(len(tell(frame.data, frame.t)) for frame in recordings.frames(data)) == told
    data = recording("surveillance/asterix_croatia/parsegps.gps")
    assert len(list(recordings.frames(data))) > 10
