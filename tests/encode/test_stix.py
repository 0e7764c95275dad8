"""STIX 2.1: read back by OASIS's own library, strictly, with our extension registered."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from tests.encode.exported import evening
from tests.shared import VECTORS

from tocsin.encode.account import Account
from tocsin.encode.stix import EXTENSION, OBSERVATION, write_stix

stix2 = pytest.importorskip("stix2")

NUMBER = stix2.properties.FloatProperty
TEXT = stix2.properties.StringProperty
TIME = stix2.properties.TimestampProperty
OBJECT = stix2.properties.DictionaryProperty


@stix2.v21.CustomObservable(
    OBSERVATION,
    [
        ("observation", TEXT(required=True)),
        ("site", TEXT(required=True)),
        ("track", TEXT(required=True)),
        ("first_observed", TIME(required=True)),
        ("last_observed", TIME(required=True)),
        ("first_position", OBJECT(required=True)),
        ("last_position", OBJECT(required=True)),
        ("last_sigma_m", NUMBER(required=True)),
        ("class_probabilities", OBJECT()),
        ("sensor_kinds", stix2.properties.ListProperty(TEXT)),
        ("highest_level", TEXT()),
        ("claimed_serial", TEXT()),
        ("claimed_session", TEXT()),
        ("claimed_icao24", TEXT()),
        ("claimed_callsign", TEXT()),
        ("claim_suspicion", NUMBER()),
        ("claim_doubts", stix2.properties.ListProperty(TEXT)),
    ],
    ["observation"],
    extension_name=EXTENSION,
)
class DroneObservation:
    """The extension of docs/reference/exports.md, as a receiver would register it."""


def bundle(account: Account) -> Any:
    return stix2.parse(b"".join(write_stix(account)).decode(), allow_custom=False, version="2.1")


def of_type(found: Any, kind: str) -> list[Any]:
    return [one for one in found.objects if one["type"] == kind]


@pytest.fixture
def golden() -> Any:
    text = (VECTORS / "exports" / "evening.stix.json").read_text("utf-8")
    return stix2.parse(text, allow_custom=False, version="2.1")


def test_the_library_reads_all_of_it_strictly(golden: Any) -> None:
    kinds = {one["type"] for one in golden.objects}
    assert kinds == {
        "identity",
        "extension-definition",
        "location",
        OBSERVATION,
        "observed-data",
        "incident",
        "relationship",
    }


def test_only_tracks_worth_telling_are_told() -> None:
    told = of_type(bundle(evening()), OBSERVATION)
    assert [one.track for one in told] == ["T1", "T2"]  # a bird and an unconfirmed one are not


def test_an_observation_field_by_field() -> None:
    found = bundle(evening())
    thing, observed = of_type(found, OBSERVATION)[0], of_type(found, "observed-data")[0]
    assert observed.object_refs == [thing.id]
    assert observed.number_observed == 12
    assert str(observed.first_observed) == "2026-11-20 18:09:59.500000+00:00"
    assert thing.last_position == {
        "latitude": 15.00011, "longitude": -11.9989, "altitude_ellipsoid_m": 61.0,
    }  # fmt: skip
    assert thing.claimed_serial == "=HYPERLINK(1)"
    assert thing.claim_suspicion == 0.4
    assert thing.highest_level == "warning"
    assert thing.sensor_kinds == ["acoustic", "rf"]
    second = of_type(found, OBSERVATION)[1]
    assert "altitude_ellipsoid_m" not in second.last_position
    assert "claim_suspicion" not in second


def test_identifiers_are_version_5_and_those_of_observables_follow_the_standard() -> None:
    found = bundle(evening())
    for one in found.objects:
        assert UUID(one["id"].partition("--")[2]).version == 5
    thing = of_type(found, OBSERVATION)[0]
    required = (
        "observation", "site", "track", "first_observed", "last_observed", "first_position",
        "last_position", "last_sigma_m",
    )  # fmt: skip
    # The library reckons the identifier by clause 2.9 itself.
    anew = DroneObservation(**{key: thing[key] for key in required})
    assert anew.id == thing.id


def test_an_incident_is_tied_to_its_track_and_zone() -> None:
    found = bundle(evening())
    incident = of_type(found, "incident")[0]
    assert incident.name == "Drone near Dam & <dyke>: warning"
    assert "closing at 11 m/s" in incident.description
    targets = {r.target_ref.partition("--")[0] for r in of_type(found, "relationship")}
    assert targets == {"observed-data", "location"}
    location = of_type(found, "location")[0]
    assert (location.latitude, location.longitude) == (15.0, -12.0)
    assert 1500 < location.precision < 1600


def test_everything_is_marked_amber_and_times_have_milliseconds(golden: Any) -> None:
    assert all(one.object_marking_refs == [stix2.TLP_AMBER.id] for one in golden.objects)
    text = (VECTORS / "exports" / "evening.stix.json").read_text("utf-8")
    assert len(re.findall(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"', text)) > 20
    assert not re.findall(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', text)
    assert json.loads(text)["id"].startswith("bundle--")


def test_an_empty_evening_names_only_the_site() -> None:
    assert [one["type"] for one in bundle(Account("Nowhere")).objects] == ["identity"]
