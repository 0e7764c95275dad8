"""An evening as GeoJSON, for QGIS, a browser or any map.

Standard    RFC 7946: positions are [longitude, latitude] or [longitude, latitude, metres above the
            WGS-84 ellipsoid]; outer rings run anticlockwise (3.1.6); a line is cut at the
            antimeridian (3.1.9); an unlocated feature has the geometry null (3.2)
Carries     `feature` says which: zone · track-report (a point a report) · detection · alert · track
            (a line a track, with the times of its points in `coordinateProperties`)
Leaves out  what is sealed, see `account`; directions that sensors told
Unknown     an unknown property is absent; a line of which some heights are unknown has none
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.encode.account import (
    Account,
    AlertFacts,
    DetectionFacts,
    Seal,
    TrackFacts,
    alert_facts,
    detection_facts,
    track_facts,
    utc,
)
from tocsin.words import Position, Ring, Zone

Place = tuple[float, float] | tuple[float, float, float]
_FEATURES_AT_ONCE = 1000
_encode = msgspec.json.Encoder().encode


class Point(msgspec.Struct, frozen=True, tag=True):
    """A place."""

    coordinates: Place


class LineString(msgspec.Struct, frozen=True, tag=True):
    """Places in the order in which they were passed."""

    coordinates: list[Place]


class MultiLineString(msgspec.Struct, frozen=True, tag=True):
    """A line that is cut at the antimeridian."""

    coordinates: list[list[Place]]


class Polygon(msgspec.Struct, frozen=True, tag=True):
    """A ground: one closed outer ring."""

    coordinates: list[list[Place]]


class ZoneProperties(msgspec.Struct, frozen=True, omit_defaults=True):
    """A zone; heights above the ellipsoid."""

    feature: str
    zone: str
    names: dict[str, str]
    floor_ellipsoid_m: float | None = None
    ceiling_ellipsoid_m: float | None = None


class Times(msgspec.Struct, frozen=True):
    """When each point of a line was passed; nested as the line is."""

    times: list[str] | list[list[str]]


class LineProperties(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole track."""

    feature: str
    track: str
    start: str
    end: str
    coordinateProperties: Times  # noqa: N815  the name that readers of GPS tracks know
    reports: int


class Feature(msgspec.Struct, frozen=True, tag=True):
    """One thing on the map."""

    geometry: Point | LineString | MultiLineString | Polygon | None
    properties: ZoneProperties | LineProperties | dict[str, object]


def write_geojson(account: Account) -> Iterator[bytes]:
    """The FeatureCollection in parts, one feature a line."""
    name = msgspec.json.encode(account.name)
    yield b'{"type":"FeatureCollection","name":' + name + b',"features":[\n'
    waiting: list[bytes] = []
    before = b""
    for feature in _features(account):
        waiting.append(_encode(feature))
        if len(waiting) == _FEATURES_AT_ONCE:
            yield before + b",\n".join(waiting)
            before = b",\n"
            waiting.clear()
    yield (before if waiting else b"") + b",\n".join(waiting) + b"\n]}\n"


def _features(account: Account) -> Iterator[Feature]:
    for zone in account.zones:
        yield _zone(zone)
    paths: dict[str, list[tuple[float, Position]]] = {}
    for track in account.tracks:
        paths.setdefault(track.track, []).append((track.t, track.position))
        yield _told("track-report", track.t, track_facts(track), track.position)
    seal = Seal(account.sensors)
    for detection in account.detections:
        place = seal.place(detection)
        yield _told("detection", detection.t, detection_facts(detection), place)
    for alert in account.alerts:
        yield _told("alert", alert.t, alert_facts(alert), alert.position)
    for name, path in paths.items():
        if len(path) > 1:
            yield _line(name, path)


def _told(
    feature: str, t: float, facts: TrackFacts | AlertFacts | DetectionFacts, at: Position | None
) -> Feature:
    told: dict[str, object] = {"feature": feature, "time": utc(t)}
    told.update(msgspec.to_builtins(facts))
    return Feature(None if at is None else Point(_place(at)), told)


def _place(position: Position) -> Place:
    if position.alt_m is None:
        return (position.lon, position.lat)
    return (position.lon, position.lat, position.alt_m)


def _zone(zone: Zone) -> Feature:
    told = ZoneProperties("zone", zone.id, dict(zone.names), zone.floor_m, zone.ceiling_m)
    return Feature(Polygon([list(closed(zone.polygon))]), told)


def closed(ring: Ring) -> Ring:
    """The ring anticlockwise, its first corner repeated at its end."""
    corners = ring[:-1] if ring[0] == ring[-1] else ring
    after = (*corners[1:], corners[0])
    twice_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, after, strict=True))
    if twice_area < 0.0:
        corners = corners[::-1]
    return (*corners, corners[0])


def _line(name: str, path: list[tuple[float, Position]]) -> Feature:
    flat = any(position.alt_m is None for _, position in path)
    places = [(p.lon, p.lat) if flat else _place(p) for _, p in path]
    times = [utc(t) for t, _ in path]
    pieces, when = _cut(places, times)
    whole = len(pieces) == 1
    return Feature(
        LineString(pieces[0]) if whole else MultiLineString(pieces),
        LineProperties(
            feature="track",
            track=name,
            start=times[0],
            end=times[-1],
            coordinateProperties=Times(when[0] if whole else when),
            reports=len(path),
        ),
    )


def _cut(places: list[Place], times: list[str]) -> tuple[list[list[Place]], list[list[str]]]:
    """A line and its times in pieces none of which passes the antimeridian.

    The point on the antimeridian is put in on both sides with the time of the report before it.
    """
    pieces: list[list[Place]] = [[places[0]]]
    when = [[times[0]]]
    for k in range(1, len(places)):
        a, b = places[k - 1], places[k]
        if abs(b[0] - a[0]) > 180.0:
            edge = 180.0 if a[0] > 0.0 else -180.0
            turned = (b[0] + 2.0 * edge, *b[1:])
            share = (edge - a[0]) / (turned[0] - a[0]) if turned[0] != a[0] else 0.0
            rest = [round(x + share * (y - x), 7) for x, y in zip(a[1:], turned[1:], strict=True)]
            pieces[-1].append(_tuple(edge, rest))
            when[-1].append(times[k - 1])
            pieces.append([_tuple(-edge, rest)])
            when.append([times[k - 1]])
        pieces[-1].append(b)
        when[-1].append(times[k])
    return pieces, when


def _tuple(lon: float, rest: list[float]) -> Place:
    return (lon, rest[0]) if len(rest) == 1 else (lon, rest[0], rest[1])
