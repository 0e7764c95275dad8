"""Remote ID messages byte by byte: sentinels, limits, versions, refusals, and round trips."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decode.remote_id import read_messages
from tocsin.decode.remote_id.text import is_serial, read_text
from tocsin.encode import remote_id as write
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.words import remote_id as words
from tocsin.words.remote_id import (
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)


def read(data: bytes) -> Message:
    messages, cut = read_messages(data, 0, len(data))
    assert cut is None
    assert len(messages) == 1
    return messages[0]


def location(**fields: int) -> Location:
    """A Location of raw codes, all zero but what is given."""
    data = bytearray(25)
    data[0] = 0x12
    places = {
        "flags": (1, 1), "direction": (2, 1), "speed": (3, 1), "climb": (4, 1), "lat": (5, 4),
        "lon": (9, 4), "pressure": (13, 2), "alt": (15, 2), "height": (17, 2), "accuracy": (19, 1),
        "accuracy_2": (20, 1), "tenths": (21, 2), "time_accuracy": (23, 1),
    }  # fmt: skip
    for name, value in fields.items():
        at, size = places[name]
        data[at : at + size] = value.to_bytes(size, "little", signed=value < 0)
    found = read(bytes(data))
    assert isinstance(found, Location)
    return found


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as raised:
        read_messages(data, 0, len(data))
    return raised.value.rule


def test_every_sentinel_is_unknown_never_zero() -> None:
    found = location(flags=0b11, direction=181, speed=255, climb=126, tenths=0xFFFF)
    assert found == Location(version=2, status="undeclared")
    for name in ("lat", "lon", "alt_m", "pressure_alt_m", "height_m", "direction_deg", "speed_mps",
                 "climb_mps", "horizontal_bound_m", "after_hour_s", "time_bound_s"):  # fmt: skip
        assert getattr(found, name) is None


def test_what_is_next_to_a_sentinel_is_known() -> None:
    assert location(flags=0b10, direction=180).direction_deg == 0.0
    assert location(flags=0b10, direction=179).direction_deg == 359.0
    assert location(flags=0b01, speed=254).speed_mps == 254.25
    assert location(flags=0b00, speed=255).speed_mps == 63.75
    assert location(climb=124).climb_mps == 62.0
    assert location(climb=-124).climb_mps == -62.0
    assert location(lat=0, lon=1).lat == 0.0
    assert location(lat=1, lon=0).lon == 0.0
    assert location(alt=1).alt_m == -999.5
    assert location(alt=0xFFFF).alt_m == 31767.5
    assert location(tenths=0).after_hour_s == 0.0
    assert location(tenths=36000).after_hour_s == 3600.0


def test_what_is_beyond_its_range_is_unknown() -> None:
    assert location(flags=0b10, direction=255).direction_deg is None
    assert location(climb=127).climb_mps is None
    assert location(climb=-128).climb_mps is None
    assert location(tenths=36001).after_hour_s is None


def test_accuracy_codes_are_bounds_in_metres_not_codes() -> None:
    bounds = [location(accuracy=code).horizontal_bound_m for code in range(16)]
    assert bounds == [
        None, 18520, 7408, 3704, 1852, 926, 555.6, 185.2, 92.6, 30, 10, 3, 1, None, None, None,
    ]  # fmt: skip
    vertical = [location(accuracy=code << 4).vertical_bound_m for code in range(8)]
    assert vertical == [None, 150, 45, 25, 10, 3, 1, None]
    assert [location(accuracy_2=code).speed_bound_mps for code in range(6)] == [
        None, 10, 3, 1, 0.3, None,
    ]  # fmt: skip
    assert location(accuracy_2=0x50).pressure_bound_m == 3
    assert location(time_accuracy=15).time_bound_s == 1.5


@pytest.mark.parametrize("lat", [900_000_001, -900_000_001, 2**31 - 1, -(2**31)])
def test_a_latitude_beyond_the_poles_is_refused(lat: int) -> None:
    with pytest.raises(Refused, match="beyond 90") as raised:
        location(lat=lat, lon=5)
    assert raised.value.rule == "latitude"


@pytest.mark.parametrize("lon", [1_800_000_001, -1_800_000_001])
def test_a_longitude_beyond_the_date_line_is_refused(lon: int) -> None:
    with pytest.raises(Refused, match="beyond 180") as raised:
        location(lat=5, lon=lon)
    assert raised.value.rule == "longitude"


def test_the_edges_of_the_earth_are_on_it() -> None:
    found = location(lat=900_000_000, lon=-1_800_000_000)
    assert (found.lat, found.lon) == (90.0, -180.0)


def test_an_operator_off_the_earth_is_refused() -> None:
    data = bytearray(write.system(1.0, 2.0))
    data[2:6] = (910_000_000).to_bytes(4, "little")
    assert refused(bytes(data)) == "latitude"


@pytest.mark.parametrize("version", range(3, 16))
def test_versions_nobody_has_published_are_refused(version: int) -> None:
    assert refused(bytes((0x10 | version,)) + bytes(24)) == "protocol-version"
    assert refused(bytes((0xF0 | version, 25, 1)) + bytes(25)) == "protocol-version"
    assert refused(bytes((0xF2, 25, 1, version)) + bytes(24)) == "protocol-version"


@pytest.mark.parametrize("kind", range(6, 15))
def test_reserved_message_types_are_refused(kind: int) -> None:
    assert refused(bytes((kind << 4 | 2,)) + bytes(24)) == "message-type"


@pytest.mark.parametrize("count", [0, 10, 11, 255])
def test_packs_of_a_wrong_count_are_refused(count: int) -> None:
    assert refused(bytes((0xF2, 25, count)) + bytes(25 * count)) == "pack-count"


def test_version_0_packs_may_hold_ten() -> None:
    data = bytes((0xF0, 25, 10)) + bytes(250)
    assert len(read_messages(data, 0, len(data))[0]) == 10


@pytest.mark.parametrize("size", [0, 24, 26, 255])
def test_packs_of_a_wrong_message_size_are_refused(size: int) -> None:
    assert refused(bytes((0xF2, size, 1)) + bytes(size or 25)) == "message-size"


def test_packs_within_packs_and_two_places_in_one_are_refused() -> None:
    assert refused(bytes((0xF2, 25, 1, 0xF2)) + bytes(24)) == "pack-nested"
    place = write.location(1.0, 2.0)
    assert refused(write.pack([place, place])) == "pack-repeats"


def test_truncated_messages() -> None:
    for data in (b"", bytes((0xF2, 25)), bytes((0xF2, 25, 1)) + bytes(24), bytes(24)):
        with pytest.raises(Truncated):
            read_messages(data, 0, len(data))


def test_a_pack_that_ends_early_gives_its_whole_messages_and_says_so() -> None:
    data = write.pack([write.basic_id("A"), write.location(1.0, 2.0), write.operator_id("B")])[:-3]
    messages, cut = read_messages(data, 0, len(data))
    assert [type(m) for m in messages] == [BasicId, Location]
    assert isinstance(cut, Truncated)


def test_version_0_counts_pages_and_later_ones_name_the_last() -> None:
    for version, code in ((0, 3), (1, 2), (2, 2)):
        data = bytearray(25)
        data[:4] = bytes((0x20 | version, 0x10, code, 63))
        found = read(bytes(data))
        assert isinstance(found, Authentication)
        assert (found.last_page, found.length, found.signed_t) == (2, 63, None)


def test_a_signature_longer_than_its_pages_is_refused() -> None:
    assert refused(bytes((0x22, 0x10, 0, 18)) + bytes(21)) == "authentication-pages"
    assert refused(bytes((0x22, 0x10, 16, 18)) + bytes(21)) == "authentication-pages"


def test_version_0_system_has_neither_class_nor_altitude_nor_time() -> None:
    arguments: dict[str, Any] = {
        "operator_alt_m": 5.0, "classification": "eu", "eu_category": "open", "eu_class": "C1",
        "sent_t": 1.6e9,
    }  # fmt: skip
    old = read(write.system(1.0, 2.0, version=0, **arguments))
    assert isinstance(old, System)
    assert (old.classification, old.eu_class, old.operator_alt_m, old.sent_t) == (None,) * 4
    middle = read(write.system(1.0, 2.0, version=1, **arguments))
    assert isinstance(middle, System)
    assert (middle.classification, middle.eu_class, middle.operator_alt_m) == ("eu", "C1", 5.0)
    assert middle.sent_t is None
    new = read(write.system(1.0, 2.0, version=2, **arguments))
    assert isinstance(new, System)
    assert new.sent_t == 1.6e9


def test_text_is_cut_at_the_first_zero_and_made_safe_to_print() -> None:
    assert read_text(b"GBR-OP\0\0junk") == "GBR-OP"
    assert read_text(b"  pad  \0") == "pad"
    assert read_text(b"\0AB") is None
    assert read_text(b"   ") is None
    assert read_text(b"a\x1b[31m\xff") == "a\\x1b[31m\\xff"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("MFG1A0123456789", True),
        ("1581F4XYZ00000001", False),
        ("1588E040445AC004418", True),
        ("MFG1A012345678", False),
        ("MFG1AO123456789", False),
        ("mfg1A0123456789", False),
        ("MFG10", False),
        ("", False),
        ("SSEVTFG93700070", False),
    ],
)
def test_serials_by_their_syntax(text: str, is_one: bool) -> None:
    assert is_serial(text) is is_one


def test_the_encoder_will_not_lie() -> None:
    for wrong in (
        lambda: write.location(91.0, 0.0),
        lambda: write.location(1.0, 181.0),
        lambda: write.location(math.nan, 0.0),
        lambda: write.location(1.0, 1.0, alt_m=40_000.0),
        lambda: write.location(1.0, 1.0, alt_m=-1000.0),
        lambda: write.location(1.0, 1.0, speed_mps=-1.0),
        lambda: write.location(1.0, 1.0, after_hour_s=3601.0),
        lambda: write.location(1.0, 1.0, version=3),
        lambda: write.basic_id("X" * 21),
        lambda: write.pack([]),
        lambda: write.pack([bytes(25)] * 10),
        lambda: write.pack([bytes(24)]),
        lambda: write.authentication(bytes(256)),
        lambda: write.system(1.0, 1.0, sent_t=1e9),
    ):
        with pytest.raises(ValueError):
            wrong()


half_metres = st.none() | st.integers(-1999, 63535).map(lambda n: n / 2)
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
degrees = st.tuples(st.integers(-(9 * 10**8), 9 * 10**8), st.integers(-(18 * 10**8), 18 * 10**8))
places = st.one_of(
    st.just((None, None)),
    degrees.filter(lambda p: p != (0, 0)).map(lambda p: (p[0] / 1e7, p[1] / 1e7)),
)
versions = st.integers(0, 2)
speeds = st.integers(0, 255).map(lambda n: n / 4) | st.integers(1, 254).map(
    lambda n: 63.75 + n * 0.75
)


@given(
    places,
    st.fixed_dictionaries(
        {
            "alt_m": half_metres,
            "pressure_alt_m": half_metres,
            "height_m": half_metres,
            "height_reference": st.sampled_from(words.HEIGHT_REFERENCES),
            "direction_deg": st.none() | st.integers(0, 359).map(float),
            "speed_mps": st.none() | speeds,
            "climb_mps": st.none() | st.integers(-124, 124).map(lambda n: n / 2),
            "status": st.sampled_from(words.STATUSES),
            "horizontal_bound_m": st.sampled_from(words.HORIZONTAL_BOUNDS_M),
            "vertical_bound_m": st.sampled_from(words.VERTICAL_BOUNDS_M),
            "pressure_bound_m": st.sampled_from(words.VERTICAL_BOUNDS_M),
            "speed_bound_mps": st.sampled_from(words.SPEED_BOUNDS_MPS),
            "after_hour_s": st.none() | st.integers(0, 36000).map(lambda n: n / 10),
            "time_bound_s": st.sampled_from(words.TIME_BOUNDS_S),
            "version": versions,
        }
    ),
)
def test_locations_come_back(
    place: tuple[float | None, float | None], said: dict[str, Any]
) -> None:
    assert read(write.location(*place, **said)) == Location(lat=place[0], lon=place[1], **said)


@given(places, half_metres, st.none() | st.integers(1, 2**32 - 1), st.data())
def test_systems_come_back(
    place: tuple[float | None, float | None],
    alt_m: float | None,
    seconds: int | None,
    data: st.DataObject,
) -> None:
    draw = data.draw
    sent_t = None if seconds is None else words.ODID_EPOCH_T + seconds
    european = draw(st.booleans())
    said: dict[str, Any] = {
        "operator_place": draw(st.sampled_from(words.OPERATOR_PLACES)),
        "operator_alt_m": alt_m,
        "area_count": draw(st.none() | st.integers(1, 65535)),
        "area_radius_m": draw(st.integers(0, 255)) * 10.0,
        "area_ceiling_m": draw(half_metres),
        "area_floor_m": draw(half_metres),
        "classification": "eu" if european else "undeclared",
        "sent_t": sent_t,
    }
    classes = {"eu_category": "open", "eu_class": "C5"} if european else {}
    expected = System(version=2, operator_lat=place[0], operator_lon=place[1], **said, **classes)
    assert read(write.system(*place, **said, **classes)) == expected


@given(
    st.sampled_from(words.ID_TYPES[:3]), printable, st.sampled_from(words.AIRCRAFT_TYPES), versions
)
def test_ids_come_back(id_type: str, text: str, aircraft: str, version: int) -> None:
    data = write.basic_id(text, id_type=id_type, aircraft_type=aircraft, version=version)
    assert read(data) == BasicId(version, id_type, aircraft, text)


@given(st.binary(min_size=1, max_size=20).filter(any), st.uuids())
def test_sessions_and_uuids_come_back(session: bytes, flight: Any) -> None:
    said = session.rstrip(b"\0").hex()
    found = read(write.basic_id(session.hex(), id_type="session"))
    assert found == BasicId(2, "session", "multirotor", said)
    found = read(write.basic_id(str(flight), id_type="utm-uuid"))
    assert found == BasicId(2, "utm-uuid", "multirotor", str(flight) if flight.int else None)


@given(printable, st.sampled_from(words.SELF_ID_KINDS), st.sampled_from(words.OPERATOR_ID_KINDS))
def test_texts_come_back(text: str, self_kind: str, operator_kind: str) -> None:
    assert read(write.self_id(text, kind=self_kind)) == SelfId(2, self_kind, text)
    assert read(write.operator_id(text, kind=operator_kind)) == OperatorId(2, operator_kind, text)


@given(st.binary(max_size=255), st.sampled_from(words.AUTH_TYPES), versions)
def test_signatures_come_back(content: bytes, auth_type: str, version: int) -> None:
    pages = [
        read(page) for page in write.authentication(content, auth_type=auth_type, version=version)
    ]
    assert all(isinstance(page, Authentication) for page in pages)
    assert [page.page for page in pages] == list(range(len(pages)))  # type: ignore[union-attr]
    assert pages[0].last_page == len(pages) - 1  # type: ignore[union-attr]
    assert b"".join(page.data for page in pages)[: len(content)] == content  # type: ignore[union-attr]
    assert pages[0].length == len(content)  # type: ignore[union-attr]


@given(st.binary(max_size=300), st.integers(0, 40))
def test_any_bytes_give_messages_or_decode_errors(data: bytes, at: int) -> None:
    try:
        messages, _ = read_messages(data, at, len(data))
    except DecodeError:
        return
    assert 1 <= len(messages) <= 10
    for message in messages:
        for value in (getattr(message, name) for name in message.__struct_fields__):
            assert not isinstance(value, float) or math.isfinite(value)
