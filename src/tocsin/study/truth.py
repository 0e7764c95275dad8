"""What really flew: the line of `truth.ndjson`, and what a score needs to know of a scene."""

from __future__ import annotations

from typing import Literal

import msgspec


class TruthPoint(msgspec.Struct, frozen=True, gc=False):
    """Where one thing was at one second. `cover`: whether some sensor could see it; None is yes.
    `serial` is its own serial number, where the scene knows it: not what a liar claims."""

    t: float
    id: str
    kind: Literal["drone", "bird", "aircraft"]
    lat: float
    lon: float
    alt_m: float | None = None
    ve: float | None = None
    vn: float | None = None
    vu: float | None = None
    cover: bool | None = None
    serial: str | None = None

    @property
    def matters(self) -> bool:
        """Whether missing it counts: a drone under cover. Everything else is don't-care."""
        return self.kind == "drone" and self.cover is not False


class Rules(msgspec.Struct, frozen=True):
    """How a scene is scored: GOSPA cut-off, how long a report counts, serials known to lie."""

    gospa_c_m: float = 100.0
    hold_s: float = 2.0
    spoofed_serials: tuple[str, ...] = ()
