"""What a Bluetooth controller tells its host → advertisements that carry Remote ID.

Standard   Bluetooth Core 5.4, vol 4: part A, 2 (H4 packets), part E, 7.7.65.2 (LE Advertising
           Report), 7.7.65.13 (LE Extended Advertising Report); btsnoop files (RFC 1761 with
           Bluetooth's data links 1001, 1002 and BlueZ's 2001)
Carries    one message a report, laid out as an extended report without its data length: event type,
           address, radios, set, power, signal, then the data, put together where the controller
           told them in parts
Leaves out all other packets and all advertisements without Remote ID: they are somebody's telephone
Unknown    a signal of 127 dBm; the address of an anonymous advertisement
Errors     FormatError for a file cut short
"""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Iterator

from tocsin.decode.bluetooth import RID_SERVICE, Span, service_data
from tocsin.errors import FormatError
from tocsin.words import Frame, Link

_HEAD_BYTES = 23
_EVENT, _LE_META = 0x04, 0x3E
_LEGACY_REPORT, _EXTENDED_REPORT = 0x02, 0x0D
_LENGTH = {0x01: (2, 1), 0x02: (2, 2), 0x03: (2, 1), 0x04: (1, 1), 0x05: (2, 2)}
"""Where in a packet's head its length stands, and in how many bytes, by H4 type."""

_STATUS, _MORE = 0x60, 0x20
"""Data status in the event type: complete, more to come, cut short by the controller."""

_MOST_DATA_BYTES = 1650  # 7.7.65.13
_MOST_UNFINISHED = 64
_MOST_PACKET_BYTES = 4 + 65_535
_UNKNOWN_SIGNAL, _ANONYMOUS = 127, 0xFF
_LEGACY_KINDS = {0: 0x13, 1: 0x15, 2: 0x12, 3: 0x10, 4: 0x1B}
"""Event types of legacy reports as extended reports write them (table 7.3 of the same clause)."""

_MAGIC = b"btsnoop\x00"
_RECORD = struct.Struct(">IIIIq")
_BEFORE_1970_US = 0x00DCDDB30F2F8000
_UNWRAPPED, _WRAPPED, _MONITOR = 1001, 1002, 2001
_MONITOR_EVENT = 3
_RECEIVED_NOT_DATA = 0x03


def find_report(data: bytes) -> tuple[bytes | None, float | None, list[Span]] | None:
    """(transmitter address, signal in dBm, where) of Remote ID in a report."""
    if RID_SERVICE not in data or len(data) < _HEAD_BYTES:
        return None
    spans = service_data(data, _HEAD_BYTES, len(data))
    if not spans:
        return None
    address = None if data[2] == _ANONYMOUS else data[3:9][::-1]
    signal = (data[13] ^ 0x80) - 0x80
    return address, None if signal == _UNKNOWN_SIGNAL else float(signal), spans


class Reports:
    """H4 packets → one message for each advertisement with Remote ID, whole."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""
        self._unfinished: OrderedDict[bytes, bytes] = OrderedDict()

    def feed(self, data: bytes) -> list[bytes]:
        """The advertisements that these bytes complete."""
        data = self._rest + data
        at = 0
        found: list[bytes] = []
        while at < len(data):
            end = _packet_end(data, at)
            if end is None:
                self.dropped += 1
                at += 1
            elif end > len(data):
                break
            else:
                if data[at] == _EVENT:
                    found += self._event(data[at + 1 : end])
                at = end
        self._rest = data[at:]
        return found

    def _event(self, event: bytes) -> list[bytes]:
        """An event packet, from its code on."""
        if len(event) < 4 or event[0] != _LE_META:
            return []
        if event[2] == _EXTENDED_REPORT:
            return self._extended(event)
        return self._legacy(event) if event[2] == _LEGACY_REPORT else []

    def _extended(self, event: bytes) -> list[bytes]:
        found = []
        at = 4
        for _ in range(event[3]):
            start = at + _HEAD_BYTES + 1
            if start > len(event) or start + event[start - 1] > len(event):
                self.dropped += len(event) - at
                break
            at = start + event[start - 1]
            whole = self._join(event[start - 1 - _HEAD_BYTES : start - 1], event[start:at])
            if whole is not None and RID_SERVICE in whole:
                found.append(whole)
        return found

    def _legacy(self, event: bytes) -> list[bytes]:
        found = []
        at = 4
        for _ in range(event[3]):
            if at + 10 > len(event) or at + 10 + event[at + 8] > len(event):
                self.dropped += len(event) - at
                break
            start = at + 9
            end = start + event[at + 8]
            if RID_SERVICE in event[start:end]:
                kind = struct.pack("<H", _LEGACY_KINDS.get(event[at], 0x10))
                radio = bytes([1, 0, 0xFF, 127, event[end]])
                found.append(kind + event[at + 1 : at + 8] + radio + bytes(9) + event[start:end])
            at = end + 1
        return found

    def _join(self, head: bytes, data: bytes) -> bytes | None:
        """The whole advertisement where this report is its last part."""
        key = head[2:9] + head[11:12]  # address and set
        data = self._unfinished.pop(key, b"") + data
        if head[0] & _STATUS != _MORE or len(data) > _MOST_DATA_BYTES:
            return head + data
        self._unfinished[key] = data
        if len(self._unfinished) > _MOST_UNFINISHED:
            self._unfinished.popitem(last=False)
        return None


def _packet_end(data: bytes, at: int) -> int | None:
    """Where the packet at `at` ends, beyond the data where that is not here yet; None for what is
    no packet."""
    known = _LENGTH.get(data[at])
    if known is None:
        return None
    where, width = known
    start = at + 1 + where + width
    if start > len(data):
        return start
    return start + int.from_bytes(data[at + 1 + where : start], "little")


class HciFormat:
    """A controller's packets, live or in a btsnoop file."""

    name = "hci"
    link: Link = "hci"

    def sniff(self, start: bytes) -> bool:
        """By the magic number."""
        return start.startswith(_MAGIC)

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame an advertisement with Remote ID; a file tells its own times."""
        if len(data) < 16 or not data.startswith(_MAGIC):
            raise FormatError("no btsnoop file", where=f"{name} byte 0")
        kind = int.from_bytes(data[12:16], "big")
        if kind not in (_UNWRAPPED, _WRAPPED, _MONITOR):
            raise FormatError(f"its data link is {kind}", where=f"{name} byte 12")
        heard_by = sensor or name.rpartition(".")[0] or name
        reports = Reports()
        at, number = 16, 0
        while at < len(data):
            number += 1
            begin = at + _RECORD.size
            size = int.from_bytes(data[at + 4 : at + 8], "big")
            if begin + size > len(data) or size > _MOST_PACKET_BYTES:
                raise FormatError(f"record {number} is cut short", where=f"{name} byte {at}")
            _, _, flags, _, moment_us = _RECORD.unpack_from(data, at)
            at = begin + size
            packet = data[begin:at]
            if kind == _WRAPPED:
                found = reports.feed(packet)
            elif (
                (flags & 0xFFFF == _MONITOR_EVENT)
                if kind == _MONITOR
                else (flags & 0x03 == _RECEIVED_NOT_DATA)
            ):
                found = reports.feed(bytes([_EVENT]) + packet)
            else:
                found = []
            t = (moment_us - _BEFORE_1970_US) / 1e6
            for message in found:
                yield Frame(message, heard_by, t, "hci", f"{name} record {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """Whole packets."""
        return Reports().feed(data)

    def splitter(self) -> Reports:
        """Packets in a row."""
        return Reports()
