"""Network captures → what each UDP datagram carried.

Standard   Ethernet II (IEEE 802.3) with VLAN tags (802.1Q, 802.1ad), Linux cooked captures v1 and
           v2, raw IP; IPv4 (RFC 791), IPv6 (RFC 8200) with hop-by-hop, routing and destination
           options; UDP (RFC 768); link types 1, 12, 14, 101, 113, 276 of the tcpdump.org registry
Leaves out other protocols; fragments, which are not put together; jumbograms; check sums, which are
           often filled in after a capture sees them
Unknown    a frame without a UDP datagram in it, or cut short, gives its reason instead
"""

from __future__ import annotations

from collections.abc import Callable

from tocsin.words import Link

Carried = bytes | str
"""The datagram's content, or in words why there is none."""

_IPV4, _IPV6 = 0x0800, 0x86DD
_VLAN_TAGS = {0x8100, 0x88A8, 0x9100}
_UDP = 17
_FRAGMENT = 44
_OPTIONS = {0, 43, 60}
"""Hop-by-hop, routing, destination options: a next header and a length in 8 octets."""

_SHORT = "network frames cut short"
_OTHER = "network frames without UDP"
_FRAGMENTS = "IP fragments"


def carried(link: Link, frame: bytes) -> Carried:
    """What the UDP datagram in a frame of one of `NETWORK_LINKS` carried."""
    try:
        return _NETWORKS[link](frame)
    except IndexError:
        return _SHORT


def _ethernet(frame: bytes) -> Carried:
    at = 12
    kind = _u16(frame, at)
    while kind in _VLAN_TAGS:
        at += 4
        kind = _u16(frame, at)
    return _network(frame, at + 2, kind)


def _cooked(frame: bytes) -> Carried:
    return _network(frame, 16, _u16(frame, 14))


def _cooked_v2(frame: bytes) -> Carried:
    return _network(frame, 20, _u16(frame, 0))


def _raw(frame: bytes) -> Carried:
    return _network(frame, 0, {4: _IPV4, 6: _IPV6}.get(frame[0] >> 4, 0))


def _network(frame: bytes, at: int, kind: int) -> Carried:
    if kind == _IPV4:
        return _ipv4(frame, at)
    if kind == _IPV6:
        return _ipv6(frame, at)
    return _OTHER


def _ipv4(frame: bytes, at: int) -> Carried:
    head = (frame[at] & 15) * 4
    if frame[at] >> 4 != 4 or head < 20 or frame[at + 9] != _UDP:
        return _OTHER
    # More fragments to come, or an offset: one of several.
    if _u16(frame, at + 6) & 0x3FFF:
        return _FRAGMENTS
    return _udp(frame, at + head)


def _ipv6(frame: bytes, at: int) -> Carried:
    protocol = frame[at + 6]
    at += 40
    while protocol in _OPTIONS:
        protocol, at = frame[at], at + 8 + frame[at + 1] * 8
    if protocol == _FRAGMENT:
        return _FRAGMENTS
    return _udp(frame, at) if protocol == _UDP else _OTHER


def _udp(frame: bytes, at: int) -> Carried:
    length = _u16(frame, at + 4)
    if length < 8 or at + length > len(frame):
        return _SHORT
    return frame[at + 8 : at + length]


def _u16(frame: bytes, at: int) -> int:
    return frame[at] << 8 | frame[at + 1]


_NETWORKS: dict[Link, Callable[[bytes], Carried]] = {
    "ethernet": _ethernet,
    "linux_cooked": _cooked,
    "linux_cooked_v2": _cooked_v2,
    "raw_ip": _raw,
}
NETWORK_LINKS = frozenset(_NETWORKS)
