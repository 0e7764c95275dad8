"""Reads a journal and checks its chain, beside a running writer and without disturbing it.

Rows come in batches with no transaction open between them, so that the writer's WAL can be reset
while a long read goes on. The journal only grows: batches cannot contradict each other.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

import msgspec

from tocsin.errors import ChainBroken, JournalError
from tocsin.keep.chain import START, Head, record_hash
from tocsin.keep.migrate import check_version
from tocsin.words import Envelope, Topic

_BATCH = 1000

_CHAIN = "SELECT seq, t, topic, body, prev, hash FROM record WHERE seq > ? ORDER BY seq LIMIT ?"
_ALL = "SELECT seq, t, topic, body FROM record WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_OF_TOPIC = (
    "SELECT seq, t, topic, body FROM record WHERE topic = ? AND seq > ? AND seq <= ? "
    "ORDER BY seq LIMIT ?"
)

Row = tuple[int, float, str, bytes]


class JournalReader:
    """A journal file seen read-only. Each call opens its own connection."""

    def __init__(self, path: Path, head_path: Path | None = None) -> None:
        self.path = path
        self.head_path = head_path or path.with_name(path.name + ".head")

    def read(self, after: int = 0, topics: Sequence[Topic] = ()) -> Iterator[Envelope]:
        """Envelopes with `seq` > `after`, in order, up to what was on disk at the first one.

        Raises JournalError if the file cannot be read.
        """
        with self._reading() as connection:
            last = head_of(connection).seq
            # one stream a topic, each in the order of its index: nothing is ever sorted
            streams = [
                _rows(connection, _OF_TOPIC, (topic,), after, last)
                for topic in dict.fromkeys(topics)
            ] or [_rows(connection, _ALL, (), after, last)]
            for seq, t, topic, body in heapq.merge(*streams):
                yield Envelope(seq, t, cast("Topic", topic), msgspec.Raw(body))

    def verify(self) -> int:
        """The number of records in an unbroken chain, at least as long as the head file says.

        Raises ChainBroken with the first bad sequence number, JournalError if it cannot be read.
        """
        kept = self._kept_head()
        head = START
        with self._reading() as connection:
            (lowest,) = connection.execute("SELECT min(seq) FROM record").fetchone()
            if lowest is not None and lowest < 1:
                raise self._broken("a record stands before the first", lowest)
            while True:
                rows = connection.execute(_CHAIN, (head.seq, _BATCH)).fetchall()
                for row in rows:
                    head = self._check(head, row)
                    if kept is not None and head.seq == kept.seq and head.hash != kept.hash:
                        raise self._broken("this is not the record of the head file", head.seq)
                if len(rows) < _BATCH:
                    break
        if kept is not None and head.seq < kept.seq:
            raise self._broken(f"the records up to {kept.seq} were cut off", head.seq + 1)
        return head.seq

    def _check(self, head: Head, row: tuple[int, float, str, bytes, bytes, bytes]) -> Head:
        seq, t, topic, body, prev, digest = row
        if seq != head.seq + 1:
            raise self._broken("a record is missing", head.seq + 1)
        if prev != head.hash:
            raise self._broken("the record does not follow the one before it", seq)
        if digest != record_hash(prev, seq, t, topic, body):
            raise self._broken("the record was changed", seq)
        return Head(seq, digest)

    def _broken(self, what: str, sequence: int) -> ChainBroken:
        return ChainBroken(
            f"record {sequence}: {what}",
            sequence=sequence,
            where=str(self.path),
            remedy="keep this file as evidence and start a new journal",
        )

    def _kept_head(self) -> Head | None:
        try:
            text = self.head_path.read_text("ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise JournalError(f"cannot be read: {error}", where=str(self.head_path)) from error
        return Head.from_text(text, str(self.head_path))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection of its own. What SQLite says of a sick file is a JournalError."""
        if not self.path.exists():
            raise JournalError("there is no journal here", where=str(self.path))
        address = f"{self.path.resolve().as_uri()}?mode=ro"
        try:
            with closing(
                sqlite3.connect(address, uri=True, timeout=5.0, check_same_thread=False)
            ) as connection:
                check_version(connection, str(self.path))
                yield connection
        except sqlite3.Error as error:
            raise JournalError(
                f"cannot be read: {error}", where=str(self.path), remedy="restore it from a copy"
            ) from error


def _rows(
    connection: sqlite3.Connection, query: str, named: tuple[str, ...], after: int, last: int
) -> Iterator[Row]:
    """The rows of a query, a batch at a time."""
    while True:
        rows = connection.execute(query, (*named, after, last, _BATCH)).fetchall()
        yield from rows
        if len(rows) < _BATCH:
            return
        after = rows[-1][0]


def head_of(connection: sqlite3.Connection) -> Head:
    """The last sequence number and hash that the file holds."""
    row = connection.execute("SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1").fetchone()
    return START if row is None else Head(row[0], row[1])
