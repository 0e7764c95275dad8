"""What people are told of an alert in one language: a title, a speech, a short message."""

from __future__ import annotations

import msgspec


class Wording(msgspec.Struct, frozen=True):
    """One statement in one language; every part stands alone and is marked if it is a drill.

    `headline` is one line for a title. `description` says why, `instruction` what to do. `spoken`
    is fit to be read aloud by a loudspeaker. `short` is fit for a text message: one SMS of 160
    letters, or two of 67 in a script that needs them, and at most 200 bytes of UTF-8 for LoRa.
    `recordings` names the recorded pieces that say the same as `spoken`, in their order
    (`level.alarm`, `where.distance.400-metres`), for a loudspeaker that has no voice for the
    language.
    """

    headline: str
    description: str
    instruction: str
    spoken: str
    short: str
    recordings: tuple[str, ...] = ()
