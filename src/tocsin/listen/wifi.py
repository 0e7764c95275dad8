"""Remote ID over Wi-Fi, heard by a card in monitor mode: each frame with its radiotap head.

Only what announces itself to everybody passes the door: beacons, probe responses and action frames
(the filter runs in the kernel). People's own traffic and what their telephones ask for is not read.
The card hops by a plan of channels; how much time each got is shown, since a drone on another
channel cannot be heard meanwhile.

Standard   packet(7); linux/if_arp.h (ARPHRD_IEEE80211_RADIOTAP); IEEE 802.11-2020, 9.2.4.1
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import socket
import struct
from collections.abc import Sequence

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear

_ETH_P_ALL = 0x0003
_RADIOTAP = 803
_SO_ATTACH_FILTER = 26
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_MOST_FRAME_BYTES = 8192
_AT_ONCE = 256
_TUNE_S = 5.0

# Classic BPF over [radiotap | frame control …]: radiotap's length stands at 2, little-endian.
_BEACON, _PROBE_RESPONSE, _ACTION, _ACTION_NO_ACK = 0x80, 0x50, 0xD0, 0xE0
_FILTER = [
    (0x30, 0, 0, 3),  # ldb [3]
    (0x64, 0, 0, 8),  # lsh 8
    (0x07, 0, 0, 0),  # tax
    (0x30, 0, 0, 2),  # ldb [2]
    (0x0C, 0, 0, 0),  # add x
    (0x07, 0, 0, 0),  # tax
    (0x50, 0, 0, 0),  # ldb [x + 0]
    (0x15, 4, 0, _BEACON),
    (0x15, 3, 0, _PROBE_RESPONSE),
    (0x15, 2, 0, _ACTION),
    (0x15, 1, 0, _ACTION_NO_ACK),
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFF),  # keep
]

Dwell = tuple[int, float]
"""Channel, and seconds on it."""


class MonitorCard(Antenna):
    """A network card in monitor mode. `tune` is the command that sets a channel: `{interface}` and
    `{channel}` in it are filled in. Without a plan the card stays where it is."""

    def __init__(
        self, interface: str, plan: Sequence[Dwell] = (), tune: Sequence[str] = ()
    ) -> None:
        self._interface = interface
        self._plan, self._tune = tuple(plan), tuple(tune)

    async def open(self) -> None:
        """The card may be plugged in later; the right to listen must be there. Raises
        SourceError."""
        try:
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
        except PermissionError:
            raise SourceError(
                "no right to listen", where=self._interface, remedy="give the program CAP_NET_RAW"
            ) from None

    async def listen(self, ear: Ear) -> None:
        """Until the card is gone."""
        with capture_socket(self._interface) as link:
            hopping = asyncio.create_task(self._hop(ear, link))
            try:
                ear.connected()
                await self._hear(ear, link)
            finally:
                hopping.cancel()
                await asyncio.gather(hopping, return_exceptions=True)

    async def _hear(self, ear: Ear, link: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            frames = [await loop.sock_recv(link, _MOST_FRAME_BYTES)]
            with contextlib.suppress(BlockingIOError):
                while len(frames) < _AT_ONCE:
                    frames.append(link.recv(_MOST_FRAME_BYTES))
            ear.hear(frames, self._interface)

    async def _hop(self, ear: Ear, link: socket.socket) -> None:
        """From channel to channel, and a note of the time on each."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        spent: dict[str, float] = {}
        while self._plan:
            for channel, dwell_s in self._plan:
                if not await self._set_channel(ear, channel):
                    await asyncio.sleep(dwell_s)  # nobody knows where the card is now
                    continue
                tuned = loop.time()
                await asyncio.sleep(dwell_s)
                name = str(channel)
                spent[name] = spent.get(name, 0.0) + loop.time() - tuned
                whole = loop.time() - began
                ear.share({one: round(s / whole, 3) for one, s in spent.items()})
                ear.miss(_missed(link))

    async def _set_channel(self, ear: Ear, channel: int) -> bool:
        words = [word.format(interface=self._interface, channel=channel) for word in self._tune]
        what = f"channel {channel} cannot be set"
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
        except OSError as error:
            ear.ail(f"{what}: {words[0]}: {error.strerror}")
            return False
        try:
            async with asyncio.timeout(_TUNE_S):
                _, said = await process.communicate()
        except TimeoutError:
            ear.ail(f"{what}: {words[0]} does not end")
            return False
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            ear.ail(f"{what}: {last[0] if last else process.returncode}")
            return False
        ear.ail(None)
        return True


def capture_socket(interface: str) -> socket.socket:
    """A socket on a card in monitor mode. Raises SourceError, OSError."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    try:
        attach_filter(link)  # before it is bound: no frame slips through
        link.bind((interface, _ETH_P_ALL))
        if link.getsockname()[3] != _RADIOTAP:
            raise SourceError(
                f"{interface} is not in monitor mode",
                remedy=f"ip link set {interface} down; iw dev {interface} set type monitor",
            )
        link.setblocking(False)
    except OSError as error:
        link.close()
        if error.errno == errno.ENODEV:
            raise SourceError(f"there is no interface {interface}") from None
        raise
    except SourceError:
        link.close()
        raise
    return link


def attach_filter(link: socket.socket) -> None:
    """Let the kernel pass what announces itself, and nothing else."""
    program = b"".join(struct.pack("HBBI", *step) for step in _FILTER)
    held = ctypes.create_string_buffer(program)
    head = struct.pack("HL", len(_FILTER), ctypes.addressof(held))
    link.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, head)


def _missed(link: socket.socket) -> int:
    """Frames that the kernel had no room for since it was last asked."""
    _, dropped = struct.unpack("II", link.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    return int(dropped)
