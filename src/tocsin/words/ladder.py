"""Who is told, in which order, and what holds a telling back for a while."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.alert import Level
from tocsin.words.hours import Hours

Held = Literal["approval", "pause", "quiet-hours", "cool-down"]
"""Why a channel has not been told yet. Each ends by itself, and none holds back an all-clear."""


class Step(msgspec.Struct, frozen=True):
    """Further channels, told when nobody has acknowledged an alert `after_s` after it reached one
    of these `levels`."""

    after_s: float
    tell: tuple[str, ...]
    levels: tuple[Level, ...] = ("warning", "alarm")


class Approval(msgspec.Struct, frozen=True):
    """Channels that the law lets speak only after a person has approved.

    Released without a person where entry is likely within `release_eta_s`, or after `wait_s`; with
    neither it waits for the person.
    """

    channels: tuple[str, ...]
    levels: tuple[Level, ...] = ("alarm",)
    release_eta_s: float | None = None
    wait_s: float | None = None


class Manners(msgspec.Struct, frozen=True):
    """When a channel keeps silent: hours that an alarm ignores, and `cool_down_s` after it told an
    alert of a zone, for other alerts of that zone that are no graver."""

    quiet: tuple[Hours, ...] = ()
    cool_down_s: float = 0.0


class Order(msgspec.Struct, frozen=True):
    """A channel is to tell a statement: the journal holds it until a receipt settles it."""

    channel: str
    alert: str
    sequence: int
    t: float


class Pause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Nothing is told until `until_t`, of one zone or on one channel or both; None is any. An
    alarm breaks it unless `alarms` says otherwise."""

    until_t: float
    zone: str | None = None
    channel: str | None = None
    alarms: bool = False
    why: str = ""
    who: str = ""


class HeldBack(msgspec.Struct, frozen=True):
    """A statement that one channel has not told yet, and why."""

    alert: str
    channel: str
    why: Held
