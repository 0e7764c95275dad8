"""What was owed before a restart is told after it, once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.run.benches.bell import kill_at_random
from tocsin.run.outbox import Owed, sort_out
from tocsin.words import Alert, Attempt, Envelope, Order, Receipt, Topic

WARNING = Alert(100.0, "dam-1", "dam", "T1", "warning", "new", ("closing",))
ALARM = replace(WARNING, t=120.0, level="alarm", kind="update", sequence=2, public=True)
END = replace(ALARM, t=200.0, level="all-clear", sequence=3)


def records(*words: Alert | Attempt | Receipt) -> list[Envelope]:
    """A journal of these words, each notice with its orders to both channels."""
    ordered: list[Alert | Order | Attempt | Receipt] = []
    for word in words:
        ordered.append(word)
        if isinstance(word, Alert):
            ordered += [Order(c, word.alert, word.sequence, word.t) for c in ("siren", "sms")]
    topics: dict[type, Topic] = {
        Alert: "notice",
        Order: "order",
        Attempt: "attempt",
        Receipt: "receipt",
    }
    return [
        Envelope(n, 1.0, topics[type(word)], msgspec.Raw(msgspec.json.encode(word)))
        for n, word in enumerate(ordered)
    ]


def begun(channel: str, alert: Alert) -> Attempt:
    return Attempt(channel, alert.alert, alert.sequence, alert.t + 1)


def told(channel: str, alert: Alert, *, delivered: bool = True, again: bool = False) -> Receipt:
    return Receipt(
        channel, alert.alert, alert.sequence, alert.level, alert.t + 1, delivered,
        t_done=alert.t + 2, tries_again=again,
    )  # fmt: skip


def test_what_no_channel_was_told_is_owed() -> None:
    box = sort_out(records(ALARM))
    assert box.owed == (Owed("siren", ALARM), Owed("sms", ALARM))
    assert box.former == {}
    assert box.told == (ALARM,)


def test_a_receipt_settles_it_and_a_later_statement_is_owed_alone() -> None:
    box = sort_out(records(WARNING, begun("siren", WARNING), told("siren", WARNING), ALARM))
    assert box.owed == (Owed("siren", ALARM), Owed("sms", ALARM))
    assert box.former == {"siren": ((WARNING, 102.0),)}


def test_an_attempt_without_a_receipt_is_in_doubt() -> None:
    box = sort_out(records(ALARM, begun("siren", ALARM), told("sms", ALARM)))
    assert box.owed == (Owed("siren", ALARM, begun_t=121.0),)


def test_what_failed_for_good_is_not_owed_and_what_tries_again_is() -> None:
    box = sort_out(
        records(
            ALARM,
            begun("siren", ALARM),
            told("siren", ALARM, delivered=False),
            begun("sms", ALARM),
            told("sms", ALARM, delivered=False, again=True),
        )
    )
    assert box.owed == (Owed("sms", ALARM),)


def test_an_alert_that_ended_does_not_stand_and_its_end_is_owed() -> None:
    box = sort_out(records(ALARM, told("siren", ALARM), told("sms", ALARM), END))
    assert box.owed == (Owed("siren", END), Owed("sms", END))
    assert box.told == ()


def test_words_of_a_later_version_are_left_out() -> None:
    strange = Envelope(9, 1.0, "receipt", msgspec.Raw(b'{"channel":5}'))
    assert sort_out([*records(ALARM, told("siren", ALARM), told("sms", ALARM)), strange]).owed == ()


@given(st.integers(0, 6), st.integers(0, 6))
def test_wherever_the_journal_ends_each_channel_owes_or_was_told(cut: int, swap: int) -> None:
    words = [
        ALARM, begun("siren", ALARM), begun("sms", ALARM), told("siren", ALARM),
        told("sms", ALARM), told("sms", ALARM),
    ]  # fmt: skip
    kept = words[: cut + 1]
    if swap < len(kept) - 1 and swap > 0:
        kept[swap], kept[-1] = kept[-1], kept[swap]
    box = sort_out(records(*kept))
    owing = {one.channel for one in box.owed}
    assert owing | set(box.former) == {"siren", "sms"}
    assert not owing & set(box.former)


@pytest.mark.fault
def test_no_alarm_is_lost_or_sounded_twice_over_kills(tmp_path: Path) -> None:
    count = kill_at_random(tmp_path, kills=15, seed=7)
    assert count.decided > 3
    assert (count.lost, count.twice) == (0, 0)
