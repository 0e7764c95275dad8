"""Tracks or alerts as a table for a spreadsheet.

Standard    RFC 4180: one header line, CRLF, quotes where needed; UTF-8 without a byte order mark
Carries     one row a track report or a statement of an alert; several values in a cell are parted
            by "; "
Leaves out  what is sealed, see `account`
Unknown     an empty cell
Guarded     text that a spreadsheet would run as a formula is led by an apostrophe (OWASP, "CSV
            injection"): a drone chooses the letters of its own serial number
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from tocsin.encode.account import (
    Account,
    AlertFacts,
    TrackFacts,
    alert_facts,
    track_facts,
    utc,
)
from tocsin.words import Position

_WHERE = ("latitude_deg", "longitude_deg", "altitude_ellipsoid_m")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ROWS_AT_ONCE = 2000
Cell = str | float


def write_tracks_csv(account: Account) -> Iterator[bytes]:
    """The table of track reports in parts."""
    rows = (_row(track.t, track_facts(track), track.position) for track in account.tracks)
    return _table(TrackFacts, rows)


def write_alerts_csv(account: Account) -> Iterator[bytes]:
    """The table of alert statements in parts."""
    rows = (_row(alert.t, alert_facts(alert), alert.position) for alert in account.alerts)
    return _table(AlertFacts, rows)


def _table(facts: type[msgspec.Struct], rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["time_utc", *_WHERE, *facts.__struct_fields__])
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _row(t: float, facts: TrackFacts | AlertFacts, at: Position | None) -> list[Cell]:
    where = (None, None, None) if at is None else (at.lat, at.lon, at.alt_m)
    return [utc(t), *(_cell(value) for value in (*where, *msgspec.structs.astuple(facts)))]


def _cell(value: object) -> Cell:
    """Unknown empty, numbers as they are, text that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
