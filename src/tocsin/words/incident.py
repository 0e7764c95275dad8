"""One event as people will speak of it: its alerts, its tracks, and what a reviewer decided."""

from __future__ import annotations

from typing import Literal

import msgspec

Review = Literal["automatic", "confirmed", "dismissed", "final"]


class Incident(msgspec.Struct, frozen=True, omit_defaults=True):
    """Alerts of one zone that belong together in time; `closed_t` None while it goes on."""

    id: str
    zone: str
    opened_t: float
    closed_t: float | None = None
    alerts: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    review: Review = "automatic"
