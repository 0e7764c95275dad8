"""Bluetooth advertisements → where in them Remote ID lies.

Standard   Bluetooth Core 5.4, vol 6 part B, 2.3 (advertising PDUs), 3.1.1 (CRC);
           Core Supplement 11, A 1.11 (service data); ASTM F3411-22a, 5.4.6-7;
           nRF Sniffer protocol 1 to 3 (DLT 272); DLT 251 and 256 of tcpdump.org
Carries    service data of UUID FFFA, application code 0D, in legacy and extended advertisements
Leaves out connections, periodic trains, chained fragments, the sniffer's own UART chatter
Errors     Truncated; Refused "check-sum", only for adverts that carry Remote ID
"""

from __future__ import annotations

from tocsin.decode.crc24 import crc24
from tocsin.errors import Refused, Truncated

Span = tuple[int, int]
"""Start and end, within the frame, of one counter byte and the message or pack behind it."""

_ACCESS_ADDRESS = bytes.fromhex("D6BE898E")
RID_SERVICE = bytes.fromhex("16FAFF0D")
_LEGACY = {0x0, 0x2, 0x4, 0x6}  # ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND
_EXTENDED = 0x7  # ADV_EXT_IND, AUX_ADV_IND, AUX_SCAN_RSP

_SNIFFER_BYTES = 17
_SNIFFER_VERSIONS = {1, 2, 3}
_PHDR_BYTES = 10
_CODED_PHY = 2

_HAS_ADDRESS = 0x01


def find_nordic(data: bytes) -> tuple[bytes | None, float | None, list[Span]] | None:
    """(transmitter address, signal in dBm, where) of Remote ID in an nRF sniffer's frame."""
    if RID_SERVICE not in data or len(data) < _SNIFFER_BYTES or data[3] not in _SNIFFER_VERSIONS:
        return None
    flags = data[8]
    if not flags & 0x01:
        # Before its lengths are trusted: a corrupt advert may have any.
        raise Refused("check-sum", "the sniffer says that the Bluetooth check sum is wrong")
    coded = data[3] > 1 and flags >> 4 & 0x7 == _CODED_PHY
    found = _find(data, _SNIFFER_BYTES, coded)
    return None if found is None else (found[0], -float(data[10]), found[1])


def find_bare(data: bytes) -> tuple[bytes | None, float | None, list[Span]] | None:
    """The same for a frame of DLT 251, whose check sum we reckon ourselves."""
    if RID_SERVICE not in data:
        return None
    found = _find(data, 0, coded=False)
    if found is None:
        return None
    _check(data, 4)
    return found[0], None, found[1]


def find_with_head(data: bytes) -> tuple[bytes | None, float | None, list[Span]] | None:
    """The same for a frame of DLT 256, whose head tells signal, check and radio."""
    if RID_SERVICE not in data or len(data) < _PHDR_BYTES:
        return None
    flags = data[8] | data[9] << 8
    if flags & 0x0C00 == 0x0400:
        raise Refused("check-sum", "the receiver says that the Bluetooth check sum is wrong")
    coded = flags >> 14 == _CODED_PHY
    found = _find(data, _PHDR_BYTES, coded)
    if found is None:
        return None
    if not flags & 0x0400:
        _check(data, _PHDR_BYTES + (5 if coded else 4))
    signal_dbm = float((data[1] ^ 0x80) - 0x80) if flags & 0x0002 else None
    return found[0], signal_dbm, found[1]


def _check(data: bytes, at: int) -> None:
    """The check sum behind the PDU at `at`; a capture that left it out cannot be checked."""
    end = at + 2 + data[at + 1]
    said = data[end : end + 3]
    if len(said) == 3 and crc24(data[at:end]) != said:
        raise Refused("check-sum", "the Bluetooth check sum is wrong")


def _find(data: bytes, at: int, coded: bool) -> tuple[bytes | None, list[Span]] | None:
    """Address and places in the advertisement whose access address stands at `at`."""
    if data[at : at + 4] != _ACCESS_ADDRESS:
        return None
    at += 5 if coded else 4  # the coded radio shows its coding indicator before the PDU
    if at + 2 > len(data):
        return None
    kind = data[at] & 0x0F
    end = at + 2 + data[at + 1]
    at += 2
    if end > len(data):
        raise Truncated("the capture ends within a Bluetooth advertisement")
    if kind in _LEGACY:
        address: bytes | None = data[at : at + 6][::-1]
        spans = service_data(data, at + 6, end)
    elif kind == _EXTENDED:
        if at >= end:
            return None
        length = data[at] & 0x3F
        address = _extended_address(data, at + 1, at + 1 + length)
        spans = service_data(data, at + 1 + length, end)
    else:
        return None
    return (address, spans) if spans else None


def _extended_address(data: bytes, at: int, end: int) -> bytes | None:
    """AdvA of an extended header, None where a second advertisement carries it."""
    if end - at < 7 or not data[at] & _HAS_ADDRESS:
        return None
    return data[at + 1 : at + 7][::-1]


def service_data(data: bytes, at: int, end: int) -> list[Span]:
    """Where in these advertising data Remote ID lies. Raises Truncated."""
    spans: list[Span] = []
    while at < end:
        size = data[at]
        if size == 0:  # early termination: the rest is filler
            break
        body = at + 1
        at = body + size
        if data[body : body + 4] == RID_SERVICE and size >= 4:
            if at > end:
                raise Truncated("an advertisement ends within its Remote ID")
            spans.append((body + 4, at))
    return spans
