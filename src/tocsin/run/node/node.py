"""A sensor node at work: sound in, features and events out, a heartbeat, a self-test a day.

No sound leaves this process but into the ear, the ring of evidence in memory and its seal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from tocsin.errors import DecodeError
from tocsin.listen.door import Door
from tocsin.listen.microphone import RecordedMicrophone
from tocsin.ports import Clock, Decoder, Listener
from tocsin.run.node.clock_quality import clock_quality
from tocsin.run.node.condition import Condition
from tocsin.run.node.evidence import EvidenceKeeper
from tocsin.run.node.happenings import Happenings
from tocsin.run.node.outbox import Outbox
from tocsin.run.node.self_test import SelfTester
from tocsin.run.node.settings import NodeTable
from tocsin.words import Frame, HeardWindow
from tocsin.words.ear_report import ChirpTest

_log = logging.getLogger("tocsin.node")

LOOK_S = 0.02
CLOCK_EVERY_S = 60.0
DRAIN_S = 20.0
"""How long a node that ends waits for its link."""
_FRAMES_AT_ONCE = 20


class SoundDecoder(Decoder, Listener, Protocol):
    """What the node needs of its ear."""


class Node:
    """One microphone. Make it inside the running loop."""

    def __init__(
        self,
        table: NodeTable,
        door: Door,
        ear: SoundDecoder,
        outbox: Outbox,
        clock: Clock,
        *,
        model: bytes,
        features: bool,
        tester: SelfTester | None,
        evidence: EvidenceKeeper | None,
        recorded: RecordedMicrophone | None = None,
    ) -> None:
        self._table, self._door, self._ear, self._outbox = table, door, ear, outbox
        self._clock, self._features = clock, features
        self._tester, self._evidence, self._recorded = tester, evidence, recorded
        self._condition = Condition(model)
        self._happenings = Happenings(outbox.tell_event, outbox.next_event, table.update_s)
        self._untold: list[HeardWindow] = []
        self._heard_t: float | None = None
        """The end of the last sound that was judged, by its own time."""
        self._next_beat = self._next_features = 0.0
        self._next_test: float | None = None
        self.windows = 0
        self.tests: list[ChirpTest] = []

    async def run(self) -> None:
        """Until cancelled, or until the recording that stands in for a microphone is over."""
        self._outbox.clock = await clock_quality()
        await self._door.open()
        sending = asyncio.create_task(self._outbox.run(), name="sending")
        asking = asyncio.create_task(self._keep_asking(), name="clock")
        listening = asyncio.create_task(self._listen(), name="listening")
        tasks = (sending, asking, listening)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a fault of any is a fault of the node: it is started anew
            await self._outbox.drained(DRAIN_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._door.close()
            await self._outbox.close()

    @property
    def sent(self) -> int:
        """How many reports the site has taken since the start."""
        return self._outbox.sent

    async def _listen(self) -> None:
        while True:
            # asked before the last look: what it put down before it was over is seen
            over = self._recorded is not None and self._recorded.over.is_set()
            frames = self._door.drain()
            for start in range(0, len(frames), _FRAMES_AT_ONCE):
                for frame in frames[start : start + _FRAMES_AT_ONCE]:
                    self._hear(frame)
                    self._tick()
                await asyncio.sleep(0)
            self._tick()
            if over and not frames:
                break
            if not frames:
                await asyncio.sleep(LOOK_S)
        if self._heard_t is not None:
            self._happenings.end(self._heard_t)
            self._tell_features()
            self._beat(self._heard_t)

    def _hear(self, frame: Frame) -> None:
        """One block of sound."""
        if self._evidence is not None:
            self._evidence.hear(frame)
        if self._tester is not None:
            result = self._tester.hear(frame)
            if result is not None:
                self._tested(result, frame.t)
            if self._tester.playing:
                return
        try:
            detections = self._ear.decode(frame)
        except DecodeError as error:
            _log.warning("a block of sound is refused: %s", error)
            return
        windows = self._ear.heard_windows()
        if not windows:
            return
        self._heard_t = max(one.t + one.dur_s for one in windows)
        self.windows += len(windows)
        self._happenings.hear(detections, windows)
        if self._features:
            self._untold += windows
        if self._condition.hear(windows):
            self._beat(self._heard_t)

    def _tick(self) -> None:
        """What is due by time: by the recording's own where one is played."""
        now = self._clock.now() if self._recorded is None else self._heard_t
        if now is None:
            return
        if self._next_test is None:
            self._next_test = now  # once at the start, then every so often
        if self._tester is not None and now >= self._next_test:
            self._next_test = now + self._table.self_test_every_s
            self._tester.begin(now)
        if now >= self._next_features:
            self._next_features = now + self._table.features_every_s
            self._tell_features()
        if now >= self._next_beat:
            self._beat(now)

    def _tell_features(self) -> None:
        windows, self._untold = self._untold, []
        if windows:
            self._outbox.tell_windows(windows)

    def _beat(self, now: float) -> None:
        self._next_beat = now + self._table.heartbeat_s
        health = self._door.health()
        beat = self._condition.beat(
            now, waiting=self._outbox.waiting, lost=self._outbox.lost, gaps=health.dropped
        )
        self._outbox.tell_heartbeat(now, beat)

    def _tested(self, result: ChirpTest, now: float) -> None:
        self.tests.append(result)
        del self.tests[:-10]
        self._condition.test = result
        _log.info(
            "self-test, %s: %s, level %s dBFS, delay %s s",
            result.path, result.verdict, result.level_dbfs, result.delay_s,
        )  # fmt: skip
        self._beat(now)

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_EVERY_S)
            self._outbox.clock = await clock_quality()


def told(tests: Sequence[ChirpTest]) -> str:
    """The last self-test in a sentence."""
    if not tests:
        return "no self-test was made"
    last = tests[-1]
    words = {"heard": "was heard", "faint": "was heard only faintly", "not-heard": "was not heard"}
    way = "played" if last.path == "played" else "injected"
    level = "" if last.level_dbfs is None else f" at {last.level_dbfs:.1f} dBFS"
    delay = "" if last.delay_s is None else f", {last.delay_s * 1000.0:.0f} ms late"
    return f"self-test: the {way} chirp {words[last.verdict]}{level}{delay}"
