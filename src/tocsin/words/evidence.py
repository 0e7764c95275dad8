"""A site asks a sensor node to keep the sound of an incident, under seal."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tocsin.words.ear_layout import Milliseconds, SensorId

MOST_ASKED_S = 60.0


class Ask(msgspec.Struct, frozen=True):
    """Keep what `sensor` heard from `from_t` to `to_t`, for `incident`; asked at `t`."""

    sensor: str
    t: float
    incident: str
    from_t: float
    to_t: float


class WireAsk(msgspec.Struct, frozen=True):
    """The map: 0 version, 1 sensor, 3 Unix time in ms, 20 incident, 21 from and 22 to in ms."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1)] = msgspec.field(name="0")
    sensor: SensorId = msgspec.field(name="1")
    t_ms: Milliseconds = msgspec.field(name="3")
    incident: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = msgspec.field(
        name="20"
    )
    from_ms: Milliseconds = msgspec.field(name="21")
    to_ms: Milliseconds = msgspec.field(name="22")
