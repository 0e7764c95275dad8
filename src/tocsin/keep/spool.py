"""Reports that wait until the link takes them: on disk, in order, bounded.

A report is on disk before it is sent and leaves when the other side has taken it: a process that
is killed in between sends it again, with the same number, and the site takes it once. What is told
of an event also survives a power cut (SQLite's `synchronous` is FULL then); of the rest a power cut
may cost the last seconds. When there is no more room the oldest features go first, then the oldest
heartbeats, and events last; what goes is counted.

Numbers are never below the Unix second in which the spool was opened: where the disk was lost, or
an old copy of it put back, numbers go on above those that were used, as long as less than one
report a second was made. `MOST_NUMBER` is reached in 2106.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from tocsin.errors import JournalError

MOST_BYTES = 16 * 2**20
"""A week of heartbeats (80 MB would be all features of it), or two days of nothing but features."""
MOST_NUMBER = 2**32 - 1

Kind = Literal["features", "heartbeat", "event"]
KINDS: tuple[Kind, ...] = ("features", "heartbeat", "event")
"""In the order in which they go when there is no room."""

_TABLES = """
CREATE TABLE IF NOT EXISTS report (
    number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS report_by_kind ON report (kind, number);
CREATE TABLE IF NOT EXISTS count (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Spool:
    """The waiting reports of one node. One process at a time."""

    def __init__(self, path: Path | None, first: int, most_bytes: int = MOST_BYTES) -> None:
        """In memory only where `path` is None. No number is below `first`, the time now."""
        self._most_bytes = most_bytes
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0.5)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.executescript(_TABLES)
            for name, value in (("next", first), ("event", 1), ("lost", 0)):
                self._db.execute("INSERT OR IGNORE INTO count VALUES (?, ?)", (name, value))
            raised = "UPDATE count SET value = max(value, ?) WHERE name = 'next'"
            self._db.execute(raised, (first,))
            self._bytes = self._measure()
        except (sqlite3.Error, OSError) as error:
            remedy = "is another node running here? else move it away: a new one is made"
            where = str(path or "memory")
            raise JournalError(str(error), where=where, remedy=remedy) from None

    def append(self, kind: Kind, write: Callable[[int], bytes]) -> int:
        """Keep the report that `write` makes for its number; the number. Raises JournalError."""
        try:
            full = "FULL" if kind == "event" else "NORMAL"
            self._db.execute(f"PRAGMA synchronous={full}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                number = self._count("next")
                data = write(number)
                row = (number, KINDS.index(kind), data)
                self._db.execute("INSERT INTO report VALUES (?, ?, ?)", row)
                self._bytes += len(data)
                self._make_room()
            except BaseException:
                self._db.execute("ROLLBACK")
                self._bytes = self._measure()
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(str(error), where="spool") from None
        return number

    def next_event(self) -> int:
        """A number for a new event, never used before."""
        try:
            return self._count("event")
        except sqlite3.Error as error:
            raise JournalError(str(error), where="spool") from None

    def waiting(self, most: int) -> list[tuple[int, bytes]]:
        """The oldest that wait, with their numbers, in order. Raises JournalError."""
        query = "SELECT number, data FROM report ORDER BY number LIMIT ?"
        try:
            return self._db.execute(query, (most,)).fetchall()
        except sqlite3.Error as error:
            raise JournalError(str(error), where="spool") from None

    def taken(self, numbers: Sequence[int]) -> None:
        """The other side has these. Raises JournalError."""
        try:
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("BEGIN IMMEDIATE")
            for number in numbers:
                self._forget(number)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(str(error), where="spool") from None

    @property
    def lost(self) -> int:
        """How many were given up for want of room, ever."""
        return self._value("lost")

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM report").fetchone()
        return int(count)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _count(self, name: str) -> int:
        """The value, which is one more next time."""
        value = self._value(name)
        if value > MOST_NUMBER:
            raise JournalError("no numbers are left", where="spool", remedy="enrol a new key")
        self._db.execute("UPDATE count SET value = value + 1 WHERE name = ?", (name,))
        return value

    def _value(self, name: str) -> int:
        (value,) = self._db.execute("SELECT value FROM count WHERE name = ?", (name,)).fetchone()
        return int(value)

    def _measure(self) -> int:
        query = "SELECT coalesce(sum(length(data)), 0) FROM report"
        return int(self._db.execute(query).fetchone()[0])

    def _make_room(self) -> None:
        while self._bytes > self._most_bytes:
            oldest = self._db.execute(
                "SELECT number FROM report ORDER BY kind, number LIMIT 1"
            ).fetchone()
            if oldest is None:
                return
            self._forget(oldest[0])
            self._count("lost")

    def _forget(self, number: int) -> None:
        row = self._db.execute(
            "DELETE FROM report WHERE number = ? RETURNING length(data)", (number,)
        ).fetchone()
        if row is not None:
            self._bytes -= row[0]
