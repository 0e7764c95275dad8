"""Meshtastic messages: read by its own package, and its package's messages read here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.encode.meshtastic import (
    LONGEST_TEXT_BYTES,
    Queued,
    Ready,
    Routed,
    ask_config,
    cut,
    frame,
    read_answer,
    take_frames,
    text_message,
)

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "meshtastic" / "stream.json").read_text("utf-8")
)
PACKET: int = VECTORS["packet"]


@pytest.mark.parametrize("case", VECTORS["ours"])
def test_their_package_reads_what_we_said_and_writes_the_same_bytes(
    case: dict[str, dict[str, object]],
) -> None:
    asked = dict(case["asked"])
    text = str(asked.pop("text"))
    ours = text_message(text, asked.pop("packet"), **asked)  # type: ignore[arg-type]
    assert ours.hex() == case["hex"] == case["read"]["reserialised"]
    read = case["read"]
    assert (read["variant"], read["portnum"], read["want_ack"]) == ("packet", 1, True)
    assert read["text"] == cut(text)
    for key in ("to", "channel", "packet", "hops"):
        assert read[key] == case["asked"][key]
    assert read["priority"] == (110 if case["asked"]["urgent"] else 0)


def test_the_request_for_the_configuration_is_theirs() -> None:
    assert ask_config().hex() == VECTORS["config"]["hex"]
    assert VECTORS["config"]["want_config_id"] == 69_420


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("ready", Ready(69_420)),
        ("queued", Queued(PACKET, 0)),
        ("refused", Queued(PACKET, 32)),
        ("delivered", Routed(PACKET, 0)),
        ("unheard", Routed(PACKET, 5)),
        ("air_time", Routed(PACKET, 9)),
        *((name, None) for name in ("my_info", "node_info", "text", "encrypted", "route_reply")),
        *((name, None) for name in ("log", "rebooted")),
    ],
)
def test_what_a_radio_says_is_read(name: str, answer: object) -> None:
    assert read_answer(bytes.fromhex(VECTORS["radio"][name])) == answer


@given(st.text(max_size=400))
def test_a_text_is_cut_between_characters(text: str) -> None:
    kept = cut(text)
    assert len(kept.encode()) <= LONGEST_TEXT_BYTES
    whole = text.encode("utf-8", "replace").decode()
    if len(whole.encode()) > LONGEST_TEXT_BYTES:
        assert whole.startswith(kept[:-1])
    else:
        assert kept == whole


@given(st.binary(max_size=600))
def test_noise_is_no_answer_and_never_an_error(noise: bytes) -> None:
    read_answer(noise)
    buffer = bytearray(noise)
    take_frames(buffer)
    assert len(buffer) <= 600


@given(st.lists(st.binary(max_size=200), max_size=5), st.integers(1, 40))
def test_frames_are_found_between_the_radios_own_log(messages: list[bytes], step: int) -> None:
    stream = b"".join(b"DEBUG | ok\r\n" + frame(message) for message in messages)
    buffer, found = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        found += take_frames(buffer)
    assert found == messages
