"""The one hand that writes the journal: a thread with a bounded queue, so no bell waits for it.

`keep` gives the disk 40 ms. What was not written by then stays queued and is written in order.
A full or broken disk makes the writer unhealthy: it says so once, tries again by itself, writes
what still waits when the disk is back, and notes in the journal how many records are missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import msgspec

from tocsin.errors import JournalError, JournalFull
from tocsin.keep.chain import Head
from tocsin.keep.waiting import Batch, Waiting
from tocsin.words import Topic

PATIENCE_S = 0.04
"""How long `keep` waits for the disk. The bell may be held up 50 ms (DESIGN 1, stop 5), and a busy
event loop adds up to 6 ms to this."""

_GROUP_BYTES = 4 * 2**20  # one fsync for at most this much, so that a recovery shows progress
_CHECKPOINT_EVERY = 1000  # records: what an attacker could cut off the end unseen
_FIRST_BACK_OFF_S = 0.25
_LONGEST_BACK_OFF_S = 5.0

T = TypeVar("T")


class WritableStore(Protocol):
    """What the writer needs of a journal."""

    def append_batches(
        self, batches: Iterable[tuple[float, Iterable[tuple[Topic, bytes]]]]
    ) -> int: ...

    def checkpoint(self) -> Head: ...

    def close(self) -> None: ...


class JournalHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether memory works. `waiting` batches are queued; `lost` records found no room, ever."""

    healthy: bool
    full: bool = False
    reason: str | None = None
    waiting: int = 0
    lost: int = 0
    written: int = 0
    last_seq: int | None = None


class JournalWriter:
    """Writes for asyncio callers. Make it inside the running loop: `on_health` is called there.

    `open_store` is called on the writer's own thread, again and again if the disk refuses.
    `on_health` hears every change between healthy and unhealthy, once each.
    """

    def __init__(
        self,
        open_store: Callable[[], WritableStore],
        *,
        on_health: Callable[[JournalHealth], None] | None = None,
        limit_bytes: int = 32 * 2**20,
        back_off: Callable[[int], float] | None = None,
    ) -> None:
        self._open_store = open_store
        self._on_health = on_health
        self._back_off = back_off or _wait_before
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._waiting = Waiting(limit_bytes)
        self._store: WritableStore | None = None
        self._trouble: JournalError | None = None
        self._written = 0
        self._last_seq: int | None = None
        self._unmarked = 0
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def keep(
        self, t: float, entries: Sequence[tuple[Topic, bytes]], patience_s: float = PATIENCE_S
    ) -> bool:
        """True once the entries are on disk; False if they were not within `patience_s` seconds.

        Never raises for the disk's sake. While the writer is unhealthy it does not wait at all.
        Raises ValueError for a time that is not a number.
        """
        if not math.isfinite(t):
            raise ValueError(f"a record needs a time, not {t}")
        if not entries:
            return True
        done = self._loop.create_future()
        batch = Batch(t, tuple(entries), lambda: self._tell(_resolve, done))
        with self._changed:
            queued = not self._closing and self._waiting.put(batch)
            hopeless = self._trouble is not None
            self._changed.notify()
        if not queued or hopeless:
            return False
        await asyncio.wait((done,), timeout=patience_s)
        return done.done()

    @property
    def health(self) -> JournalHealth:
        """How memory is doing now."""
        with self._changed:
            return self._health()

    async def close(self, patience_s: float = 5.0) -> bool:
        """Write what waits and let go; True if nothing is left unwritten."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, patience_s)
        with self._changed:
            return not self._thread.is_alive() and len(self._waiting) == 0

    def _health(self) -> JournalHealth:
        trouble = self._trouble
        if not self._thread.is_alive() and not self._closing:
            trouble = JournalError("the journal's thread has stopped", remedy="restart Tocsin")
        return JournalHealth(
            healthy=trouble is None,
            full=isinstance(trouble, JournalFull),
            reason=None if trouble is None else str(trouble),
            waiting=len(self._waiting),
            lost=self._waiting.lost,
            written=self._written,
            last_seq=self._last_seq,
        )

    def _work(self) -> None:
        """The thread: write what waits, and after a failure wait and try again."""
        failures = 0
        while True:
            try:
                empty = self._write_group()
            except JournalError as error:
                failures += 1
                self._let_go_after(error)
                self._set_trouble(error)
                if self._closing:
                    break
            else:
                failures = 0
                self._set_trouble(None)
                if empty and self._closing:
                    break
            with self._changed:
                if failures:
                    self._changed.wait_for(lambda: self._closing, self._back_off(failures))
                else:
                    self._changed.wait_for(lambda: self._closing or len(self._waiting) > 0)
        if self._store is not None:
            self._store.close()

    def _write_group(self) -> bool:
        """Everything that waits, up to one group, with one fsync; True if nothing waits after it.

        Opens the journal first if need be. Raises JournalError, and nothing is lost by it.
        """
        if self._store is None:
            self._store = self._open_store()
        with self._changed:
            batches = self._waiting.first(_GROUP_BYTES)
        if batches:
            last_seq = self._store.append_batches([(b.t, b.entries) for b in batches])
            records = sum(len(batch.entries) for batch in batches)
            self._unmarked += records
            with self._changed:
                self._waiting.drop(len(batches))
                self._written += records
                self._last_seq = last_seq
            for batch in batches:
                if batch.written is not None:
                    batch.written()
        with self._changed:
            empty = len(self._waiting) == 0
            closing = self._closing
        if self._unmarked >= _CHECKPOINT_EVERY or (empty and closing):
            self._store.checkpoint()
            self._unmarked = 0
        return empty

    def _let_go_after(self, error: JournalError) -> None:
        """A full disk leaves the file sound; after any other fault it is opened anew."""
        if self._store is not None and not isinstance(error, JournalFull):
            self._store.close()
            self._store = None

    def _set_trouble(self, trouble: JournalError | None) -> None:
        with self._changed:
            changed = (trouble is None) != (self._trouble is None)
            self._trouble = trouble
            health = self._health()
        if changed and self._on_health is not None:
            self._tell(self._on_health, health)

    def _tell(self, hear: Callable[[T], object], what: T) -> None:
        """Call on the caller's loop, which may be gone by now: then nobody is left to hear."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(hear, what)


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _wait_before(attempt: int) -> float:
    """Seconds before the attempt after so many failures: 0.25, 0.5, 1, 2, 4, 5, 5, …"""
    return min(_FIRST_BACK_OFF_S * 2.0 ** (attempt - 1), _LONGEST_BACK_OFF_S)
