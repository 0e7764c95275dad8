"""The words of a site: legal words and digits by its file, and a doctor who says who read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.run.test_config import SOUND, write
from tests.run.test_doctor import find

from tocsin.run.config import load_config, read_config
from tocsin.run.health import examine
from tocsin.run.site import read_site


def with_site(settings: str) -> str:
    return SOUND.replace("[site]\n", f"[site]\n{settings}\n")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ('country = "sn"', "is no country code"),
        ('words = { fr = { alert = "X" } }', "there is no level 'alert'"),
        ('words = { xx = { alarm = "X" } }', "no catalogue for the language 'xx'"),
        ('words = { fr = { alarm = "" } }', "length >= 1"),
        ('country = "BF"\nwords = { fr = { alarm = "Alerte" } }', "by the authority alone"),
    ],
)
def test_legal_words_are_checked(tmp_path: Path, settings: str, fault: str) -> None:
    _, faults = read_config(write(tmp_path, with_site(settings)))
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]


def test_the_authority_may_say_its_word(tmp_path: Path) -> None:
    text = with_site('country = "BF"\nwords = { fr = { alarm = "Alerte" } }')
    assert read_config(write(tmp_path, text + "\n[cap]\nauthority = true\n"))[1] == []


def test_the_country_and_the_site_decide_the_words(tmp_path: Path) -> None:
    text = with_site('country = "BF"\narabic_digits = true\nwords = { ha = { alarm = "X" } }')
    zone = read_site(load_config(write(tmp_path, text))).zones[0]
    assert zone.legal["fr"]["alarm"] == "VIGILANCE"
    assert zone.legal["ha"] == {"alarm": "X"}
    assert zone.arabic_digits


def test_every_spoken_language_may_be_asked_for(tmp_path: Path) -> None:
    text = with_site('languages = ["bm", "ha", "ar", "fr", "en"]')
    assert read_config(write(tmp_path, text))[1] == []


@pytest.mark.parametrize(
    ("settings", "detail"),
    [
        ("", "no country is set"),
        ('country = "ML"', "nobody has looked up the legal words of ML"),
        ('country = "BF"', "no speaker has reviewed all sentences in fr, en"),
    ],
)
def test_the_doctor_says_what_nobody_has_read(tmp_path: Path, settings: str, detail: str) -> None:
    found = find(examine(write(tmp_path, with_site(settings))), "words")
    assert (found.state, found.detail) == ("weak", detail)
    assert found.remedy
