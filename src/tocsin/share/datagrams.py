"""Neighbours that listen to datagrams, one or a group of them (multicast)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tocsin.share.stream import Dialogue, Pulse
from tocsin.words import Alert, PeerHealth, Track

_TTL = 1
"""Multicast stays on the site's own wire."""


class DatagramPeer:
    """Each message in one datagram, sent once and never repeated. `interface` is the address of the
    network card that multicast leaves by."""

    def __init__(
        self,
        name: str,
        dialogue: Dialogue,
        host: str,
        port: int,
        now: Callable[[], float],
        interface: str | None = None,
    ) -> None:
        self.name, self._now = name, now
        self._dialogue = dialogue
        self._to = (host, port)
        self._health = PeerHealth(name)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            group = ipaddress.ip_address(host).is_multicast
        except ValueError:
            group = False
        if group and family == socket.AF_INET:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
            if interface:
                card = socket.inet_aton(interface)
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, card)

    def tell(self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]) -> None:
        """Send what changed; what the system will not take now is counted as dropped."""
        self._send([message for _, message in self._dialogue.news(now, tracks, alerts)])

    def _send(self, messages: Sequence[bytes]) -> None:
        for message in messages:
            try:
                self._socket.sendto(message, self._to)
            except OSError as error:
                self._health = replace(
                    self._health,
                    connected=False,
                    dropped=self._health.dropped + 1,
                    why=error.strerror or str(error),
                )
            else:
                sent = self._health.sent + 1
                self._health = replace(self._health, connected=True, sent=sent, why=None)

    def health(self) -> PeerHealth:
        """As it is now; a listener that is not there is not noticed."""
        return self._health

    async def run(self) -> None:
        """Hold the socket, and say what is said now and then, until cancelled."""
        try:
            if not isinstance(self._dialogue, Pulse):
                await asyncio.Event().wait()
            else:
                while True:
                    self._send(self._dialogue.pulse(self._now()))
                    await asyncio.sleep(self._dialogue.every_s)
        finally:
            self._socket.close()
