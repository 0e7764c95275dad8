"""Remote ID packs → the Wi-Fi frames that carry them, with a radiotap head as a receiver adds it.

Standard   IEEE 802.11-2020, 9.3.3.2 (beacon), 9.6.7 (public action); Wi-Fi Aware 4.0, 9.5;
           ASTM F3411-22a, 5.4.9 (beacon) and 5.4.8 (NAN); radiotap.org
Carries    beacon: vendor element FA:0B:BC type 0D; NAN: the service org.opendroneid.remoteid
Leaves out the NAN synchronisation beacon, which carries no identity
"""

from __future__ import annotations

import struct
import zlib

REMOTE_ID_ELEMENT = bytes.fromhex("FA0BBC0D")
"""Organisation ASD-STAN and the type of Remote ID, at the head of a vendor element."""

REMOTE_ID_SERVICE = bytes.fromhex("8869199D9209")
"""Hash of the NAN service name org.opendroneid.remoteid."""

_BROADCAST = b"\xff" * 6
_NAN_NETWORK = bytes.fromhex("516F9A010000")
_NAN_CLUSTER = bytes.fromhex("506F9A0100FF")  # fixed by F3411-22a, 5.4.8
_NAN_DISCOVERY = bytes.fromhex("0409506F9A13")  # public action, vendor specific, Wi-Fi Alliance

_RADIOTAP = struct.Struct("<BBHIQBxHHb")
_PRESENT = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 5  # TSFT, flags, channel, signal in dBm
_PRESENT_NO_SIGNAL = _PRESENT & ~(1 << 5)
_FLAGS_FCS = 0x10
_CHANNEL_2GHZ_DYNAMIC = 0x0480


def beacon(
    pack: bytes,
    address: str,
    t: float,
    *,
    counter: int = 0,
    signal_dbm: float | None = None,
    channel: int = 6,
    ssid: str = "remote-id",
) -> bytes:
    """A beacon of transmitter `address` (aa:bb:cc:dd:ee:ff) received at `t` on a 2.4 GHz channel.

    `counter` counts the transmitter's packs, modulo 256.
    """
    sender = address_bytes(address)
    name = ssid.encode("utf-8")
    body = (
        struct.pack("<QHH", _microseconds(t), 100, 0x0420)  # every 100 time units
        + bytes((0, len(name)))
        + name
        + bytes.fromhex("01018C")  # one rate, 6 Mbit/s
        + bytes((3, 1, channel))
        + _element(pack, counter)
    )
    head = struct.pack("<HH6s6s6sH", 0x0080, 0, _BROADCAST, sender, sender, (counter & 0xFFF) << 4)
    return _received(head + body, t, signal_dbm, channel)


def nan_action(
    pack: bytes,
    address: str,
    t: float,
    *,
    counter: int = 0,
    signal_dbm: float | None = None,
) -> bytes:
    """A NAN service discovery frame of transmitter `address`, received at `t` on channel 6."""
    service = REMOTE_ID_SERVICE + bytes((1, 0, 0x10, len(pack) + 1, counter & 0xFF)) + pack
    body = (
        _NAN_DISCOVERY
        + b"\x03"
        + struct.pack("<H", len(service))
        + service
        + struct.pack("<BHBHB", 0x0E, 4, 1, 0x0200, counter & 0xFF)
    )
    head = struct.pack(
        "<HH6s6s6sH",
        0x00D0,
        0,
        _NAN_NETWORK,
        address_bytes(address),
        _NAN_CLUSTER,
        (counter & 0xFFF) << 4,
    )
    return _received(head + body, t, signal_dbm, channel=6)


def address_bytes(address: str) -> bytes:
    """The six bytes of "aa:bb:cc:dd:ee:ff", in that order."""
    plain = bytes.fromhex(address.replace(":", ""))
    if len(plain) != 6:
        raise ValueError(f"{address!r} is not a transmitter address")
    return plain


def _element(pack: bytes, counter: int) -> bytes:
    content = REMOTE_ID_ELEMENT + bytes((counter & 0xFF,)) + pack
    return bytes((221, len(content))) + content


def _received(frame: bytes, t: float, signal_dbm: float | None, channel: int) -> bytes:
    """The frame with its check sum, under a radiotap head that says when and how strong."""
    present = _PRESENT if signal_dbm is not None else _PRESENT_NO_SIGNAL
    size = _RADIOTAP.size if signal_dbm is not None else _RADIOTAP.size - 1
    head = _RADIOTAP.pack(
        0,
        0,
        size,
        present,
        _microseconds(t),
        _FLAGS_FCS,
        2407 + 5 * channel if channel < 14 else 2484,
        _CHANNEL_2GHZ_DYNAMIC,
        max(-128, min(127, round(signal_dbm or 0.0))),
    )
    return head[:size] + frame + struct.pack("<I", zlib.crc32(frame))


def _microseconds(t: float) -> int:
    return round(t * 1e6) & 0xFFFF_FFFF_FFFF_FFFF
