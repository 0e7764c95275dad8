"""Numbers of link types in capture files → the links that our decoders know."""

from __future__ import annotations

from tocsin.words import Link

LINKS: dict[int, Link] = {
    1: "ethernet",
    12: "raw_ip",
    14: "raw_ip",
    101: "raw_ip",
    105: "ieee80211",
    113: "linux_cooked",
    127: "radiotap",
    251: "ble_ll",
    256: "ble_ll_phdr",
    272: "nordic_ble",
    276: "linux_cooked_v2",
}
"""Registry: tcpdump.org/linktypes.html."""


def link_of(number: int) -> Link | None:
    """The link of a registry number; None where nobody here reads it."""
    return LINKS.get(number)
