"""What a former run of Tocsin still owed its channels when it ended, from the journal.

A notice in the journal is the order to tell it; a last receipt settles it. What has neither been
told nor given up is owed, and is told after a restart: nothing is lost. Where an attempt was noted
and no receipt, it is in doubt, and the channel is asked before it tells again: nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tocsin.run.refill import journalled
from tocsin.run.scribe import Scribe
from tocsin.warn.dispatch import Dispatcher
from tocsin.words import Alert, Attempt, Envelope, Receipt, Topic, Zone

OUTBOX_S = 86_400.0
"""Older orders are dead: nobody needs yesterday's warning, and its all-clear is in the feed."""

_TOPICS: tuple[Topic, ...] = ("alert", "notice", "attempt", "receipt")
_WORDS: dict[str, type[Alert | Attempt | Receipt]] = {
    "alert": Alert, "notice": Alert, "attempt": Attempt, "receipt": Receipt,
}  # fmt: skip
_Key = tuple[str, str, int]


class Owed(msgspec.Struct, frozen=True):
    """A statement that one channel has yet to tell. `begun_t`: it may have told it at that time."""

    channel: str
    alert: Alert
    begun_t: float | None = None


@dataclass
class Outbox:
    """What the journal says of the channels. `former` has each channel's last told statement of
    each alert with the time of the telling, `owed` is in the order of the statements."""

    former: dict[str, tuple[tuple[Alert, float], ...]] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    standing: tuple[Alert, ...] = ()
    """The last statement of each track's alert that had no all-clear."""
    told: tuple[Alert, ...] = ()
    """The last notice of each alert that had no all-clear."""


def read_outbox(journal: Path, zones: Sequence[Zone], now: float) -> Outbox:
    """The outbox of a site as its last run left it; empty where there is no journal to be read."""
    return sort_out(journalled(journal, _TOPICS, now - OUTBOX_S), zones)


def sort_out(records: Iterable[Envelope], zones: Sequence[Zone]) -> Outbox:
    """The outbox from the journal's records. Only the newest statement of an alert that a channel
    was not told is owed: what it replaces would mislead. Records of another version are left out.
    """
    alerts: dict[str, Alert] = {}
    notices: dict[str, list[Alert]] = {}
    attempts: dict[_Key, Attempt] = {}
    receipts: dict[_Key, Receipt] = {}
    for topic, word in _words(records):
        if isinstance(word, Alert):
            if topic == "alert":
                alerts[word.alert] = word
            else:
                notices.setdefault(word.alert, []).append(word)
        elif isinstance(word, Attempt):
            attempts.setdefault(_key(word), word)
        else:
            receipts[_key(word)] = word
    channels = {zone.id: tuple(dict.fromkeys(zone.tell)) for zone in zones}
    former: dict[str, list[tuple[Alert, float]]] = {}
    owed: list[Owed] = []
    for statements in notices.values():
        for channel in channels.get(statements[0].zone, ()):
            told, due = _settle(channel, statements, attempts, receipts)
            if told is not None:
                former.setdefault(channel, []).append(told)
            if due is not None:
                owed.append(due)
    owed.sort(key=lambda one: (one.alert.t, one.alert.alert, one.alert.sequence))
    return Outbox(
        former={name: tuple(said) for name, said in former.items()},
        owed=tuple(owed),
        standing=tuple(said for said in alerts.values() if said.level != "all-clear"),
        told=tuple(said[-1] for said in notices.values() if said[-1].level != "all-clear"),
    )


def tell_owed(outbox: Outbox, scribe: Scribe, dispatcher: Dispatcher) -> None:
    """Queue what is owed. The scribe has been told the journal's alerts (`refill`)."""
    for one in outbox.owed:
        said = scribe.repeat(one.alert)
        if said is not None:
            dispatcher.tell_late(one.channel, one.alert, said.texts, said.cap.xml, one.begun_t)


def _settle(
    channel: str,
    statements: Sequence[Alert],
    attempts: Mapping[_Key, Attempt],
    receipts: Mapping[_Key, Receipt],
) -> tuple[tuple[Alert, float] | None, Owed | None]:
    """What this channel told last of one alert, and what it still owes of it."""
    told: tuple[Alert, float] | None = None
    due: Owed | None = None
    for alert in statements:
        key = (channel, alert.alert, alert.sequence)
        receipt, attempt = receipts.get(key), attempts.get(key)
        if receipt is not None and receipt.delivered:
            told, due = (alert, receipt.t_done or receipt.t_sent), None
        elif receipt is None or receipt.tries_again:
            in_doubt = attempt is not None and receipt is None
            due = Owed(channel, alert, attempt.t if attempt is not None and in_doubt else None)
    return told, due


def _words(records: Iterable[Envelope]) -> Iterable[tuple[Topic, Alert | Attempt | Receipt]]:
    for record in records:
        try:
            yield record.topic, msgspec.json.decode(record.body, type=_WORDS[record.topic])
        except msgspec.MsgspecError:
            continue  # of a later version of Tocsin


def _key(word: Attempt | Receipt) -> _Key:
    return word.channel, word.alert, word.sequence
