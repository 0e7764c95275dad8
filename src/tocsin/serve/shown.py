"""What screens are shown: our words with their reasons told in every language, nothing sealed.

A page never translates a reason itself: each shown word carries `texts`, language → sentences,
made here from the codes in `because`. Operator ids are left out; where operators or sensors stand
is in none of these words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from tocsin.encode.cap import CapSender
from tocsin.encode.speech import wording, wordings
from tocsin.serve.authority import ShownAuthority
from tocsin.words import (
    Alert,
    Assessment,
    ClaimedIdentity,
    Position,
    Reason,
    Receipt,
    Sensor,
    SensorHealth,
    SourceHealth,
    Track,
    Zone,
)
from tocsin.words.sentences import LANGUAGES, say

Mode = Literal["live", "demo", "replay"]
Texts = dict[str, tuple[str, ...]]


class ShownTrack(Track, frozen=True, omit_defaults=True):
    """A track; `texts` are the reasons why its claimed identity is doubted."""

    texts: Texts = msgspec.field(default_factory=dict)


class ShownAssessment(Assessment, frozen=True, omit_defaults=True):
    """A track against a zone; `texts` are the reasons for its standing."""

    texts: Texts = msgspec.field(default_factory=dict)


class ShownAlert(Alert, frozen=True, omit_defaults=True):
    """One statement of an alert. `headlines` and `instructions` are by language: those of the
    screens and those of the zone."""

    texts: Texts = msgspec.field(default_factory=dict)
    headlines: dict[str, str] = msgspec.field(default_factory=dict)
    instructions: dict[str, str] = msgspec.field(default_factory=dict)


class ShownNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something about the house itself, such as a full disk, or who acknowledged what."""

    t: float
    because: tuple[Reason, ...]
    texts: Texts


class Acknowledgement(msgspec.Struct, frozen=True):
    """Somebody at the desk has seen the alert; the bell on the pages is quiet until it worsens."""

    alert: str
    sequence: int
    who: str
    t: float


class AlertFolder(msgspec.Struct, frozen=True, omit_defaults=True):
    """All statements of one alert, oldest first, and who has acknowledged which."""

    alert: str
    statements: tuple[ShownAlert, ...]
    acknowledged: tuple[Acknowledgement, ...] = ()


class ClockState(msgspec.Struct, frozen=True):
    """The time on stage: `t` Unix seconds, running `speed` times as fast as the world.

    `last_data_t` is when a sensor last said anything, None before that.
    """

    t: float
    speed: float
    mode: Mode
    last_data_t: float | None = None


class SiteView(msgspec.Struct, frozen=True):
    """What screens know of a site beside what flies.

    `friends` maps a registered serial to its label. `sensors` are exact sites and sealed: they are
    told to a signed-in admin only, by a route of their own. `borders` says how national borders are
    drawn. `cap_sender` heads the CAP feed; None means that there is none.
    """

    name: str
    languages: tuple[str, ...] = ("fr", "en")
    zones: tuple[Zone, ...] = ()
    friends: dict[str, str] = {}
    sensors: tuple[Sensor, ...] = ()
    borders: Literal["dashed", "hidden"] = "dashed"
    cap_sender: CapSender | None = None


class Site(msgspec.Struct, frozen=True):
    """The part of the site that every signed-in screen may see."""

    name: str
    languages: tuple[str, ...]
    zones: tuple[Zone, ...]
    friends: dict[str, str]
    borders: str


class Snapshot(msgspec.Struct, frozen=True):
    """Everything a screen needs at `seq`; later envelopes of the same `boot` build on it."""

    boot: str
    seq: int
    clock: ClockState
    site: Site
    tracks: tuple[ShownTrack, ...]
    tails: dict[str, tuple[tuple[float, float], ...]]
    standings: tuple[ShownAssessment, ...]
    alerts: tuple[AlertFolder, ...]
    health: tuple[SensorHealth, ...]
    receipts: tuple[Receipt, ...]
    notes: tuple[ShownNote, ...]
    sources: tuple[SourceHealth, ...] = ()
    authorities: tuple[ShownAuthority, ...] = ()


def tell_texts(because: Sequence[Reason]) -> Texts:
    """The sentences of some reasons in every language; empty where there are none."""
    if not because:
        return {}
    return {language: tuple(say(reason, language) for reason in because) for language in LANGUAGES}


def show_track(track: Track) -> ShownTrack:
    """A track as screens see it: without the operator's id."""
    claim = track.identity
    kept = None if claim is None else _without_operator(claim)
    fields = msgspec.structs.asdict(msgspec.structs.replace(track, identity=kept))
    return ShownTrack(**fields, texts=tell_texts(claim.because if claim else ()))


def _without_operator(claim: ClaimedIdentity) -> ClaimedIdentity:
    return msgspec.structs.replace(claim, operator=None)


def show_assessment(assessment: Assessment) -> ShownAssessment:
    """An assessment with its reasons told."""
    fields = msgspec.structs.asdict(assessment)
    return ShownAssessment(**fields, texts=tell_texts(assessment.because))


def show_alert(alert: Alert, zone: Zone | None) -> ShownAlert:
    """An alert statement with its reasons, its headline and what to do."""
    place = zone or Zone(id=alert.zone, names={}, polygon=())
    told = wordings(alert, place)
    told |= {tag: found for tag in LANGUAGES if (found := wording(alert, place, tag))}
    return ShownAlert(
        **msgspec.structs.asdict(alert),
        texts=tell_texts(alert.because),
        headlines={tag: found.headline for tag, found in told.items()},
        instructions={tag: found.instruction for tag, found in told.items()},
    )


def show_note(t: float, reason: Reason) -> ShownNote:
    """A note with its sentence."""
    return ShownNote(t, (reason,), tell_texts((reason,)))


def place_of(track: Track) -> tuple[float, float]:
    """(lon, lat) for a tail on the map, to 1e-6 degrees."""
    position: Position = track.position
    return round(position.lon, 6), round(position.lat, 6)
