"""Frames of any link → what they say by Remote ID → detections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from tocsin.decode import bluetooth, hci, ieee80211
from tocsin.decode.remote_id.address_book import MOST_ADDRESSES, AddressBook, Key, identity_of
from tocsin.decode.remote_id.messages import read_messages
from tocsin.decode.remote_id.statement import state
from tocsin.decode.remote_id.text import is_serial
from tocsin.errors import DecodeError, Refused
from tocsin.words import Detection, Frame, Identity, Link
from tocsin.words.remote_id import BasicId, Location, Message, OperatorId, System

Found = tuple[bytes | None, float | None, list[tuple[int, int]]]

_FINDERS: dict[Link, Callable[[bytes], Found | None]] = {
    "radiotap": ieee80211.find_radiotap,
    "ieee80211": ieee80211.find_bare,
    "nordic_ble": bluetooth.find_nordic,
    "ble_ll": bluetooth.find_bare,
    "ble_ll_phdr": bluetooth.find_with_head,
    "hci": hci.find_report,
}

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


class Transmission(msgspec.Struct, frozen=True):
    """All Remote ID in one frame: a group of messages for each element or advertisement in it.

    `address` is the transmitter's, None where the frame hides it. `refused` holds what was wrong
    with groups that could not be read. Sealed: the messages may hold the operator's position.
    """

    address: bytes | None
    signal_dbm: float | None
    groups: tuple[list[Message], ...]
    refused: tuple[DecodeError, ...] = ()


def read_transmission(frame: Frame) -> Transmission | None:
    """What a frame says by Remote ID, None if it does not speak it.

    Raises DecodeError where it does and nothing of it can be read.
    """
    finder = _FINDERS.get(frame.link)
    found = None if finder is None else finder(frame.data)
    if found is None:
        return None
    address, signal_dbm, spans = found
    groups: list[list[Message]] = []
    refused: list[DecodeError] = []
    cut: DecodeError | None
    for start, end in spans:
        try:
            # The first byte counts the sender's messages; a repeat may or may not raise it.
            messages, cut = read_messages(frame.data, start + 1, end)
            groups.append(messages)
        except DecodeError as error:
            cut = error
        if cut is not None:
            refused.append(cut)
    if not groups:
        raise refused[0]
    return Transmission(address, signal_dbm, tuple(groups), tuple(refused))


class RemoteId:
    """The Remote ID decoder: keeps a bounded memory of who speaks on which address.

    `heard` counts frames whose Remote ID was read, whether or not it told a position;
    `overlooked`, by rule, unreadable parts of such frames.
    """

    name = "remote-id"
    links: tuple[Link, ...] = tuple(_FINDERS)

    def __init__(self, most_addresses: int = MOST_ADDRESSES) -> None:
        self._book = AddressBook(most_addresses)
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    @property
    def addresses(self) -> int:
        """How many transmitter addresses are remembered now."""
        return len(self._book)

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The aircraft positions in one frame. Raises DecodeError for broken Remote ID."""
        try:
            heard = read_transmission(frame)
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        if heard is None:
            return ()
        self.heard += 1
        for fault in heard.refused:
            self.overlooked[fault.rule if isinstance(fault, Refused) else "truncated"] += 1
        detections: list[Detection] = []
        for messages in heard.groups:
            detection = self._state(messages, heard, frame)
            if detection is not None:
                detections.append(detection)
        return detections

    def _state(
        self, messages: list[Message], heard: Transmission, frame: Frame
    ) -> Detection | None:
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
        identity = self._identity(heard.address, frame.t, location, ids, operator)
        if location is None:
            return None
        return state(
            location,
            frame.t,
            frame.sensor,
            identity,
            heard.signal_dbm,
            None if heard.address is None else heard.address.hex(":"),
            sent_t,
        )

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
