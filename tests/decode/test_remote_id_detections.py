"""From Remote ID to detections: what is stated, how surely, by whom, and what is kept sealed."""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.encode.example_frames import frames as example_frames

from tocsin.decode.ndjson import write_line
from tocsin.decode.remote_id import RemoteId
from tocsin.decode.remote_id.address_book import LIFE_S
from tocsin.decode.remote_id.statement import claimed_time
from tocsin.encode import bluetooth, ieee80211
from tocsin.encode import remote_id as write
from tocsin.errors import DecodeError
from tocsin.ports import Decoder
from tocsin.words import ClaimedMotion, Detection, Frame, Identity

A = "02:00:00:00:00:0a"
T0 = 1_780_000_000.0  # 20:26:40 UTC, 1600 s after the hour
STEP_DEG = 0.01  # of latitude: 1.1 km


def packed(*messages: bytes, t: float = T0, address: str = A) -> Frame:
    data = ieee80211.beacon(write.pack(messages), address, t, signal_dbm=-50)
    return Frame(data, "mast", t, "radiotap")


def single(message: bytes, t: float, address: str = A) -> Frame:
    return Frame(bluetooth.legacy_advert(message, address, t), "mast", t, "nordic_ble")


def one(*messages: bytes, t: float = T0) -> Detection:
    (found,) = RemoteId().decode(packed(*messages, t=t))
    return found


def place(lat: float, lon: float = -12.0, **fields: Any) -> bytes:
    return write.location(lat, lon, **fields)


def test_it_is_a_decoder() -> None:
    assert isinstance(RemoteId(), Decoder)


def test_a_full_pack() -> None:
    found = one(
        write.basic_id("SERIAL1"),
        write.basic_id("SN-123", id_type="caa-registration"),
        write.basic_id("01abcdef", id_type="session"),
        place(
            13.5,
            alt_m=80.0,
            speed_mps=10.0,
            direction_deg=90.0,
            climb_mps=-2.0,
            horizontal_bound_m=10.0,
            vertical_bound_m=3.0,
            speed_bound_mps=1.0,
            after_hour_s=1599.5,
        ),
        write.operator_id("SEN-OP-1"),
    )
    assert found.t == T0
    assert (found.sensor, found.kind, found.signal_dbm, found.source) == (
        "mast", "remote_id", -50, A,
    )  # fmt: skip
    assert found.position is not None
    assert (found.position.lat, found.position.lon, found.position.alt_m) == (13.5, -12.0, 80.0)
    assert found.identity == Identity("SERIAL1", "01abcdef", "SEN-OP-1", None, "SN-123")
    assert found.motion == ClaimedMotion(10.0, 0.0, -2.0, round(1 / 2.4477, 3))
    assert found.claimed_t == T0 - 0.5
    assert found.statement == "fix"


def test_sigma_is_a_bound_of_95_per_cent_widened_by_the_age_of_the_report() -> None:
    still = one(place(1.0, alt_m=5.0, horizontal_bound_m=10.0, vertical_bound_m=3.0))
    assert still.sigma.horizontal_m == pytest.approx(10 / math.sqrt(-2 * math.log(0.05)), abs=0.01)
    assert still.sigma.alt_m == pytest.approx(3 / 1.96, abs=0.01)
    fast = one(place(1.0, alt_m=5.0, speed_mps=30.0, horizontal_bound_m=10.0))
    assert fast.sigma.horizontal_m == pytest.approx(
        math.hypot(10 / 2.4477, 30 / math.sqrt(3)), abs=0.01
    )
    unknown = one(place(1.0, alt_m=5.0))
    assert unknown.sigma.horizontal_m == pytest.approx(24.9, abs=0.1)
    assert unknown.sigma.alt_m == pytest.approx(46.7, abs=0.1)


def test_unknown_height_stays_unknown_though_others_are_said() -> None:
    found = one(place(1.0, pressure_alt_m=100.0, height_m=50.0))
    assert found.position is not None
    assert found.position.alt_m is None
    assert found.sigma.alt_m is None


@pytest.mark.parametrize(
    ("fields", "motion"),
    [
        ({}, None),
        ({"speed_mps": 0.0}, ClaimedMotion(0.0, 0.0)),
        ({"speed_mps": 5.0}, None),
        ({"speed_mps": 5.0, "climb_mps": 1.0}, ClaimedMotion(None, None, 1.0)),
        ({"speed_mps": 5.0, "direction_deg": 180.0}, ClaimedMotion(0.0, -5.0)),
        ({"direction_deg": 180.0}, None),
    ],
)
def test_motion_is_claimed_only_as_far_as_it_is_said(
    fields: dict[str, float], motion: ClaimedMotion | None
) -> None:
    assert one(place(1.0, **fields)).motion == motion


@pytest.mark.parametrize(
    "messages",
    [
        [write.basic_id("SERIAL1")],
        [write.location(None, None, alt_m=50.0)],
        [write.self_id("hello"), write.operator_id("OP"), write.system(1.0, 2.0)],
    ],
)
def test_sound_messages_without_a_position_are_heard_and_tell_nothing(
    messages: list[bytes],
) -> None:
    decoder = RemoteId()
    assert list(decoder.decode(packed(*messages))) == []
    assert decoder.heard == 1


def test_an_id_without_a_type_is_a_serial_only_if_written_as_one() -> None:
    known = one(write.basic_id("MFG1A0123456789", id_type="none"), place(1.0))
    assert known.identity == Identity(serial="MFG1A0123456789")
    assert one(write.basic_id("whatever", id_type="none"), place(1.0)).identity is None


def test_the_claimed_time_is_put_in_the_nearest_hour() -> None:
    assert claimed_time(None, T0, None) is None
    assert claimed_time(1600.0, T0, None) == T0
    hour = T0 - 1600.0
    assert claimed_time(3599.9, hour + 0.1, None) == pytest.approx(hour - 0.1, abs=1e-6)
    assert claimed_time(0.0, hour - 1.0, None) == hour
    assert claimed_time(3600.0, hour, None) == hour
    # Over a quarter of an hour away the hour would be a guess, unless the sender says the time.
    assert claimed_time(1600.0 - 901.0, T0, None) is None
    assert claimed_time(1600.0 - 899.0, T0, None) == T0 - 899.0
    assert claimed_time(1600.0, T0, T0 - 86_400.0) == T0 - 86_400.0


def test_old_data_replayed_as_live_shows_by_its_claimed_time() -> None:
    found = one(place(1.0, after_hour_s=1600.0), write.system(1.0, 2.0, sent_t=T0 - 7 * 86_400))
    assert found.t == T0
    assert found.claimed_t == T0 - 7 * 86_400


def test_the_operators_place_never_leaves() -> None:
    """No number of any System message stands in any detection, of any transport."""
    decoder = RemoteId()
    found = [d for frame in example_frames() for d in decoder.decode(frame)]
    assert len(found) == 24
    text = b"\n".join(write_line(d) for d in found).decode()
    for sealed in ("13.1999", "-12.0999", '"operator_lat', "take-off"):
        assert sealed not in text
    assert '"operator":"SEN-OP-0042"' in text


@given(st.integers(-(9 * 10**8), 9 * 10**8), st.integers(-(18 * 10**8), 18 * 10**8))
def test_a_detection_is_the_same_wherever_the_operator_stands(lat: int, lon: int) -> None:
    messages = [write.basic_id("S"), place(1.0)]
    with_operator = [*messages, write.system(lat / 1e7, lon / 1e7)]
    assert one(*with_operator) == one(*messages, write.system(None, None))


def test_two_serials_in_one_pack_are_never_one_aircraft() -> None:
    found = one(write.basic_id("S1"), write.basic_id("S2"), place(1.0), write.operator_id("OP"))
    assert found.identity == Identity(operator="OP")


def test_one_address_many_aircraft_each_pack_names_its_own() -> None:
    decoder = RemoteId()
    for step in range(20):
        for number in range(5):
            frame = packed(
                write.basic_id(f"S{number}"),
                place(1.0 + number * STEP_DEG + step * 1e-5),
                t=T0 + step + number / 10,
            )
            (found,) = decoder.decode(frame)
            assert found.identity == Identity(serial=f"S{number}")


def test_one_aircraft_many_addresses_keeps_its_serial() -> None:
    decoder = RemoteId()
    for step in range(20):
        address = f"02:00:00:00:01:{step:02x}"
        decoder.decode(single(write.basic_id("S1"), T0 + step, address))
        (found,) = decoder.decode(single(place(1.0), T0 + step + 0.1, address))
        assert found.identity == Identity(serial="S1")
        assert found.source == address


Said = tuple[str, str | None]


def names(script: list[tuple[float, bytes]]) -> list[Identity | None]:
    """What one address's Locations are named, in order."""
    decoder = RemoteId()
    found: list[Identity | None] = []
    for t, message in script:
        found += [d.identity for d in decoder.decode(single(message, T0 + t))]
    return found


S1, S2 = write.basic_id("S1"), write.basic_id("S2")
HERE, THERE = 1.0, 1.0 + STEP_DEG
ONE, TWO = Identity(serial="S1"), Identity(serial="S2")


def test_legacy_a_location_before_any_id_has_no_name() -> None:
    assert names([(0, place(HERE)), (0.1, S1), (0.2, place(HERE))]) == [None, ONE]


def test_legacy_ids_of_different_types_are_one_aircraft() -> None:
    session = write.basic_id("0102", id_type="session")
    script = [(0, S1), (0.1, session), (0.2, write.operator_id("OP")), (0.3, place(HERE))]
    assert names(script) == [Identity("S1", "0102", "OP")]


def test_legacy_two_aircraft_in_turns_are_told_apart_by_place() -> None:
    script = []
    for step in range(10):
        t = float(step)
        script += [(t, S1), (t + 0.1, place(HERE + step * 1e-5))]
        script += [(t + 0.5, S2), (t + 0.6, place(THERE + step * 1e-5))]
    assert names(script) == [ONE, TWO] * 10


def test_legacy_two_aircraft_whose_ids_come_after_their_places_are_never_confused() -> None:
    """Read by order alone, every place would be given the other's name."""
    script = []
    for step in range(10):
        t = float(step)
        script += [(t, place(HERE)), (t + 0.1, S1), (t + 0.5, place(THERE)), (t + 0.6, S2)]
    found = names(script)
    assert len(found) == 20
    assert set(found[0::2]) <= {None, ONE}
    assert set(found[1::2]) <= {None, TWO}


def test_legacy_two_aircraft_side_by_side_are_not_guessed() -> None:
    script = []
    for step in range(5):
        t = float(step)
        script += [(t, S1), (t + 0.1, place(HERE)), (t + 0.5, S2), (t + 0.6, place(HERE + 1e-5))]
    # The first was alone when it spoke; after that nothing tells them apart.
    assert names(script) == [ONE] + [None] * 9


def test_legacy_two_identities_flipping_on_one_place_are_not_believed() -> None:
    script = []
    for step in range(8):
        script += [(float(step), S1 if step % 2 else S2), (step + 0.5, place(HERE))]
    assert names(script) == [TWO] + [None] * 7


def test_legacy_a_lone_liar_that_jumps_is_named_once_nobody_else_can_be_meant() -> None:
    script = []
    for step in range(10):
        script += [(float(step), S1), (step + 0.5, place(HERE + step * STEP_DEG))]
    found = names(script)
    assert found[0] == ONE
    assert found[4:] == [ONE] * 6
    assert TWO not in found


def test_legacy_an_id_is_forgotten() -> None:
    late = LIFE_S + 2
    assert names([(0, S1), (1, place(HERE)), (late, place(HERE))]) == [ONE, None]


def test_a_hundred_thousand_rotating_addresses_stay_bounded() -> None:
    """The frames are built by patching one, so that the test spends its time in the decoder."""
    decoder = RemoteId(most_addresses=1000)
    chance = random.Random(1)
    ids = bytearray(bluetooth.legacy_advert(S1, A, T0))
    where = bytearray(bluetooth.legacy_advert(place(HERE), A, T0))
    for number in range(100_000):
        address = chance.randbytes(6)
        frame = ids if number % 2 else where
        frame[23:29] = address
        decoder.decode(Frame(bytes(frame), "mast", T0 + number / 1000, "nordic_ble"))
        assert decoder.addresses <= 1000
    assert decoder.addresses == 1000


def test_a_thousand_ids_on_one_address_stay_bounded_and_unnamed() -> None:
    decoder = RemoteId()
    for number in range(1000):
        decoder.decode(single(write.basic_id(f"S{number}"), T0 + number / 1000))
        decoder.decode(single(write.operator_id(f"O{number}"), T0 + number / 1000))
    (found,) = decoder.decode(single(place(HERE), T0 + 1.1))
    assert found.identity is None


def test_errors_say_where() -> None:
    bad = bytearray(single(place(HERE), T0).data)
    bad[8] = 0
    with pytest.raises(DecodeError, match=r"tape\.pcap frame 7"):
        RemoteId().decode(Frame(bytes(bad), "m", T0, "nordic_ble", "tape.pcap frame 7"))


@given(st.data())
def test_mutated_frames_give_detections_in_range_or_decode_errors(data: st.DataObject) -> None:
    decoder = RemoteId()
    for seed in data.draw(st.lists(st.sampled_from(example_frames()), max_size=4)):
        wrong = bytearray(seed.data)
        for _ in range(data.draw(st.integers(1, 4))):
            wrong[data.draw(st.integers(0, len(wrong) - 1))] ^= data.draw(st.integers(1, 255))
        plain = bytes(wrong[23:-4]) if seed.link == "radiotap" else bytes(wrong)
        link = "ieee80211" if seed.link == "radiotap" else seed.link
        try:
            found = decoder.decode(msgspec.structs.replace(seed, data=plain, link=link))
        except DecodeError:
            continue
        for detection in found:
            assert detection.position is not None
            assert abs(detection.position.lat) <= 90
            assert abs(detection.position.lon) <= 180
            assert detection.sigma.horizontal_m is not None
            assert detection.sigma.horizontal_m > 0
            assert msgspec.json.decode(write_line(detection), type=Detection) == detection
