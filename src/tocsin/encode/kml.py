"""An evening as KML, for Google Earth and every map program that reads it.

Standard    OGC KML 2.2 (OGC 07-147r2) with Google's extension gx:Track (a place for each time)
Carries     zones as columns of air; tracks as gx:Track, those that were never confirmed switched
            off; ellipses that hold the true place in 95 of 100 cases, one every 10 s; alerts
Heights     KML counts above the EGM96 geoid: heights above the ellipsoid are turned into that.
            Where a height is unknown, or no geoid grid is installed, the track is drawn on the
            ground (clampToGround) and its places have two numbers
Leaves out  what is sealed, see `account`; single detections, which are too many to look at
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import cast

import msgspec
from lxml import etree

from tocsin.earth import destination, sea_level_height_m
from tocsin.encode.account import Account, TrackFacts, alert_facts, track_facts, utc
from tocsin.encode.geojson import closed
from tocsin.encode.xml_text import xml_text
from tocsin.words import Alert, Ellipse, Position, Track, Zone

KML = "http://www.opengis.net/kml/2.2"
GX = "http://www.google.com/kml/ext/2.2"
_NAMESPACES = cast("dict[str, str]", {None: KML, "gx": GX})  # the stubs know no default one

ELLIPSE_EVERY_S = 10.0
SIGMAS_95 = math.sqrt(-2.0 * math.log(0.05))
"""Semi-axes of the ellipse that holds 95 % of a plane normal distribution: 2.448 sigma."""

_CORNERS = 24
_STYLES = {
    "zone": ("ff3c3cff", "333c3cff"),
    "track": ("ff00a5ff", "3300a5ff"),
    "ellipse": ("99ffffff", "22ffffff"),
}
"""Colours of lines and of surfaces, as KML writes them: opacity, blue, green, red."""

Element = etree._Element


class Leg(msgspec.Struct):
    """One track while it is read: its places, its error ellipses, its latest facts."""

    places: list[tuple[float, Position]]
    ellipses: list[tuple[float, Position, Ellipse]]
    confirmed: bool
    facts: TrackFacts


def write_kml(account: Account) -> Iterator[bytes]:
    """The document, one Placemark after the other."""
    legs = _legs(account)
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<kml xmlns="{KML}" xmlns:gx="{GX}">\n<Document>\n'.encode()
    head = _element("Document")
    _add(head, "name", account.name)
    for name, (line, surface) in _STYLES.items():
        style = _sub(head, "Style")
        style.set("id", name)
        _add(_sub(style, "LineStyle"), "color", line)
        _add(_sub(style, "PolyStyle"), "color", surface)
    yield b"".join(map(_bytes, head))
    zones = (_zone(zone) for zone in account.zones)
    told = (_track(name, leg) for name, leg in legs.items() if leg.confirmed)
    rest = (_track(name, leg) for name, leg in legs.items() if not leg.confirmed)
    rings = (_ellipse(name, *at) for name, leg in legs.items() for at in leg.ellipses)
    alerts = (_alert(alert) for alert in account.alerts)
    yield from _folder("Zones", zones)
    yield from _folder("Tracks", told)
    yield from _folder("Tracks that were never confirmed", rest, shown=False)
    yield from _folder("Where they were in 95 of 100 cases", rings, shown=False)
    yield from _folder("Alerts", alerts)
    yield b"</Document>\n</kml>\n"


def _legs(account: Account) -> dict[str, Leg]:
    legs: dict[str, Leg] = {}
    for track in account.tracks:
        leg = legs.get(track.track)
        if leg is None:
            leg = legs[track.track] = Leg([], [], False, track_facts(track))
        if track.status == "confirmed":
            leg.confirmed = True
        leg.places.append((track.t, _above_the_sea(track.position)))
        if not leg.ellipses or track.t - leg.ellipses[-1][0] >= ELLIPSE_EVERY_S:
            leg.ellipses.append((track.t, track.position, _error(track)))
        if track.status != "ended":
            leg.facts = track_facts(track)
    return legs


def _error(track: Track) -> Ellipse:
    return track.ellipse or Ellipse(track.sigma_m, track.sigma_m, 0.0)


def _above_the_sea(place: Position) -> Position:
    """The same place with its height above the geoid, without one where that is unknown."""
    if place.alt_m is None:
        return place
    height = sea_level_height_m(place.lat, place.lon, place.alt_m)
    return Position(place.lat, place.lon, None if height is None else round(height, 2))


def _folder(name: str, marks: Iterator[Element], *, shown: bool = True) -> Iterator[bytes]:
    first = next(marks, None)
    if first is None:
        return
    yield b"<Folder>" + _bytes(_text("name", name)).rstrip()
    if not shown:
        yield b"<visibility>0</visibility>"
    yield b"\n"
    for mark in itertools.chain((first,), marks):
        if not shown:
            mark.insert(1, _text("visibility", "0"))
        yield _bytes(mark)
    yield b"</Folder>\n"


def _zone(zone: Zone) -> Element:
    mark = _placemark(zone.name("en"), "zone")
    floor, ceiling = zone.floor_m, zone.ceiling_m
    _data(mark, {"zone": zone.id, "floor_ellipsoid_m": floor, "ceiling_ellipsoid_m": ceiling})
    lon, lat = zone.polygon[0]
    top = None if ceiling is None else sea_level_height_m(lat, lon, ceiling)
    _polygon(mark, [(lat, lon) for lon, lat in closed(zone.polygon)], top)
    return mark


def _track(name: str, leg: Leg) -> Element:
    mark = _placemark(_title(name, leg.facts), "track")
    told = msgspec.structs.asdict(leg.facts)
    _data(mark, {"reports": len(leg.places), **told})
    runs = itertools.groupby(leg.places, key=lambda at: at[1].alt_m is None)
    pieces = [(flat, list(run)) for flat, run in runs]
    parent = mark if len(pieces) == 1 else etree.SubElement(mark, f"{{{GX}}}MultiTrack")
    if parent is not mark:
        etree.SubElement(parent, f"{{{GX}}}interpolate").text = "0"
    for flat, run in pieces:
        path = etree.SubElement(parent, f"{{{GX}}}Track")
        _add(path, "altitudeMode", "clampToGround" if flat else "absolute")
        for t, _ in run:
            _add(path, "when", utc(t))
        for _, at in run:
            place = f"{at.lon} {at.lat}" if at.alt_m is None else f"{at.lon} {at.lat} {at.alt_m}"
            etree.SubElement(path, f"{{{GX}}}coord").text = place
    return mark


def _title(name: str, facts: TrackFacts) -> str:
    who = facts.claimed_serial or facts.claimed_session or facts.claimed_callsign
    return name if who is None else f"{name}, claims to be {who}"


def _ellipse(name: str, t: float, at: Position, error: Ellipse) -> Element:
    mark = _placemark(name, "ellipse", _time("TimeSpan", begin=t, end=t + ELLIPSE_EVERY_S))
    _polygon(mark, ellipse_ring(at, error), None)
    return mark


def ellipse_ring(at: Position, error: Ellipse) -> list[tuple[float, float]]:
    """(lat, lon) corners, anticlockwise and closed, of the ellipse of 95 %."""
    corners = []
    for k in range(_CORNERS):
        turn = -2.0 * math.pi * k / _CORNERS
        along = SIGMAS_95 * error.major_m * math.cos(turn)
        across = SIGMAS_95 * error.minor_m * math.sin(turn)
        azimuth = error.azimuth_deg + math.degrees(math.atan2(across, along))
        lat, lon = destination(at.lat, at.lon, azimuth, math.hypot(along, across))
        corners.append((round(lat, 7), round(lon, 7)))
    return [*corners, corners[0]]


def _alert(alert: Alert) -> Element:
    facts = alert_facts(alert)
    drill = "DRILL " if alert.drill else ""
    title = f"{drill}{alert.level} at {alert.zone} for {alert.track}"
    mark = _placemark(title, None, _time("TimeStamp", when=alert.t))
    _data(mark, msgspec.structs.asdict(facts))
    if alert.position is not None:
        point = _sub(mark, "Point")
        at = _above_the_sea(alert.position)
        _add(point, "altitudeMode", "clampToGround" if at.alt_m is None else "absolute")
        height = "" if at.alt_m is None else f",{at.alt_m}"
        _add(point, "coordinates", f"{at.lon},{at.lat}{height}")
    return mark


def _placemark(name: str, style: str | None, when: Element | None = None) -> Element:
    mark = _element("Placemark")
    _add(mark, "name", name)
    if when is not None:
        mark.append(when)
    if style is not None:
        _add(mark, "styleUrl", f"#{style}")
    return mark


def _time(kind: str, **times: float) -> Element:
    element = _element(kind)
    for name, t in times.items():
        _add(element, name, utc(t))
    return element


def _polygon(mark: Element, corners: list[tuple[float, float]], top: float | None) -> None:
    """A ground, or a column of air up to `top` metres above the sea."""
    polygon = _sub(mark, "Polygon")
    _add(polygon, "extrude", "0" if top is None else "1")
    _add(polygon, "altitudeMode", "clampToGround" if top is None else "absolute")
    ring = _sub(_sub(polygon, "outerBoundaryIs"), "LinearRing")
    height = "" if top is None else f",{top:.2f}"
    _add(ring, "coordinates", " ".join(f"{lon},{lat}{height}" for lat, lon in corners))


def _data(mark: Element, values: dict[str, object]) -> None:
    """What is known, as name and value."""
    data = _sub(mark, "ExtendedData")
    for name, value in values.items():
        if value is None or value == ():
            continue
        one = _sub(data, "Data")
        one.set("name", name)
        text = "; ".join(value) if isinstance(value, tuple) else str(value)
        _add(one, "value", text.lower() if isinstance(value, bool) else text)


def _element(name: str) -> Element:
    return etree.Element(f"{{{KML}}}{name}", nsmap=_NAMESPACES)


def _sub(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{KML}}}{name}")


def _add(parent: Element, name: str, text: str) -> None:
    parent.append(_text(name, text))


def _text(name: str, text: str) -> Element:
    element = _element(name)
    element.text = xml_text(text)
    return element


def _bytes(element: Element) -> bytes:
    """The element without the namespaces that the document's root has declared."""
    text = etree.tostring(element, encoding="UTF-8")
    return text.replace(_DECLARED, b"") + b"\n"


_DECLARED = f' xmlns="{KML}" xmlns:gx="{GX}"'.encode()
