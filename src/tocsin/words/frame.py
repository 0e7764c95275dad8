"""Bytes as they came from an antenna, a file or a socket, before anybody read a meaning in them."""

from __future__ import annotations

import msgspec

Link = str
"""What a frame is wrapped in, which says who can read it. Ours: "radiotap" (IEEE 802.11 with a
radiotap head, DLT 127), "ieee80211" (bare, DLT 105), "nordic_ble" (nRF Sniffer head and Bluetooth
LE link layer, DLT 272), "ble_ll" (bare, DLT 251), "ble_ll_phdr" (with a head of its radio, DLT
256), "hci" (an advertisement as a controller reports it), "udp" (what one datagram carried),
"ndjson" (one line of detections.ndjson), and the name of a protocol for each of its messages.
Installed decoders may bring their own."""


class Frame(msgspec.Struct, frozen=True):
    """One frame: `data` as received by `sensor` at `t` (Unix seconds).

    `origin` says where it stands in its input, for error messages: "file.pcapng frame 12".
    `source` is the door through which it came live.
    """

    data: bytes
    sensor: str
    t: float
    link: Link = "unknown"
    origin: str = ""
    source: str = ""
