"""What a TAK desk is told of tracks, zones and alerts, and what it is never told."""

from __future__ import annotations

import json
import os
from typing import get_args

import pytest
from lxml import etree
from msgspec.structs import replace
from tests.run.tak_news import alarm, all_clear, tracks, zone
from tests.shared import VECTORS

from tocsin.encode.cot import cot_time, cot_xml
from tocsin.encode.cot_news import (
    AFFILIATIONS,
    Affiliation,
    Speaker,
    alert_event,
    gone_event,
    ping_event,
    presence_event,
    speaker_key,
    track_event,
    zone_event,
)
from tocsin.encode.tak import tak_control, tak_event, tak_stream
from tocsin.words import ClaimedIdentity, ClassScores, Reason, Track
from tocsin.words.cot import CotEvent

T = 1795523522.118
SPEAKER = Speaker("Clinic", speaker_key("Clinic"))


def told(event: CotEvent | None) -> etree._Element:
    assert event is not None
    return etree.fromstring(cot_xml(event))


def everything(speaker: Speaker = SPEAKER) -> list[CotEvent]:
    found = [track_event(speaker, track) for track in tracks(T)[:2]]
    found += [alert_event(speaker, alarm(T), zone(), T), zone_event(speaker, zone(), T)]
    found += [gone_event(speaker, "T1", T), ping_event(speaker, T), presence_event(speaker, T)]
    return [event for event in found if event is not None]


def test_takproto_reads_in_our_bytes_what_we_meant() -> None:
    """The vectors are our bytes and what takproto read in them, item by item."""
    ours = b"".join(tak_stream(tak_event(event)) for event in everything())
    ours += tak_stream(tak_control(SPEAKER.uid))
    assert (VECTORS / "cot" / "ours.bin").read_bytes() == ours
    *read, control = json.loads((VECTORS / "cot" / "ours.json").read_text())
    assert len(read) == len(everything())
    for there, event in zip((one["cotEvent"] for one in read), everything(), strict=True):
        assert (there["uid"], there["type"], there["how"]) == (event.uid, event.type, event.how)
        times = (there["sendTime"], there["startTime"], there["staleTime"])
        assert [int(ms) for ms in times] == [
            round(t * 1000) for t in (event.t, event.start_t, event.stale_t)
        ]
        assert (there.get("lat", 0.0), there.get("lon", 0.0)) == (event.lat, event.lon)
        for name, value in (("hae", event.hae_m), ("ce", event.ce_m), ("le", event.le_m)):
            assert there[name] == (9999999.0 if value is None else value)
        detail = there.get("detail", {})
        assert detail.get("contact", {}).get("callsign") == event.callsign
        track = detail.get("track")
        if event.course_deg is None:
            assert track is None
        else:
            assert track.get("course", 0.0) == event.course_deg
            assert track["speed"] == event.speed_mps
        assert (event.remarks is not None) == ("<remarks" in detail.get("xmlDetail", ""))
    assert control["takControl"]["contactUid"] == SPEAKER.uid
    assert control["takControl"]["minProtoVersion"] == control["takControl"]["maxProtoVersion"] == 1


@pytest.mark.skipif("TOCSIN_COT_XSD" not in os.environ, reason="names no Event.xsd of MITRE's")
def test_all_of_it_is_valid_by_the_standard_s_schema() -> None:
    schema = etree.XMLSchema(etree.parse(os.environ["TOCSIN_COT_XSD"]))
    for event in everything():
        schema.assertValid(told(event))


def test_every_digit_of_a_track() -> None:
    event = told(track_event(SPEAKER, tracks(T)[0]))
    point = event.find("point")
    assert point is not None
    assert dict(point.attrib) == {
        "lat": "15.1234567", "lon": "-13.7654321", "hae": "123.45", "ce": "12.34", "le": "9.87",
    }  # fmt: skip
    assert event.get("version") == "2.0"
    assert event.get("time") == event.get("start") == "2026-11-24T12:32:02.118Z"
    assert event.get("stale") == "2026-11-24T12:32:12.118Z"
    assert dict(event.find("detail/track").attrib) == {"course": "143.13", "speed": "5.00"}  # type: ignore[union-attr]


def test_the_milliseconds_carry() -> None:
    assert cot_time(1795523522.9996) == "2026-11-24T12:32:03.000Z"


def test_unknown_stays_unknown() -> None:
    track = replace(tracks(T)[0], alt_m=None, sigma_alt_m=4.0)
    point = told(track_event(SPEAKER, track)).find("point")
    assert point is not None
    assert point.get("hae") == point.get("le") == "9999999.0"


def type_of(track: Track, speaker: Speaker = SPEAKER, **alert: bool) -> str | None:
    event = track_event(speaker, track, alarm(T) if alert else None)
    return None if event is None else event.type


def test_types_by_class() -> None:
    one = tracks(T)[0]
    claim = ClaimedIdentity(icao24="39ac47")
    plane = replace(one, class_=ClassScores(aircraft=0.9))
    assert type_of(one) == "a-u-A-M-H-Q"
    assert type_of(plane) == "a-u-A"
    assert type_of(replace(plane, identity=claim)) == "a-n-A-C-F"
    assert type_of(replace(plane, identity=replace(claim, suspicion=0.9))) == "a-u-A"
    assert type_of(replace(one, class_=ClassScores(drone=0.4, bird=0.4))) == "a-u-A"
    bird = replace(one, class_=ClassScores(bird=0.9))
    assert type_of(bird) is None
    assert type_of(bird, replace(SPEAKER, birds=True)) == "a-u-A"


def test_nothing_is_ever_a_friend_and_hostile_only_by_setting_and_alert() -> None:
    assert "friend" not in get_args(Affiliation)
    assert set(get_args(Affiliation)) == set(AFFILIATIONS)
    assert not {"f", "a"} & set(AFFILIATIONS.values())
    for event in everything():
        assert not event.type.startswith(("a-f", "a-a", "a-h", "a-s"))
    hostile = replace(SPEAKER, affiliation="hostile")
    one, plane, _ = tracks(T)
    assert type_of(one, hostile) == "a-u-A-M-H-Q"
    assert type_of(one, hostile, alert=True) == "a-h-A-M-H-Q"
    assert type_of(plane, hostile, alert=True) == "a-n-A-C-F"


def test_neither_sensors_nor_names_nor_numbers_are_told() -> None:
    claim = ClaimedIdentity(
        serial="1581F4QZA11111111111", operator="FRA-OP-123", suspicion=0.7,
        because=(Reason("bad-serial"), Reason("unknown-identity", {"serial": "1581F4QZA11111"})),
    )  # fmt: skip
    track = replace(tracks(T)[0], identity=claim)
    text = b"".join(cot_xml(event) for event in everything())
    event = track_event(SPEAKER, track, alarm(T))
    assert event is not None
    text += cot_xml(event)
    for sealed in (b"1581F4", b"FRA-OP", b"radar-1", b"eye"):
        assert sealed not in text
    assert b"Its serial number breaks the standard." in text
    assert b"Witnesses: 2 (camera, radar)." in text


def test_an_alarm_stands_until_the_all_clear() -> None:
    rung, over = (alert_event(SPEAKER, one, zone(), T) for one in (alarm(T), all_clear(T)))
    assert rung.uid == over.uid
    assert (rung.type, over.type) == ("b-a-g", "b-a-o-can")
    emergency, cancelled = (told(one).find("detail/emergency") for one in (rung, over))
    assert emergency is not None
    assert cancelled is not None
    assert emergency.get("type") == "Geo-fence Breached"
    assert cancelled.get("cancel") == "true"
    link = told(rung).find("detail/link")
    assert link is not None
    assert link.get("uid") == track_event(SPEAKER, tracks(T)[0]).uid  # type: ignore[union-attr]
    watch = alert_event(SPEAKER, replace(alarm(T), level="watch"), zone(), T)
    assert watch.type == "b-a-o-can"


def test_a_drill_says_so_everywhere() -> None:
    alert = replace(alarm(T), drill=True)
    for event in (
        alert_event(SPEAKER, alert, zone(), T),
        track_event(SPEAKER, tracks(T)[0], alert),
    ):
        assert event is not None
        assert (event.opex, event.how) == ("e", "m-s")
        assert event.callsign is not None
        assert event.callsign.startswith("DRILL")
        assert event.remarks is not None
        assert event.remarks.startswith("DRILL")


def test_a_zone_is_a_closed_drawing() -> None:
    points = [one.get("point") for one in told(zone_event(SPEAKER, zone(), T)).iter("link")]
    assert points[0] == points[-1] == "14.9980000,-13.0020000,9999999.0"
    assert len(points) == 5


def test_names_are_the_same_on_every_run_and_differ_by_site() -> None:
    assert speaker_key("Clinic") == "661e729c"
    assert speaker_key("Dam") != speaker_key("Clinic")
    assert len({event.uid for event in everything()}) == len(everything())


@pytest.mark.parametrize("name", ['a "b" <c> & d', "نقطة", "\x00\x0b", "école"])
def test_any_name_makes_sound_xml(name: str) -> None:
    speaker = Speaker(name, speaker_key(name))
    assert told(presence_event(speaker, T)).find("detail/contact") is not None
