"""What anybody may know: whether there is an alarm at a zone, and whether the house is alive.

Coarse on purpose (DESIGN 6.3): a zone's name, alarm or all-clear, what to do, and when it was said.
No position, no track, no distance, no sensor, no count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

import msgspec

from tocsin.serve.authority import PublicAuthority, public_authorities
from tocsin.serve.hub import Hub
from tocsin.serve.shown import AlertFolder, ShownAlert
from tocsin.words import Zone

PublicLevel = Literal["alarm", "all-clear", "calm"]

ALL_CLEAR_SHOWN_S = 1800.0
"""How long an all-clear stays on the public page before it shows calm again."""

DATA_STALE_S = 60.0
"""No sensor has said anything for so long: the house may be deaf. Some scan every 2 s."""


class PublicZone(msgspec.Struct, frozen=True, omit_defaults=True):
    """One zone for everybody; `texts` is headline and instruction by language.

    `mark` tells one alarm from the next, so that a page hushes only the one that was heard.
    """

    names: dict[str, str]
    level: PublicLevel
    t: float | None = None
    mark: str | None = None
    drill: bool = False
    texts: dict[str, tuple[str, str]] = {}


class PublicState(msgspec.Struct, frozen=True):
    """`/warn/state.json`. `listening` False means: silence here is no proof of safety.
    `authorities` is what others say, in their words."""

    site: str
    t: float
    demo: bool
    listening: bool
    zones: tuple[PublicZone, ...]
    authorities: tuple[PublicAuthority, ...] = ()


class Health(msgspec.Struct, frozen=True):
    """`/health`: `why` lists the reasons of *degraded* as codes."""

    status: Literal["ok", "degraded"]
    why: tuple[str, ...]
    mode: str
    t: float
    data_age_s: float | None


def public_state(hub: Hub) -> PublicState:
    """The public page's state now."""
    zones = tuple(_public_zone(hub, zone) for zone in hub.site.zones)
    return PublicState(
        site=hub.site.name,
        t=round(hub.clock.t, 1),
        demo=hub.clock.mode != "live",
        listening=not _deaf(hub),
        zones=zones,
        authorities=public_authorities(hub.authorities, hub.clock.t),
    )


def health(hub: Hub) -> Health:
    """Liveness by data: a running program that hears nothing is not well."""
    why = []
    if _stale(hub):
        why.append("no-data")
    states = {one.state for one in hub.health.values()}
    if "deaf" in states:
        why.append("sensor-deaf")
    if "degraded" in states:
        why.append("sensor-degraded")
    if "no-data" not in why and states & {"silent", "never-heard"}:
        why.append("sensor-silent")
    if any(not one.connected for one in hub.sources.values()):
        why.append("source-away")
    if hub.troubles:
        why += sorted(hub.troubles)
    last = hub.clock.last_data_t
    return Health(
        status="degraded" if why else "ok",
        why=tuple(why),
        mode=hub.clock.mode,
        t=round(hub.clock.t, 1),
        data_age_s=None if last is None else round(max(0.0, hub.clock.t - last), 1),
    )


def _stale(hub: Hub) -> bool:
    last = hub.clock.last_data_t
    return last is None or hub.clock.t - last > DATA_STALE_S


def _deaf(hub: Hub) -> bool:
    """Nothing comes, or all that comes is from microphones that say they are deaf."""
    states = {one.state for one in hub.health.values()}
    return _stale(hub) or ("deaf" in states and not states & {"alive", "degraded"})


def _public_zone(hub: Hub, zone: Zone) -> PublicZone:
    word = _public_word(
        folder for folder in hub.alerts.values() if folder.statements[-1].zone == zone.id
    )
    calm = PublicZone(zone.names, "calm")
    if word is None:
        return calm
    over = word.level == "all-clear" or word.kind == "cancel"
    if over and hub.clock.t - word.t > ALL_CLEAR_SHOWN_S:
        return calm
    return PublicZone(
        names=zone.names,
        level="all-clear" if over else "alarm",
        t=round(word.t),
        mark=_mark(hub, word.alert),
        drill=word.drill,
        texts={tag: (word.headlines[tag], word.instructions[tag]) for tag in word.headlines},
    )


def _mark(hub: Hub, alert: str) -> str:
    """Eight hex digits; an alert's own id names its track, which is not for everybody."""
    return hashlib.sha256(f"{hub.stream.boot}:{alert}".encode()).hexdigest()[:8]


def _public_word(folders: Iterable[AlertFolder]) -> ShownAlert | None:
    """The public statement that stands: an open alarm before any end, newest first.

    A withdrawal ends an alarm that had rung, whether or not it says itself that it is public.
    """
    words = []
    for folder in folders:
        if not any(one.public for one in folder.statements):
            continue
        last = folder.statements[-1]
        ended = last.level == "all-clear" or last.kind == "cancel"
        words.append((not ended, last.t, last if ended else _last_public(folder)))
    return max(words, key=lambda word: word[:2])[2] if words else None


def _last_public(folder: AlertFolder) -> ShownAlert:
    return next(one for one in reversed(folder.statements) if one.public)
