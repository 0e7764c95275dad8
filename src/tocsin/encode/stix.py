"""An evening as threat intelligence: a STIX 2.1 bundle.

Standard    OASIS STIX 2.1; identifiers are UUIDv5 (2.9), so the same evening gives the same bundle
Carries     identity (the site) · extension-definition (what a drone observation is, see
            docs/reference/exports.md) · `drone-observation` and observed-data, one of each a track
            worth telling · location, one a zone · incident, one an alert, with relationships
            `related-to` to its observation and zone. All of it is marked TLP:AMBER
Leaves out  what is sealed, see `account`; the single positions between a track's first and last
Unknown     absent
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid5

import msgspec

from tocsin.earth import azimuth_distance
from tocsin.encode.account import Account, reasons, utc
from tocsin.encode.summary import Summary, by_alert, gravest, summarise
from tocsin.words import Alert, Position, Ring, Zone

EXTENSION = "extension-definition--3f0d1c52-6d0c-5b8e-9a51-1f6b2f1f7c33"
OBSERVATION = "drone-observation"
SCHEMA = "docs/reference/exports.md, 'The drone-observation extension'"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"  # 7.2.1.4, TLP:AMBER
EXTENSION_T = 1_795_132_800.0  # 20 November 2026, when the extension was defined
MOST_REPORTS = 999_999_999  # of number_observed, 4.14

_OBJECTS = UUID("6c2f3b1e-2f59-5f0e-8f2b-0c8a3a8b6d10")
"""Namespace of our own objects; an arbitrary constant."""
_OBSERVABLES = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Namespace of cyber-observable objects, given by 2.9."""

Json = dict[str, object]


def write_stix(account: Account) -> Iterator[bytes]:
    """The bundle, one object a line."""
    objects = list(_objects(account))
    bundle = uuid5(_OBJECTS, "".join(str(one["id"]) for one in objects))
    yield f'{{"type":"bundle","id":"bundle--{bundle}","objects":[\n'.encode()
    yield b",\n".join(map(msgspec.json.encode, objects))
    yield b"\n]}\n"


def _objects(account: Account) -> Iterator[Json]:
    alerts = by_alert(account.alerts)
    tracks = summarise(account)
    times = [track.first_t for track in tracks] + [alert.t for alert in account.alerts]
    start = min(times, default=EXTENSION_T)
    site = _object("identity", account.name, start, name=account.name, identity_class="system")
    author = str(site["id"])
    yield site
    if tracks:
        yield _extension(author)
    places = {zone.id: _zone(zone, author, account.name, start) for zone in account.zones}
    yield from places.values()
    seen: dict[str, str] = {}
    for track in tracks:
        thing = _observation(track, account.name)
        observed = _observed(track, author, str(thing["id"]))
        seen[track.track] = str(observed["id"])
        yield thing
        yield observed
    for statements in alerts.values():
        incident = _incident(statements, account, author)
        yield incident
        first = statements[0]
        for other in (seen.get(first.track), places.get(first.zone, {}).get("id")):
            if other is not None:
                yield _relationship(incident, str(other), author)


def _object(kind: str, key: str, t: float, *, until: float | None = None, **rest: object) -> Json:
    """A domain object. `key` tells it from others of its kind and author."""
    name = uuid5(_OBJECTS, f"{kind} {rest.get('created_by_ref', '')} {key}")
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{name}",
        "created": utc(t),
        "modified": utc(t if until is None else max(t, until)),
        **{name: value for name, value in rest.items() if value is not None},
        "object_marking_refs": [AMBER],
    }


def _extension(author: str) -> Json:
    told = _object(
        "extension-definition",
        "drone-observation 1.0.0",
        EXTENSION_T,
        created_by_ref=author,
        name="Drone observation",
        description="What sensors on the ground know of one flying thing: when, where, how surely, "
        "and what it claims to be.",
        schema=SCHEMA,
        version="1.0.0",
        extension_types=["new-sco"],
    )
    return {**told, "id": EXTENSION}


def _observation(track: Summary, site: str) -> Json:
    """The observable. `observation` alone makes its identifier: it is text, of which there is one
    canonical spelling, where a time has several."""
    facts = track.facts
    key = {"observation": f"{site} {track.track} {utc(track.first_t)}"}
    name = uuid5(_OBSERVABLES, msgspec.json.encode(key).decode())
    claim = {
        "claimed_serial": facts.claimed_serial,
        "claimed_session": facts.claimed_session,
        "claimed_icao24": facts.claimed_icao24,
        "claimed_callsign": facts.claimed_callsign,
        "claim_suspicion": facts.claim_suspicion,
        "claim_doubts": list(facts.claim_doubts) or None,
    }
    told = {
        "type": OBSERVATION,
        "spec_version": "2.1",
        "id": f"{OBSERVATION}--{name}",
        **key,
        "site": site,
        "track": track.track,
        "first_observed": utc(track.first_t),
        "last_observed": utc(track.last_t),
        "first_position": _position(track.first),
        "last_position": _position(track.last),
        "last_sigma_m": track.sigma_m,
        "class_probabilities": msgspec.to_builtins(track.scores) or None,
        "sensor_kinds": sorted(track.witness_kinds) or None,
        "highest_level": track.level,
        **claim,
        "object_marking_refs": [AMBER],
        "extensions": {EXTENSION: {"extension_type": "new-sco"}},
    }
    return {name: value for name, value in told.items() if value is not None}


def _position(place: Position) -> Json:
    told: Json = {"latitude": place.lat, "longitude": place.lon}
    if place.alt_m is not None:
        told["altitude_ellipsoid_m"] = place.alt_m
    return told


def _observed(track: Summary, author: str, thing: str) -> Json:
    return _object(
        "observed-data",
        thing,
        track.first_t,
        until=track.last_t,
        created_by_ref=author,
        first_observed=utc(track.first_t),
        last_observed=utc(track.last_t),
        number_observed=min(track.reports, MOST_REPORTS),
        object_refs=[thing],
    )


def _zone(zone: Zone, author: str, site: str, t: float) -> Json:
    """The zone as a point in its middle; `precision` is the farthest corner's distance."""
    lat, lon, far_m = _middle(zone.polygon)
    return _object(
        "location",
        f"{site} {zone.id}",
        t,
        created_by_ref=author,
        name=zone.name("en"),
        latitude=lat,
        longitude=lon,
        precision=far_m,
    )


def _middle(ring: Ring) -> tuple[float, float, float]:
    lon = round(sum(corner[0] for corner in ring) / len(ring), 7)
    lat = round(sum(corner[1] for corner in ring) / len(ring), 7)
    return lat, lon, round(max(azimuth_distance(lat, lon, b, a)[1] for a, b in ring), 1)


def _incident(statements: Sequence[Alert], account: Account, author: str) -> Json:
    first, last = statements[0], statements[-1]
    zone = next((zone.name("en") for zone in account.zones if zone.id == first.zone), first.zone)
    drill = "DRILL. " if any(alert.drill for alert in statements) else ""
    lines = [f"{utc(a.t)} {a.level} ({a.kind}): {'; '.join(reasons(a))}" for a in statements]
    return _object(
        "incident",
        first.alert,
        first.t,
        until=last.t,
        created_by_ref=author,
        name=f"{drill}Drone near {zone}: {gravest(statements)}",
        lang="en",  # 3.2: exports give reasons in English
        description="\n".join(lines),
        labels=sorted({"automatic" if alert.automatic else "manual" for alert in statements}),
    )


def _relationship(incident: Json, other: str, author: str) -> Json:
    told = _object(
        "relationship",
        f"{incident['id']} {other}",
        0.0,
        created_by_ref=author,
        relationship_type="related-to",
        source_ref=incident["id"],
        target_ref=other,
    )
    return {**told, "created": incident["created"], "modified": incident["created"]}
