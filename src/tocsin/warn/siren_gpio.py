"""A siren on a pin of this machine, through the kernel's GPIO character device.

Kind        `siren-gpio`
Standard    Linux <linux/gpio.h>, second version of the interface (Linux 5.10 and later)
Sounds      patterns (`warn/siren.py`)
Proves      by reading the line back; with `sensed`, by another line that is wired to what the siren
            really does, such as a current relay in its supply
Dies        the kernel takes the line back when Tocsin ends, however it ends: the siren is silent,
            and a statement in doubt is told again
Untried     on a real pin: its layouts were compared with the header, and its errors with a
            device that is no GPIO chip
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
from collections.abc import Mapping
from typing import Annotated

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.siren import Pattern, Siren, pattern_faults
from tocsin.words import Alert, Level

GET_LINE, GET_VALUES, SET_VALUES = 0xC250B407, 0xC010B40E, 0xC010B40F
"""GPIO_V2_GET_LINE_IOCTL, GPIO_V2_LINE_GET_VALUES_IOCTL, GPIO_V2_LINE_SET_VALUES_IOCTL."""

REQUEST = struct.Struct("=64I32sQI5I240sII5Ii")
"""struct gpio_v2_line_request: offsets, consumer, flags, num_attrs, padding, attrs, num_lines,
event_buffer_size, padding, fd."""

VALUES = struct.Struct("=QQ")
"""struct gpio_v2_line_values: bits, mask."""

ACTIVE_LOW, INPUT, OUTPUT = 1 << 1, 1 << 2, 1 << 3
"""GPIO_V2_LINE_FLAG_…"""

_CONSUMER = b"tocsin"
_SENSED_WITHIN_S = 2.0
_LOOK_AGAIN_S = 0.05

Offset = Annotated[int, msgspec.Meta(ge=0, le=65_535)]


class SirenGpioSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chip and the number of the line on it, as `gpioinfo` lists them.

    `active_low` is for boards whose relay draws on at 0 V. `sensed` is a line of the same chip that
    is high while the siren really sounds.
    """

    line: Offset
    chip: str = "/dev/gpiochip0"
    active_low: bool = False
    sensed: Offset | None = None
    patterns: dict[Level, Pattern] = {}


class GpioRelay:
    """The line, held from its first use until `close`."""

    def __init__(self, settings: SirenGpioSettings, timeout_s: float) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._output: int | None = None
        self._input: int | None = None

    async def switch(self, alert: Alert, *, on: bool) -> str | None:
        """Set the line, read it back, and look at what is sensed."""
        failure = await self._try(on)
        if failure is not None or self._settings.sensed is None:
            return failure
        for _ in range(max(1, int(min(_SENSED_WITHIN_S, self._timeout_s / 2) / _LOOK_AGAIN_S))):
            if self._input is not None and read_line(self._input) is on:
                return None
            await asyncio.sleep(_LOOK_AGAIN_S)
        stays = "off" if on else "on"
        return f"the siren is not what the line says: line {self._settings.sensed} stays {stays}"

    async def sounds(self, alert: Alert) -> bool:
        """Never: a line that a dead program held was let go."""
        return False

    async def probe(self) -> str | None:
        """Take the line, if it is not held yet, and read it."""
        return await self._try(None)

    async def close(self) -> None:
        """Give the lines back."""
        for handle in (self._output, self._input):
            if handle is not None:
                os.close(handle)
        self._output = self._input = None

    async def _try(self, on: bool | None) -> str | None:
        """On a thread: a chip behind a slow bus may hang."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.to_thread(self._set, on)
        except TimeoutError:
            return f"{self._settings.chip} did not answer within {self._timeout_s:g} s"

    def _set(self, on: bool | None) -> str | None:
        settings = self._settings
        try:
            if self._output is None:
                flags = OUTPUT | (ACTIVE_LOW if settings.active_low else 0)
                self._output = take_line(settings.chip, settings.line, flags)
            if self._input is None and settings.sensed is not None:
                self._input = take_line(settings.chip, settings.sensed, INPUT)
            if on is not None:
                write_line(self._output, on)
            is_on = read_line(self._output)
        except OSError as error:
            return f"{settings.chip}, line {settings.line}: {error.strerror}"
        if on is None or is_on is on:
            return None
        return f"the line does not confirm: it stays {'on' if is_on else 'off'}"


def take_line(chip: str, line: int, flags: int) -> int:
    """A handle of one line, an output being off. Raises OSError."""
    offsets, pad = (line, *(0,) * 63), (0,) * 5
    request = bytearray(REQUEST.pack(*offsets, _CONSUMER, flags, 0, *pad, b"", 1, 0, *pad, 0))
    device = os.open(chip, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(device, GET_LINE, request)
    finally:
        os.close(device)
    handle: int = REQUEST.unpack(request)[-1]
    os.set_inheritable(handle, False)
    return handle


def read_line(handle: int) -> bool:
    """Whether it is active. Raises OSError."""
    values = bytearray(VALUES.pack(0, 1))
    fcntl.ioctl(handle, GET_VALUES, values)
    return bool(VALUES.unpack(values)[0] & 1)


def write_line(handle: int, on: bool) -> None:
    """Make it active or not. Raises OSError."""
    fcntl.ioctl(handle, SET_VALUES, bytearray(VALUES.pack(int(on), 1)))


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = pattern_faults(values.get("patterns"))
    if values.get("sensed") is not None and values.get("sensed") == values.get("line"):
        faults.append(SettingFault("sensed", "is the siren's own line", "name another line"))
    if values.get("chip") == "":
        faults.append(SettingFault("chip", "is empty", "write it like /dev/gpiochip0"))
    return faults


def _make(name: str, settings: SirenGpioSettings, clock: Clock, timeout_s: float) -> Channel:
    return Siren(name, GpioRelay(settings, timeout_s), settings.patterns, clock)


KIND = ChannelKind(
    "siren-gpio", SirenGpioSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
