"""Messages over UDP: each datagram holds one or more, in the format that the source names.

Anybody who reaches the port can speak, so it listens on the loopback address unless told
otherwise, or to a multicast group. A datagram over 64 KiB cannot exist; what makes no sense is
counted by the desk.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.ports import Format

LOOPBACK = "127.0.0.1"
_BUFFER_BYTES = 4 * 2**20
"""Asked for; the system may give less."""

_IP_MULTICAST_ALL, _IPV6_MULTICAST_ALL = 49, 29
"""Of linux/in.h and linux/in6.h: off, a socket hears only what it joined itself."""


class UdpPort(Antenna):
    """Datagrams on a port, of a multicast group where one is named. `port` 0 takes any free one."""

    def __init__(
        self, form: Format, port: int, host: str = LOOPBACK, group: str = "", interface: str = ""
    ) -> None:
        bound_with_card = interface and _is_link_local(group)
        self.address = (f"{group}%{interface}" if bound_with_card else group or host, port)
        self._form = form
        self._group, self._interface = group, interface
        self._socket: socket.socket | None = None

    async def open(self) -> None:
        """Bind the port and join the group. Raises SourceError."""
        self._socket = await bound(*self.address, socket.SOCK_DGRAM, shared=bool(self._group))
        self.address = (self.address[0], self._socket.getsockname()[1])
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        if self._group:
            try:
                join(self._socket, self._group, self._interface)
            except OSError as error:
                self._socket.close()
                raise SourceError(
                    f"cannot join: {error.strerror or error}",
                    where=self._group,
                    remedy="name the network card: interface = …",
                ) from None

    async def listen(self, ear: Ear) -> None:
        """Take every datagram."""
        if self._socket is None:
            await self.open()
        held, self._socket = self._socket, None
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(ear, self._form, gone), sock=held
        )
        ear.connected()
        try:
            await gone
        finally:
            transport.close()

    def close(self) -> None:
        """Let go of the port."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams to the ear and keeps nothing."""

    def __init__(self, ear: Ear, form: Format, gone: asyncio.Future[None]) -> None:
        self._ear, self._form, self._gone = ear, form, gone

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._ear.hear(self._form.datagram(data), f"{addr[0]}:{addr[1]}")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._gone.done():
            self._gone.set_exception(exc or SourceError("the socket was closed"))


async def bound(
    host: str, port: int, kind: socket.SocketKind, *, shared: bool = False
) -> socket.socket:
    """A socket on this address. Raises SourceError. `shared`: other programs may listen too."""
    trial: socket.socket | None = None
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
        family, _, _, _, address = found[0]
        trial = socket.socket(family, kind)
        trial.setblocking(False)
        if shared or kind == socket.SOCK_STREAM:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
        if kind == socket.SOCK_STREAM:
            trial.listen()  # now: a neighbour may call before anybody accepts
    except OSError as error:
        if trial is not None:
            trial.close()
        raise SourceError(
            error.strerror or str(error),
            where=f"{host}:{port}",
            remedy="is another program listening on this port?",
        ) from None
    return trial


def _is_link_local(group: str) -> bool:
    """Whether it means another group on every card (RFC 4291, 2.7: scope 2)."""
    return ":" in group and ipaddress.IPv6Address(group).packed[1] & 0x0F == 2


def join(link: socket.socket, group: str, interface: str) -> None:
    """Join a group on a network card, named or by its IPv4 address; else on the system's choice."""
    address = ipaddress.ip_address(group)
    index = 0
    card = bytes(4)
    if interface:
        try:
            card = ipaddress.IPv4Address(interface).packed
        except ValueError:
            index = socket.if_nametoindex(interface)
    if address.version == 4:
        mreqn = struct.pack("4s4si", address.packed, card, index)
        link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreqn)
        link.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
    else:
        mreq = struct.pack("16sI", address.packed, index)
        link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, mreq)
        link.setsockopt(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
