"""One event of Cursor on Target: what, where and when, as TAK servers and phones pass it on.

Standard   Cursor on Target 2.0 (MITRE, Event.xsd of 2003): `ce` and `le` are one sigma of a normal
           distribution; 9999999.0 stands for unknown
Units      degrees WGS-84, metres above the ellipsoid, metres a second, degrees from true north,
           Unix seconds
"""

from __future__ import annotations

import msgspec

OURS = "tocsin-"
"""What the uid of every event begins with that a Tocsin made."""


class CotEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """`type` and `how` are the standard's trees of letters ("a-u-A-M-H-Q", "h-e").

    `start_t` to `stale_t` is when it holds. `more` is the XML of whatever else stands in the
    detail; of what others send it is kept for the small talk of machines ("t-…") only. `person`
    says that it tells where somebody (or his device) is: it holds an address, a team or a device;
    no such name or address is kept. `opex` "e" marks an exercise.
    """

    uid: str
    type: str
    how: str
    t: float
    start_t: float
    stale_t: float
    lat: float
    lon: float
    hae_m: float | None = None
    ce_m: float | None = None
    le_m: float | None = None
    callsign: str | None = None
    course_deg: float | None = None
    speed_mps: float | None = None
    remarks: str | None = None
    more: str = ""
    opex: str = ""
    person: bool = False
