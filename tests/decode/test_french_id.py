"""French beacons as opendroneid-core-c builds them, read as a foreign dissector reads them."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decode.wifi_frames import beacon_with
from tests.shared import VECTORS

from tocsin.decode.french_id import HEAD, FrenchIdBeacons, read_french_id
from tocsin.decode.vendor import find_elements
from tocsin.earth.height import ellipsoidal_height_m
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.words import Frame

BEACONS = json.loads((VECTORS / "french_id" / "core_c_beacons.json").read_text())["beacons"]


def frame_of(beacon: dict[str, Any]) -> Frame:
    return Frame(bytes.fromhex(beacon["frame"]), "wifi", 100.0, "ieee80211")


def test_every_field_of_every_beacon_is_what_the_foreign_dissector_reads() -> None:
    compared = 0
    for beacon in BEACONS:
        found = find_elements(frame_of(beacon), HEAD)
        assert found is not None
        (element,) = found[2]
        said = read_french_id(element)
        read = beacon["read"]
        ours = {
            "fr": said.french_id,
            "ansi": said.ansi_id,
            "lat": said.lat,
            "lon": said.lon,
            "alt": said.alt_msl_m,
            "height": said.height_m,
            "takeoff_lat": said.takeoff_lat,
            "takeoff_lon": said.takeoff_lon,
            "speed": said.speed_mps,
            "course": said.direction_deg,
        }
        assert read["version"] == 1
        for name, value in ours.items():
            assert value == read.get(name), (name, beacon)
            compared += 1
    assert compared == 1200


def test_what_was_given_to_the_foreign_encoder_comes_out() -> None:
    """Its rounding is its own: half a step up, towards zero for what is negative."""
    for beacon in BEACONS:
        found = find_elements(frame_of(beacon), HEAD)
        assert found is not None
        said, given_ = read_french_id(found[2][0]), beacon["given"]
        assert said.ansi_id == given_["ansi"]
        assert said.french_id == given_["fr"]
        if said.lat is not None and said.lon is not None:
            assert abs(said.lat - given_["lat"]) <= 1.6e-5
            assert abs(said.lon - given_["lon"]) <= 1.6e-5
        else:
            assert given_["lat"] == given_["lon"] == 0.0
        assert said.alt_msl_m == (None if given_["alt"] == -1000 else given_["alt"])


def test_the_detection_holds_no_take_off_place() -> None:
    decoder = FrenchIdBeacons()
    told = 0
    for beacon in BEACONS:
        for detection in decoder.decode(frame_of(beacon)):
            told += 1
            said = beacon["read"]
            assert detection.position is not None
            assert (detection.position.lat, detection.position.lon) == (said["lat"], said["lon"])
            assert detection.identity is not None
            assert detection.identity.serial == said.get("ansi", said.get("fr"))
            assert detection.kind == "remote_id"
            text = repr(detection)
            for secret in ("takeoff_lat", "takeoff_lon"):
                if secret in said:
                    assert str(said[secret]) not in text
    assert decoder.heard == 120
    assert told == 108


def test_height_above_the_sea_becomes_height_above_the_ellipsoid_or_is_unknown() -> None:
    (detection,) = FrenchIdBeacons().decode(frame_of(BEACONS[1]))
    said = BEACONS[1]["read"]
    expected = ellipsoidal_height_m(said["lat"], said["lon"], said["alt"])
    assert detection.position is not None
    if expected is None:
        assert detection.position.alt_m is None
        assert detection.sigma.alt_m is None
    else:
        assert detection.position.alt_m == round(expected, 2)


def field(kind: int, value: bytes) -> bytes:
    return bytes((kind, len(value))) + value


PLACE = field(4, (4_500_000).to_bytes(4, "big")) + field(
    5, (-100_000).to_bytes(4, "big", signed=True)
)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (field(1, b"\x02") + PLACE, "protocol-version"),
        (field(4, b"\0\0\0"), "field-length"),
        (PLACE + PLACE, "field-repeats"),
        (field(4, (9_000_001).to_bytes(4, "big")) + field(5, bytes(4)), "latitude"),
        (field(4, bytes(4)) + field(5, (18_000_001).to_bytes(4, "big")), "longitude"),
    ],
)
def test_broken_beacons_are_refused_by_rule(body: bytes, rule: str) -> None:
    with pytest.raises(Refused) as error:
        FrenchIdBeacons().decode(beacon_with(HEAD + body))
    assert error.value.rule == rule


def test_what_is_absent_or_a_sentinel_is_unknown() -> None:
    said = read_french_id(PLACE + field(7, b"\x80\x00") + field(11, b"\x01\x69") + field(99, b"x"))
    assert (said.lat, said.lon) == (45.0, -1.0)
    assert said.height_m is None
    assert said.direction_deg is None
    assert read_french_id(field(11, b"\x01\x68")).direction_deg == 0
    assert read_french_id(b"").lat is None
    with pytest.raises(Truncated):
        read_french_id(b"\x04\x04\x00")


def test_hovering_has_a_velocity_and_an_unknown_course_has_none() -> None:
    (still,) = FrenchIdBeacons().decode(beacon_with(HEAD + PLACE + field(10, b"\0")))
    assert still.motion is not None
    assert (still.motion.ve, still.motion.vn) == (0.0, 0.0)
    (fast,) = FrenchIdBeacons().decode(beacon_with(HEAD + PLACE + field(10, b"\x0a")))
    assert fast.motion is None
    assert fast.sigma.horizontal_m is not None
    assert fast.sigma.horizontal_m > 24.9


@given(st.binary(max_size=251))
def test_any_bytes_give_detections_or_a_decode_error(body: bytes) -> None:
    try:
        found = FrenchIdBeacons().decode(beacon_with(HEAD + body))
    except DecodeError:
        return
    for detection in found:
        assert detection.position is not None
        assert math.isfinite(detection.position.lat + detection.position.lon)


@given(st.binary(max_size=80))
def test_any_cut_or_changed_frame_is_no_other_error(tail: bytes) -> None:
    data = bytes.fromhex(BEACONS[1]["frame"])
    for start, end in pairwise((0, 20, 40, 60, len(data))):
        try:
            FrenchIdBeacons().decode(Frame(data[:start] + tail + data[end:], "s", 0.0, "radiotap"))
        except DecodeError:
            continue
