"""The CAP book after a restart: the journal's alerts compose the same messages again."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from tocsin.encode.cap import CapSender
from tocsin.keep.journal import Journal
from tocsin.run.refill import refill
from tocsin.run.scribe import KEEP_EXPIRED_S, Scribe
from tocsin.words import Alert, Zone

SENDER = CapSender("tocsin@dam.example", "Dam")
ZONE = Zone("dam", {"en": "the dam"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), languages=("en",))
T = 1.8e9
FIRST = Alert(T, "dam-1", "dam", "T1", "warning", "new", ("closing",))
SECOND = replace(FIRST, t=T + 20, level="alarm", kind="update", sequence=2, public=True)
END = replace(FIRST, t=T + 90, level="all-clear", kind="update", sequence=3, public=True)


def journal(folder: Path, *alerts: Alert) -> Path:
    path = folder / "journal.sqlite"
    with Journal(path) as kept:
        for alert in alerts:
            kept.append(alert.t, [("notice", msgspec.json.encode(alert)), ("note", b"{}")])
    return path


def test_the_end_names_what_was_said_before_the_restart(tmp_path: Path) -> None:
    first_run = Scribe([ZONE], SENDER)
    sent = [message.cap for message in first_run.write([FIRST, SECOND])]
    second_run = Scribe([ZONE], SENDER)
    found = refill(second_run, journal(tmp_path, FIRST, SECOND), T + 60)
    assert [message for _, message in found] == sent
    (end,) = second_run.write([END])
    assert end.cap == first_run.write([END])[0].cap
    assert [one.identifier for one in end.cap.references] == ["dam-1-1", "dam-1-2"]


def test_what_ended_long_ago_is_not_composed_again(tmp_path: Path) -> None:
    path = journal(tmp_path, FIRST, replace(FIRST, alert="dam-2", t=T + KEEP_EXPIRED_S + 50))
    found = refill(Scribe([ZONE], SENDER), path, T + KEEP_EXPIRED_S + 60)
    assert [alert.alert for alert, _ in found] == ["dam-2"]


def test_a_zone_that_is_no_longer_watched_is_passed_over(tmp_path: Path) -> None:
    other = replace(ZONE, id="school")
    assert refill(Scribe([other], SENDER), journal(tmp_path, FIRST), T) == []


def test_without_a_journal_or_with_a_ruined_one_the_feed_begins_anew(tmp_path: Path) -> None:
    scribe = Scribe([ZONE], SENDER)
    assert refill(scribe, tmp_path / "none.sqlite", T) == []
    ruined = tmp_path / "ruined.sqlite"
    ruined.write_bytes(b"not a journal" * 1000)
    assert refill(scribe, ruined, T) == []
    with Journal(tmp_path / "later.sqlite") as kept:
        kept.append(T, [("notice", b'{"t":1,"words":"of a later version"}')])
    assert refill(scribe, tmp_path / "later.sqlite", T) == []
