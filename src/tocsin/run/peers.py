"""`[[peer]]` tables → neighbours to whom news is handed on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.encode.ulid import uuid_of
from tocsin.errors import ConfigError
from tocsin.ports import Clock, Peer
from tocsin.run.sapient import ParentDialogue
from tocsin.run.settings import PeerTable
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


PEER_KINDS: dict[str, MakePeer] = {"sapient": _sapient}


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


def trusted(
    folder: Path, ca: str, certificate: str, key: str, setting: str
) -> ssl.SSLContext | None:
    """TLS where a file names the certificates to trust; both sides may show one. `setting` is
    named in the ConfigError that a file that cannot be used raises."""
    if not ca:
        return None
    try:
        context = ssl.create_default_context(cafile=str(folder / ca))
        if certificate:
            context.load_cert_chain(str(folder / certificate), str(folder / key) if key else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the certificates cannot be used: {error}", key=setting, remedy="PEM files"
        ) from None
    return context


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
