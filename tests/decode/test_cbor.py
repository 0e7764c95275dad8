"""CBOR beside cbor2: what is deterministic is read alike, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.encode.test_ear_report import plain

from tocsin.decode import cbor
from tocsin.errors import DecodeError, Refused

cbor2 = pytest.importorskip("cbor2")


@given(plain)
def test_canonical_items_are_read_as_cbor2_reads_them(value: cbor.Value) -> None:
    assert cbor.read(cbor2.dumps(value, canonical=True)) == value


@given(st.binary(max_size=60))
def test_any_bytes_give_an_item_or_a_decode_error(data: bytes) -> None:
    try:
        value = cbor.read(data)
    except DecodeError:
        return
    assert cbor2.loads(data) == value
    assert cbor2.dumps(value, canonical=True) == data


@pytest.mark.parametrize(
    "text",
    [
        "1801",  # 1 in two bytes
        "9f01ff",  # indefinite
        "a2010101 02",  # a key twice
        "a202010101",  # keys out of order
        "a1f401",  # a key that is no number
        "c101",  # a tag
        "f93c00",  # a float
        "f818",  # false in two bytes, as it were
        "8" + "1" * 17 + "01",  # too deep
        "0101",  # a byte more
        "61ff",  # no UTF-8
        "9bffffffffffffffff01",  # more items than bytes
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        cbor.read(bytes.fromhex(text.replace(" ", "")))


def test_depth_is_bounded() -> None:
    with pytest.raises(Refused, match="deeper"):
        cbor.read(b"\x81" * 5000 + b"\x01")
