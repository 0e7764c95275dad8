"""Which form a counted word takes: "1 metre", "2 metres", and six forms in Arabic.

Source      Unicode CLDR 48, supplemental/plurals.xml (cardinal), for the five languages that have
            a warning catalogue; a test compares every number with Babel, which carries CLDR
Leaves out  French *many*: it begins at a million, and no warning counts so far
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Plural = Literal["zero", "one", "two", "few", "many", "other"]

_FEW, _MANY = range(3, 11), range(11, 100)  # of the last two digits of a whole number


def plural_form(language: str, count: float) -> Plural:
    """The form for `count` of something, by the language's rule; *other* where it has none."""
    rule = _RULES.get(language)
    return "other" if rule is None else rule(count)


def _english(count: float) -> Plural:
    return "one" if count == 1 else "other"


def _french(count: float) -> Plural:
    return "one" if count < 2 else "other"


def _arabic(count: float) -> Plural:
    if count in (0, 1, 2):
        return ("zero", "one", "two")[int(count)]
    if count % 1:
        return "other"
    last = int(count) % 100
    return "few" if last in _FEW else "many" if last in _MANY else "other"


_RULES: dict[str, Callable[[float], Plural]] = {
    "en": _english,
    "fr": _french,
    "ar": _arabic,
    "ha": _english,
}

FORMS: dict[str, tuple[Plural, ...]] = {
    "en": ("one", "other"),
    "fr": ("one", "other"),
    "ar": ("zero", "one", "two", "few", "many", "other"),
    "ha": ("one", "other"),
    "bm": ("other",),
}
"""The forms that a counted sentence must have to be whole."""
