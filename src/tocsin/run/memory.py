"""The live house's memory: words and raw frames into the journal, and a health note if it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from tocsin.keep.journal import Journal
from tocsin.keep.writer import JournalHealth, JournalWriter
from tocsin.run.pipeline import Turn
from tocsin.words import Attempt, Reason, Receipt, Topic

NOT_KEPT = frozenset({"ndjson", "sound"})
"""Links whose bytes stay out of the journal."""

_encode = msgspec.json.Encoder().encode


class JournalMemory:
    """Stop 5 of the road. Waits for the disk at most 50 ms; `on_note` hears of trouble."""

    def __init__(self, path: Path, on_note: Callable[[Reason], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._on_note = on_note
        self._writer = JournalWriter(lambda: Journal(path), on_health=self._hear)

    async def keep(self, turn: Turn) -> None:
        """Journal one tick. NDJSON frames are not kept twice: their detections say it all. Sound is
        not kept at all: people speak near microphones."""
        raw = [frame for frame in turn.frames if frame.link not in NOT_KEPT]
        entries: list[tuple[Topic, bytes]] = []
        for topic, words in (
            ("frame", raw),
            ("detection", turn.detections),
            ("track", turn.changes),
            ("alert", turn.alerts),
            ("notice", turn.notices),
            ("order", turn.orders),

        ):  # fmt: skip
            entries += [(topic, _encode(word)) for word in words]  # type: ignore[misc]
        if entries:
            await self._writer.keep(turn.now, entries)

    async def note(self, now: float, word: Attempt | Receipt | Reason) -> None:
        """Journal an attempt, a receipt, or a note such as an acknowledgement."""
        topic: Topic = "note"
        if not isinstance(word, Reason):
            topic = "receipt" if isinstance(word, Receipt) else "attempt"
        await self._writer.keep(now, [(topic, _encode(word))])

    async def file(self, now: float, words: Sequence[tuple[Topic, msgspec.Struct]]) -> None:
        """Journal words under their topics, all or none."""
        await self._writer.keep(now, [(topic, _encode(word)) for topic, word in words])

    @property
    def health(self) -> JournalHealth:
        """Whether memory works."""
        return self._writer.health

    async def close(self) -> None:
        """Write what waits and let go."""
        await self._writer.close()

    def _hear(self, health: JournalHealth) -> None:
        if health.healthy:
            self._on_note(Reason("journal-works"))
        elif health.full:
            self._on_note(Reason("journal-full"))
        else:
            self._on_note(Reason("journal-broken", {"detail": health.reason or "?"}))
