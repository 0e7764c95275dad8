"""What is told to people about one track and one zone: the line of `alerts.ndjson`."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.place import Position
from tocsin.words.reason import Reason
from tocsin.words.track import Witness

Level = Literal["watch", "warning", "alarm", "all-clear"]
LEVEL_ORDER: dict[str, int] = {"all-clear": 0, "watch": 1, "warning": 2, "alarm": 3}
"""How grave a level is. Only *alarm* is public (DESIGN 6.2)."""

AlertKind = Literal["new", "update", "cancel"]


class Alert(msgspec.Struct, frozen=True, omit_defaults=True):
    """One statement of one alert; later statements of the same `alert` id refer to earlier ones.

    `sequence` counts from 1 within the alert. `eta_s` is (low, likely, high) seconds to entry,
    (0, 0, 0) inside, None where it is not closing. `reasons` are plain English; `because` the
    same as codes. `witnesses` are those on whom the level rests. `public` says that the public
    bell may ring: an alarm, or the all-clear of an alert that had rung. `count` is the number of
    drones of which it speaks: more than one only in what people are told (assess/group.py).
    `origin` is the message of an authority that this hands on, as CAP refers to it: sender,
    identifier, time.
    """

    t: float
    alert: str
    zone: str
    track: str
    level: Level
    kind: AlertKind
    reasons: tuple[str, ...]
    eta_s: tuple[float, float, float] | None = None
    because: tuple[Reason, ...] = ()
    sequence: int = 1
    witnesses: tuple[Witness, ...] = ()
    position: Position | None = None
    sigma_m: float | None = None
    first_t: float | None = None
    public: bool = False
    drill: bool = False
    automatic: bool = True
    count: int = 1
    origin: str | None = None


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a channel says became of one alert statement. `delivered` False is a failure shown.

    With `tries_again` it is not the last word: the statement still waits, if need be until Tocsin
    runs again.
    """

    channel: str
    alert: str
    sequence: int
    level: Level
    t_sent: float
    delivered: bool
    attempts: int = 1
    t_done: float | None = None
    detail: str | None = None
    tries_again: bool = False


class Attempt(msgspec.Struct, frozen=True):
    """A channel is about to tell a statement, since `t`. Without a receipt after it, Tocsin died in
    between and the channel may or may not have told."""

    channel: str
    alert: str
    sequence: int
    t: float
