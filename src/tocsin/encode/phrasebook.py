"""The warning catalogue: every sentence that people are told, and who vouches for it.

One file a language in `encode/catalogue`, apart from the words of the screens. A sentence is
`[review, text]`, or `[review, {plural form: text}]` where it counts something. `review` is
*machine* until a native speaker has read and accepted the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec

from tocsin.encode.numerals import write_digits, write_words
from tocsin.encode.plurals import Plural, plural_form
from tocsin.errors import Unsaid

LANGUAGES: tuple[str, ...] = ("fr", "en", "ar", "ha", "bm")
"""Languages whose catalogue is complete: a test compares keys, placeholders and plural forms."""

Vouched = Literal["machine", "reviewed by a speaker"]


class Sentence(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One sentence of one language."""

    review: Vouched
    text: str | dict[Plural, str]


class Phrasebook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language. `name` is what it calls itself; `spelled` says that its numbers are read from
    words, because no voice reads its digits; `colon` what stands between a level and a place, and
    `comma` between the members of a list."""

    name: str
    decimal: str
    spelled: bool
    sentences: dict[str, Sentence]
    colon: str = ":"
    comma: str = ", "


_NONE = Phrasebook("", ".", spelled=False, sentences={})


@lru_cache(maxsize=16)
def phrasebook(language: str) -> Phrasebook:
    """The catalogue of a language; an empty one where the file is absent or spoilt: then another
    language speaks, for a warning must not fail for want of words."""
    if language not in LANGUAGES:
        return _NONE
    try:
        text = files("tocsin.encode").joinpath("catalogue", f"{language}.json").read_bytes()
        return msgspec.json.decode(text, type=Phrasebook)
    except (OSError, msgspec.MsgspecError):
        return _NONE


def reviewed(language: str) -> bool:
    """Whether a native speaker has accepted every sentence."""
    sentences = phrasebook(language).sentences.values()
    return bool(sentences) and all(one.review != "machine" for one in sentences)


class Voice(msgspec.Struct, frozen=True):
    """One language as it is used for one purpose: read aloud, or written as a short message, where
    numbers are always digits. `arabic_digits` writes ٤٠٠ instead of 400 in Arabic.
    """

    language: str
    short: bool = False
    arabic_digits: bool = False

    def say(self, key: str, values: Mapping[str, str] | None = None) -> str:
        """A sentence with its places filled in. Raises Unsaid if the language lacks it."""
        text = self._sentence(key, "other")
        return text.format_map(values) if values else text

    def count(self, key: str, number: float, values: Mapping[str, str] | None = None) -> str:
        """A counted sentence in the form that the number asks for. Raises Unsaid."""
        text = self._sentence(key, plural_form(self.language, number))
        return text.format_map({**(values or {}), "count": self.number(number)})

    def number(self, value: float) -> str:
        """A number in digits, or in words where it must be read aloud without a voice."""
        book = phrasebook(self.language)
        words = write_words(value, self.language) if book.spelled and not self.short else None
        arabic = self.arabic_digits and self.language == "ar"
        return words or write_digits(value, book.decimal, arabic=arabic)

    def _sentence(self, key: str, form: Plural) -> str:
        found = phrasebook(self.language).sentences.get(key)
        if found is None:
            raise Unsaid(f"{self.language} has no sentence {key!r}")
        text = found.text if isinstance(found.text, str) else found.text.get(form)
        if text is None:
            raise Unsaid(f"{self.language} has no form {form!r} of {key!r}")
        return text
