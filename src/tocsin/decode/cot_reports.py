"""What people mark on their TAK screens becomes a human report; where people are does not.

Standard   Cursor on Target 2.0, in XML or TAK protocol version 1
Takes      markers that a person set (how "h-…"): things in the air (a-?-A…), and spots (b-m-p-s-m)
           whose name or remarks speak of a drone
Class      drone where the type is an unmanned aircraft (…-M-F-Q, …-M-H-Q, …-C-F-q and the like) or
           the words say so, aircraft for any other named aircraft; bare "a-u-A" says none
Sigma      `ce`, one sigma by the standard, but never less than 50 m: a screen tells how well the
           place was pointed at, not how well the drone was seen. Unknown: `sigma_m`
Height     only where `le` is told: a marker's height is usually that of the ground below
Leaves out where people and their devices are (friendly ground, an address, a team), who made a
           marker, everything on the ground or at sea, what machines report, exercises and
           simulations (opex), our own events
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Sequence

import msgspec

from tocsin.decode.cot import read_cot
from tocsin.decode.tak import MAGIC, read_tak
from tocsin.words import ClassScores, Detection, Frame, Link, Position, Sigma
from tocsin.words.cot import OURS, CotEvent

_AIR = re.compile(r"a-[a-zA-Z.]-A(?:-|$)")
_UNMANNED = re.compile(r"a-.-A-[MC]-[A-Za-z]-[Qq](?:-|$)")
_SPOT = "b-m-p-s-m"
_SURE = 0.8
"""A person who names a drone is right four times in five: birds and aircraft are taken for one."""
_LEAST_SIGMA_M = 50.0
_LEAST_SIGMA_ALT_M = 30.0
_REMEMBERED = 2_000
"""Markers; a TAK client sends all of its markers again when it connects."""


class CotSettings(msgspec.Struct, frozen=True):
    """`[decoder.cot]` reports from TAK screens.

    sigma_m: 1-sigma of a marker's place where it tells none, metres
    words: in a spot's name or remarks, in any case, that say it is a drone
    """

    sigma_m: float = 200.0
    words: list[str] = msgspec.field(
        default_factory=lambda: ["drone", "uav", "uas", "quadcopter", "shahed", "fpv"]
    )


class CotReports:
    """Events of Cursor on Target to human reports; remembers which markers it has read."""

    name = "cot"
    links: tuple[Link, ...] = ("cot", "tak")
    Settings = CotSettings

    def __init__(self, settings: CotSettings = CotSettings()) -> None:  # noqa: B008  frozen
        self.heard = 0
        self.overlooked: Counter[str] = Counter()
        self._settings = settings
        self._words = tuple(word.casefold() for word in settings.words)
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The report in one event, none where it is none. Raises DecodeError."""
        event: CotEvent | None
        if frame.data[:1] == bytes((MAGIC,)):
            event = read_tak(frame.data, frame.origin)
        else:
            event = read_cot(frame.data, frame.origin)
        self.heard += 1
        if event is None or event.uid.startswith(OURS) or event.person:
            return ()
        class_ = self._class(event)
        if class_ is None:
            return ()
        if not event.how.startswith("h") or event.opex[:1] in ("e", "s"):
            return ()
        if event.stale_t < frame.t or self._repeats(event):
            return ()
        return (self._report(event, class_, frame),)

    def _class(self, event: CotEvent) -> ClassScores | None:
        """What it is said to be; None where it is nothing that flies."""
        if _AIR.match(event.type):
            if _UNMANNED.match(event.type) or self._speaks_of_drone(event):
                return ClassScores(drone=_SURE)
            return ClassScores(aircraft=_SURE) if event.type.count("-") > 2 else ClassScores()
        if event.type.startswith(_SPOT) and self._speaks_of_drone(event):
            return ClassScores(drone=_SURE)
        return None

    def _speaks_of_drone(self, event: CotEvent) -> bool:
        said = f"{event.callsign or ''} {event.remarks or ''}".casefold()
        return any(word in said for word in self._words)

    def _repeats(self, event: CotEvent) -> bool:
        """Whether the same marker was read at the same place."""
        place = (event.lat, event.lon)
        known = self._known.pop(event.uid, None)
        self._known[event.uid] = place
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return known == place

    def _report(self, event: CotEvent, class_: ClassScores, frame: Frame) -> Detection:
        le = event.le_m
        alt_m = event.hae_m if le is not None else None
        t = min(event.t, frame.t)
        return Detection(
            t=round(t, 3),
            sensor=frame.sensor or "cot",
            kind="human",
            position=Position(
                round(event.lat, 7), round(event.lon, 7), None if alt_m is None else round(alt_m, 2)
            ),
            sigma=Sigma(
                horizontal_m=round(max(event.ce_m or self._settings.sigma_m, _LEAST_SIGMA_M), 2),
                alt_m=None if le is None or alt_m is None else max(le, _LEAST_SIGMA_ALT_M),
            ),
            class_=class_ if class_ != ClassScores() else None,
            received=round(frame.t, 3) if frame.t != t else None,
        )
