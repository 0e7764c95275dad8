"""A siren behind a relay or a controller that speaks Modbus over TCP.

Kind        `siren-modbus`
Standard    Modbus Application Protocol 1.1b3: write single coil (5), read coils (1), read discrete
            inputs (2); Modbus Messaging on TCP/IP 1.0b
Sounds      patterns (`warn/siren.py`)
Proves      by reading the coil back; with `sensed`, by a discrete input that is wired to what the
            siren really does, such as a current relay in its supply
Leaves out  a kept connection: cheap relays serve one client, and a technician must get in too
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from pymodbus import ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.pdu import ModbusPDU

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.siren import Pattern, Siren, pattern_faults
from tocsin.words import Alert, Level

Place = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
_LOOK_AGAIN_S = 0.05
_SENSED_WITHIN_S = 2.0  # a motor siren draws its current at once, a relay needs some 10 ms


class SirenModbusSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the relay is and which coil the siren hangs on; all places count from 0.

    `coil_level` has another coil for a level, such as another tone. `sensed` is a discrete input
    that is on while the siren really sounds.
    """

    host: str
    coil: Place
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 502
    unit: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1
    coil_level: dict[Level, Place] = {}
    sensed: Place | None = None
    patterns: dict[Level, Pattern] = {}


class ModbusRelay:
    """The relay: each call connects, asks and hangs up, within `timeout_s` seconds."""

    def __init__(self, settings: SirenModbusSettings, timeout_s: float) -> None:
        self._settings = settings
        self._timeout_s = timeout_s

    async def switch(self, alert: Alert, *, on: bool) -> str | None:
        """Write, read back, and look at what is sensed. Off means every coil of the siren."""
        settings = self._settings
        coils = {settings.coil_level.get(alert.level, settings.coil)}
        if not on:
            coils = {settings.coil, *settings.coil_level.values()}

        async def act(client: AsyncModbusTcpClient) -> str | None:
            unit = settings.unit
            for coil in sorted(coils):
                _sound(await client.write_coil(coil, on, device_id=unit), f"writing coil {coil}")
                if await self._coil(client, coil) is not on:
                    return f"the relay does not confirm: coil {coil} stays {_word(not on)}"
            return await self._wait_for_sense(client, on=on)

        return await self._call(act)

    async def sounds(self, alert: Alert) -> bool:
        """Whether the coil is on."""
        coil = self._settings.coil_level.get(alert.level, self._settings.coil)

        async def act(client: AsyncModbusTcpClient) -> str | None:
            return None if await self._coil(client, coil) else "is off"

        return await self._call(act) is None

    async def probe(self) -> str | None:
        """Read every coil and input that is used; write none."""

        async def act(client: AsyncModbusTcpClient) -> str | None:
            for coil in sorted({self._settings.coil, *self._settings.coil_level.values()}):
                await self._coil(client, coil)
            if self._settings.sensed is not None:
                await self._sense(client, self._settings.sensed)
            return None

        return await self._call(act)

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _call(
        self, act: Callable[[AsyncModbusTcpClient], Awaitable[str | None]]
    ) -> str | None:
        host, port = self._settings.host, self._settings.port
        client = AsyncModbusTcpClient(
            host, port=port, timeout=self._timeout_s, retries=0, reconnect_delay=0
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                if not await client.connect():
                    return f"{host}:{port} cannot be reached"
                return await act(client)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except (ModbusException, OSError) as error:
            return f"{type(error).__name__}: {error}"
        finally:
            client.close()

    async def _coil(self, client: AsyncModbusTcpClient, coil: int) -> bool:
        answer = await client.read_coils(coil, count=1, device_id=self._settings.unit)
        return _sound(answer, f"reading coil {coil}").bits[0]

    async def _sense(self, client: AsyncModbusTcpClient, place: int) -> bool:
        answer = await client.read_discrete_inputs(place, count=1, device_id=self._settings.unit)
        return _sound(answer, f"reading input {place}").bits[0]

    async def _wait_for_sense(self, client: AsyncModbusTcpClient, *, on: bool) -> str | None:
        place = self._settings.sensed
        if place is None:
            return None
        looks = max(1, int(min(_SENSED_WITHIN_S, self._timeout_s / 2) / _LOOK_AGAIN_S))
        for _ in range(looks):
            if await self._sense(client, place) is on:
                return None
            await asyncio.sleep(_LOOK_AGAIN_S)
        return f"the siren is not what the coil says: input {place} stays {_word(not on)}"


def _word(on: bool) -> str:
    return "on" if on else "off"


def _sound(answer: ModbusPDU, what: str) -> ModbusPDU:
    """The answer. Raises ModbusException where the relay refuses."""
    if answer.isError() or (hasattr(answer, "bits") and not answer.bits):
        raise ModbusException(f"{what} is refused, exception {answer.exception_code}")
    return answer


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = pattern_faults(values.get("patterns"))
    if values.get("host") == "":
        faults.append(SettingFault("host", "is empty", "write it like 192.168.1.21"))
    return faults


def _make(name: str, settings: SirenModbusSettings, clock: Clock, timeout_s: float) -> Channel:
    return Siren(name, ModbusRelay(settings, timeout_s), settings.patterns, clock)


KIND = ChannelKind(
    "siren-modbus", SirenModbusSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
