"""MISP: loaded by MISP's own library and held against the public object templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.encode.exported import evening, report
from tests.shared import VECTORS

from tocsin.encode.account import Account
from tocsin.encode.misp import PLACE, RID, Template, write_misp
from tocsin.words import ClaimedIdentity

pymisp = pytest.importorskip("pymisp")


def load(account: Account) -> Any:
    event = pymisp.MISPEvent()
    event.load(b"".join(write_misp(account)).decode())
    return event


def template(name: str) -> dict[str, Any]:
    """The public template, as the library carries it."""
    folder = Path(pymisp.__file__).parent / "data" / "misp-objects" / "objects"
    found: dict[str, Any] = json.loads((folder / name / "definition.json").read_bytes())
    return found


@pytest.mark.parametrize("ours", [RID, PLACE], ids=lambda one: str(one.name))
def test_our_templates_are_the_public_ones(ours: Template) -> None:
    public = template(ours.name)
    assert (ours.uuid, ours.category) == (public["uuid"], public["meta-category"])
    assert int(ours.version) <= public["version"]
    assert ours.description == public["description"]
    for relation, kind in ours.types.items():
        assert public["attributes"][relation]["misp-attribute"] == kind, relation


def test_objects_satisfy_their_templates() -> None:
    event = load(evening())
    assert [one.name for one in event.objects] == [RID.name, PLACE.name]
    for one in event.objects:
        public = template(one.name)
        told = {attribute.object_relation: attribute for attribute in one.attributes}
        assert told.keys() <= public["attributes"].keys()
        assert set(public.get("required", ())) <= told.keys()
        assert told.keys() & set(public["requiredOneOf"])
        for relation, attribute in told.items():
            allowed = public["attributes"][relation].get("values_list")
            assert allowed is None or attribute.value in allowed


def test_a_remote_id_observation_field_by_field() -> None:
    event = load(evening())
    told = {a.object_relation: a.value for a in event.objects[0].attributes}
    assert told["uas-id"] == "=HYPERLINK(1)"
    assert float(told["latitude"]) == 15.00011
    assert float(told["longitude"]) == -11.9989
    assert float(told["altitude-m"]) == 61.0
    assert told["height-reference"] == "other"
    assert float(told["confidence"]) == 60.0
    assert "what it claims" in told["comment"]
    assert not [name for name in told if name.startswith(("operator", "receiver"))]


def test_an_unknown_height_is_absent() -> None:
    tracks = [report(1, alt_m=None, vu=None, identity=ClaimedIdentity(session="s-1"))]
    told = {a.object_relation for a in load(Account("x", tracks=tracks)).objects[0].attributes}
    assert not told & {"altitude-m", "height-reference", "uas-id"}
    assert "session-id" in told


def test_the_event_tells_level_and_alerts() -> None:
    event = load(evening())
    assert event.info == "Drones near Kaawral: 2 tracks, highest level warning"
    assert str(event.date) == "2026-11-20"
    assert event.threat_level_id == 2
    assert not event.published
    assert [tag.name for tag in event.tags] == ["tlp:amber"]
    assert len(event.event_reports) == 1
    assert "closing at 11 m/s" in event.event_reports[0].content


def test_the_library_loads_the_golden_event() -> None:
    event = pymisp.MISPEvent()
    event.load_file(VECTORS / "exports" / "evening.misp.json")
    assert event.threat_level_id == 1
    assert {one.name for one in event.objects} == {RID.name, PLACE.name}
    uuids = [one.uuid for one in (*event.objects, *event.event_reports)]
    assert len(set(uuids)) == len(uuids)
