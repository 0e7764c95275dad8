"""What will be told: an alert with its sentences in the zone's languages and its CAP message."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.encode.cap import CapSender, cap_identifier
from tocsin.encode.cap_book import CapBook, CapMessage
from tocsin.encode.speech import wordings
from tocsin.words import Alert, Wording, Zone

KEEP_EXPIRED_S = 86_400.0
"""For a day after its end a message can still be referred to, or asked for."""


class Message(msgspec.Struct, frozen=True):
    """One alert statement as people get it; `texts` maps a language to its words."""

    alert: Alert
    zone: Zone
    texts: dict[str, Wording]
    cap: CapMessage


class Scribe:
    """Writes messages and remembers them, so that later ones refer to earlier ones."""

    def __init__(self, zones: Sequence[Zone], sender: CapSender) -> None:
        self._zones = {zone.id: zone for zone in zones}
        self.book = CapBook(sender)

    def write(self, alerts: Sequence[Alert]) -> list[Message]:
        """The messages of these statements, in their order."""
        return [self._message(alert) for alert in alerts]

    def recall(self, alert: Alert) -> CapMessage | None:
        """The message that was sent for a statement before a restart; None where its zone is no
        longer watched."""
        zone = self._zones.get(alert.zone)
        return None if zone is None else self.book.compose(alert, zone)

    def repeat(self, alert: Alert) -> Message | None:
        """A statement from before a restart, as it was told then; None as in `recall`."""
        cap = self.book.find(cap_identifier(alert))
        zone = self._zones.get(alert.zone)
        return None if zone is None or cap is None else self._with_texts(alert, zone, cap)

    def _message(self, alert: Alert) -> Message:
        zone = self._zones[alert.zone]
        self.book.forget(alert.t - KEEP_EXPIRED_S)
        return self._with_texts(alert, zone, self.book.compose(alert, zone))

    def _with_texts(self, alert: Alert, zone: Zone, cap: CapMessage) -> Message:
        return Message(alert, zone, wordings(alert, zone), cap)
