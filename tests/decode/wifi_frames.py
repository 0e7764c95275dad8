"""Beacons around any vendor element, for the decoders of vendor elements."""

from __future__ import annotations

from tocsin.words import Frame

_HEAD = bytes.fromhex("80000000ffffffffffff02000000fd0102000000fd010000")
_FIXED = bytes.fromhex("0000000000000000640020040005") + b"drone"


def beacon_with(*elements: bytes, t: float = 100.0) -> Frame:
    """A bare beacon of 02:00:00:00:fd:01 with these vendor elements."""
    body = b"".join(bytes((221, len(element))) + element for element in elements)
    return Frame(_HEAD + _FIXED + body, "wifi", t, "ieee80211")
