"""Warnings are short, whole, and sound like a person, in every language we claim."""

from __future__ import annotations

import re
import string
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.encode.speech import (
    Voice,
    speak_distance,
    speak_duration,
    spoken_languages,
    voice,
    warning_text,
)
from tocsin.words import Alert, Level, Reason, Zone
from tocsin.words.sentences import LANGUAGES, catalogue

ZONE = Zone("z", {"fr": "Félou", "en": "Felou"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
ALERT = Alert(
    t=0.0,
    alert="a",
    zone="z",
    track="T1",
    level="alarm",
    kind="update",
    reasons=(),
    eta_s=(30.0, 47.0, 60.0),
    because=(Reason("closing", {"speed_mps": 15.0, "distance_m": 1480, "from_deg": 50}),),
)


def test_an_alarm_in_both_languages() -> None:
    assert warning_text(ALERT, ZONE, "en") == (
        "ALARM: drone at Felou. Take cover now. It is 1.5 kilometres away, to the north-east. "
        "It could arrive in 40 seconds. Go inside or lie down behind a wall. Stay away from "
        "windows. Do not gather. Do not touch anything that has fallen. "
        "This is an automatic message."
    )
    said = warning_text(ALERT, ZONE, "fr")
    assert "Il est à 1,5 kilomètre, au nord-est. Il pourrait arriver dans 40 secondes." in said


def test_a_drill_says_so_first_and_an_automatic_message_last() -> None:
    for language in LANGUAGES:
        text = warning_text(replace(ALERT, drill=True), ZONE, language)
        assert text.startswith(catalogue(language).words["drill"])
        assert text.endswith(voice(language).automatic)
        by_hand = warning_text(replace(ALERT, automatic=False), ZONE, language)
        assert voice(language).automatic not in by_hand
        assert catalogue(language).words["drill"] not in by_hand


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_not_spoken_of(language: str) -> None:
    bare = warning_text(replace(ALERT, because=(), eta_s=None), ZONE, language)
    assert not re.search(r"\d", bare)
    assert "None" not in bare
    inside = warning_text(
        replace(ALERT, because=(Reason("inside"),), eta_s=(0.0, 0.0, 0.0)), ZONE, language
    )
    assert voice(language).inside in inside
    assert not re.search(r"\d", inside)


def test_the_end_does_not_tell_where_a_drone_is() -> None:
    for kind in ("update", "cancel"):
        clear = replace(ALERT, level="all-clear", kind=kind)
        assert "kilomet" not in warning_text(clear, ZONE, "en")
    assert "withdrawn" in warning_text(replace(ALERT, level="all-clear", kind="cancel"), ZONE, "en")


@pytest.mark.parametrize(
    ("seconds", "en", "fr"),
    [
        (0.0, "10 seconds", "10 secondes"),
        (19.9, "10 seconds", "10 secondes"),
        (119.0, "110 seconds", "110 secondes"),
        (120.0, "2 minutes", "2 minutes"),
        (299.0, "4 minutes", "4 minutes"),
    ],
)
def test_times_never_promise_more_than_there_is(seconds: float, en: str, fr: str) -> None:
    assert speak_duration(seconds, voice("en")) == en
    assert speak_duration(seconds, voice("fr")) == fr


@pytest.mark.parametrize(
    ("metres", "en", "fr"),
    [
        (3.0, "50 metres", "50 mètres"),
        (410.0, "400 metres", "400 mètres"),
        (949.0, "950 metres", "950 mètres"),
        (960.0, "1 kilometre", "1 kilomètre"),
        (1480.0, "1.5 kilometres", "1,5 kilomètre"),
        (2100.0, "2 kilometres", "2 kilomètres"),
        (12_300.0, "12 kilometres", "12 kilomètres"),
    ],
)
def test_distances_are_round_and_well_numbered(metres: float, en: str, fr: str) -> None:
    assert speak_distance(metres, voice("en")) == en
    assert speak_distance(metres, voice("fr")) == fr


@given(st.floats(0.0, 360.0), st.floats(0.0, 20_000.0), st.floats(0.0, 3600.0),
       st.sampled_from(["watch", "warning", "alarm", "all-clear"]), st.booleans())  # fmt: skip
def test_any_alert_makes_whole_sentences(
    azimuth: float, distance: float, eta: float, level: Level, drill: bool
) -> None:
    closing = Reason("closing", {"speed_mps": 1, "distance_m": distance, "from_deg": azimuth})
    alert = replace(ALERT, because=(closing,), eta_s=(eta, eta, eta), level=level, drill=drill)
    for language in LANGUAGES:
        text = warning_text(alert, ZONE, language)
        assert "{" not in text
        assert text.endswith(".")
        assert "  " not in text
        assert len(text) < 600


def test_every_language_has_every_piece_with_the_same_places() -> None:
    folder = files("tocsin.encode").joinpath("catalogue")
    assert {entry.name for entry in folder.iterdir()} == {f"{tag}.json" for tag in LANGUAGES}
    places = {
        language: {
            name: {part[1] for part in string.Formatter().parse(text) if part[1]}
            for name, text in msgspec.structs.asdict(voice(language)).items()
            if isinstance(text, str)
        }
        for language in LANGUAGES
    }
    assert all(found == places["en"] for found in places.values())
    keys = {f.name for f in msgspec.structs.fields(Voice)}
    assert set(places["en"]) == keys - {"directions", "singular_below"}
    assert all(set(voice(tag).directions) == set(voice("en").directions) for tag in LANGUAGES)
    assert len(voice("en").directions) == 8


def test_a_language_we_lack_gets_english_not_silence() -> None:
    assert warning_text(ALERT, ZONE, "ha").startswith("ALARM: drone at")
    assert spoken_languages(replace(ZONE, languages=("ha",))) == ("en",)
    assert spoken_languages(replace(ZONE, languages=("ha", "fr"))) == ("fr",)
