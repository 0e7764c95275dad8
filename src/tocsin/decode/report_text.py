"""A person's report in a text message: `D N 2` is a drone to the north, told at post 2.

Form        words in any order, in any case and with or without accents: a drone (D, DRONE and its
            names in five languages), what (HEARD unless told: SEEN, FELL, GONE), a direction
            (N, NE … or a word; two words make a half direction), the number of the nearest post
            (1-9999, in Latin, Arabic or Persian digits)
Refusals    no word of a drone, two numbers, directions that contradict one another, more than 160
            characters, and any word that is not known: a message that we half understand is not
            guessed at, its sender is asked again
Pure        the sender's number never comes here
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from tocsin.errors import Refused
from tocsin.words import Said

MOST_LETTERS = 160


class ReportText(msgspec.Struct, frozen=True):
    """What a message says. `post` None: no place was told; `azimuth_deg` one of eight, or None."""

    said: Said
    azimuth_deg: float | None = None
    post: int | None = None


_DRONES = "d dr drone drones droni jirgi ⴷ درون مسيرة طائرة الطائرة طيارة droni jirgin"
_SAID: dict[Said, str] = {
    "heard": "heard hear noise bruit entendu ji karar kara mankan mɛn صوت سمع سمعت",
    "seen": "seen see saw vu vue vois gani gan ye رأيت رايت شوهد",
    "dropped": "fell fallen dropped drop bomb tombe tombee largue bombe chute fado fadi ben bin "
    "سقط سقطت القى قنبلة",
    "gone": "gone left parti partie tafi wuce taara taa ذهب ذهبت رحل غادر",
}
_POINTS: dict[str, str] = {
    "n": "n north nord arewa saheli kogodugu شمال الشمال ش",
    "e": "e est east gabas koron kɔrɔn شرق الشرق",
    "s": "s south sud kudu worodugu جنوب الجنوب",
    "w": "w o west ouest yamma tilebin غرب الغرب",
    "ne": "ne northeast nordest",
    "se": "se southeast sudest",
    "sw": "sw so southwest sudouest",
    "nw": "nw no northwest nordouest",
}
_IDLE = "un une le la les au du de a an the at in to maso da ni fan fɛ fe post poste cell"
_AZIMUTHS = {"n": 0.0, "ne": 45.0, "e": 90.0, "se": 135.0, "s": 180.0, "sw": 225.0, "w": 270.0}
_AZIMUTHS["nw"] = 315.0
_MIXED = {frozenset(pair): pair for pair in ("ne", "se", "sw", "nw")}


def _plain(text: str) -> str:
    """Small letters without accents or marks; digits of every script as 0 to 9."""
    found = []
    for letter in unicodedata.normalize("NFKD", text.casefold()):
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            found.append(str(digit))
        elif not unicodedata.combining(letter):
            found.append({"ɛ": "e", "ɔ": "o", "ɲ": "ny", "ƙ": "k", "ɗ": "d"}.get(letter, letter))
    return "".join(found)


def _by_word(groups: dict[str, str]) -> dict[str, str]:
    return {_plain(word): key for key, words in groups.items() for word in words.split()}


_DRONE_WORDS = frozenset(_plain(_DRONES).split())
_IDLE_WORDS = frozenset(_plain(_IDLE).split())
_SAID_WORDS = _by_word({str(key): words for key, words in _SAID.items()})
_POINT_WORDS = _by_word(_POINTS)
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")


def read_report_text(text: str) -> ReportText:
    """One message. Raises Refused, whose words never quote the message."""
    if len(text) > MOST_LETTERS:
        raise Refused("report-length", f"more than {MOST_LETTERS} characters")
    tokens = [t for t in _TOKENS.findall(_plain(text)) if t not in _IDLE_WORDS]
    numbers = [t for t in tokens if t.isdigit()]
    words = [t for t in tokens if not t.isdigit()]
    if not any(word in _DRONE_WORDS for word in words):
        raise Refused("report-drone", "no word of a drone")
    said = {_SAID_WORDS[word] for word in words if word in _SAID_WORDS}
    points = {_POINT_WORDS[word] for word in words if word in _POINT_WORDS}
    known = _DRONE_WORDS | _SAID_WORDS.keys() | _POINT_WORDS.keys()
    if any(word not in known for word in words):
        raise Refused("report-word", "a word that is not known")
    if len(numbers) > 1 or any(not 0 < int(n[:6]) <= 9999 for n in numbers):
        raise Refused("report-post", "more than one number, or none of a post")
    return ReportText(
        said=_gravest(said),
        azimuth_deg=_azimuth(points),
        post=int(numbers[0]) if numbers else None,
    )


def _gravest(said: set[str]) -> Said:
    """Of several words the one that matters: fell, then gone, then seen, then heard."""
    order: tuple[Said, ...] = ("dropped", "gone", "seen")
    return next((word for word in order if word in said), "heard")


def _azimuth(points: set[str]) -> float | None:
    if not points:
        return None
    point = next(iter(points)) if len(points) == 1 else _MIXED.get(frozenset(points))
    if point is None:
        raise Refused("report-direction", "directions that contradict one another")
    return _AZIMUTHS[point]
