"""Identifiers that other people's protocols ask for, made from our own names: always the same ones.

Standard   ULID specification: 48 bits of Unix milliseconds, 80 bits that tell apart, written in
           Crockford's base 32; UUID version 4 by its form (RFC 9562, 5.4)
Instead    of chance both take a hash (SHA-256) of a name: the same name gives the same identifier
           on every run, and two names practically never share one
"""

from __future__ import annotations

import hashlib
import uuid

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_MILLISECONDS = 1 << 48


def ulid_of(name: str, t: float = 0.0) -> str:
    """The ULID of a name; `t` is the time in it, Unix seconds."""
    milliseconds = int(max(t, 0.0) * 1000.0) % _MILLISECONDS
    number = milliseconds << 80 | int.from_bytes(hashlib.sha256(name.encode()).digest()[:10])
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def uuid_of(name: str) -> str:
    """The UUID of a name."""
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))
