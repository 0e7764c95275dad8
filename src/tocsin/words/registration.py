"""A civil drone that is known here: what it may claim, and where and when it may fly."""

from __future__ import annotations

import msgspec

from tocsin.words.place import Ring


class Registration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A registered drone. `area` (lon, lat) and the times bound its permit; None is unbounded."""

    serial: str
    label: str
    area: Ring | None = None
    ceiling_m: float | None = None
    from_t: float | None = None
    until_t: float | None = None
    max_speed_mps: float = 30.0
