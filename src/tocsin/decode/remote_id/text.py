"""Text and identities as transmitters write them, made safe to print.

Standard   ASTM F3411-22a, 5.4.5.7 (ids), 5.4.5.9 (self id), 5.4.5.11 (operator id)
           ANSI/CTA-2063-A, 4.1 (serial numbers)
Unknown    all zeros, or nothing but blanks, is None
"""

from __future__ import annotations

import uuid

_UUID_BYTES = 16


def read_text(raw: bytes) -> str | None:
    """ASCII up to the first zero byte; any byte that is not printable shows as \\xNN."""
    text = raw.partition(b"\0")[0].decode("latin-1").strip()
    if not text:
        return None
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text)


def read_uas_id(id_type: str, raw: bytes) -> str | None:
    """Twenty bytes by their type: text, a UUID, or a session's bytes in hex.

    A session's first byte is its kind; the zeros at its end are left off, which loses nothing
    as the field has a fixed length.
    """
    if id_type == "session":
        return raw.rstrip(b"\0").hex() or None
    if id_type == "utm-uuid":
        return str(uuid.UUID(bytes=raw[:_UUID_BYTES])) if any(raw) else None
    return read_text(raw)


def is_serial(text: str) -> bool:
    """Whether it is written as ANSI/CTA-2063-A asks: maker (4), length (1 to F), that many more.

    Capitals and digits but O and I, at most 20 characters.
    """
    length = _LENGTHS.find(text[4:5]) if len(text) > 5 else -1
    return length == len(text) - 5 and not set(text) - _SERIAL_CHARACTERS


_LENGTHS = "0123456789ABCDEF"
_SERIAL_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ")
