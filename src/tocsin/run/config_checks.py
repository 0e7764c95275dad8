"""What types cannot say about a site: outlines, hours, names that must meet, files that must be.

Each check adds its faults; none stops the others.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tocsin.earth import polygon_faults
from tocsin.encode.legal import LEVELS, kept_from
from tocsin.encode.phrasebook import LANGUAGES
from tocsin.errors import ConfigError, TocsinError
from tocsin.run.authority_checks import check_authorities
from tocsin.run.peers import PEER_KINDS
from tocsin.run.sensors_file import read_sensors
from tocsin.run.settings import RulesTable, ZoneTable
from tocsin.run.source_checks import check_files, check_sources
from tocsin.run.toml_lines import Path as KeyPath
from tocsin.warn.registry import channel_faults
from tocsin.words import read_hours, read_moment

if TYPE_CHECKING:
    from tocsin.run.config import SiteConfig

AddFault = Callable[[KeyPath, str, str], None]

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_site(config: SiteConfig, add: AddFault) -> None:
    """Every fault that a wrong combination of sound settings makes."""
    _check_languages(config.site.languages, ("site", "languages"), add)
    _check_words(config, add)
    _check_host(config, add)
    _check_sensors(config, add)
    if bool(config.cap.key) != bool(config.cap.certificate):
        add(("cap",), "a key and its certificate go together", "name both, or none")
    channels = {channel.id for channel in config.channels}
    for i, zone in enumerate(config.zones):
        _check_zone(zone, config.rules[i], ("zone", i), channels, add)
    for i, friend in enumerate(config.friends):
        fault = None if friend.area is None else polygon_faults(friend.area)
        if fault:
            add(("friend", i, "area"), fault, "list the corners in order")
    for i, channel in enumerate(config.channels):
        for error in channel_faults(channel.id, channel.kind, channel.settings):
            add(("channel", i, *_setting_path(error)), error.what, error.remedy)
    for i, drill in enumerate(config.drills):
        if drill.zone not in {zone.id for zone in config.zones}:
            add(("drill", i, "zone"), f"there is no zone {drill.zone!r}", "name one of [[zone]]")
        if read_moment(drill.at) is None:
            add(("drill", i, "at"), f"cannot read {drill.at!r}", 'write "mon 10:00" (UTC)')
    check_sources(config, add)
    _check_peers(config, add)
    check_authorities(config, add)
    for table, ids in (
        ("zone", [z.id for z in config.zones]),
        ("channel", [c.id for c in config.channels]),
        ("source", [s.id for s in config.sources]),
        ("peer", [p.id for p in config.peers]),
        ("authority", [a.id for a in config.authorities]),
    ):
        _check_unique(table, ids, add)
    if not config.zones:
        add((), "there is no zone to protect", "add a [[zone]]")


def _check_peers(config: SiteConfig, add: AddFault) -> None:
    for i, peer in enumerate(config.peers):
        if peer.kind not in PEER_KINDS:
            what = f"there is no peer kind {peer.kind!r}"
            add(("peer", i, "kind"), what, f"known here: {', '.join(PEER_KINDS)}")
        if peer.kind == "cot-tls" and not peer.ca:
            add(("peer", i, "ca"), "cot-tls needs the certificates to trust", "set `ca`")
        if peer.kind == "sapient" and peer.node and not _UUID.fullmatch(peer.node):
            what = f"{peer.node!r} is no UUID"
            add(("peer", i, "node"), what, "32 small hexadecimal digits, 8-4-4-4-12")
        check_files(config, peer, ("peer", i), add)


def _setting_path(error: ConfigError) -> tuple[str, ...]:
    """`channels.siren.on.url` → ("on", "url")."""
    return tuple(error.key.split(".")[2:])


def _check_unique(table: str, ids: Sequence[str], add: AddFault) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            last = len(ids) - 1 - list(reversed(ids)).index(name)
            add((table, last, "id"), f"the id {name!r} is used {count} times", "make ids unique")


def _check_languages(languages: Sequence[str], path: KeyPath, add: AddFault) -> None:
    for language in languages:
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            add(path, f"no catalogue for the language {language!r}", f"complete are: {known}")


def _check_words(config: SiteConfig, add: AddFault) -> None:
    """The country and its legal words: who may say *Alerte* is not left to chance."""
    country, words = config.site.country, config.site.words
    if country and not re.fullmatch("[A-Z]{2}", country):
        remedy = 'two capital letters of ISO 3166-1, such as "ML"'
        add(("site", "country"), f"{country!r} is no country code", remedy)
    _check_languages(list(words), ("site", "words"), add)
    for level in {level for said in words.values() for level in said} - set(LEVELS):
        remedy = f"known are {', '.join(LEVELS)}"
        add(("site", "words"), f"there is no level {level!r}", remedy)
    if config.cap.authority:
        return
    for language, level, word in kept_from(country, words):
        what = f"{word!r} ({language}, {level}) may be said in {country} by the authority alone"
        add(("site", "words"), what, "set [cap] authority = true if the sender is that body")


def _check_host(config: SiteConfig, add: AddFault) -> None:
    host = config.serve.host
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        add(("serve", "host"), f"{host!r} is not an address", 'write "127.0.0.1"')
        return
    if not loopback and not config.serve.allow_network:
        remedy = "put a TLS proxy in front, or set allow_network = true and know why"
        add(("serve", "host"), "the pages would be open to the network without TLS", remedy)


def _check_sensors(config: SiteConfig, add: AddFault) -> None:
    try:
        read_sensors(config.sensors_file)
    except TocsinError as error:
        add(("site", "sensors"), f"{config.site.sensors}: {error.what}", error.remedy)


def _check_zone(
    zone: ZoneTable, rules: RulesTable, path: KeyPath, channels: set[str], add: AddFault
) -> None:
    fault = polygon_faults(zone.polygon)
    if fault:
        add((*path, "polygon"), fault, "list the corners in order, as [longitude, latitude]")
    if not zone.names:
        add((*path, "names"), "the zone has no name", 'write names = { fr = "…", en = "…" }')
    if zone.floor_m is not None and zone.ceiling_m is not None and zone.floor_m >= zone.ceiling_m:
        add((*path, "ceiling_m"), "the ceiling is not above the floor", "both are metres up")
    for text in zone.hours:
        if read_hours(text) is None:
            add((*path, "hours"), f"cannot read {text!r}", 'write "mon-fri 06:00-18:00" (UTC)')
    for name in zone.tell:
        if name not in channels:
            remedy = f"known channels: {', '.join(sorted(channels)) or 'none'}"
            add((*path, "tell"), f"there is no channel {name!r}", remedy)
    asked = zone.approval.channels if zone.approval else ()
    for name in (*(name for step in zone.ladder for name in step.tell), *asked):
        if name not in channels:
            key = "approval" if name in asked else "ladder"
            add((*path, key), f"there is no channel {name!r}", "name one of [[channel]]")
    _check_languages(zone.languages, (*path, "languages"), add)
    if not rules.alarm_eta_s <= rules.warning_eta_s <= rules.watch_eta_s:
        add(
            (*path, "rules"),
            "a graver level has an earlier time to entry than a lighter one",
            "keep alarm_eta_s <= warning_eta_s <= watch_eta_s",
        )
