"""Remote ID messages → the Bluetooth advertisements that carry them, as an nRF sniffer hears them.

Standard   Bluetooth Core 5.4, vol 6 part B, 2.3 (advertising PDUs) and 3.1.1 (CRC);
           ASTM F3411-22a, 5.4.6 (legacy, one message each) and 5.4.7 (long range, packs);
           nRF Sniffer for Bluetooth LE, protocol version 3 (DLT 272)
Carries    service data of UUID FFFA, application code 0D
"""

from __future__ import annotations

import struct

from tocsin.encode.ieee80211 import address_bytes

ACCESS_ADDRESS = bytes.fromhex("D6BE898E")
"""Of every primary and secondary advertisement, least byte first."""

_SERVICE = bytes.fromhex("16FAFF0D")  # service data, UUID FFFA, application code of Remote ID
_SNIFFER = struct.Struct("<BHBHBBBBBHI")
_CRC_OK = 0x01
_CODED_PHY = 2 << 4
_EVENT = 0x02  # packet id of an advertisement, protocol version 3
_NONCONN = 0x02
_EXTENDED = 0x07


def legacy_advert(
    message: bytes,
    address: str,
    t: float,
    *,
    counter: int = 0,
    signal_dbm: float = -70.0,
    channel: int = 37,
) -> bytes:
    """One message of 25 bytes as ADV_NONCONN_IND, received at `t`."""
    pdu = _pdu(_NONCONN, address_bytes(address)[::-1] + _service_data(message, counter))
    return _heard(ACCESS_ADDRESS + pdu + crc24(pdu), t, counter, signal_dbm, channel, flags=0)


def long_range_advert(
    pack: bytes,
    address: str,
    t: float,
    *,
    counter: int = 0,
    signal_dbm: float = -70.0,
    channel: int = 10,
) -> bytes:
    """A pack as AUX_ADV_IND on the coded PHY (S = 8), received at `t`."""
    extended = bytes((9, 0x09)) + address_bytes(address)[::-1] + struct.pack("<H", 0x0001)
    pdu = _pdu(_EXTENDED, extended + _service_data(pack, counter))
    coding = b"\0"  # the sniffer shows the coding indicator, S = 8, between address and PDU
    heard = ACCESS_ADDRESS + coding + pdu + crc24(pdu)
    return _heard(heard, t, counter, signal_dbm, channel, flags=_CODED_PHY)


def crc24(pdu: bytes) -> bytes:
    """Check sum of an advertising PDU as it lies in a capture (vol 6 part B, 3.1.1).

    Polynomial x24 + x10 + x9 + x6 + x4 + x3 + x + 1, register preset to 555555, least bit first.
    """
    register = 0xAAAAAA  # 555555 with its bits reversed
    for byte in pdu:
        register = (register >> 8) ^ _CRC_TABLE[(register ^ byte) & 0xFF]
    return register.to_bytes(3, "little")


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        register = byte
        for _ in range(8):
            register = (register >> 1) ^ (0xDA6000 if register & 1 else 0)
        table.append(register)
    return tuple(table)


_CRC_TABLE = _crc_table()


def _pdu(kind: int, payload: bytes) -> bytes:
    if len(payload) > 255:
        raise ValueError(f"{len(payload)} bytes do not fit one advertisement")
    return bytes((kind, len(payload))) + payload


def _service_data(content: bytes, counter: int) -> bytes:
    body = _SERVICE + bytes((counter & 0xFF,)) + content
    return bytes((len(body),)) + body


def _heard(
    air: bytes, t: float, counter: int, signal_dbm: float, channel: int, *, flags: int
) -> bytes:
    """The sniffer's own head before the bytes on the air; its RSSI byte is without the minus."""
    head = _SNIFFER.pack(
        0,
        10 + len(air),
        3,
        counter & 0xFFFF,
        _EVENT,
        10,
        _CRC_OK | flags,
        channel,
        max(0, min(255, round(-signal_dbm))),
        0,
        round(t * 1e6) & 0xFFFF_FFFF,
    )
    return head + air
