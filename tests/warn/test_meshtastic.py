"""The mesh channel against a radio that speaks the Meshtastic package's own messages, over TCP and
over a real serial line (a pseudo-terminal); no radio was at hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.encode.meshtastic import ask_config, frame, take_frames
from tocsin.warn.meshtastic import KIND, Meshtastic, MeshtasticSettings
from tocsin.words import Alert

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "meshtastic" / "stream.json").read_text("utf-8")
)
RADIO = {name: bytes.fromhex(text) for name, text in VECTORS["radio"].items()}
OLD = VECTORS["packet"].to_bytes(4, "little")
LOG = b"INFO  | 12:00:00 [Router] a radio logs between its messages\r\n"


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


def answers(message: bytes, script: tuple[str, ...]) -> bytes:
    """What the radio says to one of our messages."""
    if message == ask_config():
        names, packet = ("my_info", "node_info", "ready"), OLD
    else:
        names = script
        packet = message[message.index(b"\x35", message.index(b"\x22")) + 1 :][:4]
    said = [LOG]
    for name in names:
        told = RADIO[name].replace(OLD, packet)
        if name in ("queued", "refused"):  # its packet number is a varint there
            number, varint = int.from_bytes(packet, "little"), bytearray()
            while number > 0x7F:
                varint.append(number & 0x7F | 0x80)
                number >>= 7
            varint.append(number)
            head = RADIO[name][: RADIO[name].index(b"\x20\xd4")]
            told = bytes([head[0], len(head) - 2 + 1 + len(varint)]) + head[2:] + b"\x20" + varint
        said += [frame(told), LOG]
    return b"".join(said)


@asynccontextmanager
async def radio(*script: str) -> AsyncIterator[tuple[int, list[bytes]]]:
    """(port, what it heard)."""
    heard: list[bytes] = []

    ended: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = asyncio.Event()
        ended.append(end)
        buffer = bytearray()
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                buffer += data
                for message in take_frames(buffer):
                    heard.append(message)
                    writer.write(answers(message, script))
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        end.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1]), heard
        for end in ended:
            await asyncio.wait_for(end.wait(), 5.0)


def mesh(clock: HandClock, timeout_s: float = 5.0, **more: object) -> Meshtastic:
    made = KIND.make("mesh", MeshtasticSettings(**more), clock, timeout_s)  # type: ignore[arg-type]
    assert isinstance(made, Meshtastic)
    return made


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30.0))  # type: ignore[arg-type]


TEXTS = {"fr": plain("ALARME: le barrage"), "ar": plain("إنذار: السد")}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (("text", "queued", "delivered"), None),
        (("delivered",), None),
        (("queued", "unheard"), "no other radio was heard to hand it on"),
        (("queued", "air_time"), "the hour's share of air time is used up"),
        (("refused",), "did not take the text: bad request"),
        (("queued",), "the radio took the text; nobody acknowledged it within 0.5 s"),
        (("text", "encrypted"), "the radio did not take the text within 0.5 s"),
    ],
)
def test_the_receipt_says_what_the_mesh_says(
    clock: HandClock, alarm: Alert, script: tuple[str, ...], why: str | None
) -> None:
    async def test() -> None:
        async with radio(*script) as (port, heard):
            channel = mesh(clock, 0.5, host="127.0.0.1", port=port)
            receipt = await channel.deliver(alarm, TEXTS, b"")
            assert receipt.delivered is (why is None), receipt.detail
            assert why is None or why in str(receipt.detail)
            assert len(heard) == 2
            assert b"\aALARME: le barrage" in heard[1]

    run(test)


def test_each_language_and_each_try_has_a_message_of_its_own(
    clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        async with radio("queued", "delivered") as (port, heard):
            channel = mesh(clock, host="127.0.0.1", port=port, languages=2, to="!1234abcd")
            drill = replace(alarm, drill=True)
            for _ in range(2):
                assert (await channel.deliver(drill, TEXTS, b"")).delivered
            texts = [message for message in heard if message != ask_config()]
            assert len(set(texts)) == 4
            assert all(b"\x15\xcd\xab\x34\x12" in text for text in texts)
            assert "إنذار".encode() in texts[1]
            assert not any(b"\a" in text[10:40] and b"\aALARME" in text for text in texts)

    run(test)


def test_over_a_serial_line(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        ours, theirs = pty.openpty()
        tty.setraw(ours)
        buffer = bytearray()
        loop = asyncio.get_running_loop()

        def hear() -> None:
            buffer.extend(os.read(ours, 4096))
            for message in take_frames(buffer):
                os.write(ours, answers(message, ("queued", "delivered")))

        loop.add_reader(ours, hear)
        channel = mesh(clock, device=os.ttyname(theirs))
        receipt = await channel.deliver(alarm, TEXTS, b"")
        assert receipt.delivered, receipt.detail
        assert (await channel.self_test()).delivered
        loop.remove_reader(ours)
        os.close(ours)
        os.close(theirs)

    run(test)


def test_the_self_test_sends_nothing_on_the_air(clock: HandClock) -> None:
    async def test() -> None:
        async with radio() as (port, heard):
            assert (await mesh(clock, host="127.0.0.1", port=port).self_test()).delivered
            assert heard == [ask_config()]
        gone = await mesh(clock, 0.5, host="127.0.0.1", port=port).self_test()
        assert not gone.delivered
        absent = await mesh(clock, device="/dev/no-radio").self_test()
        assert not absent.delivered

    run(test)
