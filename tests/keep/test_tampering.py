"""Every kind of tampering is found, at the first record it touches."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import ChainBroken
from tocsin.keep import Journal, JournalReader
from tocsin.keep.chain import record_hash

COUNT = 12
COLUMNS = "seq, t, topic, body, prev, hash"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "journal.db"
    with Journal(path) as journal:
        for n in range(COUNT):
            journal.append(1000.0 + n, [("alert" if n % 3 == 0 else "track", b"%d" % n)])
        journal.checkpoint()
    return path


def _tamper(sound: Path, folder: Path, change: Callable[[sqlite3.Connection], object]) -> Path:
    """A copy of the journal, changed by someone who can do all that SQLite can."""
    copy = folder / "journal.db"
    shutil.copy(sound, copy)
    shutil.copy(sound.with_name("journal.db.head"), folder / "journal.db.head")
    connection = sqlite3.connect(copy)
    connection.execute("DROP TRIGGER record_is_never_changed")
    connection.execute("DROP TRIGGER record_is_never_removed")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    change(connection)
    connection.commit()
    connection.close()
    return copy


def _first_bad(path: Path) -> int:
    with pytest.raises(ChainBroken) as caught:
        JournalReader(path).verify()
    return caught.value.sequence


def test_the_untouched_copy_verifies(sound: Path, tmp_path: Path) -> None:
    assert JournalReader(_tamper(sound, tmp_path, lambda c: None)).verify() == COUNT


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("UPDATE record SET body = x'21' WHERE seq = 5", 5),
        ("UPDATE record SET body = CAST(body || '0' AS BLOB) WHERE seq = 5", 5),
        ("UPDATE record SET t = t + 0.001 WHERE seq = 5", 5),
        ("UPDATE record SET topic = 'note' WHERE seq = 5", 5),
        ("UPDATE record SET hash = zeroblob(32) WHERE seq = 5", 5),
        ("UPDATE record SET prev = zeroblob(32) WHERE seq = 5", 5),
        ("DELETE FROM record WHERE seq = 1", 1),
        ("DELETE FROM record WHERE seq = 7", 7),
        (f"DELETE FROM record WHERE seq = {COUNT}", COUNT),
        ("DELETE FROM record WHERE seq > 3", 4),
        ("DELETE FROM record", 1),
        ("UPDATE record SET seq = seq + 100 WHERE seq > 6", 7),
        ("UPDATE record SET seq = 0 WHERE seq = 1", 0),
        (
            "UPDATE record SET seq = 99 WHERE seq = 4; UPDATE record SET seq = 4 WHERE seq = 5;"
            "UPDATE record SET seq = 5 WHERE seq = 99",
            4,
        ),
        (f"INSERT INTO record SELECT {COUNT + 2}, t, topic, body, prev, hash FROM record"
         f" WHERE seq = {COUNT}", COUNT + 1),
        (f"INSERT INTO record SELECT {COUNT + 1}, t, topic, body, prev, hash FROM record"
         f" WHERE seq = {COUNT}", COUNT + 1),
        ("INSERT INTO record SELECT -5, t, topic, body, prev, hash FROM record WHERE seq = 1", -5),
        ("INSERT INTO record SELECT 0, t, topic, body, prev, hash FROM record WHERE seq = 1", 0),
    ],
)  # fmt: skip
def test_a_change_is_found_where_it_is(sound: Path, tmp_path: Path, sql: str, bad: int) -> None:
    assert _first_bad(_tamper(sound, tmp_path, lambda c: c.executescript(sql))) == bad


def _rewrite_from(seq: int, body: bytes) -> Callable[[sqlite3.Connection], None]:
    """A forger who knows the layout: changes a record and makes the whole rest of the chain fit."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE record SET body = ? WHERE seq = ?", (body, seq))
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM record WHERE seq >= ? ORDER BY seq", (seq,)
        )
        prev: bytes | None = None
        for number, t, topic, content, old_prev, _ in rows.fetchall():
            prev = old_prev if prev is None else prev
            digest = record_hash(prev, number, t, topic, content)
            connection.execute(
                "UPDATE record SET prev = ?, hash = ? WHERE seq = ?", (prev, digest, number)
            )
            prev = digest

    return change


@given(st.integers(1, COUNT))
@settings(max_examples=COUNT, deadline=None)
def test_a_chain_forged_to_its_end_is_found_by_the_head_file(
    tmp_path_factory: pytest.TempPathFactory, sound: Path, seq: int
) -> None:
    folder = tmp_path_factory.mktemp("forged")
    forged = _tamper(sound, folder, _rewrite_from(seq, b"forged"))
    assert _first_bad(forged) == COUNT
    (folder / "journal.db.head").unlink()
    assert JournalReader(forged).verify() == COUNT, "without a head such a chain looks sound"


@given(st.integers(0, COUNT - 1))
@settings(max_examples=COUNT, deadline=None)
def test_a_cut_off_tail_is_found_by_the_head_file(
    tmp_path_factory: pytest.TempPathFactory, sound: Path, kept: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    cut = _tamper(sound, folder, lambda c: c.execute("DELETE FROM record WHERE seq > ?", (kept,)))
    assert _first_bad(cut) == kept + 1


@given(st.integers(1, COUNT), st.sampled_from(["body", "prev", "hash", "topic", "t"]), st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_bit_is_found(
    tmp_path_factory: pytest.TempPathFactory,
    sound: Path,
    seq: int,
    column: str,
    data: st.DataObject,
) -> None:
    def flip(connection: sqlite3.Connection) -> None:
        (value,) = connection.execute(
            f"SELECT {column} FROM record WHERE seq = ?", (seq,)
        ).fetchone()
        changed: object
        if isinstance(value, bytes):
            place = data.draw(st.integers(0, len(value) * 8 - 1))
            number = int.from_bytes(value, "big") ^ (1 << place)
            changed = number.to_bytes(len(value), "big")
        elif isinstance(value, float):
            changed = value + data.draw(st.sampled_from([-1e-6, 1e-6, 3600.0]))
        else:
            changed = value[:-1]
        connection.execute(f"UPDATE record SET {column} = ? WHERE seq = ?", (changed, seq))

    folder = tmp_path_factory.mktemp("flip")
    assert _first_bad(_tamper(sound, folder, flip)) == seq


def test_a_journal_may_be_longer_than_its_head_file(sound: Path, tmp_path: Path) -> None:
    copy = _tamper(sound, tmp_path, lambda c: None)
    with Journal(copy) as journal:
        journal.append(2000.0, [("note", b"more")])
        assert journal.verify() == COUNT + 1
        assert journal.checkpoint().seq == COUNT + 1


def test_a_head_kept_elsewhere_is_used(tmp_path: Path) -> None:
    elsewhere = tmp_path / "other-disk" / "head"
    elsewhere.parent.mkdir()
    with Journal(tmp_path / "journal.db", elsewhere) as journal:
        journal.append(1.0, [("note", b"1"), ("note", b"2")])
        journal.checkpoint()
        connection = sqlite3.connect(journal.path)
        connection.executescript(
            "DROP TRIGGER record_is_never_removed; DELETE FROM record WHERE seq = 2"
        )
        connection.close()
        with pytest.raises(ChainBroken):
            journal.verify()
