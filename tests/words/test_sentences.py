"""Every reason is told in every language, and no sentence misses a value."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from tocsin.words import Reason
from tocsin.words.sentences import (
    LANGUAGES,
    catalogue,
    say,
    say_direction,
    say_distance,
    say_duration,
)

SOURCE = Path(__file__).parents[2] / "src" / "tocsin"


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_have_the_same_keys_and_placeholders(language: str) -> None:
    mine, english = (msgspec.to_builtins(catalogue(name)) for name in (language, "en"))
    for part, sentences in english.items():
        assert mine[part].keys() == sentences.keys()
        for key, sentence in sentences.items():
            found, wanted = (
                sorted(re.findall(r"\{(\w+)\}", text)) for text in (mine[part][key], sentence)
            )
            assert found == wanted, f"{language}.{part}.{key}"


def test_every_reason_in_the_source_has_a_sentence() -> None:
    codes = {
        code
        for path in SOURCE.rglob("*.py")
        for code in re.findall(r'Reason\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert len(codes) > 10
    assert codes <= catalogue("en").reasons.keys()


def test_values_are_spoken_by_their_unit() -> None:
    closing = Reason("closing", {"speed_mps": 15.2, "distance_m": 1834.0, "from_deg": 40.0})
    assert say(closing) == "closing at 15 m/s, 1.8 km away, from the north-east"
    assert say(closing, "fr") == "se rapproche à 15 m/s, à 1,8 km, venant du côté nord-est"
    held = Reason("one-kind-only", {"held_level": "warning", "witness_kinds": "acoustic"})
    assert "Avertissement" in say(held, "fr")
    assert "microphones" in say(held, "fr")


def test_an_unknown_code_is_shown_not_swallowed() -> None:
    assert say(Reason("from-a-newer-version")) == "from-a-newer-version"


def test_an_unknown_language_falls_back_to_english() -> None:
    assert say(Reason("inside"), "xx") == say(Reason("inside"), "en")


@pytest.mark.parametrize(
    ("metres", "spoken"), [(7.4, "7 m"), (348, "350 m"), (999, "1000 m"), (1234, "1.2 km")]
)
def test_distances(metres: float, spoken: str) -> None:
    assert say_distance(metres) == spoken


@pytest.mark.parametrize(("seconds", "spoken"), [(41.6, "42 s"), (125, "2.1 min"), (600, "10 min")])
def test_durations(seconds: float, spoken: str) -> None:
    assert say_duration(seconds) == spoken


@pytest.mark.parametrize(
    ("azimuth", "spoken"),
    [(0, "north"), (359, "north"), (22, "north"), (23, "north-east"), (270, "west")],
)
def test_directions(azimuth: float, spoken: str) -> None:
    assert say_direction(azimuth) == spoken
