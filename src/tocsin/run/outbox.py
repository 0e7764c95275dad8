"""What a former run of Tocsin still owed its channels when it ended, from the journal.

An order in the journal says which channel is to tell a notice; a last receipt settles it. What has
neither been told nor given up is owed, and is told after a restart: nothing is lost. Where an
attempt was noted and no receipt, it is in doubt, and the channel is asked before it tells again:
nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tocsin.run.refill import journalled
from tocsin.run.scribe import Scribe
from tocsin.warn.dispatch import Dispatcher
from tocsin.words import Alert, Attempt, Envelope, Order, Pause, Reason, Receipt, Topic

OUTBOX_S = 86_400.0
"""Older orders are dead: nobody needs yesterday's warning, and its all-clear is in the feed."""

_WORDS: dict[Topic, type[Alert | Order | Attempt | Receipt | Reason]] = {
    "alert": Alert, "notice": Alert, "relay": Alert, "order": Order, "attempt": Attempt,
    "receipt": Receipt, "note": Reason,
}  # fmt: skip
_Key = tuple[str, str, int]


class Owed(msgspec.Struct, frozen=True):
    """A statement that one channel has yet to tell. `begun_t`: it may have told it at that time."""

    channel: str
    alert: Alert
    begun_t: float | None = None


@dataclass
class Outbox:
    """What the journal says of the channels and of the ladder.

    `former` has each channel's last told statement of each alert with the time of the telling,
    `owed` is in the order of the statements. `standing` are the last statements of tracks' alerts
    without an all-clear, `told` the last notices of alerts without one, and `orders`, `seen`,
    `approved` and `pauses` what became of those. `rang_t` are the times of all notices of danger.
    """

    former: dict[str, tuple[tuple[Alert, float], ...]] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    standing: tuple[Alert, ...] = ()
    told: tuple[Alert, ...] = ()
    orders: tuple[Order, ...] = ()
    seen: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()
    rang_t: tuple[float, ...] = ()


@dataclass
class _Journal:
    """The journal's records, by what they speak of."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    notices: dict[str, dict[int, Alert]] = field(default_factory=dict)
    orders: dict[_Key, Order] = field(default_factory=dict)
    attempts: dict[_Key, Attempt] = field(default_factory=dict)
    receipts: dict[_Key, Receipt] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    approved: dict[str, None] = field(default_factory=dict)
    pauses: dict[tuple[str, str], Pause] = field(default_factory=dict)

    def take(self, topic: Topic, word: Alert | Order | Attempt | Receipt | Reason) -> None:
        """One record."""
        match word:
            case Alert() if topic == "alert":
                self.alerts[word.alert] = word
            case Alert():
                self.notices.setdefault(word.alert, {})[word.sequence] = word
            case Order():
                self.orders[_key(word)] = word
            case Attempt():
                self.attempts.setdefault(_key(word), word)
            case Receipt():
                self.receipts[_key(word)] = word
            case Reason():
                self._note(word)

    def _note(self, note: Reason) -> None:
        alert = str(note.values.get("alert", ""))
        if note.code == "acknowledged":
            self.seen[str(note.values.get("notice", alert))] = None
        elif note.code == "approved":
            self.approved[alert] = None
        elif note.code in ("paused", "pause-over"):
            pause = pause_of(note)
            self.pauses[pause.zone or "", pause.channel or ""] = pause


def read_outbox(journal: Path, now: float) -> Outbox:
    """The outbox of a site as its last run left it; empty where there is no journal to be read."""
    return sort_out(journalled(journal, tuple(_WORDS), now - OUTBOX_S))


def sort_out(records: Iterable[Envelope]) -> Outbox:
    """The outbox from the journal's records. Only the newest statement of an alert that a channel
    was not told is owed: what it replaces would mislead. Records of another version are left out.
    """
    known = _Journal()
    for record in records:
        try:
            known.take(record.topic, msgspec.json.decode(record.body, type=_WORDS[record.topic]))
        except msgspec.MsgspecError:
            continue
    former: dict[str, list[tuple[Alert, float]]] = {}
    owed: list[Owed] = []
    for alert, channel in dict.fromkeys((o.alert, o.channel) for o in known.orders.values()):
        told, due = _settle(channel, known.notices.get(alert, {}), known)
        if told is not None:
            former.setdefault(channel, []).append(told)
        if due is not None:
            owed.append(due)
    owed.sort(key=lambda one: (one.alert.t, one.alert.alert, one.alert.sequence))
    last = [said[max(said)] for said in known.notices.values()]
    return Outbox(
        former={name: tuple(said) for name, said in former.items()},
        owed=tuple(owed),
        standing=tuple(said for said in known.alerts.values() if said.level != "all-clear"),
        told=tuple(said for said in last if said.level != "all-clear"),
        orders=tuple(known.orders.values()),
        seen=tuple(known.seen),
        approved=tuple(known.approved),
        pauses=tuple(known.pauses.values()),
        rang_t=tuple(
            notice.t
            for said in known.notices.values()
            for notice in said.values()
            if notice.level != "all-clear" and not notice.drill
        ),
    )


def tell_owed(outbox: Outbox, scribe: Scribe, dispatcher: Dispatcher) -> None:
    """Queue what is owed of our own alerts. The scribe has been told the journal's (`refill`)."""
    for one in outbox.owed:
        if one.alert.origin is not None:
            continue
        said = scribe.repeat(one.alert)
        if said is not None:
            dispatcher.tell_late(one.channel, one.alert, said.texts, said.cap.xml, one.begun_t)


def pause_note(pause: Pause, *, over: bool = False) -> Reason:
    """A pause as the journal and the pages know it."""
    values: dict[str, str | float | int] = {
        "until_t": 0.0 if over else round(pause.until_t, 3),
        "alarms": int(pause.alarms),
        "zone": pause.zone or "",
        "channel": pause.channel or "",
        "why": pause.why,
        "who": pause.who,
    }
    return Reason("pause-over" if over else "paused", values)


def pause_of(note: Reason) -> Pause:
    """The pause of such a note; one that is over has no time left."""
    said = note.values
    return Pause(
        until_t=float(said.get("until_t", 0.0)),
        zone=str(said.get("zone", "")) or None,
        channel=str(said.get("channel", "")) or None,
        alarms=bool(said.get("alarms", 0)),
        why=str(said.get("why", "")),
        who=str(said.get("who", "")),
    )


def _settle(
    channel: str, notices: dict[int, Alert], known: _Journal
) -> tuple[tuple[Alert, float] | None, Owed | None]:
    """What this channel told last of one alert, and what it still owes of it."""
    told: tuple[Alert, float] | None = None
    due: Owed | None = None
    for sequence, notice in sorted(notices.items()):
        key = (channel, notice.alert, sequence)
        if key not in known.orders:
            continue
        receipt, attempt = known.receipts.get(key), known.attempts.get(key)
        if receipt is not None and receipt.delivered:
            told, due = (notice, receipt.t_done or receipt.t_sent), None
        elif receipt is None or receipt.tries_again:
            in_doubt = attempt is not None and receipt is None
            due = Owed(channel, notice, attempt.t if attempt is not None and in_doubt else None)
    return told, due


def _key(word: Order | Attempt | Receipt) -> _Key:
    return word.channel, word.alert, word.sequence
