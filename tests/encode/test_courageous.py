"""COURAGEOUS 0.4.1: read by types written from the published schema, strict about every key.

The schema itself carries no licence and is not kept here; what it said of the golden file stands in
tests/vectors/exports/ORIGIN.md.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

import msgspec
import pytest
from tests.encode.exported import DETECTIONS, T0, courageous, evening, report
from tests.shared import VECTORS

from tocsin.earth import sea_level_height_m
from tocsin.encode.account import Account
from tocsin.words import Alert, ClassScores

Unit = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Class = Literal["Unknown", "UAV", "GCS", "Other"]


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Place(Strict):
    lat: float
    lon: float
    height_amsl: float


class Position3d(Strict, tag_field="$type", tag="Position3d"):
    lat: float
    lon: float
    height_amsl: float


class Position2d(Strict, tag_field="$type", tag="Position2d"):
    lat: float
    lon: float


class Velocity(Strict):
    east: float
    north: float
    up: float


class Alarm(Strict):
    active: bool
    certainty: Unit


class TrackingRecord(Strict):
    alarm: Alarm
    classification: Class
    location: Position3d | Position2d
    record_number: Whole
    time: Whole
    identification: str | None = None
    velocity: Velocity | None = None


class DetectionRecord(Strict):
    classification: Class
    record_number: Whole
    time: Whole
    location: Position3d | Position2d | None = None
    identification: str | None = None


class Track(Strict):
    records: list[TrackingRecord]
    uas_id: Whole
    name: str | None = None


class Detection(Strict):
    records: list[DetectionRecord]
    name: str | None = None


class Document(Strict):
    detection: list[Detection]
    static_cuas_location: Place
    system_name: str
    tracks: list[Track]
    vendor_name: str
    version: Literal["0.4.1"]


def read(account: Account) -> Document:
    return msgspec.json.decode(b"".join(courageous(account)), type=Document)


def test_confirmed_reports_are_records_field_by_field() -> None:
    first = read(evening()).tracks[0]
    assert first.name == "T1"
    assert len(first.records) == 11  # the tentative one is no track yet
    record = first.records[0]
    assert record.time == round((T0 + 1) * 1000)
    assert (record.location.lat, record.location.lon) == (15.00001, -11.9999)
    assert record.velocity == Velocity(10.8, 1.1, 1.0)
    assert record.classification == "UAV"
    assert record.alarm.certainty == 0.97
    assert record.identification == "claims serial =HYPERLINK(1); suspicion 0.40"
    geoid = sea_level_height_m(15.0, -12.0, 0.0)
    if geoid is None:
        assert isinstance(record.location, Position2d)
    else:
        assert isinstance(record.location, Position3d)
        assert record.location.height_amsl == pytest.approx(51.0 + geoid, abs=0.05)


def test_the_alarm_is_active_while_an_alert_stands() -> None:
    active = [record.alarm.active for record in read(evening()).tracks[0].records]
    assert active == [False] + 7 * [True] + 3 * [False]  # from second 2 until second 9


def test_two_alerts_on_one_track_stand_by_themselves() -> None:
    def told(t: float, zone: str, level: str) -> Alert:
        return Alert(T0 + t, zone, zone, "T1", level, "new", ())  # type: ignore[arg-type]

    alerts = [told(0, "a", "watch"), told(1, "b", "alarm"), told(3, "b", "all-clear")]
    account = Account("x", tracks=[report(k) for k in range(1, 6)], alerts=alerts)
    assert all(record.alarm.active for record in read(account).tracks[0].records)


def test_an_unknown_height_or_climb_is_absent() -> None:
    second = read(evening()).tracks[1]
    assert second.name == "T2"
    assert isinstance(second.records[0].location, Position2d)
    assert second.records[0].velocity is None


def test_a_gap_begins_a_new_track_of_the_same_aircraft() -> None:
    account = Account("x", tracks=[report(1), report(2), report(9), report(9.5)])  # type: ignore[arg-type]
    tracks = read(account).tracks
    assert [len(track.records) for track in tracks] == [2, 2]
    assert tracks[0].uas_id == tracks[1].uas_id


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        (ClassScores(drone=0.6), "UAV"),
        (ClassScores(bird=0.6, drone=0.4), "Other"),
        (ClassScores(drone=0.4, bird=0.4), "Unknown"),
        (ClassScores(), "Unknown"),
    ],
)
def test_the_class_is_told_only_when_it_is_likely(scores: ClassScores, name: str) -> None:
    record = read(Account("x", tracks=[report(1, class_=scores)])).tracks[0].records[0]
    assert record.classification == name
    assert record.alarm.certainty == (0.5 if scores.drone is None else scores.drone)


def test_detections_are_sets_by_kind_and_only_sighted_places_are_in() -> None:
    found = read(evening()).detection
    assert [one.name for one in found] == ["remote_id", "acoustic", "human", "rf", "radar"]
    places = [record.location for one in found for record in one.records]
    assert len(places) == len(DETECTIONS)
    assert [place is not None for place in places] == [True, False, False, False, False]


def test_every_record_has_a_number_of_its_own() -> None:
    document = read(evening())
    sets = [*document.tracks, *document.detection]
    numbers = Counter(record.record_number for one in sets for record in one.records)
    assert max(numbers.values()) == 1


def test_the_golden_log_is_read_strictly() -> None:
    data = (VECTORS / "exports" / "evening.courageous.json").read_bytes()
    document = msgspec.json.decode(data, type=Document)
    assert document.static_cuas_location == Place(15.12, -12.73, 20.0)
    assert b"GCS" not in data
    assert b"uav_home_location" not in data
