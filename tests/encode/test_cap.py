"""CAP messages: what each statement becomes, and what independent readers make of our bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from tocsin.decode.cap.faults import cap_faults
from tocsin.encode.cap import (
    NAMESPACE,
    CapSender,
    CapStatement,
    cap_identifier,
    cap_time,
    cap_xml,
    certainty_of,
    response_of,
    severity_of,
    urgency_of,
)
from tocsin.encode.cap_book import CapBook
from tocsin.encode.speech import phrase, wording
from tocsin.words import Alert, AlertKind, Level, Position, Reason, Witness, Zone

VECTORS = Path(__file__).parent.parent / "vectors" / "cap"
NS = {"c": NAMESPACE}

SENDER = CapSender(
    "tocsin@dam.example", "Barrage de Félou", contact="+000 00", web="http://x.example"
)
ZONE = Zone(
    "felou",
    {"fr": "Félou", "en": "Félou"},
    ((-11.36, 14.34), (-11.33, 14.34), (-11.33, 14.37), (-11.36, 14.37)),
    floor_m=20.0,
    ceiling_m=500.0,
    tell=("siren",),
)
CLOSING = Reason("closing", {"speed_mps": 15.2, "distance_m": 1234, "from_deg": 46})
ETA = Reason("eta", {"low_s": 50, "likely_s": 80, "high_s": 120})
FIRST = Alert(
    t=1_800_000_000.75,
    alert="felou-20270115T080000-T7",
    zone="felou",
    track="T7",
    level="watch",
    kind="new",
    reasons=("closing",),
    eta_s=(50.0, 80.0, 120.0),
    because=(CLOSING, ETA, Reason("no-identity")),
    witnesses=(Witness("mic-secret-7", "acoustic", 1_800_000_000.0),),
    position=Position(14.987654, -11.123456, 222.0),
    first_t=1_800_000_000.75,
)


def story() -> dict[str, Alert]:
    """A whole alert, a correction, and a drill; each name is a vector file."""
    alarm = replace(
        FIRST, t=FIRST.t + 30, level="alarm", kind="update", sequence=2, public=True,
        eta_s=(20.0, 40.0, 60.0),
        because=(CLOSING, Reason("two-kinds", {"witness_kinds": "rf,acoustic"})),
    )  # fmt: skip
    clear = replace(
        FIRST, t=FIRST.t + 120, level="all-clear", kind="update", sequence=3, public=True,
        eta_s=None, because=(Reason("left"),),
    )  # fmt: skip
    other = replace(FIRST, t=FIRST.t + 300, alert="felou-20270115T080500-T8", track="T8")
    withdrawn = replace(
        other, t=other.t + 20, level="all-clear", kind="cancel", sequence=2, eta_s=None,
        because=(Reason("not-a-drone"),),
    )  # fmt: skip
    drill = replace(
        alarm, t=FIRST.t + 900, alert="felou-drill <1>, été", kind="new", sequence=1, drill=True,
        automatic=False, eta_s=(0.0, 0.0, 0.0), because=(Reason("inside"),),
    )  # fmt: skip
    return {
        "1-watch": FIRST,
        "2-alarm": alarm,
        "3-all-clear": clear,
        "4-other-watch": other,
        "5-withdrawn": withdrawn,
        "6-drill": drill,
    }


def compose_story() -> dict[str, bytes]:
    book = CapBook(SENDER)
    return {name: book.compose(alert, ZONE).xml for name, alert in story().items()}


STORY = compose_story()


def _one(name: str, path: str) -> str:
    (found,) = _all(name, path)
    return found


def _all(name: str, path: str) -> list[str]:
    root = etree.fromstring(STORY[name])
    return [str(node.text) for node in root.findall(path, NS)]


@pytest.mark.parametrize("name", STORY)
def test_every_message_is_sound(name: str) -> None:
    assert cap_faults(STORY[name]) == []


@pytest.mark.parametrize("name", STORY)
def test_the_bytes_are_those_that_foreign_readers_read(name: str) -> None:
    """The vector files were given to foreign readers; SOURCE.md says to which and when."""
    path = VECTORS / f"{name}.xml"
    assert path.read_bytes() == STORY[name]


@pytest.mark.parametrize("name", STORY)
def test_a_foreign_reader_reads_what_we_meant(name: str) -> None:
    """cap-tools (independent, MIT) read each file; its reading is compared with the alert."""
    foreign = json.loads((VECTORS / "cap_tools.json").read_text("utf-8"))[name]
    alert = story()[name]
    assert foreign["identifier"] == cap_identifier(alert)
    assert foreign["sender"] == SENDER.id
    assert foreign["sent"].startswith(cap_time(alert.t)[:19])
    assert foreign["status"] == ("Exercise" if alert.drill else "Actual")
    assert foreign["scope"] == ("Public" if alert.public else "Restricted")
    assert [info["language"] for info in foreign["infos"]] == ["fr", "en"]
    for info, language in zip(foreign["infos"], ("fr", "en"), strict=True):
        assert info["categories"] == ["Safety", "Security"]
        assert info["urgency"] == urgency_of(alert)
        assert info["severity"] == severity_of(alert)
        assert info["certainty"] == certainty_of(alert)
        assert info["response_types"] == [response_of(alert)]
        told = wording(alert, ZONE, language)
        assert told is not None
        assert info["headline"] == told.headline
        assert info["instruction"] == told.instruction
        (area,) = info["areas"]
        corners = [tuple(map(float, pair.split(","))) for pair in area["polygons"][0].split()]
        ring = [*ZONE.polygon, ZONE.polygon[0]]
        assert corners == [(lat, lon) for lon, lat in ring]


def test_the_story_is_one_thread() -> None:
    assert _one("1-watch", "c:msgType") == "Alert"
    assert _all("1-watch", "c:references") == []
    first = "tocsin@dam.example,felou-20270115T080000-T7-1,2027-01-15T08:00:00-00:00"
    second = "tocsin@dam.example,felou-20270115T080000-T7-2,2027-01-15T08:00:30-00:00"
    assert _one("2-alarm", "c:msgType") == "Update"
    assert _one("2-alarm", "c:references") == first
    assert _one("3-all-clear", "c:msgType") == "Update"
    assert _one("3-all-clear", "c:references") == f"{first} {second}"
    assert _all("3-all-clear", "c:info/c:responseType") == ["AllClear", "AllClear"]
    assert _one("5-withdrawn", "c:msgType") == "Cancel"
    assert "felou-20270115T080500-T8-1" in _one("5-withdrawn", "c:references")


def test_only_what_rang_is_public() -> None:
    scopes = {name: _one(name, "c:scope") for name in STORY}
    assert scopes == {
        "1-watch": "Restricted",
        "2-alarm": "Public",
        "3-all-clear": "Public",
        "4-other-watch": "Restricted",
        "5-withdrawn": "Restricted",
        "6-drill": "Public",
    }


def test_a_drill_says_so_everywhere() -> None:
    assert _one("6-drill", "c:status") == "Exercise"
    for language, number in (("fr", 0), ("en", 1)):
        mark, end = phrase("drill.start", language), phrase("drill.end", language)
        for element in ("description", "instruction"):
            told = _all("6-drill", f"c:info/c:{element}")[number]
            assert told.startswith(mark)
            assert told.endswith(end)
        headline = _all("6-drill", "c:info/c:headline")[number]
        assert headline.startswith(phrase("drill.brief", language))
        assert mark in _one("6-drill", "c:note")
    assert all("drill" not in STORY[name].decode().lower() for name in STORY if name != "6-drill")


def test_times_are_as_the_standard_wants_them() -> None:
    assert cap_time(1_800_000_000.999) == "2027-01-15T08:00:00-00:00"
    assert _all("1-watch", "c:info/c:onset") == ["2027-01-15T08:01:20-00:00"] * 2
    assert _all("3-all-clear", "c:info/c:onset") == []
    assert _all("1-watch", "c:info/c:expires") == ["2027-01-15T08:30:00-00:00"] * 2


def test_no_place_of_sensor_or_drone_and_no_name_gets_out() -> None:
    named = replace(
        FIRST,
        because=(
            CLOSING,
            Reason("unknown-identity", {"serial": "1581F5FJD228K00A"}),
            Reason("friend-out-of-permit", {"label": "Mamadou's sprayer"}),
            Reason("sensor-silent", {"sensor": "mic-secret-7", "time_s": 60}),
        ),
    )
    xml = cap_xml(CapStatement(named, ZONE, SENDER, named.t)).decode()
    for secret in ("1581F5", "Mamadou", "mic-secret", "14.98", "-11.12", "222"):
        assert secret not in xml
    assert "unknown-identity" in xml, "the code alone is told"


def test_a_height_band_never_excludes_the_people_below() -> None:
    assert _all("1-watch", ".//c:altitude") == _all("1-watch", ".//c:ceiling") == []


@pytest.mark.parametrize(
    ("level", "kind", "eta_s", "inside", "expected"),
    [
        ("alarm", "update", (30.0, 40.0, 50.0), False, "Immediate Extreme Likely Shelter"),
        ("alarm", "update", (0.0, 0.0, 0.0), True, "Immediate Extreme Observed Shelter"),
        ("warning", "update", (30.0, 60.0, 90.0), False, "Immediate Severe Likely Prepare"),
        ("warning", "update", (50.0, 61.0, 90.0), False, "Expected Severe Likely Prepare"),
        ("warning", "update", None, False, "Expected Severe Possible Prepare"),
        ("watch", "new", (90.0, 200.0, 300.0), False, "Expected Moderate Possible Monitor"),
        ("watch", "new", None, False, "Future Moderate Possible Monitor"),
        ("all-clear", "update", None, False, "Past Minor Observed AllClear"),
        ("all-clear", "cancel", None, False, "Past Minor Unlikely None"),
    ],
)
def test_the_table_of_levels(
    level: Level,
    kind: AlertKind,
    eta_s: tuple[float, float, float] | None,
    inside: bool,
    expected: str,
) -> None:
    because = (Reason("inside"),) if inside else (CLOSING,)
    alert = replace(FIRST, level=level, kind=kind, eta_s=eta_s, because=because)
    got = (urgency_of(alert), severity_of(alert), certainty_of(alert), response_of(alert))
    assert " ".join(got) == expected


def test_an_update_after_a_restart_still_goes_out() -> None:
    """With the memory of earlier messages lost it can only be an Alert, and is a sound one."""
    message = CapBook(SENDER).compose(story()["2-alarm"], ZONE)
    assert b"<msgType>Alert</msgType>" in message.xml
    assert cap_faults(message.xml) == []


def test_expired_messages_are_no_longer_referred_to_but_the_latest_always_is() -> None:
    book = CapBook(replace(SENDER, valid_s=60.0))
    for n in range(1, 4):
        alert = replace(
            FIRST,
            t=FIRST.t + 100 * n,
            sequence=n,
            kind="new" if n == 1 else "update",
            level="alarm",
        )
        message = book.compose(alert, ZONE)
    assert [r.identifier[-2:] for r in message.references] == ["-2"]


def test_the_same_statement_composed_twice_does_not_refer_to_itself() -> None:
    book = CapBook(SENDER)
    book.compose(FIRST, ZONE)
    alarm = story()["2-alarm"]
    assert book.compose(alarm, ZONE).xml == book.compose(alarm, ZONE).xml


def test_the_book_knows_what_stands() -> None:
    book = CapBook(SENDER)
    messages = [book.compose(alert, ZONE) for alert in story().values()]
    now = FIRST.t + 1000
    assert [m.identifier for m in book.current(now)] == [
        messages[5].identifier, messages[4].identifier, messages[2].identifier,
    ]  # fmt: skip
    assert book.find(messages[0].identifier) == messages[0]
    assert book.find("no such") is None
    assert book.current(FIRST.t + 1e6) == []
    book.forget(FIRST.t + 1e6)
    assert book.find(messages[0].identifier) is None


def test_one_info_a_language_with_its_tag() -> None:
    many = replace(ZONE, languages=("bm", "ha", "ar", "fr", "en", "tmh"))
    root = etree.fromstring(cap_xml(CapStatement(FIRST, many, SENDER, FIRST.t)))
    tags = [n.text for n in root.findall("c:info/c:language", NS)]
    assert tags == ["bm", "ha", "ar", "fr", "en"], "one that we have not is left out"
    local = replace(SENDER, tags={"fr": "fr-ML"})
    root = etree.fromstring(cap_xml(CapStatement(FIRST, ZONE, local, FIRST.t)))
    assert [n.text for n in root.findall("c:info/c:language", NS)] == ["fr-ML", "en"]


def test_a_zone_in_languages_we_do_not_have_gets_french() -> None:
    xml = cap_xml(CapStatement(FIRST, replace(ZONE, languages=("tmh", "ff")), SENDER, FIRST.t))
    root = etree.fromstring(xml)
    assert [n.text for n in root.findall("c:info/c:language", NS)] == ["fr"]
    twice = cap_xml(CapStatement(FIRST, replace(ZONE, languages=("fr", "fr")), SENDER, FIRST.t))
    assert cap_faults(twice) == []


NAMES = st.text(min_size=1, max_size=30)


@given(NAMES, NAMES, NAMES, st.floats(0, 4e9), st.booleans())
def test_whatever_the_names_are_the_message_is_sound(
    alert_id: str, zone_name: str, label: str, t: float, drill: bool
) -> None:
    alert = replace(
        FIRST, alert=alert_id, t=t, drill=drill, because=(Reason("odd-code", {"x": label}), CLOSING)
    )
    zone = replace(ZONE, names={"fr": zone_name, "en": zone_name})
    book = CapBook(SENDER)
    assert cap_faults(book.compose(alert, zone).xml) == []
    update = replace(alert, sequence=2, kind="update", t=t + 1.0)
    message = book.compose(update, zone)
    assert cap_faults(message.xml) == []
    assert "/" not in message.file_name
    assert "\0" not in message.file_name
