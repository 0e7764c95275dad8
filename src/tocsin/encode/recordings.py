"""What a speaker reads into a microphone, so that a language without a voice can be spoken.

Each piece is one file, named as `Wording.recordings` names it; the places of a site come to it as
`zone.<id>`. Numbers are recorded in their sentence, because languages bend them.
"""

from __future__ import annotations

from tocsin.encode.phrasebook import Voice, phrasebook

DISTANCES: tuple[tuple[float, str], ...] = (
    *((float(metres), "metres") for metres in range(100, 1000, 50)),
    *((half / 2.0, "kilometres") for half in range(2, 11)),
    *((float(kilometres), "kilometres") for kilometres in range(6, 16)),
)
TIMES: tuple[tuple[float, str], ...] = (
    *((float(seconds), "seconds") for seconds in range(10, 120, 10)),
    *((float(minutes), "minutes") for minutes in range(2, 16)),
)
DRONES = range(2, 31)
"""What is farther, later or more than these is left out of a recorded message."""


def recordings(language: str) -> dict[str, str]:
    """Name → text of every piece but the places. Raises Unsaid if the language has a hole."""
    voice = Voice(language)
    plain = ("level.", "what.", "from.", "do.", "drill.start", "drill.end", "where.near")
    found = {
        key: voice.say(key)
        for key, sentence in phrasebook(language).sentences.items()
        if isinstance(sentence.text, str)
        and (key.startswith(plain) or key in ("where.inside", "when.now", "automatic", "test"))
    }
    for number, unit in DISTANCES:
        told = {"distance": voice.count(f"unit.{unit}", number)}
        found[f"where.distance.{number:g}-{unit}"] = voice.say("where.distance", told)
    for number, unit in TIMES:
        told = {"duration": voice.count(f"unit.{unit}", number)}
        found[f"when.in.{number:g}-{unit}"] = voice.say("when.in", told)
    for count in DRONES:
        found[f"what.drones.{count}"] = voice.count("what.drones", count)
    return found
