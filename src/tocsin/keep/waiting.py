"""What waits to be written: bounded, in order, and honest about what it had to leave out.

Frames, detections, tracks and assessments may fill four fifths of the room; the rest is kept for
alerts, receipts and health, so that a flood of measurements never pushes out what was decided.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from tocsin.words import Topic

BULK: frozenset[Topic] = frozenset({"frame", "detection", "track", "assessment"})
_ROOM_FOR_BULK = 0.8
_RECORD_COST_BYTES = 200  # what one waiting record costs in memory beside its body


@dataclass
class Batch:
    """The entries of one `keep`; `written` is called once they are on disk."""

    t: float
    entries: tuple[tuple[Topic, bytes], ...]
    written: Callable[[], None] | None = None

    @property
    def cost_bytes(self) -> int:
        """Roughly the memory it holds while it waits."""
        return sum(len(body) + _RECORD_COST_BYTES for _, body in self.entries)


@dataclass
class Gap:
    """Records that found no room, in their place among those that did."""

    t: float
    count: int = 0
    sealed: bool = False  # it is being written: later losses need a gap of their own

    def as_batch(self) -> Batch:
        """The `note` that stands in the journal where they are missing."""
        body = msgspec.json.encode({"code": "records-missing", "count": self.count})
        return Batch(self.t, (("note", body),))


@dataclass
class Waiting:
    """A queue of batches that never holds more than `limit_bytes`. Not locked: its user does."""

    limit_bytes: int
    cost_bytes: int = 0
    lost: int = 0
    _items: deque[Batch | Gap] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, batch: Batch) -> bool:
        """Queue it, or count its records as lost if there is no room: False."""
        bulk = all(topic in BULK for topic, _ in batch.entries)
        room = self.limit_bytes * (_ROOM_FOR_BULK if bulk else 1.0)
        if self.cost_bytes + batch.cost_bytes <= room:
            self._items.append(batch)
            self.cost_bytes += batch.cost_bytes
            return True
        self._lose(batch)
        return False

    def _lose(self, batch: Batch) -> None:
        last = self._items[-1] if self._items else None
        if not isinstance(last, Gap) or last.sealed:
            last = Gap(batch.t)
            self._items.append(last)
        last.t = batch.t
        last.count += len(batch.entries)
        self.lost += len(batch.entries)

    def first(self, most_bytes: int) -> list[Batch]:
        """The oldest batches, at least one if any waits, up to `most_bytes`."""
        found: list[Batch] = []
        cost = 0
        for item in self._items:
            batch = item.as_batch() if isinstance(item, Gap) else item
            cost += batch.cost_bytes
            if found and cost > most_bytes:
                break
            if isinstance(item, Gap):
                item.sealed = True
            found.append(batch)
        return found

    def drop(self, count: int) -> None:
        """Forget the oldest `count` items: they are on disk."""
        for _ in range(count):
            item = self._items.popleft()
            if isinstance(item, Batch):
                self.cost_bytes -= item.cost_bytes
