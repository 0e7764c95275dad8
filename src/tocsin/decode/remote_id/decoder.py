"""Frames of any link → what they say by Remote ID → detections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from tocsin.decode import bluetooth, hci, ieee80211
from tocsin.decode.remote_id.address_book import MOST_ADDRESSES
from tocsin.decode.remote_id.claims import Claims
from tocsin.decode.remote_id.messages import read_messages
from tocsin.errors import DecodeError
from tocsin.words import Detection, Frame, Link
from tocsin.words.remote_id import Message, Signature

Found = tuple[bytes | None, float | None, list[tuple[int, int]]]

_FINDERS: dict[Link, Callable[[bytes], Found | None]] = {
    "radiotap": ieee80211.find_radiotap,
    "ieee80211": ieee80211.find_bare,
    "nordic_ble": bluetooth.find_nordic,
    "ble_ll": bluetooth.find_bare,
    "ble_ll_phdr": bluetooth.find_with_head,
    "hci": hci.find_report,
}


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
        self._claims = Claims(most_addresses)
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    @property
    def addresses(self) -> int:
        """How many transmitter addresses are remembered now."""
        return len(self._claims)

    def signature(self, address: bytes) -> Signature | None:
        """The latest signature heard on this address, whole or not; nobody has checked it."""
        return self._claims.signatures.latest(address)

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
            self.overlooked[fault.rule] += 1
        detections: list[Detection] = []
        for messages in heard.groups:
            detection = self._claims.hear(
                messages, heard.address, frame.t, frame.sensor, heard.signal_dbm
            )
            if detection is not None:
                detections.append(detection)
        return detections
