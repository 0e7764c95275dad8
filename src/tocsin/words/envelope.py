"""The one wrapper in which screens, neighbours and the journal see everything."""

from __future__ import annotations

from typing import Literal

import msgspec

Topic = Literal[
    "frame",
    "detection",
    "track",
    "assessment",
    "alert",
    "attempt",
    "notice",
    "order",
    "incident",
    "receipt",
    "health",
    "source",
    "drill",
    "note",
    "authority",
    "relay",
]


class Envelope(msgspec.Struct, frozen=True):
    """A numbered statement: `seq` rises by one in a journal or stream, `t` is Unix seconds.

    `body` is the JSON of one word (Track, Alert, …), kept as bytes so that it is encoded once.
    """

    seq: int
    t: float
    topic: Topic
    body: msgspec.Raw
