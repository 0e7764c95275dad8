"""The journal: everything Tocsin saw, judged and told, in order, so that it stands as evidence.

One SQLite file in WAL mode with `synchronous=FULL`: an `append` that returned has been fsynced.
One writer, held by a lock file that the kernel lets go of when the process dies. Readers have
their own read-only connection and never hold up the writer. Chain: keep/chain.py.
"""

from __future__ import annotations

import errno
import fcntl
import math
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from tocsin.errors import JournalError, JournalFull
from tocsin.keep.chain import Head, record_hash
from tocsin.keep.migrate import migrate
from tocsin.keep.reader import JournalReader, head_of
from tocsin.words import Envelope, Topic

Entries = Iterable[tuple[Topic, bytes]]

_INSERT = "INSERT INTO record (seq, t, topic, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?)"

_FULL_REMEDY = "free space on the disk; the journal goes on by itself"


class Journal:
    """The one writer of a journal file; implements `ports.Store`. Safe to call from any thread.

    `path` is made if absent. `head_path` is where `checkpoint` writes how far the journal has
    come, beside it by default; on another disk or machine it also proves that nothing was cut
    off the end. Raises JournalError if the file is not ours, is newer, or has another writer.
    """

    def __init__(self, path: Path, head_path: Path | None = None) -> None:
        self.path = path
        self.head_path = head_path or path.with_name(path.name + ".head")
        self._mutex = threading.Lock()
        self._head: Head | None = None
        self._reader = JournalReader(path, self.head_path)
        self._place: tuple[int, int] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _take_lock(path)
        except OSError as error:
            raise _as_journal_error(error, path) from error
        try:
            self._connection = _open_for_writing(path)
        except (sqlite3.Error, OSError) as error:
            self._lock.close()
            raise _as_journal_error(error, path) from error
        except JournalError:
            self._lock.close()
            raise

    def append(self, t: float, entries: Entries) -> int:
        """Write all entries at time `t` or none; the last sequence number of the journal.

        Raises JournalFull if there is no room, JournalError for anything else.
        """
        return self.append_batches([(t, entries)])

    def append_batches(self, batches: Iterable[tuple[float, Entries]]) -> int:
        """Several appends with one fsync: all of them or none; the last sequence number."""
        with self._mutex:
            try:
                self._check_place()
                head = self._head or head_of(self._connection)
                rows, last = _link(head, batches)
                if rows:
                    self._head = None  # unknown until the commit has come back
                    self._connection.execute("BEGIN IMMEDIATE")
                    self._connection.executemany(_INSERT, rows)
                    self._connection.execute("COMMIT")
                self._head = last
            except sqlite3.Error as error:
                self._roll_back()
                raise _as_journal_error(error, self.path) from error
            return last.seq

    def head(self) -> Head:
        """The last sequence number and its hash."""
        with self._mutex:
            return self._head or head_of(self._connection)

    def checkpoint(self) -> Head:
        """Write the head to `head_path`, fsynced and whole or not at all; the head written.

        A later issue signs what stands in this file. Raises JournalFull, JournalError.
        """
        head = self.head()
        beside = self.head_path.with_name(self.head_path.name + ".new")
        try:
            with beside.open("w", encoding="ascii") as file:
                file.write(head.to_text())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.head_path)
            _sync_folder(self.head_path.parent)
        except OSError as error:
            raise _as_journal_error(error, self.head_path) from error
        return head

    def read(self, after: int = 0, topics: Sequence[Topic] = ()) -> Iterator[Envelope]:
        """Envelopes with `seq` > `after`, in order, up to what was on disk at the first one."""
        return self._reader.read(after, topics)

    def verify(self) -> int:
        """Records in the unbroken chain, which reaches at least to the head file if there is one.

        Raises ChainBroken with the first bad sequence number.
        """
        return self._reader.verify()

    def close(self) -> None:
        """Let go of the file; another process may then write it."""
        with self._mutex:
            self._connection.close()
            self._lock.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_place(self) -> None:
        """Writing to a file that was removed or replaced under us would be kept by nobody."""
        try:
            place = self.path.stat()
        except OSError as error:
            raise _as_journal_error(error, self.path) from error
        if self._place is None:
            self._place = (place.st_dev, place.st_ino)
        elif self._place != (place.st_dev, place.st_ino):
            raise JournalError(
                "the file was replaced while Tocsin was writing it",
                where=str(self.path),
                remedy="put it back, or restart Tocsin to begin a new journal",
            )

    def _roll_back(self) -> None:
        """After a failed write; SQLite may have rolled back already, or be unable to."""
        self._head = None
        try:
            if self._connection.in_transaction:
                self._connection.rollback()
        except sqlite3.Error as error:
            raise _as_journal_error(error, self.path) from error


Row = tuple[int, float, str, bytes, bytes, bytes]


def _link(head: Head, batches: Iterable[tuple[float, Entries]]) -> tuple[list[Row], Head]:
    """The rows that continue the chain, and the head they lead to."""
    rows: list[Row] = []
    seq, prev = head.seq, head.hash
    for t, entries in batches:
        if not math.isfinite(t):
            raise JournalError(f"a record needs a time, not {t}")
        t = float(t) + 0.0  # SQLite does not keep the sign of -0.0, so the hash must not see it
        for topic, body in entries:
            seq += 1
            digest = record_hash(prev, seq, t, topic, body)
            rows.append((seq, t, topic, body, prev, digest))
            prev = digest
    return rows, (Head(seq, prev) if rows else head)


def _open_for_writing(path: Path) -> sqlite3.Connection:
    new = not path.exists()
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection, str(path))
        if new:
            _sync_folder(path.parent)
    except (sqlite3.Error, OSError, JournalError):
        connection.close()
        raise
    return connection


def _take_lock(path: Path) -> IO[bytes]:
    lock = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(
            "another Tocsin is writing this journal",
            where=str(path),
            remedy="stop the other one, or name another journal file",
        ) from error
    return lock


def _sync_folder(folder: Path) -> None:
    """Make a new or replaced name survive a power cut (fsync of its folder)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _as_journal_error(error: sqlite3.Error | OSError, path: Path) -> JournalError:
    if isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    else:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full:
        return JournalFull("no room on the disk", where=str(path), remedy=_FULL_REMEDY)
    return JournalError(
        f"cannot be written: {error}", where=str(path), remedy="check the disk and its rights"
    )
