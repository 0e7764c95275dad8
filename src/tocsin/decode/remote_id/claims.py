"""What was claimed on an address, message by message → detections, whatever carried the messages.

Radio, JSON of other receivers and MAVLink all end here: one memory of who speaks on which address,
one statement of a position, one place where signatures are put together.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.decode.remote_id.address_book import MOST_ADDRESSES, AddressBook, Key, identity_of
from tocsin.decode.remote_id.signatures import SignatureBook
from tocsin.decode.remote_id.statement import state
from tocsin.decode.remote_id.text import is_serial
from tocsin.words import Detection, Identity
from tocsin.words.remote_id import Authentication, BasicId, Location, Message, OperatorId, System

_ID_FIELDS = {
    "serial": "serial",
    "caa-registration": "registration",
    "utm-uuid": "session",
    "session": "session",
}
"""Field of Identity that an id of this type fills; a UTM id lasts one flight, like a session."""


def _key(message: BasicId) -> Key | None:
    """What tells the aircraft apart. An id without a type is a serial if it is written as one:
    senders forget the type, and what they claim is plain to read."""
    if message.uas_id is None:
        return None
    field = _ID_FIELDS.get(message.id_type)
    if field is None and message.id_type == "none" and is_serial(message.uas_id):
        field = "serial"
    return None if field is None else (field, message.uas_id)


class Claims:
    """The bounded memory of one decoder."""

    def __init__(self, most_addresses: int = MOST_ADDRESSES) -> None:
        self._book = AddressBook(most_addresses)
        self.signatures = SignatureBook(most_addresses)

    def __len__(self) -> int:
        """How many transmitter addresses are remembered now."""
        return len(self._book)

    def hear(
        self,
        messages: Sequence[Message],
        address: bytes | None,
        t: float,
        sensor: str,
        signal_dbm: float | None = None,
    ) -> Detection | None:
        """What messages that came together at `t` state; None if they tell no position."""
        location: Location | None = None
        ids: list[Key] = []
        operator: str | None = None
        sent_t: float | None = None
        for message in messages:
            if isinstance(message, Location):
                location = message
            elif isinstance(message, BasicId):
                if (key := _key(message)) is not None:
                    ids.append(key)
            elif isinstance(message, OperatorId):
                operator = message.operator_id
            elif isinstance(message, System):
                sent_t = message.sent_t
            elif isinstance(message, Authentication) and address is not None:
                self.signatures.hear(address, message, t)
        identity = self._identity(address, t, location, ids, operator)
        if location is None:
            return None
        source = None if address is None else address.hex(":")
        return state(location, t, sensor, identity, signal_dbm, source, sent_t)

    def _identity(
        self,
        address: bytes | None,
        t: float,
        location: Location | None,
        ids: list[Key],
        operator: str | None,
    ) -> Identity | None:
        """Of a pack that names itself: its own. Else what the address is known for."""
        if location is not None and ids:
            if address is not None and address in self._book:
                self._book.hear(address, ids, operator, t)
            return identity_of(list(dict.fromkeys(ids)), operator)
        if address is None:
            return identity_of([], operator)
        if ids or operator is not None:
            self._book.hear(address, ids, operator, t)
        if location is None or location.lat is None or location.lon is None:
            return None
        return self._book.name(address, location.lat, location.lon, t)
