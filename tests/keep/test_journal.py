"""The journal keeps what it acknowledged, in order, whole or not at all, and for one writer."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import JournalError
from tocsin.keep import Journal, JournalReader, migrate
from tocsin.ports import Store
from tocsin.words import Topic

ENTRIES = st.lists(
    st.tuples(st.sampled_from(["detection", "track", "alert", "note"]), st.binary(max_size=60)),
    max_size=5,
)
APPENDS = st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), ENTRIES), max_size=8)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as opened:
        yield opened


def test_it_is_a_store(journal: Journal) -> None:
    store: Store = journal
    assert store.append(1.0, [("alert", b"{}")]) == 1


def test_what_was_appended_is_read_back_in_order(journal: Journal) -> None:
    journal.append(1.5, [("detection", b'{"a":1}'), ("alert", b'{"b":2}')])
    journal.append(2.5, [("track", b"{}")])
    read = [(e.seq, e.t, e.topic, bytes(e.body)) for e in journal.read()]
    assert read == [
        (1, 1.5, "detection", b'{"a":1}'),
        (2, 1.5, "alert", b'{"b":2}'),
        (3, 2.5, "track", b"{}"),
    ]
    assert [e.seq for e in journal.read(after=1)] == [2, 3]
    assert [e.seq for e in journal.read(topics=("alert", "track"))] == [2, 3]
    assert [e.seq for e in journal.read(after=2, topics=("alert",))] == []
    assert journal.verify() == 3


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(APPENDS)
def test_any_history_comes_back_and_verifies(
    tmp_path_factory: pytest.TempPathFactory, appends: list[tuple[float, list[tuple[Topic, bytes]]]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "journal.db"
    expected = [(t + 0.0, topic, body) for t, entries in appends for topic, body in entries]
    with Journal(path) as journal:
        for t, entries in appends:
            last = journal.append(t, entries)
        assert journal.verify() == len(expected)
        if appends:
            assert last == len(expected)
    read = [(e.t, e.topic, bytes(e.body)) for e in JournalReader(path).read()]
    assert read == expected
    with Journal(path) as again:
        again.append(0.0, [("note", b"{}")])
        assert again.verify() == len(expected) + 1


def test_more_records_than_one_batch_of_the_reader(journal: Journal) -> None:
    journal.append(1.0, [("track", str(n).encode()) for n in range(2500)])
    assert [bytes(e.body) for e in journal.read()] == [str(n).encode() for n in range(2500)]
    assert len(list(journal.read(topics=("track",)))) == 2500
    assert journal.verify() == 2500


def test_topics_are_merged_in_order_over_many_batches(journal: Journal) -> None:
    topics: list[Topic] = ["track", "track", "detection", "alert"]
    journal.append(1.0, [(topics[n % 4], b"%d" % n) for n in range(6000)])
    read = [e.seq for e in journal.read(after=10, topics=("alert", "track", "alert"))]
    assert read == [n + 1 for n in range(10, 6000) if topics[n % 4] != "detection"]


def test_an_append_is_all_or_nothing(journal: Journal) -> None:
    journal.append(1.0, [("note", b"1")])
    with pytest.raises(JournalError):
        journal.append(math.nan, [("note", b"2")])
    with pytest.raises(JournalError):
        journal.append_batches([(2.0, [("note", b"2")]), (math.inf, [("note", b"3")])])
    assert [bytes(e.body) for e in journal.read()] == [b"1"]
    assert journal.append(3.0, [("note", b"4")]) == 2
    assert journal.verify() == 2


def test_only_one_process_writes(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="another Tocsin"):
        Journal(tmp_path / "journal.db")
    code = (
        "import sys, pathlib; from tocsin.keep import Journal\n"
        "from tocsin.errors import JournalError\n"
        "try: Journal(pathlib.Path(sys.argv[1]))\n"
        "except JournalError as error: sys.exit(7 if 'another' in str(error) else 1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "journal.db")], check=False)
    assert done.returncode == 7


def test_a_reader_does_not_hold_up_the_writer(journal: Journal) -> None:
    journal.append(1.0, [("note", b"x")] * 1500)
    reading = journal.read()
    assert next(iter(reading)).seq == 1
    journal.append(2.0, [("note", b"y")])
    connection = sqlite3.connect(journal.path)
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    connection.close()
    assert busy == 0, "an open read kept the write-ahead log from being emptied"
    assert len(list(reading)) == 1499


def test_commits_are_flushed_to_the_disk(tmp_path: Path) -> None:
    """strace would show the fsync; SQLite's own answer must do."""
    with Journal(tmp_path / "journal.db") as journal:
        (synchronous,) = journal._connection.execute("PRAGMA synchronous").fetchone()
        (mode,) = journal._connection.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, mode) == (2, "wal")


def test_a_record_cannot_be_changed_by_mistake(journal: Journal) -> None:
    journal.append(1.0, [("note", b"1")])
    other = sqlite3.connect(journal.path)
    for statement in ("UPDATE record SET t = 2", "DELETE FROM record"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            other.execute(statement)
    other.close()


def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.append(1.0, [("note", b"1")])
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(JournalError, match="newer Tocsin"):
        Journal(path)
    with pytest.raises(JournalError, match="newer Tocsin"):
        list(JournalReader(path).read())
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA user_version").fetchone() == (99,)
    other.execute("PRAGMA user_version = 1")
    other.close()
    with Journal(path) as journal:
        assert journal.verify() == 1


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE things (a)")
    other.commit()
    other.close()
    with pytest.raises(JournalError, match="not a Tocsin journal"):
        Journal(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Sir or Madam, " * 100)
    with pytest.raises(JournalError, match="not a database"):
        Journal(path)
    assert path.read_bytes().startswith(b"Dear")


def test_reading_where_there_is_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal"):
        list(JournalReader(tmp_path / "none.db").read())
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_was_replaced_is_noticed(journal: Journal, tmp_path: Path) -> None:
    journal.append(1.0, [("note", b"1")])
    journal.path.rename(tmp_path / "moved.db")
    with pytest.raises(JournalError):
        journal.append(2.0, [("note", b"2")])
    (tmp_path / "journal.db").write_bytes(b"")
    with pytest.raises(JournalError, match="replaced"):
        journal.append(2.0, [("note", b"2")])


def test_steps_are_numbered_without_a_gap() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    numbers = sorted(int(path.name[:4]) for path in folder.glob("*.sql"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(migrate.steps()) == len(numbers)


def test_a_step_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = migrate.steps()
    broken = (*good, "CREATE TABLE half (a INTEGER) STRICT; SELECT no_such_function();")
    with Journal(tmp_path / "journal.db") as journal:
        journal.append(1.0, [("note", b"1")])
    monkeypatch.setattr(migrate, "steps", lambda: broken)
    with pytest.raises(JournalError, match="no_such_function"):
        Journal(tmp_path / "journal.db")
    monkeypatch.setattr(migrate, "steps", lambda: good)
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.verify() == 1
        tables = journal._connection.execute("SELECT name FROM sqlite_schema").fetchall()
    assert ("half",) not in tables
