"""A warning in words: what, where, when, and what to do, in each language of a zone.

Everything is put together from whole sentences of the warning catalogue (`encode/catalogue`), one
after the other, so that no grammar has to be computed, and so that a language without a voice can
be spoken from recorded pieces. A drill says so first and last. An automatic message says so.
Distance, direction and time are told in round numbers ("m/s" helps nobody under a siren).

A language that lacks a needed sentence is left out; if none of the zone's has all, French speaks,
then English, and at the very last a bare line under the language `und`: a loudspeaker then gives
the alarm's sound alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from tocsin.encode.phrasebook import Voice, phrasebook
from tocsin.encode.sms import fold_letters, keep_what_fits, sms_length
from tocsin.errors import Unsaid
from tocsin.words import Alert, Reason, Wording, Zone

UNDETERMINED = "und"  # BCP 47: the language is not known
_COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_VERY_CLOSE_M = 100.0
_NOW_S = 10.0
_FALLBACKS = ("fr", "en")
ENDS = ("all-clear", "cancel")
"""Where a drone is or was is no matter any more."""

ADVICE: dict[str, tuple[str, ...]] = {
    "watch": ("do.nothing", "do.listen"),
    "warning": ("do.ready", "do.open", "do.windows", "do.children"),
    "alarm": ("do.inside", "do.ground", "do.windows", "do.gather", "do.lights", "do.wreckage"),
    "all-clear": ("do.return", "do.call"),
    "cancel": ("do.nothing",),
}
"""What people are to do, the most urgent first."""

_SHORTER_NAMES = (40, 25, 12)
LONGEST_SHORT_BYTES = 200
"""What a LoRa radio carries in one packet."""
_SHORT_PARTS = {"gsm-7": 1, "ucs-2": 2}
PRIVATE_VALUES = frozenset({"serial", "label", "sensor", "session", "operator", "icao24", "who"})
"""A reason that names someone or something is told to the desk, not to the world."""


class Piece(msgspec.Struct, frozen=True):
    """One sentence of a warning. `name` is that of its recording; `essential` is never left out."""

    name: str
    text: str
    essential: bool = False


def occasion_of(alert: Alert) -> str:
    """The level, or *cancel* for a withdrawal."""
    return "cancel" if alert.kind == "cancel" else alert.level


def wordings(alert: Alert, zone: Zone) -> dict[str, Wording]:
    """The statement in every language of the zone that has all its words; never empty."""
    told = {tag: found for tag in zone.languages if (found := wording(alert, zone, tag))}
    if told:
        return told
    for tag in _FALLBACKS:
        found = wording(alert, zone, tag)
        if found:
            return {tag: found}
    return {UNDETERMINED: _bare(alert, zone)}


def wording(alert: Alert, zone: Zone, language: str) -> Wording | None:
    """The statement in one language; None if that lacks a sentence."""
    voice = Voice(language, arabic_digits=zone.arabic_digits)
    try:
        pieces = tuple(_pieces(alert, zone, voice))
        return Wording(
            headline=_headline(alert, zone, voice),
            description=_marked(alert, voice, _description(alert, voice)),
            instruction=_marked(alert, voice, " ".join(map(voice.say, ADVICE[occasion_of(alert)]))),
            spoken=" ".join(piece.text for piece in pieces),
            short=_short(alert, zone, language),
            recordings=tuple(piece.name for piece in pieces),
        )
    except Unsaid:
        return None


def phrase(key: str, language: str, values: Mapping[str, str] | None = None) -> str:
    """One sentence of the catalogue, in French or English where the language lacks it; at the very
    last its key, since something is better than silence."""
    for tag in (language, *_FALLBACKS):
        try:
            return Voice(tag).say(key, values)
        except Unsaid:
            continue
    return key


def headline(alert: Alert, zone: Zone, language: str) -> str:
    """One line for a title; a drill says so first."""
    found = wording(alert, zone, language) or next(iter(wordings(alert, zone).values()))
    return found.headline


def marked_drill(told: Wording, language: str) -> Wording:
    """The same words with the marks of a drill first and last, wherever they are missing."""
    first, last = phrase("drill.start", language), phrase("drill.end", language)
    brief = phrase("drill.brief", language)

    def mark(text: str, start: str, end: str) -> str:
        head = "" if text.startswith(start) else f"{start} "
        return f"{head}{text}" if not end or text.endswith(end) else f"{head}{text} {end}"

    short = fold_letters(brief)
    return Wording(
        headline=mark(told.headline, brief, ""),
        description=mark(told.description, first, last),
        instruction=mark(told.instruction, first, last),
        spoken=mark(told.spoken, first, last),
        short=mark(told.short, short, short),
        recordings=told.recordings,
    )


def level_word(zone: Zone, level: str, language: str) -> str:
    """The word at the head of a message: the law's, where the site has it, else the catalogue's.

    Raises Unsaid.
    """
    legal = zone.legal.get(language, {}).get(level)
    return legal or Voice(language).say(f"level.{level}")


def _pieces(alert: Alert, zone: Zone, voice: Voice) -> Iterator[Piece]:
    """The sentences in the order in which they are spoken."""
    occasion = occasion_of(alert)
    if alert.drill:
        key = "drill.brief" if voice.short else "drill.start"
        yield Piece(key, voice.say(key), essential=True)
    colon = phrasebook(voice.language).colon
    word = level_word(zone, occasion, voice.language)
    yield Piece(f"level.{occasion}", f"{word}{colon}", essential=True)
    yield Piece(f"zone.{zone.id}", f"{_place(zone, voice.language)}.", essential=True)
    yield Piece(f"what.{occasion}", voice.say(f"what.{occasion}"), essential=True)
    if occasion not in ENDS:
        yield from _whereabouts(alert, voice)
    for key in ADVICE[occasion]:
        yield Piece(key, voice.say(key))
    if alert.automatic:
        key = "automatic.brief" if voice.short else "automatic"
        yield Piece(key, voice.say(key), essential=True)
    if alert.drill:
        key = "drill.brief" if voice.short else "drill.end"
        yield Piece(key, voice.say(key), essential=True)


def _whereabouts(alert: Alert, voice: Voice) -> Iterator[Piece]:
    """How many, where it is and when it could arrive, as far as the reasons know."""
    values = {reason.code: reason.values for reason in alert.because}
    if alert.count > 1:
        yield Piece(f"what.drones.{alert.count}", voice.count("what.drones", alert.count))
    if "inside" in values:
        yield Piece("where.inside", voice.say("where.inside"))
        return
    closing = values.get("closing", {})
    distance_m, azimuth_deg = _number(closing, "distance_m"), _number(closing, "from_deg")
    if distance_m is not None and azimuth_deg is not None:
        if distance_m < _VERY_CLOSE_M:
            yield Piece("where.near", voice.say("where.near"))
        else:
            number, unit = round_distance(distance_m)
            told = {"distance": voice.count(f"unit.{unit}", number)}
            yield Piece(f"where.distance.{number:g}-{unit}", voice.say("where.distance", told))
        key = f"from.{_COMPASS[round(azimuth_deg / 45.0) % 8]}"
        yield Piece(key, voice.say(key))
    if alert.eta_s is not None:
        yield _arrival(alert.eta_s[1], voice)


def _arrival(likely_s: float, voice: Voice) -> Piece:
    if likely_s < _NOW_S:
        return Piece("when.now", voice.say("when.now"))
    number, unit = round_duration(likely_s)
    told = {"duration": voice.count(f"unit.{unit}", number)}
    return Piece(f"when.in.{number:g}-{unit}", voice.say("when.in", told))


def round_distance(metres: float) -> tuple[float, str]:
    """(400, metres), (1.5, kilometres): no finer than people can use."""
    if metres < 950.0:
        return max(round(metres / 50.0), 1) * 50.0, "metres"
    step = 0.5 if metres < 5000.0 else 1.0
    return round(metres / 1000.0 / step) * step, "kilometres"


def round_duration(seconds: float) -> tuple[float, str]:
    """(40, seconds), (2, minutes), (3, hours); rounded down, never promising more time."""
    if seconds < 120.0:
        return max(seconds // 10.0, 1) * 10.0, "seconds"
    if seconds < 7200.0:
        return seconds // 60.0, "minutes"
    return seconds // 3600.0, "hours"


def _headline(alert: Alert, zone: Zone, voice: Voice) -> str:
    occasion = occasion_of(alert)
    mark = f"{voice.say('drill.brief')} " if alert.drill else ""
    colon = phrasebook(voice.language).colon
    word = level_word(zone, occasion, voice.language)
    return f"{mark}{word}{colon} {_place(zone, voice.language)}. {voice.say(f'what.{occasion}')}"


def _description(alert: Alert, voice: Voice) -> str:
    """Where and why; a reason that names someone or that only the desk understands is left out."""
    told: list[str] = []
    if occasion_of(alert) not in ENDS:
        told += [piece.text for piece in _whereabouts(alert, voice)]
    told += [text for reason in alert.because if (text := _reason(reason, voice))]
    if alert.automatic:
        told.append(voice.say("automatic"))
    return " ".join(told) or voice.say(f"what.{occasion_of(alert)}")


def _reason(reason: Reason, voice: Voice) -> str | None:
    key = f"reason.{reason.code}"
    if not PRIVATE_VALUES.isdisjoint(reason.values):
        return None
    kinds = str(reason.values.get("witness_kinds", "")).split(",")
    count = _number(reason.values, "count")
    try:
        named = [voice.say(f"kind.{kind}") for kind in kinds if kind]
        values = {"kinds": phrasebook(voice.language).comma.join(named)}
        return voice.say(key, values) if count is None else voice.count(key, count, values)
    except Unsaid:  # a reason less is better than a language less
        return None


def _marked(alert: Alert, voice: Voice, text: str) -> str:
    if not alert.drill:
        return text
    return f"{voice.say('drill.start')} {text} {voice.say('drill.end')}"


def _short(alert: Alert, zone: Zone, language: str) -> str:
    """The statement as a text message, with as much as fits; a long name gives way first."""
    voice = Voice(language, short=True, arabic_digits=zone.arabic_digits)
    name = _place(zone, language)
    for length in (len(name), *_SHORTER_NAMES):
        short_zone = msgspec.structs.replace(zone, names={language: name[:length].strip()})
        pieces = [(p.essential, fold_letters(p.text)) for p in _pieces(alert, short_zone, voice)]
        text = keep_what_fits(pieces, is_short)
        if text is not None:
            return text
    return " ".join(text for essential, text in pieces if essential)


def is_short(text: str) -> bool:
    """Whether a text message carries it, and a LoRa packet."""
    length = sms_length(text)
    parts = _SHORT_PARTS[length.alphabet]
    return length.parts <= parts and len(text.encode()) <= LONGEST_SHORT_BYTES


def _bare(alert: Alert, zone: Zone) -> Wording:
    """The last resort, when no catalogue can be read: level and place as they stand."""
    text = f"{'DRILL: ' if alert.drill else ''}{occasion_of(alert).upper()}: {_place(zone, 'en')}"
    return Wording(text, text, text, text, text)


def _place(zone: Zone, language: str) -> str:
    return re.sub(r"[\s.]+$", "", " ".join(zone.name(language).split()))


def _number(values: Mapping[str, str | float], name: str) -> float | None:
    value = values.get(name)
    return None if value is None or isinstance(value, str) else float(value)
