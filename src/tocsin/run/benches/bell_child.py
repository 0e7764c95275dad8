"""A site's bell alone, to be killed: journal, outbox, a siren on a relay, one run by a program.

Usage      python -m tocsin.run.benches.bell_child FOLDER RELAY_URL
Does       settles what its former run owed, then decides a new alarm whenever the last one was
           told, until it is killed; an alarm counts as decided once it is in the journal
Ends       with status 0 when its input is closed and every channel is idle
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import msgspec

from tocsin.encode.cap import CapSender
from tocsin.keep.journal import Journal
from tocsin.keep.writer import JournalWriter
from tocsin.run.outbox import read_outbox, tell_owed
from tocsin.run.refill import journalled, refill
from tocsin.run.scribe import Scribe
from tocsin.warn.dispatch import Dispatcher
from tocsin.warn.registry import Post, make_channel
from tocsin.words import Alert, Attempt, Order, Receipt, Topic, Zone

ZONE = Zone(
    "dam", {"en": "the dam"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
    tell=("relay", "program"), languages=("en",),
)  # fmt: skip
_DECIDE_EVERY_S = 0.02
_DAY_S = 86_400.0


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep_until(self, t: float) -> None:
        """Until then."""
        await asyncio.sleep(max(t - time.time(), 0.0))


class KilledBell:
    """The bell and its memory in one process."""

    def __init__(self, folder: Path, relay: str) -> None:
        self._clock = WallClock()
        self._path = folder / "journal.sqlite"
        outbox = read_outbox(self._path, self._clock.now())
        self._scribe = Scribe([ZONE], CapSender("tocsin@dam.example", "Dam"))
        refill(self._scribe, self._path, self._clock.now())
        self._writer = JournalWriter(lambda: Journal(self._path))
        self._notes: set[asyncio.Task[None]] = set()
        channels: dict[str, dict[str, object]] = {
            "relay": {
                "kind": "siren-http",
                "on": {"url": f"{relay}/on/$alert"},
                "off": {"url": f"{relay}/off/$alert"},
                "confirm": {"url": f"{relay}/state/$alert", "on": "is on"},
                "patterns": {"alarm": [[60.0, 0.0]]},
            },
            "program": {
                "kind": "siren-command",
                "command": ["/bin/sh", "-c", f'echo "$TOCSIN_ALERT" >> {folder}/sounded.txt'],
                "folder": str(folder / "marks"),
            },
        }
        self.dispatcher = Dispatcher(
            {name: _post(name, table, self._clock) for name, table in channels.items()},
            on_receipt=self._receipt,
            clock=self._clock,
            note_attempt=self._note_attempt,
            former=outbox.former,
        )
        tell_owed(outbox, self._scribe, self.dispatcher)
        self._count = len(journalled(self._path, ("notice",), self._clock.now() - _DAY_S))

    async def decide(self) -> None:
        """One alarm: in the journal first, then to the channels."""
        self._count += 1
        alert = Alert(
            round(self._clock.now(), 3), f"dam-{self._count}", "dam", f"T{self._count}", "alarm",
            "new", ("inside",), public=True,
        )  # fmt: skip
        orders = [Order(name, alert.alert, 1, alert.t) for name in ZONE.tell]
        await self._keep(("notice", alert), *(("order", order) for order in orders))
        for message in self._scribe.write([alert]):
            self.dispatcher.tell(alert, ZONE.tell, message.texts, message.cap.xml)

    @property
    def idle(self) -> bool:
        """Whether nobody waits to be told: a life of a moment must not leave ever more behind."""
        return not any(channel.backlog for channel in self.dispatcher.health())

    async def end(self) -> None:
        """Wait until everybody was told and every receipt is on disk."""
        await self.dispatcher.drain()
        await asyncio.sleep(0.05)
        await asyncio.gather(*self._notes)
        await self._writer.close()

    async def _keep(self, *words: tuple[Topic, msgspec.Struct]) -> None:
        entries = [(topic, msgspec.json.encode(word)) for topic, word in words]
        await self._writer.keep(self._clock.now(), entries)

    async def _note_attempt(self, attempt: Attempt) -> None:
        await self._keep(("attempt", attempt))

    def _receipt(self, receipt: Receipt) -> None:
        task = asyncio.create_task(self._keep(("receipt", receipt)))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)


def _post(name: str, table: dict[str, object], clock: WallClock) -> Post:
    settings = {key: value for key, value in table.items() if key != "kind"}
    return make_channel(name, str(table["kind"]), settings, clock)


async def _run(folder: Path, relay: str) -> None:
    bell = KilledBell(folder, relay)
    told_to_end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print("ready", flush=True)
    while not told_to_end.done():
        if bell.idle:
            await bell.decide()
        await asyncio.sleep(_DECIDE_EVERY_S)
    await bell.end()


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), sys.argv[2]))
