"""Remembers what was published, so that an update or a cancellation names what it replaces.

Pure: times come with the alerts. After a restart `run/refill.py` composes the journal's alerts
again, in order: the same alerts give the same messages.
"""

from __future__ import annotations

import msgspec

from tocsin.encode.cap import (
    CapReference,
    CapSender,
    CapStatement,
    cap_identifier,
    cap_xml,
)
from tocsin.encode.speech import wordings
from tocsin.words import Alert, Zone


class CapOrigin(msgspec.Struct, frozen=True):
    """Whose words a relayed message holds: Atom's `source` of an entry that was copied."""

    id: str
    name: str


class CapMessage(msgspec.Struct, frozen=True):
    """One published message: its bytes and what a feed says of it.

    `identifier` is the message's own; `name` is safe in every folder and address. `title` is in
    the zone's first language. `public` tells its scope. `signed` says that `xml` bears a
    signature. A message of somebody else, handed on as it came, has an `origin`.
    """

    identifier: str
    name: str
    title: str
    xml: bytes
    sent_t: float
    expires_t: float
    public: bool
    reference: CapReference
    references: tuple[CapReference, ...] = ()
    signed: bool = False
    origin: CapOrigin | None = None

    @property
    def file_name(self) -> str:
        """Of the message in the feed's folder."""
        return f"{self.name}.xml"


class CapBook:
    """The messages of each alert. `compose` is called once a statement, in order."""

    def __init__(self, sender: CapSender) -> None:
        self.sender = sender
        self._messages: dict[str, dict[str, CapMessage]] = {}

    def compose(self, alert: Alert, zone: Zone, sent_t: float | None = None) -> CapMessage:
        """The message of one alert statement, sent at `sent_t` or at the alert's own time.

        It refers to the alert's latest message and to every earlier one that has not expired.
        """
        sent_t = alert.t if sent_t is None else sent_t
        earlier = self._messages.setdefault(alert.alert, {})
        identifier = cap_identifier(alert)
        before = [message for name, message in earlier.items() if name != identifier]
        standing = [m for m in before[:-1] if m.expires_t > sent_t] + before[-1:]
        references = () if alert.kind == "new" else tuple(m.reference for m in standing)
        statement = CapStatement(alert, zone, self.sender, sent_t, references)
        message = CapMessage(
            identifier=identifier,
            name=identifier,
            title=_title(alert, zone),
            xml=cap_xml(statement),
            sent_t=sent_t,
            expires_t=statement.expires_t,
            public=alert.public,
            reference=statement.reference,
            references=references,
        )
        earlier[identifier] = message
        return message

    def current(self, now: float) -> list[CapMessage]:
        """The latest message of every alert that has not expired, newest first."""
        latest = [list(messages.values())[-1] for messages in self._messages.values()]
        standing = [message for message in latest if message.expires_t > now]
        return sorted(standing, key=lambda m: (-m.sent_t, m.identifier))

    def find(self, identifier: str) -> CapMessage | None:
        """A message by its identifier, also one that was replaced."""
        for messages in self._messages.values():
            if identifier in messages:
                return messages[identifier]
        return None

    def forget(self, before_t: float) -> None:
        """Drop the alerts whose last message expired before `before_t`."""
        self._messages = {
            alert: messages
            for alert, messages in self._messages.items()
            if list(messages.values())[-1].expires_t >= before_t
        }


def _title(alert: Alert, zone: Zone) -> str:
    return next(iter(wordings(alert, zone).values())).headline
