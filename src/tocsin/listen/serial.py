"""Messages over a serial line: a receiver or a radar on a USB port, unplugged and plugged in."""

from __future__ import annotations

import asyncio

import serial

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.streams import READ_BYTES, Cutter, MakeSplitter


class SerialLine(Antenna):
    """A device such as /dev/serial/by-id/…, eight data bits, no parity, one stop bit."""

    def __init__(
        self, splitter: MakeSplitter, device: str, baud: int, silence_s: float | None = None
    ) -> None:
        self._splitter = splitter
        self._device, self._baud = device, baud
        self._silence_s = silence_s

    async def listen(self, ear: Ear) -> None:
        """Until it is unplugged."""
        try:
            line = serial.Serial(self._device, self._baud, timeout=0, exclusive=True)
        except serial.SerialException as error:
            raise SourceError(_plain(error)) from None
        except ValueError as error:  # a speed that the device does not know
            raise SourceError(str(error)) from None
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(line.fileno(), readable.set)
        try:
            ear.connected()
            cutter = Cutter(ear, self._splitter())
            while True:
                await self._wait(readable)
                ear.hear(cutter.feed(line.read(READ_BYTES)), self._device)
                cutter.check()
                await asyncio.sleep(0)
        except serial.SerialException as error:
            raise SourceError(_plain(error)) from None
        finally:
            loop.remove_reader(line.fileno())
            line.close()

    async def _wait(self, readable: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._silence_s):
                await readable.wait()
        except TimeoutError:
            raise SourceError(f"nothing came for {self._silence_s:g} s") from None
        readable.clear()


def _plain(error: serial.SerialException) -> str:
    """pyserial wraps the system's own words in its own."""
    cause = error.__context__
    return (cause.strerror if isinstance(cause, OSError) else None) or str(error)
