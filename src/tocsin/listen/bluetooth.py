"""Remote ID over Bluetooth, heard by this machine's own controller: it is told to scan, passively.

Advertisements of Bluetooth 4 (legacy) and 5 (extended, also over the long-range coded radio) are
asked for; nothing is ever sent to a device. The controller's event packets go to the `hci`
format, which keeps only advertisements that carry Remote ID. The adapter is for this program alone:
a desktop's bluetoothd may stop the scan, and after a silence it is begun again.

Standard   Bluetooth Core 5.4, vol 4 part E: 7.8.64-65 (LE Set Extended Scan Parameters, Enable),
           7.8.10-11 (the legacy ones), 7.3.1, 7.8.1 (event masks); Linux net/bluetooth/hci_sock.h
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import struct

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.ports import Splitter

_AF_BLUETOOTH, _BTPROTO_HCI, _CHANNEL_RAW = 31, 1, 0
_SOL_HCI, _HCI_FILTER = 0, 2
_EVENT_PACKET = 4
_COMMAND_PACKET = b"\x01"
_COMPLETE, _STATUS, _LE_META = 0x0E, 0x0F, 0x3E
_MOST_PACKET_BYTES = 1024
_ANSWER_S = 2.0
_SILENCE_S = 300.0
"""Some telephone or watch advertises almost everywhere; after so long scanning is begun anew."""

_SET_EVENT_MASK, _LE_SET_EVENT_MASK = 0x0C01, 0x2001
_EXTENDED_PARAMETERS, _EXTENDED_ENABLE = 0x2041, 0x2042
_LEGACY_PARAMETERS, _LEGACY_ENABLE = 0x200B, 0x200C
_SLOT_S = 0.000625

_ALL_EVENTS = bytes.fromhex("FFFFFFFFFFFFFF3F")
_LE_EVENTS = bytes.fromhex("1F10000000000000")  # the usual five, and bit 12: extended reports


class Controller(Antenna):
    """An adapter, by its number (0 is hci0). `window_s` of every `interval_s` it listens, on each
    radio in turn; the rest belongs to others, such as a keyboard."""

    def __init__(
        self,
        splitter: Splitter,
        adapter: int = 0,
        *,
        coded: bool = True,
        interval_s: float = 0.1,
        window_s: float = 0.05,
        link: socket.socket | None = None,
    ) -> None:
        self._splitter = splitter
        self._adapter = adapter
        self._coded = coded
        self._interval, self._window = (round(s / _SLOT_S) for s in (interval_s, window_s))
        self._link = link

    async def open(self) -> None:
        """The adapter may be plugged in later; the right to use it must be there. Raises
        SourceError."""
        if self._link is None:
            try:
                _hci_socket().close()
            except PermissionError:
                remedy = "give the program CAP_NET_RAW and CAP_NET_ADMIN"
                raise SourceError("no right to use Bluetooth", remedy=remedy) from None
            except OSError:
                raise SourceError(
                    "this system knows no Bluetooth", remedy="modprobe bluetooth"
                ) from None

    async def listen(self, ear: Ear) -> None:
        """Until the adapter is gone or silent."""
        link = self._link or hci_socket(self._adapter)
        try:
            link.setblocking(False)
            ailment = await self._begin(ear, link)
            ear.connected()
            ear.ail(ailment)
            while True:
                self._feed(ear, await self._packet(link, _SILENCE_S))
        finally:
            if self._link is None:
                link.close()

    def _feed(self, ear: Ear, packet: bytes) -> None:
        before = self._splitter.dropped
        ear.hear(self._splitter.feed(packet), f"hci{self._adapter}")
        ear.give_up(self._splitter.dropped - before)

    async def _begin(self, ear: Ear, link: socket.socket) -> str | None:
        """Ask for extended advertisements on both radios, or for what the adapter knows; says what
        will not be heard."""
        await self._ask(ear, link, _SET_EVENT_MASK, _ALL_EVENTS)
        await self._ask(ear, link, _LE_SET_EVENT_MASK, _LE_EVENTS)
        # Off first: parameters of a running scan are refused, and it may run already.
        await self._ask(ear, link, _EXTENDED_ENABLE, bytes(6))
        for coded in (True, False) if self._coded else (False,):
            if await self._ask(ear, link, _EXTENDED_PARAMETERS, self._parameters(coded)) == 0:
                status = await self._ask(ear, link, _EXTENDED_ENABLE, b"\x01" + bytes(5))
                self._check(status)
                share = round(self._window / self._interval, 3)
                ear.share({"1M": share, "coded": share} if coded else {"1M": share})
                return None
        await self._ask(ear, link, _LEGACY_ENABLE, bytes(2))
        legacy = b"\x00" + struct.pack("<HH", self._interval, self._window) + bytes(2)
        self._check(await self._ask(ear, link, _LEGACY_PARAMETERS, legacy))
        self._check(await self._ask(ear, link, _LEGACY_ENABLE, b"\x01\x00"))
        ear.share({"1M legacy": round(self._window / self._interval, 3)})
        return "this adapter hears Bluetooth 4 only: long-range Remote ID is not heard"

    def _parameters(self, coded: bool) -> bytes:
        """Own address public, every sender, LE 1M and perhaps LE Coded; passive on each."""
        phy = struct.pack("<BHH", 0, self._interval, self._window)
        radios = 0x05 if coded else 0x01
        return bytes([0, 0, radios]) + phy * (2 if coded else 1)

    @staticmethod
    def _check(status: int) -> None:
        if status:
            raise SourceError(f"the adapter refuses to scan (HCI status 0x{status:02X})")

    async def _ask(self, ear: Ear, link: socket.socket, code: int, parameters: bytes) -> int:
        """Status of a command; what is advertised meanwhile is heard."""
        loop = asyncio.get_running_loop()
        head = struct.pack("<HB", code, len(parameters))
        await loop.sock_sendall(link, _COMMAND_PACKET + head + parameters)
        while True:
            packet = await self._packet(link, _ANSWER_S)
            status = _status_of(packet, code)
            if status is not None:
                return status
            self._feed(ear, packet)

    @staticmethod
    async def _packet(link: socket.socket, patience_s: float) -> bytes:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience_s):
                packet = await loop.sock_recv(link, _MOST_PACKET_BYTES)
        except TimeoutError:
            raise SourceError(f"the adapter said nothing for {patience_s:g} s") from None
        if not packet:
            raise SourceError("the adapter is gone")
        return packet


def _status_of(packet: bytes, code: int) -> int | None:
    """What an event packet says became of a command; None where it speaks of something else."""
    if len(packet) < 7 or packet[0] != _EVENT_PACKET:
        return None
    if packet[1] == _COMPLETE and struct.unpack_from("<H", packet, 4)[0] == code:
        return packet[6]
    if packet[1] == _STATUS and struct.unpack_from("<H", packet, 5)[0] == code:
        return packet[3]
    return None


def _hci_socket() -> socket.socket:
    return socket.socket(_AF_BLUETOOTH, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _BTPROTO_HCI)


def hci_socket(adapter: int) -> socket.socket:
    """A raw socket on an adapter, for event packets. Raises OSError.

    Bound by the system's own call: many Pythons are built without Bluetooth addresses.
    """
    link = _hci_socket()
    try:
        address = struct.pack("HHH", _AF_BLUETOOTH, adapter, _CHANNEL_RAW)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(link.fileno(), address, len(address)) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        events = [_COMPLETE, _STATUS, _LE_META]
        mask = [sum(1 << e % 32 for e in events if e // 32 == word) for word in (0, 1)]
        # struct hci_ufilter: packet types, events (64 bits), one command code
        wanted = struct.pack("IIIHxx", 1 << _EVENT_PACKET, mask[0], mask[1], 0)
        link.setsockopt(_SOL_HCI, _HCI_FILTER, wanted)
    except OSError:
        link.close()
        raise
    return link
