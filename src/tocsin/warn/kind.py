"""A kind of channel: its settings, what can be wrong with them, and how one is made.

Built-in kinds and outsiders' register the same way: an entry point in the group `tocsin.channels`
that loads a `ChannelKind`. A channel's table in tocsin.toml holds `kind`, the settings of `Reach`,
and the settings of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.words import Level

ALL_LEVELS: tuple[Level, ...] = ("watch", "warning", "alarm", "all-clear")
PUBLIC_LEVELS: tuple[Level, ...] = ("alarm", "all-clear")


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel is told, and how long Tocsin tries.

    `timeout_s` ends one attempt; a failed one is repeated, with growing pauses, for `retry_s`.
    `drills` False keeps exercises from this channel. An all-clear follows only where the alert
    itself was told, or had been public. In `quiet` hours ("22:00-06:00", UTC) it is told of alarms
    only; and for `cool_down_s` after an alert of a zone, of another of that zone only if it is
    graver. What was held back is told when that is over, if it still stands.
    """

    levels: tuple[Level, ...] = ALL_LEVELS
    timeout_s: float = 5.0
    retry_s: float = 300.0
    drills: bool = True
    quiet: tuple[str, ...] = ()
    cool_down_s: float = 0.0


class SettingFault(msgspec.Struct, frozen=True):
    """One wrong setting: its key within the channel's table, what is wrong, and the remedy."""

    key: str
    what: str
    remedy: str


S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True)
class ChannelKind(Generic[S]):
    """How channels of one kind are configured and made.

    `make` gets the channel's name, its settings, the clock, and the seconds one attempt may take.
    `check` finds what types cannot say (an address without a host); it gets those settings that
    are present and of the right type, so that one fault does not hide another. `levels` are the
    default. `cap` says that it publishes CAP messages: it is handed them signed, where the site has
    a key, and empty where an unsigned one is to be withheld.

    A kind that rings `once_a_level` is not told the same level of one alert again, such as when
    only the number of drones has grown.
    """

    name: str
    settings: type[S]
    make: Callable[[str, S, Clock, float], Channel]
    check: Callable[[Mapping[str, object]], list[SettingFault]]
    levels: tuple[Level, ...] = ALL_LEVELS
    once_a_level: bool = False
    cap: bool = False
