"""What is known of channels, and of the load that they lay on people."""

from __future__ import annotations

import msgspec


class ChannelHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a channel. Proof of life is a delivery or a passed self-test."""

    channel: str
    backlog: int = 0
    consecutive_failures: int = 0
    last_success_t: float | None = None
    last_failure_t: float | None = None
    last_detail: str | None = None


class AlarmLoad(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many alerts people were told of (IEC 62682, 16): in the last hour, the last day, and the
    most in any ten minutes of that day. `flood` says that a person could not follow: more than ten
    in ten minutes."""

    hour: int = 0
    day: int = 0
    most_in_10_min: int = 0
    flood: bool = False
