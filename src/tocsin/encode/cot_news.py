"""Tracks, zones and alerts as events of Cursor on Target: what a TAK desk sees of us.

Standard    Cursor on Target 2.0; types by MIL-STD-2525 as its schema lists them

    ours                          type            how        stale
    drone                         a-u-A-M-H-Q     m-f fused  10 s
    aircraft that names itself    a-n-A-C-F       m-f        10 s
    aircraft, other, unsure       a-u-A           m-f        10 s
    bird (only if asked for)      a-u-A           m-f        10 s
    coasting: as above            …               m-p predicted
    track that ended              t-x-d-d with a link to it and __forcedelete
    zone                          u-d-f           m-c configured  15 min
    warning, alarm                b-a-g           m-f        60 s, told again while it stands
    all-clear, cancel, back to watch  b-a-o-can   m-f        60 s
    drill                         opex "e", how m-s simulated, DRILL in the name and the remarks

Affiliation "u" (unknown) unless the neighbour's table names another, and that is given only to a
            drone for which an alert stands; "friend" can never be given
Errors      ce is `sigma_m` and le `sigma_alt_m`: the standard's ce and le are one sigma of a normal
            distribution. ATAK's screens call the same number CE and say no percentage
Leaves out  sensors and their places, serial numbers, operators and where they stand; watches
            alone make no alert: they are for the desk's own list and stand in the track's remarks
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from tocsin.encode.cot import UNKNOWN, element
from tocsin.encode.speech import PRIVATE_VALUES, headline, phrase
from tocsin.words import Alert, Track, Zone
from tocsin.words.cot import OURS, CotEvent
from tocsin.words.reason import Reason
from tocsin.words.sentences import catalogue, say

Affiliation = Literal["unknown", "pending", "suspect", "hostile"]
AFFILIATIONS: dict[str, str] = {"unknown": "u", "pending": "p", "suspect": "s", "hostile": "h"}
"""Our words to the letter in the type. There is no "friend": nothing here can know that."""

TRACK_STALE_S = 10.0
"""A live track is told once a second at least; ten missed ones and it is gone from the screens."""
ALERT_STALE_S = 60.0
ZONE_STALE_S = 900.0
PING_STALE_S = 30.0
_KNOWN_FROM = 0.5
"""The probability from which a class is named, and below which a claimed identity is believed."""
_RED, _FAINT_RED = -65536, 872_349_696
"""ARGB as TAK writes it, a signed 32-bit number: opaque red, and red at a fifth."""


class Speaker(msgspec.Struct, frozen=True):
    """Who speaks: the site, a key of its name in every uid, and the language of the remarks."""

    name: str
    key: str
    affiliation: Affiliation = "unknown"
    birds: bool = False
    language: str = "en"

    @property
    def uid(self) -> str:
        """Of the site itself."""
        return f"{OURS}{self.key}"


def speaker_key(name: str) -> str:
    """The same eight letters for the same site, on every run."""
    return hashlib.blake2s(name.encode("utf-8", "replace"), digest_size=4).hexdigest()


def track_event(speaker: Speaker, track: Track, alert: Alert | None = None) -> CotEvent | None:
    """A track as it is, None for a bird that nobody asked for. `alert` is the one that stands."""
    kind, p = _likeliest(track)
    if kind == "bird" and not speaker.birds:
        return None
    drill = alert is not None and alert.drill
    speed = math.hypot(track.ve, track.vn)
    return CotEvent(
        uid=track_uid(speaker, track.track),
        type=_type(speaker, track, kind, alert),
        how="m-s" if drill else "m-p" if track.status == "coasting" else "m-f",
        t=track.t,
        start_t=track.t,
        stale_t=track.t + TRACK_STALE_S,
        lat=track.lat,
        lon=track.lon,
        hae_m=track.alt_m,
        ce_m=track.sigma_m,
        le_m=None if track.alt_m is None else track.sigma_alt_m,
        callsign=_mark(drill, f"{(kind or 'unsure').capitalize()} {track.track}", speaker),
        course_deg=round(math.degrees(math.atan2(track.ve, track.vn)) % 360.0, 2) % 360.0,
        speed_mps=speed,
        remarks=_mark(drill, _track_remarks(track, kind, p, alert, speaker.language), speaker),
        opex="e" if drill else "",
    )


def gone_event(speaker: Speaker, track: str, now: float) -> CotEvent:
    """Takes a track off the screens."""
    uid = track_uid(speaker, track)
    link = element("link", uid=uid, relation="none", type="none")
    return _bare(f"{uid}-gone", "t-x-d-d", "m-g", now, ALERT_STALE_S, link + "<__forcedelete/>")


def track_uid(speaker: Speaker, track: str) -> str:
    """The same for one track of one site, in every message."""
    return f"{speaker.uid}-track-{track}"


def alert_event(speaker: Speaker, alert: Alert, zone: Zone | None, now: float) -> CotEvent:
    """A warning or an alarm that stands, or, of any other level, that it stands no longer."""
    standing = stands(alert)
    place = zone.name(speaker.language) if zone is not None else alert.zone
    words = catalogue(speaker.language)
    place_or_id = zone or Zone(id=alert.zone, names={}, polygon=())
    plain = msgspec.structs.replace(alert, drill=False)  # marked below, as a whole
    told = [headline(plain, place_or_id, speaker.language)]
    told += _sentences(alert.because, speaker.language)
    if alert.automatic:
        told.append(phrase("automatic", speaker.language))
    callsign = _mark(alert.drill, f"{words.levels[alert.level]}: {place}", speaker)
    if standing:
        emergency = element("emergency", callsign, type="Geo-fence Breached")
    else:
        emergency = element("emergency", callsign, cancel="true")
    uid = track_uid(speaker, alert.track)
    lat, lon = _middle(zone)
    if alert.position is not None:
        lat, lon = alert.position.lat, alert.position.lon
    return CotEvent(
        uid=f"{speaker.uid}-alert-{alert.alert}",
        type="b-a-g" if standing else "b-a-o-can",
        how="m-s" if alert.drill else "m-f",
        t=now,
        start_t=alert.t,
        stale_t=now + ALERT_STALE_S,
        lat=lat,
        lon=lon,
        hae_m=None if alert.position is None else alert.position.alt_m,
        ce_m=None if alert.position is None else alert.sigma_m,
        callsign=callsign,
        remarks=_mark(alert.drill, " ".join(told), speaker),
        more=element("link", uid=uid, type="a-u-A", relation="p-p") + emergency,
        opex="e" if alert.drill else "",
    )


def stands(alert: Alert) -> bool:
    """Whether it is one that people on other screens are to see."""
    return alert.kind != "cancel" and alert.level in ("warning", "alarm")


def zone_event(speaker: Speaker, zone: Zone, now: float) -> CotEvent:
    """A protected zone as a closed drawing."""
    ring = list(zone.polygon)
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    corners = "".join(element("link", point=f"{lat:.7f},{lon:.7f},{UNKNOWN}") for lon, lat in ring)
    looks = (
        element("strokeColor", value=_RED)
        + element("strokeWeight", value="2.0")
        + element("fillColor", value=_FAINT_RED)
        + element("labels_on", value="true")
    )
    lat, lon = _middle(zone)
    return CotEvent(
        uid=f"{speaker.uid}-zone-{zone.id}",
        type="u-d-f",
        how="m-c",
        t=now,
        start_t=now,
        stale_t=now + ZONE_STALE_S,
        lat=lat,
        lon=lon,
        callsign=zone.name(speaker.language),
        more=corners + looks,
    )


def presence_event(speaker: Speaker, now: float) -> CotEvent:
    """Who we are, said first on a connection: a server asks for it. It tells no place."""
    more = element("__group", name="Cyan", role="HQ")
    bare = _bare(speaker.uid, "a-u-G", "m-g", now, ZONE_STALE_S, more)
    return msgspec.structs.replace(bare, callsign=speaker.name)


def ping_event(speaker: Speaker, now: float) -> CotEvent:
    """Asks a server whether it is there."""
    return _bare(f"{speaker.uid}-ping", "t-x-c-t", "m-g", now, PING_STALE_S, "")


def protocol_request(uid: str, now: float) -> CotEvent:
    """Asks a server that offered it to speak TAK protocol version 1 from now on."""
    more = '<TakControl><TakRequest version="1"/></TakControl>'
    return _bare(uid, "t-x-takp-q", "m-g", now, ALERT_STALE_S, more)


def _bare(uid: str, kind: str, how: str, now: float, stale_s: float, more: str) -> CotEvent:
    """An event that is about no place: 0, 0 with unknown errors, as TAK writes it."""
    return CotEvent(uid, kind, how, now, now, now + stale_s, 0.0, 0.0, more=more)


def _likeliest(track: Track) -> tuple[str | None, float]:
    """The class that is more likely than not, None if none is."""
    scores = {
        "drone": track.class_.drone, "bird": track.class_.bird,
        "aircraft": track.class_.aircraft, "other": track.class_.other,
    }  # fmt: skip
    kind, p = max(scores.items(), key=lambda item: item[1] or 0.0)
    return (kind, p) if p is not None and p >= _KNOWN_FROM else (None, 0.0)


def _type(speaker: Speaker, track: Track, kind: str | None, alert: Alert | None) -> str:
    if kind == "drone":
        known = AFFILIATIONS[speaker.affiliation] if alert is not None else "u"
        return f"a-{known}-A-M-H-Q"
    claim = track.identity
    if kind == "aircraft" and claim is not None and claim.icao24 is not None:
        return "a-n-A-C-F" if claim.suspicion < _KNOWN_FROM else "a-u-A"
    return "a-u-A"


def _track_remarks(
    track: Track, kind: str | None, p: float, alert: Alert | None, language: str
) -> str:
    words = catalogue(language)
    told = []
    if alert is not None:
        told += [f"{words.levels[alert.level]}.", *_sentences(alert.because, language)]
    if kind is not None:
        told.append(f"{kind.capitalize()} {p:.2f}.")
    kinds = sorted({witness.kind for witness in track.witnesses})
    if kinds:
        named = ", ".join(words.kinds.get(one, one) for one in kinds)
        told.append(f"Witnesses: {len(track.witnesses)} ({named}).")
    if track.identity is not None:
        told += _sentences(track.identity.because, language)
    return " ".join([*told, phrase("automatic", language)])


def _sentences(because: Sequence[Reason], language: str) -> list[str]:
    """Reasons as sentences, but for those that name someone or something."""
    said = (say(one, language) for one in because if PRIVATE_VALUES.isdisjoint(one.values))
    return [f"{text[:1].upper()}{text[1:]}." for text in said]


def _mark(drill: bool, text: str, speaker: Speaker) -> str:
    return f"{phrase('drill.start', speaker.language)} {text}" if drill else text


def _middle(zone: Zone | None) -> tuple[float, float]:
    """The mean of a zone's corners, for the label; 0, 0 where there is no zone."""
    if zone is None:
        return 0.0, 0.0
    ring = zone.polygon[:-1] if zone.polygon[0] == zone.polygon[-1] else zone.polygon
    return sum(lat for _, lat in ring) / len(ring), sum(lon for lon, _ in ring) / len(ring)
