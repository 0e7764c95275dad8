"""The hash layout is a contract: a verifier written from the document alone must agree."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import JournalError
from tocsin.keep.chain import GENESIS, START, Head, record_hash

TOPICS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMES = st.floats(allow_nan=False, allow_infinity=False)


def test_a_record_by_hand() -> None:
    """The layout of docs/reference/journal.md, written out byte by byte."""
    layout = (
        b"tocsin.journal.record.v1\x00"
        + bytes(32)
        + (1).to_bytes(8, "big")
        + struct.pack(">d", 1.5)
        + (5).to_bytes(4, "big")
        + b"alert"
        + (2).to_bytes(8, "big")
        + b"{}"
    )
    assert record_hash(GENESIS, 1, 1.5, "alert", b"{}") == hashlib.sha256(layout).digest()


@given(st.integers(1, 2**40), TIMES, TOPICS, st.binary(max_size=40), st.binary(max_size=8))
def test_no_byte_can_move_between_topic_and_body(
    seq: int, t: float, topic: str, body: bytes, extra: bytes
) -> None:
    one = record_hash(GENESIS, seq, t, topic, body)
    assert one != record_hash(GENESIS, seq + 1, t, topic, body)
    assert one != record_hash(one, seq, t, topic, body)
    assert one != record_hash(GENESIS, seq, t, topic + "x", body)
    assert one != record_hash(GENESIS, seq, t, topic, body + b"x" + extra)
    if body:
        moved = record_hash(GENESIS, seq, t, topic + chr(body[0] % 128), body[1:])
        assert one != moved


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_a_head_survives_its_file(seq: int, digest: bytes) -> None:
    head = Head(seq, digest)
    assert Head.from_text(head.to_text()) == head


def test_a_head_may_be_followed_by_signatures() -> None:
    signed = START.to_text() + "\n— site.example abc=\n"
    assert Head.from_text(signed) == START


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tocsin.journal.head/v1\n1\n",
        "tocsin.journal.head/v2\n1\n" + "A" * 43 + "=\n",
        "tocsin.journal.head/v1\none\n" + "A" * 43 + "=\n",
        "tocsin.journal.head/v1\n 1\n" + "A" * 43 + "=\n",
        "tocsin.journal.head/v1\n1\nAAAA\n",
        "tocsin.journal.head/v1\n1\n!!!!\n",
    ],
)
def test_a_damaged_head_is_refused(text: str) -> None:
    with pytest.raises(JournalError):
        Head.from_text(text)
