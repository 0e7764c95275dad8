"""A statement of somebody else's warning as people get it: its words, and its own CAP message."""

from __future__ import annotations

from tocsin.encode.authority_text import authority_wording
from tocsin.encode.cap import CapReference, cap_identifier, cap_time
from tocsin.encode.cap_book import CapMessage, CapOrigin
from tocsin.run.scribe import Message
from tocsin.words import Alert, Zone
from tocsin.words.authority import AuthorityNotice


def relay_message(statement: Alert, notice: AuthorityNotice | None, zone: Zone) -> Message:
    """Whoever publishes CAP hands on the authority's own bytes. Where it sent none, because its
    warning has only come to its end, there are none."""
    alert = None if notice is None else notice.alert
    languages = zone.languages or ("fr", "en")
    texts = {tag: authority_wording(statement, alert, tag) for tag in languages}
    return Message(statement, zone, texts, _message(statement, notice, zone))


def _message(statement: Alert, notice: AuthorityNotice | None, zone: Zone) -> CapMessage:
    ended = any(reason.code == "authority-ended" for reason in statement.because)
    name = cap_identifier(statement)
    if notice is None or ended:
        reference = CapReference("", name, cap_time(statement.t))
        return CapMessage(
            name, name, "", b"", statement.t, statement.t, statement.public, reference
        )
    alert = notice.alert
    info = alert.info(zone.languages[0] if zone.languages else "en")
    title = alert.identifier if info is None else info.headline or info.event
    sender = alert.sender if info is None else info.sender_name or alert.sender
    return CapMessage(
        identifier=alert.identifier,
        name=name,
        title=title,
        xml=notice.xml,
        sent_t=alert.sent_t,
        expires_t=alert.until_t,
        public=alert.scope == "Public",
        reference=CapReference(alert.sender, alert.identifier, alert.sent),
        signed=notice.verified,
        origin=CapOrigin(f"urn:cap:{alert.sender}", sender),
    )
