"""A site's ask for evidence → signed bytes, for a node's ask topic.

Standard   as ear reports: deterministic CBOR (RFC 8949) under COSE_Sign1 (RFC 9052) with EdDSA
"""

from __future__ import annotations

from tocsin.encode import cbor
from tocsin.encode.ear_report import Sign, signed
from tocsin.words.evidence import Ask


def write_ask(ask: Ask, public_key: bytes, sign: Sign) -> bytes:
    """One signed ask."""
    body: dict[int, cbor.Value] = {
        0: 1,
        1: ask.sensor,
        3: round(1000.0 * ask.t),
        20: ask.incident,
        21: round(1000.0 * ask.from_t),
        22: round(1000.0 * ask.to_t),
    }
    return signed(cbor.write(body), public_key, sign)
