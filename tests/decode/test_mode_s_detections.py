"""From what a transponder sends to detections: places, heights, errors, claims."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decode import transponder as sent

from tocsin.decode.mode_s import Adsb, AdsbSettings
from tocsin.decode.mode_s.accuracy import containment_m
from tocsin.decode.mode_s.book import Aircraft
from tocsin.decode.mode_s.cpr import Code
from tocsin.decode.mode_s.placing import apart_m, pair_of
from tocsin.errors import Refused
from tocsin.words import Detection, Frame

A = 0x4B1234
T0 = 1_700_000_000.0
HERE = (48.1, 11.5)


class Sky:
    """A decoder that is told messages one after another."""

    def __init__(self, **settings: float) -> None:
        self.decoder = Adsb(AdsbSettings(**settings), most_aircraft=64)

    def hear(self, message: bytes, after: float = 0.0, level: int = 200) -> list[Detection]:
        data = sent.beast(message, 5, level).replace(b"\x1a\x1a", b"\x1a")[1:]
        return list(self.decoder.decode(Frame(data, "roof", T0 + after, "beast")))

    def pair(
        self, lat: float, lon: float, after: float = 0.0, address: int = A, feet: int = 3000
    ) -> list[Detection]:
        self.hear(sent.airborne(address, lat, lon, False, feet=feet), after)
        return self.hear(sent.airborne(address, lat, lon, True, feet=feet), after + 0.5)


def place_of(found: list[Detection]) -> tuple[float, float]:
    (one,) = found
    assert one.position is not None
    return one.position.lat, one.position.lon


@given(st.floats(-89.9, 89.9), st.floats(-180.0, 179.999))
def test_any_place_comes_back(lat: float, lon: float) -> None:
    found = Sky().pair(lat, lon)
    if found:  # none where the two kinds lie in different bands
        assert apart_m(place_of(found), (lat, lon)) < 6.0


@given(st.floats(-80.0, 80.0), st.floats(-180.0, 179.999), st.floats(-0.3, 0.3))
def test_any_place_on_the_ground_comes_back(lat: float, lon: float, off: float) -> None:
    sky = Sky(lat=lat + off, lon=(lon + off + 180.0) % 360.0 - 180.0)
    assert apart_m(place_of(sky.hear(sent.surface(A, lat, lon, False))), (lat, lon)) < 1.6


def test_one_report_alone_has_no_place_unless_the_receiver_hears_no_further() -> None:
    report = sent.airborne(A, *HERE, False)
    assert Sky().hear(report) == []
    assert Sky(lat=48.0, lon=11.0).hear(report) == []
    assert apart_m(place_of(Sky(lat=48.0, lon=11.0, reach_km=300).hear(report)), HERE) < 6.0


def test_a_pair_is_of_ten_seconds() -> None:
    for late, count in ((10.0, 1), (10.1, 0)):
        sky = Sky()
        sky.hear(sent.airborne(A, *HERE, False))
        assert len(sky.hear(sent.airborne(A, *HERE, True), late)) == count


@pytest.mark.parametrize(
    ("speed_mps", "late", "pairs"),
    [(None, 24.0, 1), (None, 26.0, 0), (40.0, 26.0, 0), (5.0, 49.0, 1), (5.0, 51.0, 0)],
)
def test_on_the_ground_a_pair_is_of_25_seconds_and_of_50_where_slow(
    speed_mps: float | None, late: float, pairs: int
) -> None:
    aircraft = Aircraft(A)
    aircraft.ve = aircraft.vn = speed_mps
    for odd in (False, True):
        code = Code(*sent.compact(*HERE, odd, surface=True), odd)
        aircraft.reports[odd] = (code, T0 + odd * late, True)
    found = pair_of(aircraft, code, T0 + late, surface=True, receiver=HERE)
    assert (found is not None) == bool(pairs)


def test_one_report_is_laid_beside_the_last_place() -> None:
    sky = Sky()
    sky.pair(*HERE)
    later = sent.airborne(A, 48.5, 11.5, True)
    assert apart_m(place_of(sky.hear(later, 300.0)), (48.5, 11.5)) < 6.0
    assert sky.hear(later, 300.0 + 601.0) == []


def test_a_jump_is_not_believed_until_a_new_pair_says_so() -> None:
    sky = Sky()
    sky.pair(*HERE)
    assert sky.hear(sent.airborne(A, 48.4, 11.5, False), 5.0) == []  # 33 km in 5 s
    assert sky.decoder.overlooked == {"position-jump": 1}
    again = sky.hear(sent.airborne(A, 48.4, 11.5, True), 5.5)
    assert apart_m(place_of(again), (48.4, 11.5)) < 6.0


def test_nothing_is_heard_from_beyond_the_reach() -> None:
    sky = Sky(lat=48.0, lon=11.0, reach_km=200)
    assert Sky(lat=48.0, lon=11.0).pair(51.0, 11.0) != []
    assert sky.pair(51.0, 11.0) == []
    assert sky.decoder.overlooked["position-beyond-reach"] > 0


def test_height_is_told_only_with_the_difference_to_the_ellipsoid() -> None:
    sky = Sky()
    assert sky.pair(*HERE)[0].position.alt_m is None  # type: ignore[union-attr]
    sky.hear(sent.velocity(A, 100, 0, above_ft=250), 1.0)
    (found,) = sky.hear(sent.airborne(A, *HERE, False), 2.0)
    assert found.position is not None
    assert found.position.alt_m == pytest.approx(3250 * 0.3048, abs=0.01)
    assert found.sigma.alt_m == pytest.approx(300 / 1.96, rel=0.01)
    (late,) = sky.hear(sent.airborne(A, *HERE, True), 40.0)
    assert late.position is not None
    assert late.position.alt_m is None
    assert late.sigma.alt_m is None


def test_motion_is_what_was_claimed_of_late() -> None:
    sky = Sky()
    sky.pair(*HERE)
    sky.hear(sent.velocity(A, -100, 200, climb_fpm=-640, accuracy=2), 1.0)
    (found,) = sky.hear(sent.airborne(A, *HERE, False), 2.0)
    assert found.motion is not None
    assert found.motion.ve == pytest.approx(-100 * 1852 / 3600, abs=1e-3)
    assert found.motion.vn == pytest.approx(200 * 1852 / 3600, abs=1e-3)
    assert found.motion.vu == pytest.approx(-640 * 0.3048 / 60, abs=1e-3)
    assert found.motion.sigma_mps == pytest.approx(3 / 2.4477, abs=1e-3)
    assert sky.hear(sent.airborne(A, *HERE, True), 6.5)[0].motion is None
    sky.hear(sent.airspeed(A, 256, 300, climb_fpm=64), 7.0)
    (found,) = sky.hear(sent.airborne(A, *HERE, False), 7.1)
    assert found.motion is not None
    assert (found.motion.ve, found.motion.vn) == (None, None)
    assert found.motion.vu == pytest.approx(64 * 0.3048 / 60, abs=1e-3)


def test_what_stands_on_the_ground_has_speed_nought() -> None:
    sky = Sky(lat=48.0, lon=11.0)
    (still,) = sky.hear(sent.surface(A, *HERE, False, movement=1))
    assert still.motion is not None
    assert (still.motion.ve, still.motion.vn, still.motion.vu) == (0.0, 0.0, None)
    (rolling,) = sky.hear(sent.surface(A, *HERE, True, movement=39, track=32), 1.0)
    assert rolling.motion is not None
    assert rolling.motion.ve == pytest.approx(15 * 1852 / 3600, abs=1e-3)
    (unknown,) = sky.hear(sent.surface(A, *HERE, False, movement=0), 2.0)
    assert unknown.motion is None


def test_errors_are_those_that_the_aircraft_states() -> None:
    def horizontal(sky: Sky) -> float:
        sky.hear(sent.velocity(A, 0, 0))
        return sky.pair(*HERE)[0].sigma.horizontal_m or 0.0

    assert horizontal(Sky()) == pytest.approx(92.6 / 2.4477, rel=0.01)  # NUCp 7 of type code 11
    sky = Sky()
    sky.hear(sent.status(A, nac_p=10))
    assert horizontal(sky) == pytest.approx(10 / 2.4477, rel=0.1)
    sky = Sky()
    sky.hear(sent.status(A, nac_p=0, sil=3, nic_a=0))
    assert horizontal(sky) == pytest.approx(185.2 / 5.678, rel=0.01)
    sky = Sky()
    sky.hear(sent.airborne(A, *HERE, False, type_code=18))
    (worst,) = sky.hear(sent.airborne(A, *HERE, True, type_code=18))
    assert (worst.sigma.horizontal_m or 0) > 7000


def test_radius_of_containment_by_supplements() -> None:
    """DO-260B table 2-14 and ED-102A; version 1 has supplement A alone."""
    table = {
        (11, 2, 1, 1, 0): 75.0, (11, 2, 0, 0, 0): 185.2, (11, 1, 1, 0, 0): 75.0,
        (13, 2, 0, 1, 0): 555.6, (13, 2, 0, 0, 0): 926.0, (13, 2, 1, 1, 0): 1111.2,
        (13, 1, 0, 0, 0): 926.0, (13, 1, 1, 0, 0): 1111.2, (16, 2, 1, 1, 0): 7408.0,
        (16, 2, 0, 0, 0): 14816.0, (16, 1, 1, 0, 0): 7408.0, (7, 2, 1, 0, 0): 75.0,
        (7, 2, 0, 0, 0): 185.2, (8, 2, 1, 0, 1): 370.4, (8, 2, 1, 0, 0): 555.6,
        (8, 2, 0, 0, 1): 1111.2, (9, 2, 0, 0, 0): 7.5, (17, 2, 0, 0, 0): 37040.0,
    }  # fmt: skip
    for (code, version, a, b, c), radius in table.items():
        assert containment_m(code, version, a, b, c) == pytest.approx(radius), (code, version, a)
    assert containment_m(8, 2, 0, 0, 0) is None
    assert containment_m(18, 2, 0, 0, 0) is None


def test_identity_and_class_are_claims() -> None:
    sky = Sky()
    sky.hear(sent.identification(A, "SWR12", "A3"))
    (found,) = sky.pair(*HERE)
    assert found.kind == "adsb"
    assert found.identity is not None
    assert (found.identity.icao24, found.identity.callsign) == ("4b1234", "SWR12")
    assert found.class_ is not None
    assert found.class_.aircraft == 0.97
    sky.hear(sent.identification(A, "UAV1", "B6"))
    (drone,) = sky.hear(sent.airborne(A, *HERE, False), 1.0)
    assert drone.class_ is not None
    assert drone.class_.drone == 0.97
    sky.hear(sent.identification(A, "FIRE1", "C1"))
    (truck,) = sky.hear(sent.airborne(A, *HERE, True), 1.5)
    assert truck.class_ is not None
    assert truck.class_.other == 0.97


def test_an_address_that_is_made_up_is_no_icao_address() -> None:
    sky = Sky()
    for odd in (False, True):
        north, east = sent.compact(*HERE, odd)
        me = 11 << 51 | sent.altitude_code(900) << 36 | odd << 34 | north << 17 | east
        found = sky.hear(sent.squitter(A, me, downlink=18, control=1))
        assert sky.hear(sent.squitter(A, me, downlink=18, control=2)) == []
    assert found[0].identity is not None
    assert (found[0].identity.icao24, found[0].identity.session) == (None, "~4b1234")
    assert sky.decoder.overlooked == {"mode-s-rebroadcast": 2}


def test_a_broken_squitter_is_refused() -> None:
    broken = bytearray(sent.airborne(A, *HERE, False))
    broken[7] ^= 4
    with pytest.raises(Refused) as caught:
        Sky().hear(bytes(broken))
    assert caught.value.rule == "mode-s-parity"


def test_answers_to_radars_are_believed_of_addresses_known_for_a_minute() -> None:
    sky = Sky()
    answer = sent.addressed(20, A, 0x0B34, 0x20 << 48 | sent.letters("AFR7"))
    sky.hear(answer)
    sky.hear(sent.all_call(A, 5))  # an interrogator's code proves nothing
    sky.hear(answer)
    assert sky.decoder.overlooked == {"mode-s-address": 3}
    sky.hear(sent.all_call(A))
    sky.hear(answer, 60.0)
    assert sky.decoder.overlooked == {"mode-s-address": 3}
    (found,) = sky.pair(*HERE, after=60.5)
    assert found.identity is not None
    assert found.identity.callsign == "AFR7"
    sky.hear(answer, 121.1)
    assert sky.decoder.overlooked == {"mode-s-address": 4}
    with pytest.raises(Refused):
        sky.hear(sent.all_call(A, 80))


def test_signal_strength_is_told_where_the_receivers_full_scale_is_known() -> None:
    assert Sky().pair(*HERE)[0].signal_dbm is None
    sky = Sky(full_scale_dbm=-20.0)
    sky.hear(sent.airborne(A, *HERE, False))
    (found,) = sky.hear(sent.airborne(A, *HERE, True), level=128)
    assert found.signal_dbm == pytest.approx(-20 + 20 * math.log10(128 / 255), abs=0.05)


def test_memory_is_bounded() -> None:
    sky = Sky()
    for address in range(1000):
        sky.hear(sent.all_call(address))
    assert sky.decoder.aircraft == 64
