"""The road: one detection, from antenna to bell, in seven stops.

Live, replay and staged evening are this same function with another source and another clock, so
that a recorded evening with its expected alerts is the master test.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tocsin.assess import Casebook, Drills, Groups, Ladder, Outcry, judge
from tocsin.fuse import Table, deafen, step
from tocsin.run.reading import ReadingDesk
from tocsin.run.scribe import Message, Scribe
from tocsin.run.ticks import Tick
from tocsin.words import Alert, Assessment, Detection, Frame, HeardWindow, Order, Track


@dataclass(frozen=True)
class Turn:
    """What one tick brought, from the frames heard to the alerts judged; `notices` are those alerts
    as people are told them, many drones in one, and `orders` say which channel tells what."""

    now: float
    frames: Sequence[Frame]
    detections: Sequence[Detection]
    changes: Sequence[Track]
    standings: Sequence[Assessment]
    alerts: Sequence[Alert]
    notices: Sequence[Alert]
    orders: Sequence[Order]
    windows: Sequence[HeardWindow] = ()


class Memory(Protocol):
    """Stop 5. Waits a little for the disk and never longer: a full disk silences no siren."""

    async def keep(self, turn: Turn) -> None: ...


class Bell(Protocol):
    """Stop 6. Hands messages to the channels and returns at once; receipts come by themselves."""

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None: ...


class Screens(Protocol):
    """Stop 7. People's screens and neighbours."""

    def show(self, turn: Turn, messages: Sequence[Message]) -> None: ...


@dataclass
class House:
    """A site in working order: what it knows (tracks, cases) and its doors."""

    desk: ReadingDesk
    tracks: Table
    casebook: Casebook
    people: Outcry
    groups: Groups
    drills: Drills
    ladder: Ladder
    scribe: Scribe
    memory: Memory
    bell: Bell
    screens: Screens


async def watch_over(house: House, ticks: AsyncIterable[Tick]) -> None:
    """Run the road until the ticks end."""
    async for now, frames in ticks:  # 1 antennas
        detections = house.desk.read(frames, now)  # 2 words
        deafen(house.tracks, house.desk.deaf)  # the silence of the deaf tells nothing
        # 3 tracks, 4 alerts with reasons
        changes, alerts, standings = decide(
            house.tracks, house.casebook, house.people, detections, now
        )
        notices = house.groups.gather(alerts)
        notices += house.drills.ring(now, house.groups.zones)
        orders = house.ladder.direct(notices, now)
        heard = house.desk.windows
        turn = Turn(
            now, frames, detections, changes, standings, alerts, notices, orders, heard
        )  # fmt: skip
        await house.memory.keep(turn)  # 5 memory, before the bell
        messages = house.scribe.write(notices)
        house.bell.ring(messages, orders)  # 6 people
        house.screens.show(turn, messages)  # 7 screens and neighbours


def decide(
    tracks: Table, book: Casebook, people: Outcry, detections: Sequence[Detection], now: float
) -> tuple[Sequence[Track], list[Alert], list[Assessment]]:
    """Stops 3 and 4: changed tracks, alerts and standings of one tick. What people report moves no
    track; it is weighed beside them."""
    crowd = people.crowd
    measured = crowd.admit(detections, now)
    _, told = step(tracks, measured, now)
    changes = crowd.bear_witness(told, now)
    alerts, standings = judge(book, changes, now)
    return changes, [*alerts, *people.speak(now)], standings
