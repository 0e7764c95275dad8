"""Bytes as they came from an antenna, a file or a socket, before anybody read a meaning in them."""

from __future__ import annotations

from typing import Literal

import msgspec

Link = Literal[
    "radiotap",  # IEEE 802.11 with a radiotap head (DLT 127)
    "ieee80211",  # bare IEEE 802.11 (DLT 105)
    "nordic_ble",  # nRF Sniffer head + Bluetooth LE link layer (DLT 272)
    "ble_ll",  # bare Bluetooth LE link layer (DLT 251)
    "ble_ll_phdr",  # Bluetooth LE link layer with a head of its radio (DLT 256)
    "ndjson",  # one line of detections.ndjson
    "unknown",
]


class Frame(msgspec.Struct, frozen=True):
    """One frame: `data` as received by `sensor` at `t` (Unix seconds).

    `origin` says where it stands in its input, for error messages: "file.pcapng frame 12".
    """

    data: bytes
    sensor: str
    t: float
    link: Link = "unknown"
    origin: str = ""
