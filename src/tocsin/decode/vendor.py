"""Identifications that a drone puts into vendor elements of its Wi-Fi beacons → detections.

One decoder for all of them: a kind names its `head` (the vendor's number and what else stands at
the start of its elements) and reads what stands behind it into the words of Remote ID.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

from tocsin.decode import ieee80211
from tocsin.decode.remote_id import Claims
from tocsin.errors import DecodeError
from tocsin.words import Detection, Frame, Link
from tocsin.words.remote_id import Message


def find_elements(frame: Frame, head: bytes) -> tuple[bytes, float | None, list[bytes]] | None:
    """(transmitter address, signal in dBm, what stands behind each head); None if there is none."""
    found = ieee80211.find_vendor(frame.link, frame.data, head)
    if found is None:
        return None
    address, signal_dbm, spans = found
    return address, signal_dbm, [frame.data[start:end] for start, end in spans]


class VendorId(ABC):
    """A decoder of one kind, with a bounded memory of who speaks on which address."""

    name: str
    head: bytes
    links: tuple[Link, ...] = ("radiotap", "ieee80211")

    def __init__(self) -> None:
        self._claims = Claims()
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    @abstractmethod
    def read(self, element: bytes) -> list[Message]:
        """One element in the words of Remote ID. Raises DecodeError."""

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The aircraft positions in one frame. Raises DecodeError for a broken element."""
        try:
            found = find_elements(frame, self.head)
            if found is None:
                return ()
            address, signal_dbm, elements = found
            groups = [self.read(element) for element in elements]
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        self.heard += 1
        stated = (
            self._claims.hear(messages, address, frame.t, frame.sensor, signal_dbm)
            for messages in groups
        )
        return [detection for detection in stated if detection is not None]
