"""What types cannot say about sources: formats that exist, files that are there, groups, cards."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from tocsin.run.recordings import installed_formats
from tocsin.run.source_settings import (
    FileTable,
    HttpPostTable,
    HttpTable,
    MessageTable,
    MqttTable,
    SerialTable,
    TcpClientTable,
    TcpTable,
    UdpTable,
)
from tocsin.run.toml_lines import Path as KeyPath

if TYPE_CHECKING:
    from tocsin.run.config import SiteConfig

AddFault = Callable[[KeyPath, str, str], None]

_STREAMS = (TcpTable, TcpClientTable, SerialTable)
_FILES = ("ca", "certificate", "key", "password_file", "token_file")


def check_sources(config: SiteConfig, add: AddFault) -> None:
    """Every fault of every source."""
    for i, source in enumerate(config.sources):
        path: KeyPath = ("source", i)
        if isinstance(source, MessageTable):
            _check_format(config, source, path, add)
        if isinstance(source, UdpTable):
            _check_group(source, path, add)
        if isinstance(source, MqttTable):
            for topic in source.topics:
                if not _is_filter(topic):
                    remedy = "+ stands for one level, # for all that follow"
                    add((*path, "topics"), f"{topic!r} is no topic filter", remedy)
        if isinstance(source, MqttTable | HttpTable) and source.password_file and not source.user:
            add(path, "a password without a user", "add user = …")
        if isinstance(source, HttpPostTable) and source.key and not source.certificate:
            add((*path, "key"), "a key without its certificate", "add certificate = …")
        check_files(config, source, path, add)


def check_files(config: SiteConfig, table: msgspec.Struct, path: KeyPath, add: AddFault) -> None:
    """Files that a table names must be there."""
    for name in _FILES:
        file = getattr(table, name, "")
        if file and not (config.folder / file).is_file():
            add((*path, name), f"there is no file {file!r}", "paths start at tocsin.toml")


def _check_format(config: SiteConfig, source: MessageTable, path: KeyPath, add: AddFault) -> None:
    formats = {one.name: one for one in installed_formats()}
    form = formats.get(source.format)
    if form is None:
        what = f"there is no format {source.format!r}"
        add((*path, "format"), what, f"known here: {', '.join(formats)}")
        return
    follows = isinstance(source, FileTable) and not (config.folder / source.path).is_dir()
    if (isinstance(source, _STREAMS) or follows) and form.splitter() is None:
        streams = [name for name, one in formats.items() if one.splitter() is not None]
        what = f"{source.format!r} does not come in streams"
        remedy = f"these do: {', '.join(streams)}"
        add((*path, "format"), what, remedy + ("; or name a folder of files" if follows else ""))


def _check_group(source: UdpTable, path: KeyPath, add: AddFault) -> None:
    if source.interface and not source.group:
        add((*path, "interface"), "a network card is named for multicast only", "add group = …")
    if not source.group:
        return
    try:
        multicast = ipaddress.ip_address(source.group).is_multicast
    except ValueError:
        multicast = False
    if not multicast:
        what = f"{source.group!r} is no multicast group"
        add((*path, "group"), what, "224.0.0.0 to 239.255.255.255, or ff00::/8")


def _is_filter(topic: str) -> bool:
    """Whether MQTT allows it (3.1.1, 4.7.1)."""
    levels = topic.split("/")
    if "\0" in topic or "#" in levels[:-1]:
        return False
    return all(level in ("+", "#") or not set(level) & {"+", "#"} for level in levels)
