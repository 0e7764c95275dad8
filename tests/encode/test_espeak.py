"""What espeak-ng, the voice of small boxes, makes of our sentences: a foreign program reads."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from msgspec.structs import replace
from tests.encode.test_speech import ALERT, ZONE, told

from tocsin.encode.phrasebook import LANGUAGES, phrasebook

ESPEAK = shutil.which("espeak-ng")

pytestmark = pytest.mark.skipif(ESPEAK is None, reason="espeak-ng is not installed")


def _espeak(*arguments: str) -> str:
    done = subprocess.run(
        [str(ESPEAK), *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def test_it_has_a_voice_for_what_we_do_not_spell_out_and_for_nothing_else() -> None:
    voices = {line.split()[1].split("-")[0] for line in _espeak("--voices").splitlines()[1:]}
    for language in LANGUAGES:
        assert (language in voices) != phrasebook(language).spelled


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_it_reads_a_warning_without_changing_its_language(language: str) -> None:
    """It marks letters that it must read by another language's rules, as `(en)`."""
    zone = replace(ZONE, arabic_digits=True) if language == "ar" else ZONE
    for alert in (ALERT, replace(ALERT, drill=True, count=12, level="warning")):
        for place in (ZONE, zone):
            phonemes = _espeak("-q", "-x", "-v", language, told(alert, language, place).spoken)
            assert len(phonemes.split()) > 20
            assert "(" not in phonemes


def test_it_says_arabic_numbers_as_numbers() -> None:
    western = _espeak("-q", "-x", "-v", "ar", "تبعد 400 متر.")
    assert _espeak("-q", "-x", "-v", "ar", "تبعد ٤٠٠ متر.") == western
    assert western != _espeak("-q", "-x", "-v", "ar", "تبعد 4 متر.")
