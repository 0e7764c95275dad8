"""A node's reports over a serial line, or a radio (LoRa) that looks like one: framed, one way.

Nobody acknowledges: a report is taken when the line took it. What the radio loses is lost, and the
site sees it by the gap in the numbers. A line that is not there is a link that is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import serial

from tocsin.encode.ear_report import framed
from tocsin.errors import DeliveryError
from tocsin.share.report_post import POST_S


class SerialPost:
    """A device such as /dev/serial/by-id/…, eight data bits, no parity, one stop bit. `pause_s`
    stands between reports: a radio has its duty cycle."""

    wide = False

    def __init__(self, device: str, baud: int, pause_s: float = 0.0) -> None:
        self._device, self._baud, self._pause_s = device, baud, pause_s
        self._line: serial.Serial | None = None

    async def post(self, reports: Sequence[bytes]) -> None:
        """One after the other."""
        try:
            for report in reports:
                await asyncio.to_thread(self._write, framed(report))
                await asyncio.sleep(self._pause_s)
        except (serial.SerialException, OSError, ValueError) as error:
            await self.close()
            raise DeliveryError(str(error), where=self._device) from None

    async def close(self) -> None:
        """Let go of the device."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _write(self, data: bytes) -> None:
        if self._line is None:
            self._line = serial.Serial(
                self._device, self._baud, write_timeout=POST_S, exclusive=True
            )
        self._line.write(data)
        self._line.flush()
