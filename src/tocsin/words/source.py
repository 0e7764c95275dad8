"""How a door of the site is: whether it hears, and what became of all that it heard."""

from __future__ import annotations

import msgspec


class SourceHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """One `[[source]]`: `connected` now and `since_t`; `seen` messages, of which some were
    `decoded` (detections told), `refused` by rule, or told `late`; `dropped` because nobody fetched
    them in time; `given_up_bytes` in which no message could be told apart; `reconnects`; `why` it
    is not there or not well. `duty` is the share of its time spent on each channel or radio.
    """

    source: str
    kind: str
    connected: bool = False
    since_t: float | None = None
    last_data_t: float | None = None
    seen: int = 0
    decoded: int = 0
    refused: dict[str, int] = {}
    late: int = 0
    dropped: int = 0
    given_up_bytes: int = 0
    reconnects: int = 0
    duty: dict[str, float] = {}
    why: str | None = None
