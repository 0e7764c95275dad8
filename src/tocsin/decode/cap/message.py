"""A CAP message as words: every element of the standard, with nothing made up.

Standard   OASIS CAP 1.2, clauses 3.2.1 to 3.2.5, in their order; times with their offset
Wants      a message that `faults.check_meaning` has let through: places and times can be read
Turns      polygons and circles from CAP's latitude,longitude into longitude, latitude
Leaves out the bytes of an embedded resource (`derefUri`): that there are some is told
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from lxml import etree

from tocsin.errors import Refused
from tocsin.words.authority import (
    CAP_NAMESPACE,
    AuthorityAlert,
    AuthorityArea,
    AuthorityInfo,
    AuthorityKind,
    AuthorityReference,
    AuthorityResource,
    AuthorityScope,
    AuthorityStatus,
    Circle,
    Pair,
)
from tocsin.words.place import Ring

_MOST_DIGITS = 16  # a schema's integer may have any number of them
_DEFAULT_LANGUAGE = "en-US"  # clause 3.2.2: what is assumed where none is named


def read_message(root: etree._Element) -> AuthorityAlert:
    """The message under an `alert` element."""
    sent = _text(root, "sent") or ""
    return AuthorityAlert(
        identifier=_text(root, "identifier") or "",
        sender=_text(root, "sender") or "",
        sent=sent,
        sent_t=_seconds(sent),
        status=cast("AuthorityStatus", _text(root, "status")),
        kind=cast("AuthorityKind", _text(root, "msgType")),
        scope=cast("AuthorityScope", _text(root, "scope")),
        source=_text(root, "source"),
        restriction=_text(root, "restriction"),
        addresses=_text(root, "addresses"),
        codes=_texts(root, "code"),
        note=_text(root, "note"),
        references=_references(_text(root, "references")),
        incidents=_text(root, "incidents"),
        infos=tuple(_info(one) for one in _all(root, "info")),
    )


def _info(info: etree._Element) -> AuthorityInfo:
    return AuthorityInfo(
        language=_text(info, "language") or _DEFAULT_LANGUAGE,
        categories=_texts(info, "category"),
        event=_text(info, "event") or "",
        urgency=_text(info, "urgency") or "Unknown",
        severity=_text(info, "severity") or "Unknown",
        certainty=_text(info, "certainty") or "Unknown",
        responses=_texts(info, "responseType"),
        audience=_text(info, "audience"),
        event_codes=_pairs(info, "eventCode"),
        effective_t=_time(info, "effective"),
        onset_t=_time(info, "onset"),
        expires_t=_time(info, "expires"),
        sender_name=_text(info, "senderName"),
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        web=_text(info, "web"),
        contact=_text(info, "contact"),
        parameters=_pairs(info, "parameter"),
        resources=tuple(_resource(one) for one in _all(info, "resource")),
        areas=tuple(_area(one) for one in _all(info, "area")),
    )


def _resource(resource: etree._Element) -> AuthorityResource:
    size = _text(resource, "size")
    return AuthorityResource(
        description=_text(resource, "resourceDesc") or "",
        mime_type=_text(resource, "mimeType") or "",
        size_bytes=int(size) if size is not None and len(size) < _MOST_DIGITS else None,
        uri=_text(resource, "uri"),
        digest=_text(resource, "digest"),
        has_content=_text(resource, "derefUri") is not None,
    )


def _area(area: etree._Element) -> AuthorityArea:
    altitude, ceiling = _text(area, "altitude"), _text(area, "ceiling")
    return AuthorityArea(
        description=_text(area, "areaDesc") or "",
        polygons=tuple(_ring(text) for text in _texts(area, "polygon")),
        circles=tuple(_circle(text) for text in _texts(area, "circle")),
        geocodes=_pairs(area, "geocode"),
        altitude_ft=None if altitude is None else float(altitude),
        ceiling_ft=None if ceiling is None else float(ceiling),
    )


def _ring(text: str) -> Ring:
    return tuple(_lon_lat(word) for word in text.split())


def _circle(text: str) -> Circle:
    centre, radius_km = text.split()
    return (*_lon_lat(centre), float(radius_km))


def _lon_lat(word: str) -> tuple[float, float]:
    lat, _, lon = word.partition(",")
    return float(lon), float(lat)


def _references(text: str | None) -> tuple[AuthorityReference, ...]:
    words = [word.split(",") for word in (text or "").split()]
    return tuple(AuthorityReference(sender, name, sent) for sender, name, sent in words)


def _time(parent: etree._Element, name: str) -> float | None:
    text = _text(parent, name)
    return None if text is None else _seconds(text)


def _seconds(text: str) -> float:
    """Raises Refused for what XML allows and no clock shows, such as the year 0."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise Refused("time", f"{text!r} is no time") from None


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{CAP_NAMESPACE}}}{name}")


def _pairs(parent: etree._Element, name: str) -> tuple[Pair, ...]:
    return tuple(
        (_text(one, "valueName") or "", _text(one, "value") or "") for one in _all(parent, name)
    )


def _texts(parent: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(text for one in _all(parent, name) if (text := _said(one)))


def _text(parent: etree._Element, name: str) -> str | None:
    """None where it is absent or empty: Canada writes elements that say nothing."""
    found = parent.find(f"{{{CAP_NAMESPACE}}}{name}")
    return None if found is None else _said(found)


def _said(element: etree._Element) -> str | None:
    return (element.text or "").strip() or None
