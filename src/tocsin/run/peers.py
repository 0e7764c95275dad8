"""`[[peer]]` tables → neighbours to whom news is handed on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.encode.cot_news import Speaker, speaker_key
from tocsin.encode.ulid import uuid_of
from tocsin.errors import ConfigError
from tocsin.ports import Clock, Peer
from tocsin.run.cot import CotServer, CotWire
from tocsin.run.sapient import ParentDialogue
from tocsin.run.settings import PeerTable
from tocsin.run.tls import trusted
from tocsin.share.asterix import AsterixFeed, source_of
from tocsin.share.datagrams import DatagramPeer
from tocsin.share.stream import StreamPeer

if TYPE_CHECKING:  # `tocsin check` reads the kinds and has no use for the road
    from tocsin.run.pipeline import Screens, Turn
    from tocsin.run.scribe import Message
    from tocsin.run.site import Site

MakePeer = Callable[[PeerTable, "Site", Clock, ssl.SSLContext | None], Peer]


def _sapient(table: PeerTable, site: Site, clock: Clock, tls: ssl.SSLContext | None) -> StreamPeer:
    """A parent fusion node, which we register with."""
    node = table.node or uuid_of(f"tocsin peer {site.name} {table.id}")
    talk = ParentDialogue(node, site.name)
    return StreamPeer(table.id, talk, table.host, table.port, clock.now, tls)


def _speaker(table: PeerTable, site: Site) -> Speaker:
    return Speaker(
        site.name, speaker_key(site.name), affiliation=table.affiliation, birds=table.birds
    )


def _cot_server(
    table: PeerTable, site: Site, clock: Clock, tls: ssl.SSLContext | None
) -> StreamPeer:
    """A TAK server."""
    talk = CotServer(_speaker(table, site), site.zones, clock.now, table.protocol)
    name = table.tls_name or None
    return StreamPeer(table.id, talk, table.host, table.port, clock.now, tls, name)


def _cot_tls(table: PeerTable, site: Site, clock: Clock, tls: ssl.SSLContext | None) -> StreamPeer:
    """A TAK server behind TLS, and nothing without it."""
    if tls is None:
        raise ConfigError(
            "cot-tls needs the certificates to trust", key=f"peer.{table.id}.ca", remedy="set `ca`"
        )
    return _cot_server(table, site, clock, tls)


def _cot_udp(
    table: PeerTable,
    site: Site,
    clock: Clock,
    tls: ssl.SSLContext | None,  # noqa: ARG001
) -> DatagramPeer:
    """TAK devices on the wire, one of them or a group."""
    talk = CotWire(_speaker(table, site), site.zones, table.protocol)
    return DatagramPeer(table.id, talk, table.host, table.port, clock.now, table.interface or None)


def _asterix(
    table: PeerTable, site: Site, clock: Clock, tls: ssl.SSLContext | None
) -> DatagramPeer:
    """A display of air traffic control; `node` is our area and identification code (SAC/SIC)."""
    del site, tls
    try:
        source = source_of(table.node)
    except ValueError:
        raise ConfigError(
            f"{table.node!r} is no area and identification code",
            key=f"peer.{table.id}.node",
            remedy='two numbers from 0 to 255, such as "25/100"',
        ) from None
    talk = AsterixFeed(source)
    return DatagramPeer(table.id, talk, table.host, table.port, clock.now, table.interface or None)


PEER_KINDS: dict[str, MakePeer] = {
    "asterix": _asterix,
    "cot-tcp": _cot_server,
    "cot-tls": _cot_tls,
    "cot-udp": _cot_udp,
    "sapient": _sapient,
}


def open_peers(tables: Sequence[PeerTable], folder: Path, site: Site, clock: Clock) -> list[Peer]:
    """The site's neighbours, not yet connected. Raises ConfigError for a certificate that cannot be
    read."""
    return [
        PEER_KINDS[table.kind](
            table,
            site,
            clock,
            trusted(folder, table.ca, table.certificate, table.key, f"peer.{table.id}"),
        )
        for table in tables
    ]


class Neighbourhood:
    """Stop 7, the neighbours: runs their connections and tells them what changed."""

    def __init__(self, peers: Sequence[Peer]) -> None:
        self.peers = tuple(peers)
        self._running = [asyncio.create_task(peer.run(), name=peer.name) for peer in peers]

    def show(self, turn: Turn, messages: Sequence[Message]) -> None:  # noqa: ARG002
        """Tracks and alerts of this tick; never waits."""
        if turn.changes or turn.alerts:
            for peer in self.peers:
                peer.tell(turn.now, turn.changes, turn.alerts)

    async def close(self) -> None:
        """Hang up."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class AllScreens:
    """Several who are shown the same."""

    def __init__(self, *screens: Screens) -> None:
        self._screens = screens

    def show(self, turn: Turn, messages: Sequence[Message]) -> None:
        """Each in turn."""
        for screen in self._screens:
            screen.show(turn, messages)
