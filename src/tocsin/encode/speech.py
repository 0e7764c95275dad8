"""A warning as it is read aloud: what, where, when, and what to do, in one language.

The headline and the instruction are those of `words/catalogue`; distance, direction and time are
spoken in whole words and round numbers ("m/s" helps nobody under a siren). A drill says so first,
an automatic message says so last. Reasons are left to the screens and to CAP.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import msgspec

from tocsin.words import Alert, Reason, Zone
from tocsin.words.sentences import LANGUAGES, catalogue

_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_VERY_CLOSE_M = 100.0
_NOW_S = 10.0


class Voice(msgspec.Struct, frozen=True):
    """The spoken pieces of one language. `status` is *machine* until a speaker has reviewed it.

    A count below `singular_below` takes the singular besides one itself: French says
    "1,5 kilomètre", English "1.5 kilometres".
    """

    event: str
    where: str
    where_near: str
    inside: str
    when: str
    when_now: str
    automatic: str
    directions: dict[str, str] = msgspec.field(name="from")
    metre: str
    metres: str
    kilometre: str
    kilometres: str
    second: str
    seconds: str
    minute: str
    minutes: str
    decimal: str
    singular_below: float
    status: str


@lru_cache(maxsize=16)
def voice(language: str) -> Voice:
    """The spoken pieces of a language, English where there are none."""
    known = language if language in LANGUAGES else "en"
    text = files("tocsin.encode").joinpath("catalogue", f"{known}.json").read_bytes()
    return msgspec.json.decode(text, type=Voice)


def spoken_languages(zone: Zone) -> tuple[str, ...]:
    """The zone's languages that have a catalogue; English where it has none, never silence."""
    return tuple(dict.fromkeys(tag for tag in zone.languages if tag in LANGUAGES)) or ("en",)


def warning_text(alert: Alert, zone: Zone, language: str) -> str:
    """A few short sentences fit to be read aloud; a language without a catalogue gets English."""
    said = catalogue(language)
    occasion = "cancel" if alert.kind == "cancel" else alert.level
    parts = [said.words["drill"]] if alert.drill else []
    parts.append(_sentence(said.headlines[occasion].format(zone=zone.name(language))))
    if occasion not in ("cancel", "all-clear"):
        parts += _whereabouts(alert, voice(language))
    parts.append(said.instructions[occasion])
    if alert.automatic:
        parts.append(voice(language).automatic)
    return " ".join(parts)


def _whereabouts(alert: Alert, spoken: Voice) -> list[str]:
    """Where it is and when it could arrive, as far as the reasons know."""
    if any(reason.code == "inside" for reason in alert.because):
        return [spoken.inside]
    said = []
    for reason in alert.because:
        distance_m, azimuth_deg = _number(reason, "distance_m"), _number(reason, "from_deg")
        if reason.code == "closing" and distance_m is not None and azimuth_deg is not None:
            form = spoken.where_near if distance_m < _VERY_CLOSE_M else spoken.where
            direction = spoken.directions[_COMPASS[round(azimuth_deg / 45.0) % 8]]
            distance = speak_distance(distance_m, spoken)
            said.append(form.format(distance=distance, direction=direction))
    if alert.eta_s is not None:
        likely = alert.eta_s[1]
        duration = speak_duration(likely, spoken)
        said.append(spoken.when_now if likely < _NOW_S else spoken.when.format(duration=duration))
    return said


def speak_distance(metres: float, spoken: Voice) -> str:
    """ "400 metres", "1.5 kilometres": no finer than people can use."""
    if metres < 950.0:
        return _count(max(round(metres / 50.0), 1) * 50.0, spoken.metre, spoken.metres, spoken)
    step = 0.5 if metres < 5000.0 else 1.0
    kilometres = round(metres / 1000.0 / step) * step
    return _count(kilometres, spoken.kilometre, spoken.kilometres, spoken)


def speak_duration(seconds: float, spoken: Voice) -> str:
    """ "40 seconds", "2 minutes"; rounded down to tens and minutes, never promising more time."""
    if seconds < 120.0:
        return _count(max(seconds // 10.0, 1) * 10.0, spoken.second, spoken.seconds, spoken)
    return _count(seconds // 60.0, spoken.minute, spoken.minutes, spoken)


def _count(number: float, singular: str, plural: str, spoken: Voice) -> str:
    digits = f"{number:g}".replace(".", spoken.decimal)
    return f"{digits} {singular if number == 1.0 or number < spoken.singular_below else plural}"


def _number(reason: Reason, name: str) -> float | None:
    value = reason.values.get(name)
    return None if value is None or isinstance(value, str) else float(value)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
