"""How one track stands to one zone right now: what the duty officer's list shows."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.alert import Level
from tocsin.words.reason import Reason

Standing = Literal["threat", "friend", "bird", "aircraft", "other", "suspect", "unsure"]


class Assessment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A track against a zone at `t`; unlike an Alert it is told to screens only, every second.

    `level` is the open alert's, None where none is open. `azimuth_deg` is the direction in which
    the track lies as seen from the zone. `eta_s` is (low, likely, high), a 90 % interval;
    `p_enter` the probability that its present course, with room to turn, meets the zone.
    """

    t: float
    track: str
    zone: str
    standing: Standing
    distance_m: float
    azimuth_deg: float
    inside: bool = False
    level: Level | None = None
    eta_s: tuple[float, float, float] | None = None
    p_enter: float | None = None
    closing_mps: float | None = None
    label: str | None = None
    because: tuple[Reason, ...] = ()
