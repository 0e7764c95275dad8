"""The chain that makes a changed record show: each record's hash covers the one before it.

    hash = SHA-256( "tocsin.journal.record.v1" 00
                  ‖ prev hash, 32 bytes (32 zero bytes before the first record)
                  ‖ seq, unsigned 64 bits ‖ t, IEEE 754 binary64
                  ‖ length of topic, unsigned 32 bits ‖ topic, UTF-8
                  ‖ length of body, unsigned 64 bits ‖ body )

All numbers are big-endian. The first bytes keep this hash apart from every other use of SHA-256,
the lengths keep one record's topic from running into its body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

import msgspec

from tocsin.errors import JournalError

GENESIS = bytes(32)
"""What stands for the previous hash before the first record."""

_DOMAIN = b"tocsin.journal.record.v1\x00"
_HEAD = struct.Struct(">32sQdI")
_LENGTH = struct.Struct(">Q")

_ORIGIN = "tocsin.journal.head/v1"


def record_hash(prev: bytes, seq: int, t: float, topic: str, body: bytes) -> bytes:
    """The 32-byte hash of one record in the layout above."""
    name = topic.encode()
    digest = hashlib.sha256(_DOMAIN)
    digest.update(_HEAD.pack(prev, seq, t, len(name)))
    digest.update(name)
    digest.update(_LENGTH.pack(len(body)))
    digest.update(body)
    return digest.digest()


class Head(msgspec.Struct, frozen=True):
    """How far a journal has come: its last sequence number (0: empty) and that record's hash."""

    seq: int
    hash: bytes

    def to_text(self) -> str:
        """Three lines: origin, sequence, hash in base64. Signature lines may follow them later,
        as in the signed notes of C2SP."""
        return f"{_ORIGIN}\n{self.seq}\n{base64.b64encode(self.hash).decode()}\n"

    @classmethod
    def from_text(cls, text: str, where: str = "") -> Head:
        """Raises JournalError for anything that `to_text` would not have written."""
        lines = text.split("\n")
        remedy = "restore the head file from a copy, or verify the journal without it"
        if len(lines) < 4 or lines[0] != _ORIGIN or not lines[1].isascii():
            raise JournalError("this is not a journal head", where=where, remedy=remedy)
        try:
            head = cls(int(lines[1]), base64.b64decode(lines[2], validate=True))
        except (ValueError, binascii.Error) as error:
            raise JournalError(
                f"the journal head is damaged: {error}", where=where, remedy=remedy
            ) from error
        if not head.to_text() == "\n".join([*lines[:3], ""]) or len(head.hash) != len(GENESIS):
            raise JournalError("the journal head is damaged", where=where, remedy=remedy)
        return head


START = Head(0, GENESIS)
"""The head of an empty journal."""
