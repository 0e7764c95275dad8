"""`[[source]]` tables → doors of a live site."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tocsin.encode.ulid import uuid_of
from tocsin.errors import SourceError
from tocsin.listen.bluetooth import Controller
from tocsin.listen.door import Antenna, Door
from tocsin.listen.growing import FilesOfFolder, GrowingFile
from tocsin.listen.http import HttpPoll
from tocsin.listen.http_post import HttpPosts
from tocsin.listen.mqtt import MqttTopics
from tocsin.listen.serial import SerialLine
from tocsin.listen.tcp import TcpPort
from tocsin.listen.tcp_client import TcpCall
from tocsin.listen.udp import UdpPort
from tocsin.listen.wifi import MonitorCard
from tocsin.ports import Clock, Format, Source, Splitter
from tocsin.run.recordings import format_named
from tocsin.run.sapient import FusionNode
from tocsin.run.source_settings import (
    BluetoothTable,
    FileTable,
    HttpPostTable,
    HttpTable,
    MessageTable,
    MqttTable,
    SapientTable,
    SerialTable,
    SourceTable,
    TcpClientTable,
    TcpTable,
    UdpTable,
    WifiTable,
)
from tocsin.run.tls import trusted

if TYPE_CHECKING:
    from tocsin.run.config import SiteConfig
    from tocsin.run.reading import ReadingDesk
    from tocsin.words import Link, SourceHealth

HCI = "hci"
"""The format of what a Bluetooth adapter says."""


async def open_sources(config: SiteConfig, clock: Clock) -> list[Source]:
    """The site's sources, listening. Raises SourceError for what will not mend itself, such as a
    taken port: a site that cannot hear must not start as if it could."""
    sources: list[Source] = [make_source(table, config.folder, clock) for table in config.sources]
    for source in sources:
        await source.open()
    return sources


def make_source(table: SourceTable, folder: Path, clock: Clock) -> Door:
    """One door, not yet open. Raises ConfigError for a certificate that cannot be read."""
    antenna, link = _antenna(table, folder)
    return Door(table.id, table.kind, clock, antenna, link=link, sensor=table.sensor)


def source_health(sources: Sequence[Source], desk: ReadingDesk) -> list[SourceHealth]:
    """What the doors say of themselves, with what came of their messages."""
    told = []
    for source in sources:
        one = source.health()
        count = desk.sources.get(one.source)
        if count is not None:
            refused = {rule: n + one.refused.get(rule, 0) for rule, n in count.refused.items()}
            one = replace(
                one,
                decoded=count.decoded,
                refused={**one.refused, **refused},
                late=count.late,
            )
        told.append(one)
    return told


def _antenna(table: SourceTable, folder: Path) -> tuple[Antenna, Link]:
    if isinstance(table, WifiTable):
        return MonitorCard(table.interface, table.plan, table.tune), "radiotap"
    if isinstance(table, BluetoothTable):
        splitter = _splitter(format_named(HCI))
        return (
            Controller(
                splitter(),
                table.adapter,
                coded=table.coded,
                interval_s=table.interval_s,
                window_s=min(table.window_s, table.interval_s),
            ),
            HCI,
        )
    assert isinstance(table, MessageTable)
    form = format_named(table.format)
    return _MAKERS[type(table)](table, form, folder), form.link


def _udp(s: UdpTable, form: Format, _: Path) -> Antenna:
    return UdpPort(form, s.port, s.host, s.group, s.interface)


def _tcp(s: TcpTable, form: Format, _: Path) -> Antenna:
    return TcpPort(_splitter(form), s.port, s.host)


def _sapient(s: SapientTable, form: Format, _: Path) -> Antenna:
    """The door that SAPIENT nodes connect to: they register, report and are answered."""
    host = FusionNode(uuid_of(f"tocsin source {s.id}"))
    return TcpPort(_splitter(form), s.port, s.host, host.conversation)


def _tcp_client(s: TcpClientTable, form: Format, _: Path) -> Antenna:
    return TcpCall(_splitter(form), s.host, s.port, s.silence_s)


def _mqtt(s: MqttTable, form: Format, folder: Path) -> Antenna:
    def login() -> tuple[str, str] | None:
        return (s.user, _secret(folder, s.password_file)) if s.user else None

    return MqttTopics(
        form,
        s.host,
        s.port,
        s.topics,
        client=s.client or f"tocsin-{s.id}",
        login=login,
        tls=trusted(folder, s.ca, s.certificate, s.key, f"source.{s.id}"),
        keep_alive_s=s.keep_alive_s,
        catch_up=s.catch_up,
    )


def _serial(s: SerialTable, form: Format, _: Path) -> Antenna:
    return SerialLine(_splitter(form), s.device, s.baud, s.silence_s)


def _http(s: HttpTable, form: Format, folder: Path) -> Antenna:
    def headers() -> dict[str, str]:
        if s.token_file:
            return {"Authorization": f"Bearer {_secret(folder, s.token_file)}"}
        if s.user:
            pair = f"{s.user}:{_secret(folder, s.password_file)}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}

    return HttpPoll(
        form,
        s.url,
        interval_s=s.interval_s,
        timeout_s=s.timeout_s,
        most_bytes=s.most_bytes,
        headers=headers,
        tls=trusted(folder, s.ca, "", "", f"source.{s.id}"),
    )


def _http_post(s: HttpPostTable, form: Format, folder: Path) -> Antenna:
    certificate = folder / s.certificate if s.certificate else None
    return HttpPosts(form, s.port, s.host, certificate, folder / s.key if s.key else None)


def _file(s: FileTable, form: Format, folder: Path) -> Antenna:
    path = folder / s.path
    if path.is_dir():
        return FilesOfFolder(form, path, from_start=s.from_start)
    return GrowingFile(_splitter(form), path, from_start=s.from_start)


_MAKERS: dict[type[SourceTable], Callable[..., Antenna]] = {
    UdpTable: _udp,
    TcpTable: _tcp,
    SapientTable: _sapient,
    TcpClientTable: _tcp_client,
    MqttTable: _mqtt,
    SerialTable: _serial,
    HttpTable: _http,
    HttpPostTable: _http_post,
    FileTable: _file,
}


def _splitter(form: Format) -> Callable[[], Splitter]:
    def fresh() -> Splitter:
        splitter = form.splitter()
        if splitter is None:
            raise SourceError(f"the format {form.name} does not come in streams")
        return splitter

    return fresh


def _secret(folder: Path, file: str) -> str:
    """The first line of a file. Raises SourceError, which never shows it."""
    if not file:
        return ""
    try:
        return (folder / file).read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"the file {file} cannot be read") from None
