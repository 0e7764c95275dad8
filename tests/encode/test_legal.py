"""Who may say *Alerte*, and which words a speaker has to record."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.encode.test_speech import ALERT, ZONE, told

from tocsin.encode.legal import COUNTRIES, LEVELS, kept_from, legal_words
from tocsin.encode.phrasebook import LANGUAGES
from tocsin.encode.recordings import recordings
from tocsin.encode.speech import wording
from tocsin.words import Reason


def test_the_twelve_countries_say_what_was_looked_up_and_what_was_not() -> None:
    assert " ".join(sorted(COUNTRIES)) == "BF BJ CI CM GH ML MR NE NG SN TD TG"
    for country in COUNTRIES.values():
        known = bool(country.authority or country.others or country.kept)
        assert known == bool(country.source), "no word without where it was looked up"


def test_in_burkina_faso_only_the_authority_says_alerte() -> None:
    for authority, word, end in ((True, "ALERTE", "Fin d’alerte"),
                                 (False, "VIGILANCE", "Fin de vigilance")):  # fmt: skip
        zone = replace(ZONE, legal=legal_words("BF", authority=authority))
        assert told(ALERT, "fr", zone).headline.startswith(f"{word} : Félou.")
        clear = replace(ALERT, level="all-clear", because=(), eta_s=None)
        assert told(clear, "fr", zone).spoken.startswith(f"{end} : Félou.")
    others = replace(ZONE, legal=legal_words("BF", authority=False))
    for level in ("watch", "warning", "alarm", "all-clear"):
        for kind in ("update", "cancel"):
            alert = replace(ALERT, level=level, kind=kind, drill=True)
            assert "alerte" not in str(told(alert, "fr", others)).lower()
    assert legal_words("XX", authority=True) == {}


def test_a_word_kept_for_the_authority_is_found() -> None:
    words = {"fr": {"alarm": "Alerte rouge", "watch": "Veille"}}
    assert kept_from("BJ", words) == [("fr", "alarm", "Alerte rouge")]
    assert kept_from("SN", words) == kept_from("", words) == []
    assert "cancel" in LEVELS


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_spoken_of_a_usual_alert_can_be_recorded(language: str) -> None:
    recorded = recordings(language)
    assert all(text and "{" not in text for text in recorded.values())
    for distance_m in (40, 100, 349, 960, 1480, 4400, 4999, 14_900):
        for eta_s in (3.0, 10.0, 47.0, 119.9, 121.0, 299.0):
            closing = Reason(
                "closing", {"speed_mps": 1, "distance_m": distance_m, "from_deg": distance_m % 360}
            )
            for level in ("watch", "warning", "alarm", "all-clear"):
                alert = replace(
                    ALERT, level=level, because=(closing,), eta_s=(eta_s,) * 3, drill=True, count=7
                )
                found = wording(alert, ZONE, language)
                assert found is not None
                pieces = [name for name in found.recordings if not name.startswith("zone.")]
                assert set(pieces) <= recorded.keys()
                assert all(recorded[name] in found.spoken for name in pieces)
