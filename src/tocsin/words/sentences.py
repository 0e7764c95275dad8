"""Reasons told to the desk: a code and its numbers become one plain sentence in a language.

The sentences stand in `words/catalogue/<language>.json`. A value is spoken by the unit at the end
of its name: `_m` "350 m", "1.2 km"; `_s` "40 s", "2 min"; `_mps` "15 m/s"; `_deg` a compass
direction; `_kinds` and `_kind` sensor kinds and `_level` a level in words; anything else as it is.
"""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.resources import files

import msgspec

from tocsin.words.reason import Reason

LANGUAGES: tuple[str, ...] = ("en", "fr", "ar")
"""Languages of the screens, whose catalogue is complete; a test compares their keys. What the
public is told stands in `encode/catalogue`, in more of them."""

_RIGHT_TO_LEFT = frozenset({"ar"})
"""What is quoted there keeps its own direction: U+2068 and U+2069 isolate it."""

_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


class Catalogue(msgspec.Struct, frozen=True):
    """One language: reason sentences, and the words for levels, kinds, directions and units."""

    reasons: dict[str, str]
    levels: dict[str, str]
    kinds: dict[str, str]
    compass: dict[str, str]
    units: dict[str, str]


@lru_cache(maxsize=16)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, English where there is none."""
    known = language if language in LANGUAGES else "en"
    text = files("tocsin.words").joinpath("catalogue", f"{known}.json").read_bytes()
    return msgspec.json.decode(text, type=Catalogue)


def say(reason: Reason, language: str = "en") -> str:
    """The sentence of a reason. An unknown code is shown as it is, never swallowed."""
    words = catalogue(language)
    template = words.reasons.get(reason.code)
    if template is None:
        return reason.code
    spoken = {name: _spoken(name, value, language) for name, value in reason.values.items()}
    return template.format_map(spoken)


def say_distance(metres: float, language: str = "en") -> str:
    """ "350 m" or "1.2 km": two significant digits, as people speak."""
    if metres < 1000:
        step = 10 if metres >= 100 else 1
        return f"{round(metres / step) * step:d} {catalogue(language).units['m']}"
    return f"{_decimal(metres / 1000, 1, language)} {catalogue(language).units['km']}"


def say_duration(seconds: float, language: str = "en") -> str:
    """ "40 s" or "2 min"."""
    if seconds < 90:
        return f"{round(seconds):d} {catalogue(language).units['s']}"
    minutes = seconds / 60
    return (
        f"{_decimal(minutes, 1 if minutes < 3 else 0, language)} {catalogue(language).units['min']}"
    )


def say_direction(azimuth_deg: float, language: str = "en") -> str:
    """One of eight compass directions in words."""
    return catalogue(language).compass[_COMPASS[math.floor(azimuth_deg / 45.0 + 0.5) % 8]]


def _decimal(value: float, digits: int, language: str) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if language == "fr" else text


def _spoken(name: str, value: str | float, language: str) -> str:
    if isinstance(value, str):
        if name.endswith(("_kinds", "_kind")):
            kinds = catalogue(language).kinds
            comma = "، " if language in _RIGHT_TO_LEFT else ", "
            return comma.join(kinds.get(kind, kind) for kind in value.split(","))
        if name.endswith("_level"):
            return catalogue(language).levels.get(value, value)
        return f"\u2068{value}\u2069" if language in _RIGHT_TO_LEFT else value
    if name.endswith("_mps"):
        return f"{value:.0f} {catalogue(language).units['mps']}"
    if name.endswith("_m"):
        return say_distance(value, language)
    if name.endswith("_s"):
        return say_duration(value, language)
    if name.endswith("_deg"):
        return say_direction(value, language)
    return _decimal(value, 2, language)
