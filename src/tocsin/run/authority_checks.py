"""What types cannot say about an `[[authority]]`: where it is, whom to believe, whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tocsin.errors import ConfigError
from tocsin.run.authority_doors import authority_policy
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.source_checks import check_files
from tocsin.run.toml_lines import Path as KeyPath

if TYPE_CHECKING:
    from tocsin.run.config import SiteConfig

AddFault = Callable[[KeyPath, str, str], None]


def check_authorities(config: SiteConfig, add: AddFault) -> None:
    """Every fault of every authority."""
    zones = {zone.id for zone in config.zones}
    for i, table in enumerate(config.authorities):
        path: KeyPath = ("authority", i)
        if bool(table.url) == bool(table.folder):
            add(path, "it has no address, or two", "name either its url or a folder")
        _check_trust(config, table, path, add)
        _check_relay(table, path, add)
        for name in table.zones:
            if name not in zones:
                known = f"known zones: {', '.join(sorted(zones)) or 'none'}"
                add((*path, "zones"), f"there is no zone {name!r}", known)
        if table.password_file and not table.user:
            add(path, "a password without a user", "add user = …")
        check_files(config, table, path, add)


def _check_trust(config: SiteConfig, table: AuthorityTable, path: KeyPath, add: AddFault) -> None:
    if not (table.signers or table.authorities or table.unsigned):
        remedy = "name the certificate in `signers`, or set unsigned = true and know why"
        add(path, "nobody is believed: every message would be refused", remedy)
    if table.names and not table.authorities:
        remedy = "names are those of certificates that `authorities` issue"
        add((*path, "names"), "has nothing to be compared with", remedy)
    try:
        authority_policy(table, config.folder)
    except ConfigError as error:
        key = error.key.rpartition(".")[2]
        add((*path, key), error.what, error.remedy)


def _check_relay(table: AuthorityTable, path: KeyPath, add: AddFault) -> None:
    if table.relay != "automatic":
        return
    if not (table.signers or table.authorities):
        remedy = "name the certificate in `signers`"
        add((*path, "relay"), "what nobody signed is never handed on", remedy)
    if not table.senders:
        remedy = 'name its senders: senders = ["…"]'
        add((*path, "relay"), "handing on by itself is for named senders", remedy)
    if table.authorities and not table.names:
        remedy = 'name whom the certificate must be issued to: names = ["…"]'
        add((*path, "relay"), "whoever has a certificate could ring here", remedy)
