"""A signed message → what it says and who signed it, once the signature is known to be good.

Standard   COSE_Sign1 (RFC 9052, 4.2), tag 18, EdDSA on Ed25519 (RFC 9053, 2.2; RFC 8032), key id
           of 4 bytes in the unprotected header, deterministic CBOR throughout
Errors     Truncated; Refused "cbor-form", "cose-form", "key-unknown", "signature-bad"
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from tocsin.decode import cbor
from tocsin.errors import Refused
from tocsin.words.ear_layout import KEY_ID_BYTES, PROTECTED

SIGNATURE_BYTES = 64
START = b"\xd2\x84\x43" + PROTECTED
"""The first bytes of every such message."""


class Signed(msgspec.Struct, frozen=True):
    """A message taken apart: `covered` is what the signature is over (RFC 9052, 4.4)."""

    key_id: bytes
    payload: bytes
    covered: bytes
    signature: bytes


def take_apart(data: bytes) -> Signed:
    """The parts of a message, its signature not yet looked at."""
    if not data.startswith(START):
        raise Refused("cose-form", "no EdDSA COSE_Sign1 stands at the start")
    headers, at = cbor.read_at(data, len(START))
    key = headers.get(4) if isinstance(headers, dict) else None
    if not isinstance(key, bytes) or len(key) != KEY_ID_BYTES:
        raise Refused("cose-form", f"no key id of {KEY_ID_BYTES} bytes")
    payload, end = cbor.read_at(data, at)
    signature, last = cbor.read_at(data, end)
    if not isinstance(payload, bytes) or not isinstance(signature, bytes):
        raise Refused("cose-form", "payload and signature are not bytes")
    if len(signature) != SIGNATURE_BYTES or last != len(data):
        raise Refused("cose-form", f"it does not end with {SIGNATURE_BYTES} bytes of signature")
    covered = b"\x84\x6aSignature1" + START[2:] + b"\x40" + data[at:end]
    return Signed(key, payload, covered, signature)


class KeyRing:
    """The public keys that are known, each of one owner; an owner has several while it changes."""

    def __init__(self, owners: Mapping[str, Sequence[str]]) -> None:
        self._keys: dict[bytes, list[tuple[str, bytes]]] = {}
        for owner, keys in owners.items():
            for text in keys:
                key = base64.b64decode(text)
                name = hashlib.sha256(key).digest()[:KEY_ID_BYTES]
                self._keys.setdefault(name, []).append((owner, key))

    def signer(self, message: Signed) -> tuple[str, bytes]:
        """(who signed it, with which key). Raises Refused where nobody known did."""
        # not needed by anybody who reads no signed message; 9 MiB
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        known = self._keys.get(message.key_id)
        if known is None:
            raise Refused("key-unknown", f"nobody here knows the key {message.key_id.hex()}")
        for owner, key in known:
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(message.signature, message.covered)
            except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no key
                continue
            return owner, key
        raise Refused("signature-bad", f"not signed with the key {message.key_id.hex()}")
