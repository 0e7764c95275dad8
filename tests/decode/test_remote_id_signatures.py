"""Authentication pages that opendroneid-core-c cut are put together again."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shared import VECTORS, recording

from tocsin.decode import capture
from tocsin.decode.remote_id import RemoteId, read_messages
from tocsin.decode.remote_id.signatures import SignatureBook
from tocsin.encode import ieee80211, remote_id
from tocsin.errors import DecodeError
from tocsin.words import Frame
from tocsin.words.remote_id import AUTH_TYPES, ODID_EPOCH_T, Authentication

SIGNATURES = json.loads((VECTORS / "remote_id" / "core_c_signatures.json").read_text())[
    "signatures"
]
A, B = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"


def pages_of(hexes: list[str]) -> list[Authentication]:
    pages = []
    for text in hexes:
        (page,), cut = read_messages(bytes.fromhex(text), 0, 25)
        assert cut is None
        assert isinstance(page, Authentication)
        pages.append(page)
    return pages


@pytest.mark.parametrize(
    "vector", SIGNATURES, ids=lambda vector: str(len(vector["signature"]) // 2)
)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_foreign_pages_in_any_order_make_the_foreign_signature(
    vector: dict[str, str | int | list[str]], seed: int | None
) -> None:
    hexes = vector["pages"]
    assert isinstance(hexes, list)
    pages = pages_of(hexes)
    if seed is not None:
        Random(seed).shuffle(pages)
    book = SignatureBook()
    for step, page in enumerate(pages):
        before = book.latest(A)
        assert before is None or not before.complete
        book.hear(A, page, float(step))
    whole = book.latest(A)
    assert whole is not None
    assert whole.complete
    assert whole.data.hex() == vector["signature"]
    assert isinstance(vector["type"], int)
    assert isinstance(vector["timestamp"], int)
    assert whole.auth_type == AUTH_TYPES[vector["type"]]
    assert whole.signed_t == ODID_EPOCH_T + vector["timestamp"]
    assert whole.last_page == len(hexes) - 1


def test_what_is_missing_is_not_complete_and_a_new_signature_begins_anew() -> None:
    first, second = (pages_of(vector["pages"]) for vector in SIGNATURES[6:8])
    book = SignatureBook()
    book.hear(A, first[0], 0.0)
    book.hear(A, first[2], 1.0)
    half = book.latest(A)
    assert half is not None
    assert not half.complete
    assert half.data == first[0].data
    book.hear(A, second[0], 2.0)
    again = book.latest(A)
    assert again is not None
    assert again.data == second[0].data
    assert book.latest(B) is None


def test_pages_of_before_a_silence_are_forgotten_and_memory_is_bounded() -> None:
    pages = pages_of(SIGNATURES[4]["pages"])
    book = SignatureBook(most_addresses=3)
    book.hear(A, pages[0], 0.0)
    book.hear(A, pages[1], 31.0)
    late = book.latest(A)
    assert late is not None
    assert not late.complete
    assert late.length is None
    for number in range(10):
        book.hear(bytes((number,)), pages[0], 40.0)
    assert len(book) == 3
    assert book.latest(A) is None


def test_the_decoder_keeps_the_signature_of_a_pack_and_trusts_nothing_for_it() -> None:
    signature = bytes(range(60))
    messages = [
        remote_id.basic_id("1581F4XYZ00000012"),
        remote_id.location(13.0, -12.0),
        *remote_id.authentication(signature, signed_t=1_780_000_000.0),
    ]
    plain, signed = RemoteId(), RemoteId()
    frames = [
        Frame(
            ieee80211.beacon(remote_id.pack(part), "02:00:00:00:00:01", 1.0), "s", 1.0, "radiotap"
        )
        for part in (messages[:2], messages)
    ]
    assert plain.decode(frames[0]) == signed.decode(frames[1])
    assert plain.signature(A) is None
    kept = signed.signature(A)
    assert kept is not None
    assert (kept.complete, kept.data, kept.signed_t) == (True, signature, 1_780_000_000.0)


def test_the_bench_transmitter_signs_in_three_pages() -> None:
    data = recording("remote_id/linux_transmitter/wireless_RID_test_linux_transmitter.pcapng")
    decoder = RemoteId()
    address = b""
    for frame in capture.frames(data, "linux.pcapng"):
        for detection in decoder.decode(frame):
            address = bytes.fromhex((detection.source or "").replace(":", ""))
    kept = decoder.signature(address)
    assert kept is not None
    assert kept.complete
    assert kept.length == len(kept.data) == 63


@given(
    st.lists(
        st.tuples(st.binary(min_size=24, max_size=24), st.floats(0, 100)), min_size=1, max_size=40
    )
)
def test_any_pages_stay_within_bounds(heard: list[tuple[bytes, float]]) -> None:
    book = SignatureBook(most_addresses=2)
    for body, t in heard:
        try:
            (page,), _ = read_messages(b"\x22" + body, 0, 25)
        except DecodeError:
            continue
        assert isinstance(page, Authentication)
        book.hear(body[:1], page, t)
        said = book.latest(body[:1])
        assert said is not None
        assert len(said.data) <= 255
        assert said.complete is False or len(said.data) == said.length
