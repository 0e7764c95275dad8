"""Other people's warnings as screens see them: all that they say, never mixed with our own.

Outlines are thinned for the map: a nation's border has ten thousand corners and a screen a
thousand dots. The public page gets those that somebody whom the site trusts has signed, five at
most, in few words.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.words import Level
from tocsin.words.authority import (
    SEVERITIES,
    AuthorityAlert,
    AuthorityArea,
    AuthorityInfo,
    AuthorityNotice,
)
from tocsin.words.place import Ring

MOST_CORNERS = 200
MOST_PUBLIC = 5
_MOST_HEADLINE = 200
_MOST_INSTRUCTION = 500


class Relayed(msgspec.Struct, frozen=True):
    """To which zone it was handed on, as what, when, and whether by itself."""

    zone: str
    level: Level
    t: float
    automatic: bool


class ShownAuthority(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message that stands. `signed_by` None: nobody vouches for it. `may_relay`: a press hands it
    on."""

    id: str
    authority: str
    alert: AuthorityAlert
    from_t: float
    until_t: float
    received_t: float
    signed_by: str | None = None
    relayed: tuple[Relayed, ...] = ()
    may_relay: bool = False


class PublicAuthority(msgspec.Struct, frozen=True, omit_defaults=True):
    """A signed warning of others for everybody: `texts` is headline and instruction by language,
    those that it has, in its order.
    `alarm` says that it was handed on as one here: pages ring, until the one of this `mark` is
    hushed."""

    sender: str
    where: str
    severity: str
    until_t: float
    texts: dict[str, tuple[str, str]]
    drill: bool = False
    alarm: bool = False
    mark: str = ""


def show_authority(
    notice: AuthorityNotice, *, name: str, relayed: tuple[Relayed, ...], may_relay: bool
) -> ShownAuthority:
    """One message for the desk's screens."""
    alert = notice.alert
    return ShownAuthority(
        id=name,
        authority=notice.authority,
        alert=msgspec.structs.replace(alert, infos=tuple(_thin(info) for info in alert.infos)),
        from_t=alert.from_t,
        until_t=alert.until_t,
        received_t=notice.received_t,
        signed_by=notice.signed_by,
        relayed=relayed,
        may_relay=may_relay,
    )


def public_authorities(shown: Sequence[ShownAuthority], now: float) -> tuple[PublicAuthority, ...]:
    """What anybody may read of them: signed and in force, the gravest and newest first."""
    told = [one for one in shown if one.signed_by is not None and one.from_t <= now < one.until_t]
    told.sort(key=lambda one: (-one.alert.gravity, -one.alert.sent_t, one.id))
    return tuple(_public(one) for one in told[:MOST_PUBLIC])


def _public(shown: ShownAuthority) -> PublicAuthority:
    alert = shown.alert
    first = alert.infos[0]
    texts: dict[str, tuple[str, str]] = {}
    for info in alert.infos:
        what, to_do = info.headline or info.event, info.instruction or ""
        language = info.language.lower().partition("-")[0]
        texts.setdefault(language, (what[:_MOST_HEADLINE], to_do[:_MOST_INSTRUCTION]))
    places = dict.fromkeys(area.description for info in alert.infos for area in info.areas)
    return PublicAuthority(
        sender=(first.sender_name or alert.sender)[:_MOST_HEADLINE],
        where=", ".join(places)[:_MOST_HEADLINE],
        severity=SEVERITIES[alert.gravity],
        until_t=round(shown.until_t),
        texts=texts,
        drill=alert.status == "Exercise",
        alarm=any(one.level == "alarm" for one in shown.relayed),
        mark=shown.id[:8],
    )


def _thin(info: AuthorityInfo) -> AuthorityInfo:
    areas = tuple(_thin_area(area) for area in info.areas)
    return msgspec.structs.replace(info, areas=areas)


def _thin_area(area: AuthorityArea) -> AuthorityArea:
    return msgspec.structs.replace(area, polygons=tuple(_few(ring) for ring in area.polygons))


def _few(ring: Ring) -> Ring:
    """Every nth corner, and the last, which closes it."""
    step = -(-len(ring) // MOST_CORNERS)
    return ring if step <= 1 else (*ring[:-1:step], ring[-1])
