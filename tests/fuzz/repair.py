"""Check sums set right after a mutation: behind them stands code that noise never reaches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

from tests.encode.ear_reports import KEY, PUBLIC

from tocsin.decode.cbor import read
from tocsin.decode.crc24 import crc24
from tocsin.decode.mode_s.parity import syndrome
from tocsin.decode.signed_report import take_apart
from tocsin.encode.cbor import write
from tocsin.encode.ear_report import signed
from tocsin.errors import DecodeError

_HEX_DIGITS = b"0123456789abcdefABCDEF"


def _bluetooth(head: int) -> Callable[[bytes], bytes]:
    """A packet's last three bytes are its CRC, over what follows the access address."""

    def mend(data: bytes) -> bytes:
        body = data[head + 4 : -3]
        return data[: head + 4] + body + crc24(body) if len(data) >= head + 9 else data

    return mend


def _mode_s(message: bytes) -> bytes:
    """As an extended squitter, whose check sum must come out as nothing."""
    wrong = syndrome(message)
    return message[:-3] + (int.from_bytes(message[-3:], "big") ^ wrong).to_bytes(3, "big")


def _avr(data: bytes) -> bytes:
    text = data[1:-1]
    if len(text) not in (14, 28) or text.strip(_HEX_DIGITS):
        return data
    return b"*" + _mode_s(bytes.fromhex(text.decode())).hex().encode() + b";"


def _beast(data: bytes) -> bytes:
    return data[:8] + _mode_s(data[8:]) if len(data) in (15, 22) else data


def _ear_report(data: bytes) -> bytes:
    """Signed again, and with a number that was not there before."""
    try:
        payload = take_apart(data).payload
        body = read(payload)
    except DecodeError:
        return data
    if isinstance(body, dict) and 2 in body:
        payload = write({**body, 2: next(_NUMBERS)})
    return signed(payload, PUBLIC, KEY.sign)


_NUMBERS = itertools.count(100_000)


REPAIRS: Mapping[str, Callable[[bytes], bytes]] = {
    "ble_ll": _bluetooth(0),
    "avr": _avr,
    "beast": _beast,
    "ear-report": _ear_report,
}
"""By link."""
