"""ASTERIX that we write: read by libasterix, by tshark and by ourselves."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.encode.asterix_examples import PLOTS, SOURCE, TRACKS, blocks
from tests.shared import VECTORS

from tocsin.decode.asterix import Asterix
from tocsin.encode.asterix import MOST_BLOCK_OCTETS, TrackNumbers, plot_blocks, track_blocks
from tocsin.share.asterix import AsterixFeed, source_of
from tocsin.words import ClassScores, Detection, Frame, Track

FOLDER = VECTORS / "asterix"


def test_the_bytes_are_those_that_were_given_to_the_foreign_decoders() -> None:
    assert [block.hex() for block in blocks()] == (FOLDER / "ours.txt").read_text().split()


def readings(reader: str) -> list[dict[str, list[Any]]]:
    lines = (FOLDER / f"ours_{reader}.jsonl").read_text().splitlines()
    return [json.loads(line)["items"] for line in lines]


def number(field: Any) -> float:
    """A field as libasterix (raw, value) or as tshark (text) gives it."""
    value = field[1] if isinstance(field, list) else field
    if isinstance(value, str) and value.startswith("0x"):
        return int(value, 16)
    return float(value)


@pytest.mark.parametrize("reader", ["libasterix", "tshark"])
def test_foreign_decoders_read_our_tracks(reader: str) -> None:
    found = readings(reader)[: len(TRACKS)]
    for track, items in zip(TRACKS, found, strict=True):
        assert [number(one) for one in items["010"]] == [25, 100]
        of_day = track.t % 86_400
        assert number(items["070"][0]) % 86_400 == pytest.approx(of_day % 86_399.99, abs=0.01)
        lat, lon = map(number, items["105"])
        assert (lat, lon) == pytest.approx((track.lat, track.lon), abs=2.7e-6)
        assert [number(one) for one in items["185"]] == pytest.approx(
            [track.ve, track.vn], abs=0.13
        )
        assert ("130" in items) == (track.alt_m is not None)
        if track.alt_m is not None:
            assert number(items["130"][0]) * 0.3048 == pytest.approx(track.alt_m, abs=0.96)
        assert ("220" in items) == (track.vu is not None)
        status = [int(number(one)) for one in items["080"]]
        assert status[4] == (track.status == "tentative")  # CNF
        assert status[6] == (track.status == "ended")  # TSE
        assert status[17] == (track.status == "coasting")  # CST
        x_m, y_m = map(number, items["500"][:2])
        stated_m = math.hypot(x_m, y_m) / math.sqrt(2)
        assert stated_m >= min(track.sigma_m, 32_767) * 0.99
        assert stated_m <= track.sigma_m + 1.0
    numbers = [int(number(items["040"][0])) for items in found]
    assert numbers == [1, 2, 3, 1]
    assert number(found[0]["380"][0]) == 13
    assert number(found[1]["380"][0]) == 0x3C660C
    assert "DLH65A  " in json.dumps(found[1]["380"])


@pytest.mark.parametrize("reader", ["libasterix", "tshark"])
def test_foreign_decoders_read_our_plots(reader: str) -> None:
    found = readings(reader)[len(TRACKS) :]
    assert len(found) == 2
    for plot, items in zip(PLOTS, found, strict=False):
        assert plot.bearing is not None
        rho, theta = map(number, items["040"])
        assert rho * 1852 == pytest.approx(plot.bearing.range_m, abs=3.7)
        assert theta == pytest.approx(plot.bearing.azimuth_deg % 359.998, abs=0.003)
    assert [number(one) for one in found[0]["120"]] == [0, -17]
    assert (number(found[0]["020"][0]), number(found[1]["020"][0])) == (1, 5)
    assert number(found[1]["220"][0]) == 0x3C660C


def read(block: bytes, t: float, sensor: str = "") -> list[Detection]:
    return list(Asterix().decode(Frame(block, sensor, t, "asterix")))


def test_we_read_what_we_wrote() -> None:
    tracks, plots = blocks()
    first, second = read(tracks, TRACKS[0].t)  # one coasts and one ended: nobody saw them
    assert first.sensor == "asterix-25-100"
    assert first.class_ is not None
    assert first.class_.drone == 0.95
    assert first.sigma.horizontal_m == pytest.approx(14.2, abs=0.5)
    assert first.sigma.alt_m == pytest.approx(9.0, abs=1.0)
    assert first.motion is not None
    assert (first.motion.ve, first.motion.vn) == (-12.25, 7.5)
    assert second.identity is not None
    assert (second.identity.icao24, second.identity.callsign) == ("3c660c", "DLH65A")
    plot, far = read(plots, PLOTS[0].t)
    assert plot.t == PLOTS[0].t
    assert plot.bearing is not None
    assert plot.bearing.range_rate_mps == -17.0
    assert far.identity is not None


def test_nothing_of_a_person_is_written() -> None:
    written = b"".join(blocks())
    for secret in (b"1581F45TB21B3", b"FRA-OP"):
        assert secret not in written


@given(
    some.floats(-90, 90),
    some.floats(-180, 180),
    some.floats(-8000, 8000),
    some.floats(-1000, 60_000) | some.none(),
    some.floats(0, 1e6),
    some.floats(0, 4e9),
)
def test_any_track_comes_back(
    lat: float, lon: float, speed: float, alt_m: float | None, sigma_m: float, t: float
) -> None:
    track = Track(
        t=t,
        track="x",
        status="confirmed",
        lat=lat,
        lon=lon,
        ve=speed,
        vn=-speed,
        sigma_m=sigma_m,
        alt_m=alt_m,
        vu=speed / 100,
        class_=ClassScores(drone=0.6, bird=0.4),
    )
    (block,) = track_blocks([track], SOURCE, TrackNumbers())
    (found,) = read(block, t)
    assert found.position is not None
    assert found.position.lat == pytest.approx(lat, abs=2.8e-6)
    assert found.position.lon == pytest.approx(lon, abs=2.8e-6)
    assert found.t == pytest.approx(t, abs=0.005)
    if alt_m is None:
        assert found.position.alt_m is None
    else:
        assert found.position.alt_m == pytest.approx(alt_m, abs=0.97)


def test_blocks_fit_into_datagrams_and_numbers_are_used_again_late() -> None:
    numbers = TrackNumbers(3)
    assert [numbers.of(name)[0] for name in "abc"] == [1, 2, 3]
    numbers.end("b")
    assert numbers.of("d") == (2, True)
    assert numbers.of("a") == (1, False)
    assert numbers.of("e") == (3, True)  # c was silent the longest
    found = track_blocks([TRACKS[0]] * 100, SOURCE, TrackNumbers())
    assert max(map(len, found)) <= MOST_BLOCK_OCTETS
    assert sum(len(read(block, TRACKS[0].t)) for block in found) == 100
    assert plot_blocks([PLOTS[2]], SOURCE) == []


def test_the_feed_tells_tracks_and_nothing_else() -> None:
    feed = AsterixFeed(source_of("25/100"))
    assert feed.hello(0.0) == ()
    ((about, block),) = feed.news(TRACKS[0].t, TRACKS[:1], [])
    assert about == "tracks 0"
    assert block[0] == 62
    assert feed.answer(b"x", 0.0) == ()
    for wrong in ("25", "1/300", "x/y"):
        with pytest.raises(ValueError):
            source_of(wrong)
