"""JSON of other people's receivers says what the radio says, as far as it goes."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import VECTORS

from tocsin.decode.ndjson import NdjsonFormat, write_line
from tocsin.decode.remote_id import RemoteId
from tocsin.decode.remote_id.text import is_serial
from tocsin.decode.rid_json import RemoteIdJson, RemoteIdJsonFormat, read_line
from tocsin.encode import ieee80211
from tocsin.errors import DecodeError, Refused
from tocsin.words import Detection, Frame

LINES = json.loads((VECTORS / "rid_json" / "foreign_lines.json").read_text())


def frame_of(line: str | bytes, t: float = 1_780_000_000.0) -> Frame:
    data = line.encode() if isinstance(line, str) else line
    return Frame(data, "", t, "rid-json", "lines line 1")


def by_radio(pack: str, number: int) -> Detection | None:
    """What our own reading of the same bytes is."""
    frame = ieee80211.beacon(bytes.fromhex(pack), f"02:00:00:00:e5:{number:02x}", 1.0)
    found = RemoteId().decode(Frame(frame, "s", 1_780_000_000.0, "radiotap"))
    return found[0] if found else None


def near(ours: float | None, theirs: float | None, within: float) -> bool:
    """Unknown in one is unknown in the other; 0 may be either in JSON."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= within


@pytest.mark.parametrize("family", ["esp32", "mesh"])
def test_an_esp32_says_the_same_as_the_radio_to_its_own_rounding(family: str) -> None:
    told = 0
    for number, vector in enumerate(LINES[family]):
        native = by_radio(vector["pack"], number)
        found = RemoteIdJson().decode(frame_of(vector["line"]))
        if native is None:
            assert found == ()
            continue
        (ours,) = found
        told += 1
        assert ours.position is not None
        assert native.position is not None
        assert near(ours.position.lat, native.position.lat, 6e-7)
        assert near(ours.position.lon, native.position.lon, 6e-7)
        if int(native.position.alt_m or 0):
            assert near(ours.position.alt_m, native.position.alt_m, 1.0)
        assert ours.source == native.source
        assert native.identity is not None
        serial = native.identity.serial or ""
        if family == "esp32":  # whole metres a second, and the accuracy codes
            assert ours.identity is not None
            assert ours.identity.serial == serial
            if native.motion is not None and native.motion.ve is not None:
                assert ours.motion is not None
                assert near(ours.motion.ve, native.motion.ve, 1.1)
                assert near(ours.motion.vn, native.motion.vn, 1.1)
            assert near(ours.sigma.horizontal_m, native.sigma.horizontal_m, 1.0)
        else:
            # It says no type of id: only what is written as a serial is taken for one.
            claimed = None if ours.identity is None else ours.identity.serial
            assert claimed == (serial if is_serial(serial) else None)
            assert ours.motion is None
            assert ours.signal_dbm == -40 - number
            assert ours.sensor == "esp32-A1B2"
    assert told == 22


@pytest.mark.parametrize("shape", ["list", "mqtt"])
def test_dragonsync_says_what_it_was_given(shape: str) -> None:
    for number, vector in enumerate(LINES["dragonsync"]):
        given_ = {name: part for item in json.loads(vector["list"]) for name, part in item.items()}
        place, basic = given_["Location/Vector Message"], given_["Basic ID"]
        (ours,) = RemoteIdJson().decode(frame_of(vector[shape]))
        assert ours.position is not None
        assert (ours.position.lat, ours.position.lon, ours.position.alt_m) == (
            place["latitude"],
            place["longitude"],
            place["geodetic_altitude"],
        )
        assert ours.identity is not None
        assert ours.identity.operator == given_["Operator ID Message"]["operator_id"]
        serial = "Serial" in basic["id_type"]
        assert ours.identity.serial == (basic["id"] if serial else None)
        assert ours.identity.registration == (None if serial else basic["id"])
        assert ours.signal_dbm == basic["RSSI"]
        assert ours.source == basic["MAC"]
        assert ours.motion is not None
        assert ours.motion.vu == place["vert_speed"]
        # "<10 m" is a 95 % bound of 10 m, "<1 m/s" one of 1 m/s: 4.1 m and 0.41 m/s an axis.
        assert ours.motion.sigma_mps == 0.409
        speed = place["speed"]
        assert ours.sigma.horizontal_m == round((4.0855**2 + speed**2 / 3) ** 0.5, 2)
        if shape == "mqtt":
            assert ours.t == 1_780_000_000.25 + number
            assert ours.received == 1_780_000_000.0
            assert ours.sensor == "wardragon-G6PA14100J63"


def test_no_place_of_a_person_crosses() -> None:
    secret = {"operator_lat": 41.98765, "operator_lon": 42.98765, "pilot_lat": 43.98765,
              "pilot_lon": 44.98765, "pilot_long": 45.98765, "home_lat": 46.98765,
              "home_lon": 47.98765}  # fmt: skip
    esp = json.loads(LINES["esp32"][0]["line"]) | secret
    esp["System Message"] |= secret | {"latitude": 48.98765, "longitude": 49.98765}
    for line in (json.dumps(esp), mesh(**secret), dragonsync(**secret)):
        (detection,) = RemoteIdJson().decode(frame_of(line))
        assert b".98765" not in write_line(detection)


def mesh(**said: Any) -> str:
    return json.dumps(
        {"mac": "02:00:00:00:00:01", "rssi": -50, "drone_lat": 13.0, "drone_long": -12.0,
         "drone_altitude": 90, "pilot_lat": 0.0, "pilot_long": 0.0, "basic_id": ""} | said
    )  # fmt: skip


def dragonsync(**said: Any) -> str:
    return json.dumps(json.loads(LINES["dragonsync"][1]["mqtt"]) | said)


def test_zeros_and_sentinels_are_unknown() -> None:
    def one(line: str) -> Detection:
        (found,) = RemoteIdJson().decode(frame_of(line))
        return found

    for altitude in (0, -1000, -1001, 65531.0, None, "high"):
        position = one(mesh(drone_altitude=altitude)).position
        assert position is not None
        assert position.alt_m is None
    assert one(mesh(rssi=0)).signal_dbm is None
    assert one(mesh(mac="")).source is None
    assert one(mesh()).identity is None
    assert one(mesh(basic_id="02:00:00:00:00:01")).identity is None
    assert RemoteIdJson().decode(frame_of(mesh(drone_lat=0.0, drone_long=0.0))) == ()
    assert one(dragonsync(speed=0.0, vspeed=0.0, direction=0.0)).motion is None
    assert one(dragonsync(id="drone-alert", id_type="", operator_id="")).identity is None
    # A bare number may be a code, which others have drawn as metres.
    assert one(dragonsync(horizontal_accuracy=10)).sigma.horizontal_m == pytest.approx(
        25.0, abs=0.1
    )
    wide = one(dragonsync(horizontal_accuracy="<10 NM")).sigma.horizontal_m
    assert wide == pytest.approx(18520 / 2.4477, abs=0.1)


def test_an_id_said_before_names_the_place_said_after() -> None:
    decoder = RemoteIdJson()
    address = "02:00:00:00:00:07"
    id_type = "Serial Number (ANSI/CTA-2063-A)"
    said = {"id_type": id_type, "id": "1581F4XYZ00000012", "MAC": address}
    basic = json.dumps([{"Basic ID": said}])
    where = {"latitude": 13.0, "longitude": -12.0}
    place = json.dumps([{"Location/Vector Message": where, "MAC": address}])
    assert decoder.decode(frame_of(basic)) == ()
    (detection,) = decoder.decode(frame_of(place, 1_780_000_001.0))
    assert detection.identity is not None
    assert detection.identity.serial == "1581F4XYZ00000012"


def test_what_is_no_drone_says_nothing_and_what_is_broken_is_refused() -> None:
    decoder = RemoteIdJson()
    for line in ("Heartbeat: Device is active and running.", '{"heartbeat":"remote_node active"}',
                 "{ \"message\": \"Starting\" }", "[]", "[1, 2]", "{}", "Drone[BLE]: 02:00 RSSI:-1",
                 '{"track_type": "aircraft", "lat": 1, "lon": 2}'):  # fmt: skip
        assert decoder.decode(frame_of(line)) == ()
    assert decoder.heard == 0
    for line, rule in (("{", "line-json"), (mesh(drone_lat=91), "latitude"),
                       (mesh(drone_long=181), "longitude"), ("[" * 5000, "line-json")):  # fmt: skip
        with pytest.raises(Refused) as error:
            decoder.decode(frame_of(line))
        assert error.value.rule == rule
        assert error.value.where == "lines line 1"


def test_the_format_is_strict_and_keeps_the_times_it_finds() -> None:
    form = RemoteIdJsonFormat()
    esp = [vector["line"] for vector in LINES["esp32"]]
    starting = '{ "message": "Starting WarDragon minimalist ESP32 WiFi Remote ID Scanner" }'
    live = "\r\n".join([starting, "Heartbeat: Device is active and running.", *esp]).encode()
    mqtt = "\n".join(vector["mqtt"] for vector in LINES["dragonsync"]).encode()
    for data in (live, mqtt, mesh().encode(), LINES["dragonsync"][0]["list"].encode()):
        assert form.sniff(data[:4096])
    line = write_line(RemoteIdJson().decode(frame_of(mesh()))[0])
    for data in (b"", b"{}", line, b'{"aircraft":[{"hex":"4ca1fa","lat":1,"lon":2}]}', b"\xfd" * 50,
                 b'{"mac":"x"}', b"[[]]", b"{" * 4096):  # fmt: skip
        assert not form.sniff(data)
    assert NdjsonFormat().sniff(line)
    frames = list(form.frames(mqtt, "m", sensor=None, start=5.0, skipped=Counter()))
    assert [frame.t for frame in frames] == [1_780_000_000.25 + n for n in range(12)]
    found = [detection for frame in frames for detection in RemoteIdJson().decode(frame)]
    assert all(detection.received is None for detection in found)
    frames = list(form.frames(live, "e", sensor="esp", start=5.0, skipped=Counter()))
    assert frames[-1].t == 5.0 + 1234
    assert form.datagram(json.dumps(json.loads(mesh()), indent=1).encode()) != []
    assert len(form.datagram(mqtt)) == 12


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


KEYS = sorted(json.loads(LINES["dragonsync"][1]["mqtt"]))
INNER = {
    "latitude": "lat",
    "longitude": "lon",
    "geodetic_altitude": "alt",
    "direction": "direction",
    "speed": "speed",
    "vert_speed": "vspeed",
    "horiz_acc": "id",
    "horizontal_accuracy": "mac",
}


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_values_in_any_field_are_read_or_refused(said: dict[str, Any]) -> None:
    inner = {name: said.get(key) for name, key in INNER.items()}
    for line in (
        dragonsync(**said),
        mesh(drone_altitude=said.get("alt"), mac=said.get("mac"), rssi=said.get("rssi")),
        json.dumps({"Location/Vector Message": inner, "Basic ID": said}),
    ):
        try:
            found = RemoteIdJson().decode(frame_of(line))
        except DecodeError:
            continue
        for detection in found:
            write_line(detection)
            assert detection.position is not None
            assert abs(detection.position.lat) <= 90


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    RemoteIdJsonFormat().sniff(data)
    RemoteIdJsonFormat().datagram(data)
    for line in (data, b"{" + data, b"[" + data):
        try:
            read_line(line)
        except DecodeError:
            continue
