"""The word that the law of a country wants at the head of a public message, and who may say it.

In some countries only civil protection may issue an *Alerte*; anybody else says *Vigilance*. Only
what was looked up stands here, with where; for the rest the catalogue's own words are used, and
`tocsin doctor` says that nobody has looked. A site's `[site] words` come before all of it.
"""

from __future__ import annotations

import msgspec

LevelWords = dict[str, dict[str, str]]
"""Language → level (or *cancel*) → word."""

LEVELS = ("watch", "warning", "alarm", "all-clear", "cancel")


class Country(msgspec.Struct, frozen=True):
    """A country's name; `source`, where its legal words were looked up, empty if nowhere.

    `authority` are the words of the body that may issue alerts, `others` those of anybody else,
    and `kept` the roots of words, by language, that the law keeps for that body.
    """

    name: str
    source: str = ""
    authority: LevelWords = {}
    others: LevelWords = {}
    kept: dict[str, str] = {}


_ISSUE = "github.com/wmo-raf/climweb issue 609, 22 May 2026; not read in the law itself"
_ALERTE: LevelWords = {"fr": {"alarm": "ALERTE", "all-clear": "Fin d’alerte"}}
_VIGILANCE: LevelWords = {"fr": {"alarm": "VIGILANCE", "all-clear": "Fin de vigilance"}}

COUNTRIES: dict[str, Country] = {
    "BF": Country("Burkina Faso", _ISSUE, _ALERTE, _VIGILANCE, {"fr": "alerte"}),
    "BJ": Country("Benin", _ISSUE, _ALERTE, _VIGILANCE, {"fr": "alerte"}),
    "CI": Country("Côte d’Ivoire"),
    "CM": Country("Cameroon"),
    "GH": Country("Ghana"),
    "ML": Country("Mali"),
    "MR": Country("Mauritania"),
    "NE": Country("Niger"),
    "NG": Country("Nigeria"),
    "SN": Country("Senegal"),
    "TD": Country("Chad"),
    "TG": Country("Togo"),
}


def legal_words(country: str, *, authority: bool) -> LevelWords:
    """The words for a sender in this country; empty where none are known."""
    found = COUNTRIES.get(country)
    if found is None:
        return {}
    return found.authority if authority else found.others


def kept_from(country: str, words: LevelWords) -> list[tuple[str, str, str]]:
    """(language, level, word) for every word that the law there keeps for the authority."""
    kept = COUNTRIES[country].kept if country in COUNTRIES else {}
    return [
        (language, level, word)
        for language, root in kept.items()
        for level, word in words.get(language, {}).items()
        if root in word.lower()
    ]
