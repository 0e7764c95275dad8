"""An evening as a MISP event, for those who share incidents through MISP.

Standard    MISP core format (draft-dulaunoy-misp-core-format); objects by the public templates
            `drone-rid-observation` version 1 and `geolocation` version 8 (MISP/misp-objects)
Carries     a drone-rid-observation for each track worth telling that claims a serial number or a
            session, a geolocation for each that claims none; an event report with every alert
Leaves out  what is sealed, see `account`: of the template `operator-id`, `operator-latitude`,
            `operator-longitude`, `receiver-id`; `raw-message`, `broadcast-tech` and
            `rid-standard-profile`, which tracks do not keep
Unknown     absent
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from uuid import UUID, uuid5

import msgspec

from tocsin.encode.account import Account, reasons, utc
from tocsin.encode.summary import Summary, by_alert, gravest, summarise
from tocsin.words import LEVEL_ORDER, Alert, Level

Json = dict[str, object]
Value = str | float | None

_NAMESPACE = UUID("0b1d6f0a-6b0e-5d37-9d8e-2a0a4f5a7c21")  # arbitrary
_THREAT: dict[Level | None, str] = {"alarm": "1", "warning": "2", "watch": "3", "all-clear": "4"}
"""MISP's threat levels: 1 high, 2 medium, 3 low, 4 undefined."""

ORGANISATION_ONLY, INHERIT = "0", "5"
"""MISP's distribution of the event, which its sender may widen, and of what is in it."""


class Template(msgspec.Struct, frozen=True):
    """A public object template, as far as we fill it: relation to MISP type."""

    name: str
    uuid: str
    version: str
    category: str
    description: str
    types: dict[str, str]


RID = Template(
    "drone-rid-observation",
    "cb36a578-feb2-4516-a57b-b2b3f23e6029",
    "1",
    "transport",
    "Simple direct remote identification (RID) observation object for drones/UAS, covering common "
    "ASTM/FAA and EU broadcast fields with optional DRIP-oriented identity assurance hints.",
    {
        "observation-time": "datetime",
        "uas-id": "text",
        "session-id": "text",
        "latitude": "float",
        "longitude": "float",
        "altitude-m": "float",
        "height-reference": "text",
        "speed-mps": "float",
        "heading-deg": "float",
        "confidence": "float",
        "comment": "comment",
    },
)
PLACE = Template(
    "geolocation",
    "cd6f2238-ba55-4888-82c4-104e6e1acf21",
    "8",
    "misc",
    "An object to describe a geographic location.",
    {
        "latitude": "float",
        "longitude": "float",
        "altitude": "float",
        "spacial-reference": "text",
        "accuracy-radius": "float",
        "first-seen": "datetime",
        "last-seen": "datetime",
        "text": "text",
    },
)


def write_misp(account: Account) -> Iterator[bytes]:
    """The event as MISP imports it."""
    tracks = summarise(account)
    alerts = by_alert(account.alerts)
    times = [track.last_t for track in tracks] + [alert.t for alert in account.alerts]
    starts = [track.first_t for track in tracks] + [alert.t for alert in account.alerts]
    last, start = max(times, default=0.0), min(starts, default=0.0)
    key = f"{account.name} {utc(start)} {utc(last)}"
    told: list[Level] = [gravest(statements) for statements in alerts.values()]
    worst = max(told, key=LEVEL_ORDER.__getitem__, default=None)
    event: Json = {
        "uuid": str(uuid5(_NAMESPACE, f"event {key}")),
        "info": _info(account, worst, len(tracks)),
        "date": utc(start)[:10],
        "threat_level_id": _THREAT.get(worst, "4"),
        "analysis": "0",
        "distribution": ORGANISATION_ONLY,
        "published": False,
        "timestamp": _stamp(last),
        "Tag": [{"name": "tlp:amber"}],
        "Attribute": [],
        "Object": [_object(track, key) for track in tracks],
        "EventReport": [_report(statements, key) for statements in alerts.values()],
    }
    yield msgspec.json.format(msgspec.json.encode({"Event": event}), indent=1) + b"\n"


def _info(account: Account, worst: Level | None, tracks: int) -> str:
    drill = "DRILL. " if any(alert.drill for alert in account.alerts) else ""
    highest = "no alert" if worst is None else f"highest level {worst}"
    return f"{drill}Drones near {account.name}: {tracks} tracks, {highest}"


def _object(track: Summary, key: str) -> Json:
    facts = track.facts
    if facts.claimed_serial or facts.claimed_session:
        return _fill(RID, _remote_id(track), track, key)
    return _fill(PLACE, _geolocation(track), track, key)


def _remote_id(track: Summary) -> dict[str, Value]:
    """The latest report. What is claimed comes from the aircraft, where it is from our sensors."""
    facts, known = track.facts, track.last.alt_m is not None
    doubt = f"; doubts: {'; '.join(facts.claim_doubts)}" if facts.claim_doubts else ""
    suspicion = facts.claim_suspicion or 0.0
    return {
        "observation-time": utc(track.last_t),
        "uas-id": facts.claimed_serial,
        "session-id": facts.claimed_session,
        "latitude": track.last.lat,
        "longitude": track.last.lon,
        "altitude-m": track.last.alt_m,
        "height-reference": "other" if known else None,
        "speed-mps": facts.speed_mps,
        "heading-deg": None if facts.course_deg is None else math.floor(facts.course_deg),
        "confidence": round(100.0 * (1.0 - suspicion), 1),
        "comment": f"uas-id and session-id are what it claims; {_comment(track)}{doubt}",
    }


def _geolocation(track: Summary) -> dict[str, Value]:
    return {
        "latitude": track.last.lat,
        "longitude": track.last.lon,
        "altitude": track.last.alt_m,
        "spacial-reference": "WGS84 EPSG:4326",
        "accuracy-radius": track.sigma_m,
        "first-seen": utc(track.first_t),
        "last-seen": utc(track.last_t),
        "text": f"It announces no identity; {_comment(track)}",
    }


def _comment(track: Summary) -> str:
    kinds = ", ".join(sorted(track.witness_kinds)) or "none lately"
    p = track.scores.drone
    drone = "" if p is None else f"; probability of a drone {p:.2f}"
    return (
        f"track {track.track}, {track.reports} reports from {utc(track.first_t)}; seen by: {kinds}"
        f"{drone}; position good to {track.sigma_m:.0f} m (1 sigma), heights above the WGS-84 "
        "ellipsoid"
    )


def _fill(template: Template, values: dict[str, Value], track: Summary, key: str) -> Json:
    name = f"{template.name} {key} {track.track}"
    stamp = _stamp(track.last_t)
    return {
        "uuid": str(uuid5(_NAMESPACE, name)),
        "name": template.name,
        "meta-category": template.category,
        "description": template.description,
        "template_uuid": template.uuid,
        "template_version": template.version,
        "distribution": INHERIT,
        "timestamp": stamp,
        "first_seen": utc(track.first_t),
        "last_seen": utc(track.last_t),
        "Attribute": [
            {
                "uuid": str(uuid5(_NAMESPACE, f"{name} {relation}")),
                "object_relation": relation,
                "type": template.types[relation],
                "category": "Other",
                "to_ids": False,
                "disable_correlation": relation not in ("uas-id", "session-id"),
                "distribution": INHERIT,
                "timestamp": stamp,
                "value": str(value),
            }
            for relation, value in values.items()
            if value is not None
        ],
    }


def _report(statements: list[Alert], key: str) -> Json:
    first, last = statements[0], statements[-1]
    drill = "DRILL " if any(alert.drill for alert in statements) else ""
    lines = [f"# {drill}Alert {first.alert}, zone {first.zone}, track {first.track}", ""]
    for alert in statements:
        by = "automatic" if alert.automatic else "by a person"
        lines.append(f"* {utc(alert.t)} **{alert.level}** ({alert.kind}, {by}): ")
        lines[-1] += "; ".join(reasons(alert))
    return {
        "uuid": str(uuid5(_NAMESPACE, f"report {key} {first.alert}")),
        "name": f"{drill}{gravest(statements)} at {first.zone}",
        "content": "\n".join(lines) + "\n",
        "distribution": INHERIT,
        "timestamp": _stamp(last.t),
        "deleted": False,
    }


def _stamp(t: float) -> str:
    """Whole Unix seconds."""
    return str(math.floor(t))
