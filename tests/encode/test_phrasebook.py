"""The warning catalogue is whole: no sentence, place or plural form is missing in any language."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from babel import Locale
from msgspec.structs import replace
from tests.encode.test_speech import ALERT, ZONE

from tocsin.encode import phrasebook as book
from tocsin.encode.numerals import write_digits, write_words
from tocsin.encode.phrasebook import LANGUAGES, Phrasebook, Sentence, phrasebook
from tocsin.encode.plurals import FORMS, plural_form
from tocsin.encode.speech import ADVICE, UNDETERMINED, phrase, wording, wordings

ENGLISH = phrasebook("en").sentences
SOURCE = Path(book.__file__).parents[1]


def _texts(sentence: Sentence) -> list[str]:
    return [sentence.text] if isinstance(sentence.text, str) else list(sentence.text.values())


def _places(text: str) -> set[str]:
    return {part[1] for part in string.Formatter().parse(text) if part[1]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_place_or_form_is_missing(language: str) -> None:
    sentences = phrasebook(language).sentences
    assert sentences.keys() == ENGLISH.keys()
    assert len(sentences) >= 60
    for key, english in ENGLISH.items():
        mine = sentences[key]
        assert isinstance(mine.text, str) == isinstance(english.text, str), key
        wanted = set().union(*map(_places, _texts(english)))
        if isinstance(mine.text, str):
            assert _places(mine.text) == wanted, key
            assert mine.text.strip() == mine.text != "", key
            continue
        assert tuple(mine.text) == FORMS[language], key
        for form, text in mine.text.items():
            lacking = wanted - _places(text)
            # "two kilometres" is one word in Arabic: the number may be left unsaid
            assert lacking <= ({"count"} if form in ("zero", "one", "two") else set()), key


def test_the_folder_holds_the_languages_and_no_other() -> None:
    folder = files("tocsin.encode").joinpath("catalogue")
    names = {entry.name for entry in folder.iterdir()}
    assert names == {f"{tag}.json" for tag in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_are_those_of_cldr(language: str) -> None:
    """Babel carries CLDR: a foreign reading of the same rules."""
    rule = Locale(language).plural_form
    for number in [*range(10_000), *(n + 0.5 for n in range(100))]:
        assert plural_form(language, number) == rule(number), number
    never = {"many"} if language == "fr" else set()  # from a million on
    assert set(FORMS[language]) == {*rule.tags, "other"} - never


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_calm_short_and_in_their_own_letters(language: str) -> None:
    letters = {"ar": r"[\u0600-\u06ff]", "ha": r"[ɓɗƙƴƁƊƘƳ]", "bm": r"[ɛɔɲŋƐƆƝŊ]"}
    everything = " ".join(t for s in phrasebook(language).sentences.values() for t in _texts(s))
    if language in letters:
        assert len(re.findall(letters[language], everything)) > 40
    for key, sentence in phrasebook(language).sentences.items():
        for text in _texts(sentence):
            assert len(text) <= (200 if key == "report.risk" else 100), key
            assert "!!" not in text
            assert "'" not in text, f"{key}: write ’"


def test_the_legal_noun_stands_only_in_the_words_of_levels() -> None:
    """Where the law keeps "alerte" for an authority, changing the level's word is enough."""
    for key, sentence in phrasebook("fr").sentences.items():
        if not key.startswith("level."):
            assert not re.search("alerte|vigilance", str(sentence.text), re.IGNORECASE), key


def test_every_sentence_says_who_vouches_for_it() -> None:
    for language in LANGUAGES:
        assert {s.review for s in phrasebook(language).sentences.values()} <= {
            "machine",
            "reviewed by a speaker",
        }


def test_numbers_in_words() -> None:
    assert write_words(400, "ha") == "ɗari huɗu"
    assert write_words(12, "ha") == "goma sha biyu"
    assert write_words(1950, "ha") == "dubu da ɗari tara da hamsin"
    assert write_words(1.5, "ha") == "ɗaya da rabi"
    assert write_words(110, "bm") == "kɛmɛ ni tan"
    assert write_words(21, "bm") == "mugan ni kelen"
    assert write_words(2.5, "bm") == "fila ni tilancɛ"
    assert write_words(2000, "bm") == "waa fila"
    assert write_words(12, "en") is write_words(1.25, "ha") is write_words(10_000, "bm") is None
    for language in ("ha", "bm"):
        said = [write_words(number, language) for number in range(10_000)]
        assert len(set(said)) == 10_000, "two numbers sound the same"
    assert write_digits(1.5, ",") == "1,5"
    assert write_digits(1250, ".", arabic=True) == "١٢٥٠"


@pytest.fixture
def holed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the catalogue that a test may make holes in."""
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for tag in LANGUAGES:
        text = files("tocsin.encode").joinpath("catalogue", f"{tag}.json").read_bytes()
        (folder / f"{tag}.json").write_bytes(text)
    monkeypatch.setattr(book, "files", lambda _: tmp_path)
    phrasebook.cache_clear()
    yield folder
    phrasebook.cache_clear()


def _cut(folder: Path, language: str, key: str) -> None:
    path = folder / f"{language}.json"
    whole = msgspec.json.decode(path.read_bytes(), type=Phrasebook)
    left = {name: s for name, s in whole.sentences.items() if name != key}
    path.write_bytes(msgspec.json.encode(replace(whole, sentences=left)))


def test_a_voice_never_falls_silent_for_want_of_one_language(holed: Path) -> None:
    zone = replace(ZONE, languages=("ha", "bm"))
    assert tuple(wordings(ALERT, zone)) == ("ha", "bm")
    _cut(holed, "ha", "do.windows")
    phrasebook.cache_clear()
    assert tuple(wordings(ALERT, zone)) == ("bm",), "the next of the site's own"
    (holed / "bm.json").write_text("{ spoilt")
    phrasebook.cache_clear()
    assert tuple(wordings(ALERT, zone)) == ("fr",), "then French"
    _cut(holed, "fr", "what.alarm")
    phrasebook.cache_clear()
    assert tuple(wordings(ALERT, zone)) == ("en",), "then English"
    (holed / "en.json").unlink()
    phrasebook.cache_clear()
    last = wordings(replace(ALERT, drill=True), zone)
    assert tuple(last) == (UNDETERMINED,), "then the sound alone, with a bare line for the screens"
    assert last[UNDETERMINED].spoken == "DRILL: ALARM: Felou"
    assert last[UNDETERMINED].recordings == ()
    assert phrase("event", "ha") == "Jirgi maras matuƙi"
    assert phrase("what.nothing", "ha") == "what.nothing"


def test_every_hole_in_what_is_spoken_is_noticed(holed: Path) -> None:
    _cut(holed, "ar", "unit.seconds")
    phrasebook.cache_clear()
    assert wording(ALERT, ZONE, "ar") is None
    clear = replace(ALERT, level="all-clear", because=(), eta_s=None)
    assert wording(clear, ZONE, "ar") is not None, "what needs it not is still spoken"
    _cut(holed, "fr", "reason.two-kinds")
    phrasebook.cache_clear()
    assert wording(ALERT, ZONE, "fr") is not None, "a reason less is better than a language less"


def test_every_key_in_the_source_has_a_sentence() -> None:
    written = {
        key
        for path in SOURCE.rglob("*.py")
        for key in re.findall(
            r"(?:voice\.say|\bphrase|voice\.count)\(\s*\"([a-z0-9.-]+)\"", path.read_text("utf-8")
        )
    }
    assert len(written) > 8
    assert written <= ENGLISH.keys()
    assert {key for keys in ADVICE.values() for key in keys} <= ENGLISH.keys()
