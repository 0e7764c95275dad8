"""Our SAPIENT messages: read back by ourselves, and as the standard's own middleware read them."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.shared import VECTORS

import tocsin.encode.sapient as say
from tocsin.decode.sapient import Sapient, read_message
from tocsin.encode.ulid import ulid_of, uuid_of
from tocsin.words import (
    Alert,
    ClaimedIdentity,
    ClassScores,
    Detection,
    Ellipse,
    Frame,
    Position,
    Reason,
    Track,
)

T0 = 1_780_000_000.25
NODE = "7a2f3c1e-9b4d-4f6a-8c2e-1d3b5a7f9e01"
OBJECT = ulid_of("an object", T0)
TRACK = Track(
    T0, "T3", "confirmed", 15.003, -13.0, 3.0, 4.0, 12.5, alt_m=120.0, vu=0.5,
    class_=ClassScores(0.8, 0.1, 0.05, 0.05),
    identity=ClaimedIdentity(serial="1581F5BKD22500ABC123", operator="FRA123", suspicion=0.2),
    sigma_mps=1.0, sigma_alt_m=9.0, ellipse=Ellipse(15.0, 8.0, 30.0), first_t=T0 - 10,
    sensors=("secret-radar",),
)  # fmt: skip
ALERT = Alert(
    T0, "zone-a-1", "zone-a", "T3", "alarm", "new", ("closing",), (10.0, 20.0, 30.0),
    (Reason("loitering", {"radius_m": 200.0, "time_s": 60.0}), Reason("x", {"sensor": "secret"})),
    1, position=Position(15.001, -13.0, 100.0), sigma_m=12.0, first_t=T0 - 5, public=True,
)  # fmt: skip


def read_back(said: SapientMessage) -> list[Detection]:
    data = say.framed(said)[4:]
    return list(Sapient().decode(Frame(data, "", T0, "sapient")))


def test_every_message_keeps_every_rule_and_says_no_task() -> None:
    told = [
        say.registration(NODE, "Site", T0),
        say.registration_ack(NODE, NODE, T0),
        say.registration_ack(NODE, NODE, T0, ["no"]),
        say.status_report(NODE, T0, new=True),
        say.status_report(NODE, T0, new=False, goodbye=True),
        say.detection_report(NODE, TRACK, OBJECT, T0),
        say.alert_report(NODE, ALERT, OBJECT, T0),
        say.alert_ack(NODE, NODE, ulid_of("a"), T0),
        say.error_report(NODE, None, b"abc", ["wrong"], T0),
        say.task_rejected(NODE, NODE, ulid_of("t"), T0),
    ]
    for message in told:
        assert read_message(say.framed(message)[4:]) == message
        assert json_format.Parse(json_format.MessageToJson(message), SapientMessage()) == message
        assert not message.HasField("task")
        assert b"secret" not in message.SerializeToString()
        assert b"FRA123" not in message.SerializeToString()
    assert not [name for name in dir(say) if name.lower() == "task"]


def test_a_track_comes_back_as_it_was() -> None:
    (seen,) = read_back(say.detection_report(NODE, TRACK, OBJECT, T0))
    assert seen.position == Position(15.003, -13.0, 120.0)
    assert (seen.t, seen.sensor) == (T0, NODE)
    assert seen.sigma.horizontal_m == pytest.approx(math.sqrt((15**2 + 8**2) / 2), abs=0.01)
    assert seen.sigma.alt_m == 9.0
    assert seen.class_ == ClassScores(0.8, 0.1, 0.05, 0.05)
    assert seen.motion is not None
    assert (seen.motion.ve, seen.motion.vn, seen.motion.vu) == (3.0, 4.0, 0.5)
    assert seen.motion.sigma_mps == 1.0


def test_a_track_is_carried_to_the_moment_it_is_told() -> None:
    said = say.detection_report(NODE, TRACK, OBJECT, T0 + 0.5)
    at = said.detection_report.location
    assert (at.y - 15.003) * 111_195 == pytest.approx(2.0, abs=0.02)
    assert (at.x + 13.0) * 111_195 * math.cos(math.radians(15)) == pytest.approx(1.5, abs=0.02)
    assert at.z == pytest.approx(120.25)


def test_what_is_unknown_is_left_out() -> None:
    bare = Track(T0, "T4", "ended", 15.0, -13.0, 0.0, 0.0, 20.0)
    told = say.detection_report(NODE, bare, OBJECT, T0 + 9).detection_report
    assert told.state == "lost"
    assert not told.location.HasField("z")
    assert not told.location.HasField("z_error")
    assert not told.HasField("detection_confidence")
    assert not told.enu_velocity.HasField("up_rate")
    assert (list(told.classification), told.id) == ([], "")
    assert (told.location.x, told.location.y) == (-13.0, 15.0)


def test_an_alert_says_how_grave_it_is_and_when_it_is_over() -> None:
    told = say.alert_report(NODE, ALERT, OBJECT, T0).alert
    assert told.alert_type == told.ALERT_TYPE_CRITICAL
    assert told.status == told.ALERT_STATUS_ACTIVE
    assert told.description == "alarm: staying within 200 m of one place for 60 s (automatic)"
    assert told.associated_detection[0].object_id == OBJECT
    over = Alert(
        T0, "zone-a-1", "zone-a", "T3", "all-clear", "update", (), sequence=2, first_t=T0 - 5,
        drill=True, automatic=False,
    )  # fmt: skip
    end = say.alert_report(NODE, over, None, T0 + 60).alert
    assert end.alert_id == told.alert_id
    assert end.status == end.ALERT_STATUS_CLEAR
    assert end.description == "DRILL. all-clear"
    assert not end.HasField("location")


@given(st.text(max_size=40), st.floats(0, 1e10))
def test_identifiers_are_well_formed_and_the_same_again(name: str, t: float) -> None:
    made = ulid_of(name, t)
    assert made == ulid_of(name, t)
    assert len(made) == 26
    assert set(made) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert made[0] <= "7"
    assert uuid_of(name)[14] == "4"
    assert uuid_of(name) == uuid_of(name)


def judged() -> list[dict[str, Any]]:
    lines = (VECTORS / "sapient" / "apex" / "judged.ndjson").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def seconds(said: dict[str, Any]) -> float:
    return round(datetime.fromisoformat(said["timestamp"]).timestamp(), 6)


def test_the_middleware_refused_nothing_and_these_are_our_bytes() -> None:
    """Apex stored these bytes; the same words give the same bytes today."""
    kinds = []
    for one in judged():
        assert one["error"] is None
        kinds.append(one["type"])
        said, t = one["json"], seconds(one["json"])
        if one["type"] == "registration":
            assert say.framed(say.registration(NODE, "Test site", t))[4:].hex() == one["bytes"]
        elif one["type"] == "status_report":
            new = said["status_report"]["info"] == "INFO_NEW"
            assert say.framed(say.status_report(NODE, t, new=new))[4:].hex() == one["bytes"]
    assert set(kinds) == {"registration", "status_report", "detection_report", "alert", "task_ack"}


def test_the_middleware_read_what_we_said_field_by_field() -> None:
    for one in judged():
        if one["type"] != "detection_report":
            continue
        told = one["json"]["detection_report"]
        at, rates = told["location"], told["enu_velocity"]
        assert at["datum"] == "LOCATION_DATUM_WGS84_E"
        assert at["x"] == pytest.approx(-13.0, abs=1e-4)
        if told["state"] == "lost":
            assert "classification" not in told
            continue
        assert round((at["y"] - 15.0) * 1e3) in range(20)
        assert (at["z"], at["z_error"]) == (120.0, 9.0)
        east, north = math.hypot(15 * 0.5, 8 * 0.8660254), math.hypot(15 * 0.8660254, 8 * 0.5)
        assert at["y_error"] * 111_195 == pytest.approx(north, abs=0.01)
        shrink = math.cos(math.radians(at["y"]))
        assert at["x_error"] * 111_195 * shrink == pytest.approx(east, abs=0.01)
        assert (rates["east_rate"], rates["north_rate"], rates["up_rate"]) == (3.0, 4.0, 0.5)
        assert told["id"] == "1581F5BKD22500ABC123"
        assert [c["type"] for c in told["classification"]] == ["Air Vehicle", "Animal", "Unknown"]
        subs = {s["type"]: s["confidence"] for s in told["classification"][0]["sub_class"]}
        assert subs == {
            "UAV Rotary Wing": 0.4, "UAV Fixed Wing": 0.4,
            "Manned Rotary Wing": 0.025, "Manned Fixed Wing": 0.025,
        }  # fmt: skip
