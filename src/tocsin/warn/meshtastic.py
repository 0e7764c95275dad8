"""Short text over a Meshtastic mesh of LoRa radios: no telephone network and no internet needed.

Kind        `meshtastic`
Reaches     a radio on a serial line or on the LAN (TCP 4403), and through it all radios of its
            channel, or one of them
Carries     `Wording.short`, at most 200 bytes; with the first language only, unless more are asked
Proves      by the mesh's own acknowledgement: to one radio, that it has the text; to all, that some
            other radio was heard to hand it on. A radio that took the text and reached nobody is a
            failure
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import serial

from tocsin.encode.meshtastic import (
    BROADCAST,
    ERRORS,
    WAKE,
    Answer,
    Queued,
    Ready,
    Routed,
    ask_config,
    frame,
    read_answer,
    take_frames,
    text_message,
)
from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Receipt, Wording

_NODE = re.compile(r"!([0-9a-f]{8})")
_BELL = "\a"
_BAUD = 115_200


class MeshtasticSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the radio is: `host`, or `device` on a serial line; and whom it tells.

    `to` is a node such as "!a1b2c3d4", or empty for everybody on `channel`. `languages` is how many
    of the zone's are sent, a message each. With `bell`, alarms ring the buzzers of those radios
    that are set to heed the bell character.
    """

    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 4403
    device: str = ""
    to: str = ""
    channel: Annotated[int, msgspec.Meta(ge=0, le=7)] = 0
    hops: Annotated[int, msgspec.Meta(ge=1, le=7)] = 3
    languages: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    bell: bool = True


class Radio:
    """An open line to the radio."""

    def __init__(self, reader: asyncio.StreamReader, write: Callable[[bytes], object]) -> None:
        self._reader, self._write = reader, write
        self._buffer = bytearray()
        self._waiting: list[bytes] = []

    def send(self, message: bytes) -> None:
        """Hand it to the radio."""
        self._write(frame(message))

    async def answer(self) -> Answer:
        """The next word about our own packets. Raises OSError when the line is gone."""
        while True:
            while self._waiting:
                told = read_answer(self._waiting.pop(0))
                if told is not None:
                    return told
            data = await self._reader.read(4096)
            if not data:
                raise ConnectionResetError("the radio hung up")
            self._buffer += data
            self._waiting = take_frames(self._buffer)


class Meshtastic:
    """The channel: each call opens the line, tells, and closes it, for a telephone needs it too."""

    def __init__(
        self, name: str, settings: MeshtasticSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s
        self._tries = 0

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Send the text and wait until the mesh has it."""
        sent_t = self._clock.now()
        rings = self._settings.bell and alert.level == "alarm" and not alert.drill
        bell = _BELL if rings else ""
        words = [bell + told.short for told in list(texts.values())[: self._settings.languages]]
        failure = await self._within_time(alert, words)
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def self_test(self) -> Receipt:
        """Have the radio say that it is ready; nothing goes on the air."""
        sent_t = self._clock.now()
        return self_test_receipt(self.name, self._clock, sent_t, await self._within_time(None, ()))

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _within_time(
        self, alert: Alert | None, words: list[str] | tuple[str, ...]
    ) -> str | None:
        stage = ["the radio does not answer"]
        try:
            async with asyncio.timeout(self._timeout_s), _open(self._settings) as radio:
                radio.send(ask_config())
                while not isinstance(await radio.answer(), Ready):
                    pass
                for text in words:
                    if alert is not None:
                        failure = await self._tell(radio, alert, text, stage)
                        if failure is not None:
                            return failure
        except TimeoutError:
            return f"{stage[0]} within {self._timeout_s:g} s"
        except (OSError, serial.SerialException) as error:
            return str(error) or type(error).__name__
        return None

    async def _tell(self, radio: Radio, alert: Alert, text: str, stage: list[str]) -> str | None:
        """One text, and its acknowledgement."""
        # a radio passes over a packet number that it has had, so each try has its own
        self._tries += 1
        seed = f"{alert.alert} {alert.sequence} {self._tries} {self._clock.now()}"
        packet = zlib.crc32(seed.encode()) or 1
        to = self._settings.to
        radio.send(
            text_message(
                text,
                packet,
                to=int(to[1:], 16) if to else BROADCAST,
                channel=self._settings.channel,
                hops=self._settings.hops,
                urgent=alert.level == "alarm",
            )
        )
        stage[0] = "the radio did not take the text"
        while True:
            told = await radio.answer()
            if isinstance(told, Ready) or told.packet != packet:
                continue
            if told.error:
                what = "did not take" if isinstance(told, Queued) else "could not deliver"
                why = ERRORS.get(told.error, f"error {told.error}")
                return f"the radio {what} the text: {why}"
            if isinstance(told, Routed):
                return None
            stage[0] = "the radio took the text; nobody acknowledged it"


@asynccontextmanager
async def _open(settings: MeshtasticSettings) -> AsyncIterator[Radio]:
    """A line to the radio. Raises OSError, SerialException."""
    if settings.host:
        reader, writer = await asyncio.open_connection(settings.host, settings.port)
        try:
            yield Radio(reader, writer.write)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        return
    line = serial.Serial(settings.device, _BAUD, timeout=0, write_timeout=1.0, exclusive=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), line)
    try:
        line.write(WAKE)
        yield Radio(reader, line.write)
    finally:
        pipe.close()
        await asyncio.sleep(
            0
        )  # the loop closes it in its next round; the line is locked until then


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    host, device, to = values.get("host"), values.get("device"), values.get("to")
    if bool(host) == bool(device):
        remedy = 'host = "192.168.1.30" or device = "/dev/serial/by-id/…"'
        faults.append(SettingFault("host", "give host or device, one of them", remedy))
    elif isinstance(device, str) and device and not Path(device).exists():
        remedy = "plug the radio in; see /dev/serial/by-id"
        faults.append(SettingFault("device", f"there is no {device}", remedy))
    if isinstance(to, str) and to and not _NODE.fullmatch(to):
        faults.append(SettingFault("to", "is no node", 'write it like "!a1b2c3d4"'))
    return faults


def _make(name: str, settings: MeshtasticSettings, clock: Clock, timeout_s: float) -> Channel:
    return Meshtastic(name, settings, clock, timeout_s)


KIND = ChannelKind("meshtastic", MeshtasticSettings, _make, _faults)
