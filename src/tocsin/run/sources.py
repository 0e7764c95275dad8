"""`[[source]]` tables → antennas of a live site."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.listen.tcp import TcpSource
from tocsin.listen.udp import UdpSource
from tocsin.ports import Clock, Source
from tocsin.run.config import SiteConfig
from tocsin.run.settings import SourceTable

SOURCE_KINDS: dict[str, Callable[[SourceTable, Clock], Source]] = {
    "udp": lambda s, clock: UdpSource(s.id, clock, s.port, host=s.host, sensor=s.sensor),
    "tcp": lambda s, clock: TcpSource(s.id, clock, s.port, host=s.host, sensor=s.sensor),
}


def open_sources(config: SiteConfig, clock: Clock) -> list[Source]:
    """The site's sources, not yet listening: they open when their frames are asked for."""
    return [SOURCE_KINDS[table.kind](table, clock) for table in config.sources]
