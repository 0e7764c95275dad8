"""Wi-Fi management frames → where in them Remote ID, or an element of another vendor, lies.

Standard   IEEE 802.11-2020, 9.3.3 (beacon, probe response), 9.6.7 (public action), 9.4.2.25
           (vendor element); Wi-Fi Aware 4.0, 9.5.4 (service descriptor); ASTM F3411-22a, 5.4.8-9
Carries    vendor element FA:0B:BC type 0D (and Parrot's 90:3A:E6 type 0D, from before the
           standard) in beacons and probe responses; the same as a vendor public action;
           NAN service 88:69:19:9D:92:09; any one vendor's element in beacons and probe responses
Leaves out every other frame, element and service, silently: it is not ours to judge
Errors     Truncated and Refused "check-sum", only for frames that carry what was looked for
"""

from __future__ import annotations

import zlib

from tocsin.decode.radiotap import FLAG_CHECK_SUM, FLAG_CHECK_SUM_BAD, scan
from tocsin.errors import Refused, Truncated
from tocsin.words import Link

Span = tuple[int, int]
"""Start and end, within the frame, of what an element holds; of Remote ID that is one counter byte
and the message or pack behind it."""

_ELEMENT_HEADS = (bytes.fromhex("FA0BBC0D"), bytes.fromhex("903AE60D"))
_NAN_SERVICE = bytes.fromhex("8869199D9209")
_NAN_DISCOVERY = bytes.fromhex("0409506F9A13")
_VENDOR_ACTION = b"\x04\x09"

_BEACONS = (0x80, 0x50)  # beacon, probe response
_ACTION, _ACTION_NO_ACK = 0xD0, 0xE0
_HEAD_BYTES = 24
_FIXED_BYTES = 12  # time stamp, interval, capability, before the elements of a beacon
_FLAG_PROTECTED, _FLAG_ORDER = 0x40, 0x80
_HT_CONTROL_BYTES = 4
_VENDOR_ELEMENT = 221
_NAN_DESCRIPTOR = 0x03


def find_radiotap(data: bytes) -> tuple[bytes, float | None, list[Span]] | None:
    """(transmitter address, signal in dBm, where) of Remote ID in a frame with a radiotap head."""
    if not _may_carry(data):
        return None
    length, flags, signal_dbm = scan(data)
    found = _find(data, length, flags)
    return None if found is None else (found[0], signal_dbm, found[1])


def find_bare(data: bytes) -> tuple[bytes, float | None, list[Span]] | None:
    """The same for a frame without a head: nothing is known of its signal."""
    if not _may_carry(data):
        return None
    found = _find(data, 0, 0)
    return None if found is None else (found[0], None, found[1])


def _may_carry(data: bytes) -> bool:
    """A quick look that turns away nearly every ordinary frame."""
    return _ELEMENT_HEADS[0] in data or _NAN_SERVICE in data or _ELEMENT_HEADS[1] in data


def find_vendor(
    link: Link, data: bytes, head: bytes
) -> tuple[bytes, float | None, list[Span]] | None:
    """The same for the elements of one vendor, in beacons and probe responses: `head` is what they
    begin with, and the spans are what stands behind it."""
    if head not in data:
        return None
    length, flags, signal_dbm = scan(data) if link == "radiotap" else (0, 0, None)
    opened = _open(data, length, flags)
    if opened is None or opened[0] not in _BEACONS:
        return None
    _, body, end = opened
    spans = _elements(data, body + _FIXED_BYTES, end, (head,))
    return (data[length + 10 : length + 16], signal_dbm, spans) if spans else None


def _open(data: bytes, start: int, flags: int) -> tuple[int, int, int] | None:
    """(first byte, where the body starts, where it ends) of a frame; None for one that is too
    short or encrypted. Refuses a wrong check sum."""
    end = len(data)
    if start + _HEAD_BYTES > end:
        return None
    kind, control = data[start], data[start + 1]
    if control & _FLAG_PROTECTED:
        return None
    body = start + _HEAD_BYTES + (_HT_CONTROL_BYTES if control & _FLAG_ORDER else 0)
    if flags & (FLAG_CHECK_SUM | FLAG_CHECK_SUM_BAD):
        # Before its lengths are trusted: a corrupt frame may have any.
        if not flags & FLAG_CHECK_SUM_BAD and _sound(data, start, end):
            end -= 4
        elif flags & FLAG_CHECK_SUM_BAD or not _fills(data, kind, body, end):
            raise Refused("check-sum", "the Wi-Fi check sum is wrong")
    return kind, body, end


def _find(data: bytes, start: int, flags: int) -> tuple[bytes, list[Span]] | None:
    opened = _open(data, start, flags)
    if opened is None:
        return None
    kind, body, end = opened
    if kind in _BEACONS:
        spans = _elements(data, body + _FIXED_BYTES, end, _ELEMENT_HEADS)
    elif kind in (_ACTION, _ACTION_NO_ACK):
        spans = _action(data, body, end)
    else:
        return None
    return (data[start + 10 : start + 16], spans) if spans else None


def _sound(data: bytes, start: int, end: int) -> bool:
    return zlib.crc32(data[start : end - 4]) == int.from_bytes(data[end - 4 :], "little")


def _fills(data: bytes, kind: int, body: int, end: int) -> bool:
    """Whether the elements of a beacon fill it to its end, leaving no room for a check sum.

    Some drivers promise one and leave it out; corrupt bytes would not fit so well.
    """
    at = body + _FIXED_BYTES
    while kind in _BEACONS and at + 2 <= end and at != end - 4:
        at += 2 + data[at + 1]
    return at == end


def _elements(data: bytes, at: int, end: int, heads: tuple[bytes, ...]) -> list[Span]:
    """What stands behind the heads (all of one length) of vendor elements."""
    spans: list[Span] = []
    size = len(heads[0])
    while at + 2 <= end:
        body = at + 2
        at = body + data[body - 1]
        if data[body - 2] == _VENDOR_ELEMENT and data[body : body + size] in heads:
            if at > end:
                raise Truncated("the frame ends within a vendor element")
            if at < body + size:
                continue
            spans.append((body + size, at))
    return spans


def _action(data: bytes, at: int, end: int) -> list[Span]:
    if data[at : at + 6] == _NAN_DISCOVERY:
        return _services(data, at + 6, end)
    if data[at : at + 2] == _VENDOR_ACTION and data[at + 2 : at + 6] in _ELEMENT_HEADS:
        return [(at + 6, end)]
    return []


def _services(data: bytes, at: int, end: int) -> list[Span]:
    """Service information of every Remote ID service among the NAN attributes."""
    spans: list[Span] = []
    while at + 3 <= end:
        kind = data[at]
        body = at + 3
        at = body + (data[at + 1] | data[at + 2] << 8)
        if kind == _NAN_DESCRIPTOR and data[body : body + 6] == _NAN_SERVICE:
            if at > end:
                raise Truncated("the frame ends within its Remote ID service")
            span = _service_info(data, body + 6, at)
            if span is not None:
                spans.append(span)
    return spans


def _service_info(data: bytes, at: int, end: int) -> Span | None:
    """The service information of a descriptor whose instance ids start at `at`.

    The control byte says which fields stand before it: binding bitmap (bit 6, two bytes),
    matching filter (bit 2) and response filter (bit 3), each with its length.
    """
    if at + 3 > end:
        raise Truncated("a NAN service descriptor is cut short")
    control = data[at + 2]
    at += 3
    if not control & 0x10:
        return None
    if control & 0x40:
        at += 2
    for bit in (0x04, 0x08):
        if control & bit:
            if at >= end:
                raise Truncated("a NAN service descriptor is cut short")
            at += 1 + data[at]
    if at >= end or at + 1 + data[at] > end:
        raise Truncated("NAN service information is cut short")
    return at + 1, at + 1 + data[at]
