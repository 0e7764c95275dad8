"""Warnings are short, whole, and sound like a person, in every language we claim."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.encode.phrasebook import LANGUAGES, Voice
from tocsin.encode.sms import sms_length
from tocsin.encode.speech import (
    ADVICE,
    LONGEST_SHORT_BYTES,
    headline,
    phrase,
    round_distance,
    round_duration,
    wording,
    wordings,
)
from tocsin.words import Alert, Level, Reason, Wording, Zone

ZONE = Zone(
    "felou",
    {"fr": "Félou", "en": "Felou", "ar": "فيلو"},
    ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
    languages=LANGUAGES,
)
CLOSING = Reason("closing", {"speed_mps": 15.0, "distance_m": 1480, "from_deg": 50})
ALERT = Alert(
    t=0.0,
    alert="a",
    zone="felou",
    track="T1",
    level="alarm",
    kind="update",
    reasons=(),
    eta_s=(30.0, 47.0, 60.0),
    because=(CLOSING, Reason("two-kinds", {"witness_kinds": "acoustic,radar"})),
)


def told(alert: Alert, language: str, zone: Zone = ZONE) -> Wording:
    found = wording(alert, zone, language)
    assert found is not None
    return found


def test_an_alarm_in_english_and_french() -> None:
    assert told(ALERT, "en").spoken == (
        "ALARM: Felou. Drone! Take cover now. It is 1.5 kilometres away. It is to the north-east. "
        "It could arrive in about 40 seconds. Go inside, into a solid building. If you are "
        "outside, lie down behind a wall. Stay away from windows. Do not gather. At night, put out "
        "the lights. Do not touch anything that has fallen. "
        "Automatic message, not yet confirmed by a person."
    )
    said = told(ALERT, "fr").spoken
    assert said.startswith("ALARME : Félou. Drone ! Abritez-vous maintenant. ")
    assert "Il est à 1,5 kilomètre. Il est au nord-est. " in said
    assert "dans 40 secondes environ." in said


def test_languages_without_a_voice_are_told_numbers_in_words() -> None:
    near = replace(ALERT, because=(replace(CLOSING, values={**CLOSING.values, "distance_m": 350}),))
    assert "mitoci ɗari uku da hamsin" in told(near, "ha").spoken
    assert "daƙiƙoƙi arba’in" in told(near, "ha").spoken
    assert "mɛtɛrɛ kɛmɛ saba ni bi duuru" in told(near, "bm").spoken
    for language in ("ha", "bm"):
        assert not re.search(r"\d", told(ALERT, language).spoken)
        assert re.search(r"\d", told(ALERT, language).short), "a text message has digits"


def test_arabic_counts_in_its_own_forms_and_digits() -> None:
    forms = {1: "كيلومترًا واحدًا", 2: "كيلومترين", 3: "3 كيلومترات", 11: "11 كيلومترًا"}
    for kilometres, form in forms.items():
        values = {**CLOSING.values, "distance_m": kilometres * 1000}
        alert = replace(ALERT, because=(replace(CLOSING, values=values),))
        assert f"تبعد {form}." in told(alert, "ar").spoken
    arabic = replace(ZONE, arabic_digits=True)
    assert "١٫٥ كيلومتر" in told(ALERT, "ar", arabic).spoken
    assert "1,5 kilomètre" in told(ALERT, "fr", arabic).spoken, "French keeps its own"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drill_says_so_first_and_last_and_an_automatic_message_says_so(language: str) -> None:
    drill = told(replace(ALERT, drill=True), language)
    first, last = phrase("drill.start", language), phrase("drill.end", language)
    for text in (drill.spoken, drill.description, drill.instruction):
        assert text.startswith(first)
        assert text.endswith(last)
    assert drill.headline.startswith(phrase("drill.brief", language))
    real = told(ALERT, language)
    assert phrase("automatic", language) in real.spoken
    assert phrase("automatic", language) in real.description
    by_hand = told(replace(ALERT, automatic=False), language)
    assert phrase("automatic", language) not in by_hand.spoken
    assert phrase("drill.brief", language)[:-1] not in by_hand.spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_not_spoken_of(language: str) -> None:
    bare = told(replace(ALERT, because=(), eta_s=None), language).spoken
    assert not re.search(r"\d", bare)
    assert "None" not in bare
    inside = replace(ALERT, because=(Reason("inside"),), eta_s=(0.0, 0.0, 0.0))
    assert phrase("where.inside", language) in told(inside, language).spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_swarm_is_one_number(language: str) -> None:
    swarm = replace(ALERT, count=12)
    assert Voice(language).count("what.drones", 12) in told(swarm, language).spoken


def test_the_end_does_not_tell_where_a_drone_is() -> None:
    for kind in ("update", "cancel"):
        clear = told(replace(ALERT, level="all-clear", kind=kind), "en")
        assert "kilomet" not in clear.spoken + clear.short + clear.description
    assert "withdrawn" in told(replace(ALERT, level="all-clear", kind="cancel"), "en").spoken


def test_a_name_is_never_told() -> None:
    named = replace(
        ALERT,
        because=(
            Reason("friend-out-of-permit", {"label": "Mamadou"}),
            Reason("three-sensors", {"sensor": "mic-7", "count": 3, "witness_kinds": "acoustic"}),
        ),
    )
    for found in wordings(named, ZONE).values():
        assert "Mamadou" not in str(found)
        assert "mic-7" not in str(found)


@pytest.mark.parametrize(
    ("seconds", "rounded"),
    [
        (0.0, (10, "seconds")),
        (19.9, (10, "seconds")),
        (119.0, (110, "seconds")),
        (120.0, (2, "minutes")),
        (299.0, (4, "minutes")),
        (7199.0, (119, "minutes")),
        (7200.0, (2, "hours")),
    ],
)
def test_times_never_promise_more_than_there_is(seconds: float, rounded: tuple[float, str]) -> None:
    assert round_duration(seconds) == rounded


@pytest.mark.parametrize(
    ("metres", "rounded"),
    [
        (3.0, (50, "metres")),
        (410.0, (400, "metres")),
        (949.0, (950, "metres")),
        (960.0, (1, "kilometres")),
        (1480.0, (1.5, "kilometres")),
        (2100.0, (2, "kilometres")),
        (12_300.0, (12, "kilometres")),
    ],
)
def test_distances_are_round(metres: float, rounded: tuple[float, str]) -> None:
    assert round_distance(metres) == rounded


ALERTS = st.builds(
    lambda azimuth, distance, eta, level, kind, drill, count: replace(
        ALERT,
        because=(Reason("closing", {"speed_mps": 1, "distance_m": distance, "from_deg": azimuth}),),
        count=count,
        eta_s=(eta, eta, eta),
        level=level,
        kind=kind,
        drill=drill,
    ),
    st.floats(0.0, 360.0),
    st.floats(0.0, 20_000.0),
    st.floats(0.0, 90_000.0),
    st.sampled_from(["watch", "warning", "alarm", "all-clear"]),
    st.sampled_from(["new", "cancel"]),
    st.booleans(),
    st.integers(1, 500),
)


@given(ALERTS)
def test_any_alert_makes_whole_sentences_in_every_language(alert: Alert) -> None:
    found = wordings(alert, ZONE)
    assert tuple(found) == LANGUAGES
    for told_ in found.values():
        for text in (told_.headline, told_.description, told_.instruction, told_.spoken):
            assert "{" not in text
            assert "  " not in text
            assert text.endswith((".", "!"))
            assert len(text) < 700
        assert len(told_.recordings) == len(set(told_.recordings))


@given(ALERTS, st.text(min_size=1, max_size=60), st.sampled_from(LANGUAGES))
def test_the_short_form_fits_whatever_the_place_is_called(
    alert: Alert, name: str, language: str
) -> None:
    short = told(alert, language, replace(ZONE, names={language: name})).short
    length = sms_length(short)
    assert length.parts <= (1 if length.alphabet == "gsm-7" else 2)
    assert len(short.encode()) <= LONGEST_SHORT_BYTES
    if alert.drill:
        brief = sms_length(phrase("drill.brief", language)).alphabet
        assert brief in ("gsm-7", "ucs-2")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_usual_alarm_by_text_message_says_level_place_what_and_how_far(language: str) -> None:
    told_ = told(ALERT, language)
    short = told_.short
    length = sms_length(short)
    assert (length.alphabet, length.parts) == (("ucs-2", 2) if language == "ar" else ("gsm-7", 1))
    assert ZONE.name(language) in short
    assert "1.5" in short or "1,5" in short


def test_a_language_that_lacks_a_sentence_is_left_out_and_another_speaks() -> None:
    assert tuple(wordings(ALERT, replace(ZONE, languages=("tmh", "ha")))) == ("ha",)
    assert tuple(wordings(ALERT, replace(ZONE, languages=("tmh",)))) == ("fr",)
    assert headline(ALERT, replace(ZONE, languages=("ha",)), "tmh").startswith("HAƊARI")


def test_the_law_s_word_stands_at_the_head() -> None:
    legal = replace(ZONE, legal={"fr": {"alarm": "ALERTE"}})
    assert told(ALERT, "fr", legal).spoken.startswith("ALERTE : Félou.")
    assert told(ALERT, "fr", legal).short.startswith("ALERTE : Félou.")
    assert told(ALERT, "en", legal).spoken.startswith("ALARM: Felou.")


def test_every_level_has_advice() -> None:
    levels: tuple[Level, ...] = ("watch", "warning", "alarm", "all-clear")
    assert set(ADVICE) == {*levels, "cancel"}
