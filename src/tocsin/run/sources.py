"""`[[source]]` tables → antennas of a live site."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.encode.ulid import uuid_of
from tocsin.listen.tcp import TcpSource
from tocsin.listen.udp import UdpSource
from tocsin.ports import Clock
from tocsin.run.config import SiteConfig
from tocsin.run.recordings import format_named
from tocsin.run.sapient import FusionNode
from tocsin.run.settings import SourceTable


def _sapient(table: SourceTable, clock: Clock) -> TcpSource:
    """The door that SAPIENT nodes connect to: they register, report and are answered."""
    host = FusionNode(uuid_of(f"tocsin source {table.id}"))
    form = format_named("sapient")
    return TcpSource(
        table.id, clock, form, table.port, host=table.host, sensor=table.sensor,
        converse=host.conversation,
    )  # fmt: skip


SOURCE_KINDS: dict[str, Callable[[SourceTable, Clock], UdpSource | TcpSource]] = {
    "udp": lambda s, clock: UdpSource(
        s.id, clock, format_named(s.format), s.port, host=s.host, sensor=s.sensor
    ),
    "tcp": lambda s, clock: TcpSource(
        s.id, clock, format_named(s.format), s.port, host=s.host, sensor=s.sensor
    ),
    "sapient": _sapient,
}


async def open_sources(config: SiteConfig, clock: Clock) -> list[UdpSource | TcpSource]:
    """The site's sources, listening. Raises SourceError where a port is taken: a site that cannot
    hear must not start as if it could."""
    sources = [SOURCE_KINDS[table.kind](table, clock) for table in config.sources]
    for source in sources:
        await source.open()
    return sources
