"""Check sums set right after a mutation: behind them stands code that noise never reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tocsin.decode.crc24 import crc24
from tocsin.decode.mode_s.parity import syndrome

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


REPAIRS: Mapping[str, Callable[[bytes], bytes]] = {
    "ble_ll": _bluetooth(0),
    "avr": _avr,
    "beast": _beast,
}
"""By link."""
