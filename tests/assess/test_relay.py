"""A warning of others: whom it concerns, at which level, and how it goes on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.decode.cap_messages import NOW, message, reference

from tocsin.assess.relay import (
    concerned,
    first_statement,
    is_grave,
    is_over,
    level_of,
    next_statement,
)
from tocsin.decode.cap import Policy, read_notice
from tocsin.words import Zone
from tocsin.words.authority import AuthorityArea, AuthorityNotice

T = NOW.timestamp()


def notice(xml: str) -> AuthorityNotice:
    return read_notice(xml.encode(), Policy("pc", unsigned=True), T)


def square(name: str, lon: float, lat: float, half: float = 0.01) -> Zone:
    ring = ((lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half),
            (lon - half, lat + half))  # fmt: skip
    return Zone(name, {"fr": name}, ring, languages=("fr",))


INSIDE = square("inside", -11.35, 14.35)
EDGE = square("edge", -11.30, 14.35)
IN_CIRCLE = square("circle", -11.44, 14.54)  # ten kilometres north of its middle
FAR = square("far", -12.0, 14.35)
AROUND = square("around", -11.35, 14.35, half=2.0)
FIRST = notice(message())


def test_zones_that_an_outline_or_a_circle_touches_are_concerned() -> None:
    zones = (INSIDE, EDGE, IN_CIRCLE, FAR, AROUND)
    assert [zone.id for zone in concerned(FIRST.alert, zones)] == [
        "inside", "edge", "circle", "around",
    ]  # fmt: skip


def test_a_place_without_a_radius_and_an_outline_that_crosses_itself_are_understood() -> None:
    place = AuthorityArea("here", circles=((-11.35, 14.35, 0.0),))
    knot = AuthorityArea("knot", polygons=(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)),))
    codes = AuthorityArea("codes", geocodes=(("SAME", "006109"),))
    for area, found in ((place, ["inside"]), (knot, []), (codes, [])):
        infos = tuple(replace(info, areas=(area,)) for info in FIRST.alert.infos)
        alert = replace(FIRST.alert, infos=infos)
        assert [zone.id for zone in concerned(alert, (INSIDE, FAR))] == found
    infos = tuple(replace(info, areas=(knot,)) for info in FIRST.alert.infos)
    west = square("knot", 0.25, 0.5, half=0.05)
    assert concerned(replace(FIRST.alert, infos=infos), (west,)) == (west,)


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("Extreme", "Extreme", "alarm"),
        ("Extreme", "Severe", "warning"),
        ("Extreme", "Moderate", "watch"),
        ("Extreme", "Minor", "watch"),
        ("Extreme", "Unknown", "watch"),
        ("Immediate", "Past", "all-clear"),
        ("Shelter", "AllClear", "all-clear"),
    ],
)
def test_severity_becomes_a_level(old: str, new: str, level: str) -> None:
    assert level_of(notice(message().replace(old, new)).alert) == level


def test_the_gravest_block_counts() -> None:
    assert level_of(notice(message().replace("Extreme", "Minor", 1)).alert) == "alarm"
    assert level_of(notice(message().replace("Immediate", "Past", 1)).alert) == "alarm"


@pytest.mark.parametrize(
    ("old", "new", "least", "goes"),
    [
        ("Extreme", "Extreme", "Extreme", True),
        ("Extreme", "Severe", "Extreme", False),
        ("Extreme", "Severe", "Severe", True),
        ("Extreme", "Unknown", "Unknown", True),
        ("Immediate", "Future", "Extreme", False),
        ("Immediate", "Expected", "Extreme", True),
        ("Observed", "Possible", "Extreme", False),
        ("Observed", "Likely", "Extreme", True),
    ],
)
def test_what_goes_by_itself_is_grave_soon_and_sure(
    old: str, new: str, least: str, goes: bool
) -> None:
    assert is_grave(notice(message().replace(old, new)).alert, least) is goes


def test_the_first_statement_names_its_origin() -> None:
    said = first_statement(FIRST, INSIDE, T + 1, automatic=False)
    assert (said.level, said.kind, said.sequence, said.public) == ("alarm", "new", 1, True)
    assert said.origin == FIRST.alert.reference
    assert said.because[0].values["sender"] == "Protection civile"
    assert said.alert.startswith("inside-pc-")
    assert not said.automatic
    assert not said.drill
    drill = notice(message().replace("<status>Actual", "<status>Exercise"))
    assert first_statement(drill, INSIDE, T, automatic=True).drill


def test_the_story_goes_on_with_an_update_a_withdrawal_and_an_end() -> None:
    said = first_statement(FIRST, INSIDE, T, automatic=False)
    assert next_statement(said, FIRST, INSIDE, T + 3599) is None
    ended = next_statement(said, FIRST, INSIDE, T + 3600)
    assert ended is not None
    assert (ended.level, ended.kind, ended.public) == ("all-clear", "update", True)
    assert ended.because[0].code == "authority-ended"
    assert is_over(ended)
    less = message("pc-2", "Update", minutes=1, about=[reference("pc-1")])
    update = notice(less.replace("Extreme", "Severe"))
    told = next_statement(said, update, INSIDE, T + 60)
    assert told is not None
    assert (told.level, told.kind, told.sequence) == ("warning", "update", 2)
    assert told.origin == update.alert.reference
    assert told.public, "who heard the alarm hears how it goes on"
    assert next_statement(told, update, INSIDE, T + 61) is None
    cancel = notice(message("pc-3", "Cancel", minutes=2, about=[reference("pc-2", 1)]))
    withdrawn = next_statement(told, cancel, INSIDE, T + 120)
    assert withdrawn is not None
    assert (withdrawn.level, withdrawn.kind, withdrawn.sequence) == ("all-clear", "cancel", 3)
    assert withdrawn.because[0].code == "authority-withdrawn"


def test_a_message_that_nobody_remembers_ends() -> None:
    said = first_statement(FIRST, INSIDE, T, automatic=False)
    ended = next_statement(said, None, INSIDE, T + 1)
    assert ended is not None
    assert is_over(ended)
