"""Brings a journal file to the newest tables, or says clearly why it cannot.

The version stands in `PRAGMA user_version`; `PRAGMA application_id` marks the file as ours.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from importlib.resources import files

from tocsin.errors import JournalError

APPLICATION_ID = 0x5443534E
"""ASCII "TCSN": `file journal.db` and we can tell this database from any other."""


@lru_cache(maxsize=1)
def steps() -> tuple[str, ...]:
    """The SQL of every step in order; a test holds their numbers to 0001, 0002, …"""
    folder = files("tocsin.keep.migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(folder.joinpath(name).read_text("utf-8") for name in names)


def migrate(connection: sqlite3.Connection, where: str) -> int:
    """Apply the steps that are missing, each in a transaction of its own; the version reached.

    Raises JournalError for a newer journal and for a database that is not a journal.
    """
    version = check_version(connection, where)
    for number, sql in enumerate(steps()[version:], version + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{sql}\n"
                f"PRAGMA application_id = {APPLICATION_ID};\n"
                f"PRAGMA user_version = {number};\nCOMMIT;"
            )
        finally:
            if connection.in_transaction:
                connection.rollback()
    return len(steps())


def check_version(connection: sqlite3.Connection, where: str) -> int:
    """The version of a journal that this program can read, 0 for a new file. Changes nothing."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if mark != APPLICATION_ID and (tables or version):
        raise JournalError(
            "this database is not a Tocsin journal",
            where=where,
            remedy="name another file for the journal",
        )
    if version > len(steps()):
        raise JournalError(
            f"written by a newer Tocsin: its tables are version {version}, "
            f"this program knows {len(steps())}",
            where=where,
            remedy="update Tocsin, or start a new journal and keep this one as it is",
        )
    return int(version)
