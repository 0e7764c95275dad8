"""What is wrong with a CAP message, in plain sentences: the schema's rules and those it misses.

Standard   OASIS CAP 1.2, schema of clause 3.4 and the notes of clause 3.2 that no schema can check
Beyond it  latitude and longitude ranges, closed polygons, circles, times in order, references that
           are there, well formed, older, and never to oneself, names without forbidden characters,
           restriction and addresses against scope, ceiling only with altitude, an exercise that
           says so, one <info> a language
Safety     no network, no document type, no entities, at most 1 MiB: the input is a stranger's
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple, cast

from lxml import etree

from tocsin.errors import Refused
from tocsin.words.authority import CAP_NAMESPACE

MAX_BYTES = 2**20
"""Burkina Faso's national outline makes a message of 882 kB; what is larger is not read."""

MANNERS = frozenset(
    {"language-twice", "exercise-note", "restriction", "addresses", "references-twice"}
)
"""Rules that we keep when we write, and that services which people rely on break: Canada's messages
have an empty `restriction`, Australia's two blocks in one language. Such messages are read."""

_FORBIDDEN_IN_NAMES = frozenset(" ,<&\t\r\n")
_RADIUS_MAX_KM = 20_038.0  # half the equator: a circle of more covers the earth


class CapFault(NamedTuple):
    """One fault: the short stable name of the rule that is broken, and what is wrong."""

    rule: str
    text: str


def cap_faults(xml: bytes) -> list[str]:
    """Every fault found, the schema's first; empty for a sound message. Signatures aside."""
    try:
        root = parse_cap(xml)
    except Refused as refused:
        return [refused.what]
    schema = _schema_texts(root)
    return schema or [fault.text for fault in meaning_faults(root)]


def parse_cap(xml: bytes, *, blanks: bool = True) -> etree._Element:
    """The root of a CAP message, without comments and instructions; nothing else is judged. Spaces
    between elements are left out where `blanks` is False. Raises Refused."""
    if len(xml) > MAX_BYTES:
        raise Refused("size", f"has {len(xml)} bytes, more than {MAX_BYTES} are not read")
    try:
        root = etree.fromstring(xml, _parser(blanks=blanks))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused("xml", f"is not XML: {error}") from None
    if _has_document_type(root):
        raise Refused("document-type", "carries a document type, which can smuggle in entities")
    return root


def check_meaning(root: etree._Element) -> None:
    """Raises Refused for a message of another kind, against the schema, or that cannot be meant."""
    name = etree.QName(root)
    if name.localname != "alert":
        raise Refused("not-cap", f"begins with <{name.localname}>, not with <alert>")
    if name.namespace != CAP_NAMESPACE:
        raise Refused("version", f"is not CAP 1.2 but {name.namespace or 'without a namespace'}")
    texts = _schema_texts(root)
    if texts:
        raise Refused("schema", texts[0][:300])
    for fault in meaning_faults(root):
        if fault.rule not in MANNERS:
            raise Refused(fault.rule, fault.text)


def meaning_faults(root: etree._Element) -> Iterator[CapFault]:
    """What the schema misses, in a message that it accepts."""
    yield from _envelope_faults(root)
    yield from _reference_faults(root)
    yield from _info_faults(root)


def _schema_texts(root: etree._Element) -> list[str]:
    """The schema's own complaints; lxml's stubs do not know that its log is iterable."""
    schema = _schema()
    if schema.validate(root):
        return []
    log = cast("Iterable[etree._LogEntry]", schema.error_log)
    return [f"line {entry.line}: {entry.message}" for entry in log]


def _has_document_type(root: etree._Element) -> bool:
    """Also an empty one; lxml's stubs do not know `doctype`."""
    document = root.getroottree().docinfo
    return bool(getattr(document, "doctype", "")) or document.internalDTD is not None


def _parser(*, blanks: bool = True) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,  # a comment within a name would hide half of it
        remove_pis=True,
        remove_blank_text=not blanks,
    )


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    text = files("tocsin.decode.cap").joinpath("schema", "CAP-v1.2.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text, _parser()))


def _envelope_faults(root: etree._Element) -> Iterator[CapFault]:
    for name in ("identifier", "sender"):
        text = _text(root, name)
        if not text or not _FORBIDDEN_IN_NAMES.isdisjoint(text):
            yield CapFault(name, f"{name}: may not be empty or hold a space, a comma, < or &")
    scope = _text(root, "scope")
    if (scope == "Restricted") != (_text(root, "restriction") is not None):
        text = "restriction: stands if and only if scope is Restricted"
        yield CapFault("restriction", text)
    if (scope == "Private") != (_text(root, "addresses") is not None):
        yield CapFault("addresses", "addresses: stands if and only if scope is Private")
    if _text(root, "status") == "Exercise" and not _text(root, "note"):
        yield CapFault("exercise-note", "note: an exercise names itself in <note>")


def _reference_faults(root: etree._Element) -> Iterator[CapFault]:
    kind, text = _text(root, "msgType"), _text(root, "references")
    if kind != "Alert" and not (text or "").split():
        yield CapFault("references", f"references: {kind} must name the message it is about")
    own = (_text(root, "sender"), _text(root, "identifier"))
    sent = _time(_text(root, "sent"))
    seen = set()
    for reference in (text or "").split():
        parts = reference.split(",")
        when = _time(parts[2]) if len(parts) == 3 else None
        if when is None or not all(parts):
            what = f"references: {reference!r} is not sender,identifier,sent"
            yield CapFault("references-malformed", what)
            continue
        if (parts[0], parts[1]) == own:
            yield CapFault("references-self", "references: the message refers to itself")
        if reference in seen:
            what = f"references: {reference!r} stands there twice"
            yield CapFault("references-twice", what)
        seen.add(reference)
        if sent is not None and when > sent:
            what = f"references: {reference!r} is later than this message"
            yield CapFault("references-later", what)


def _info_faults(root: etree._Element) -> Iterator[CapFault]:
    sent = _time(_text(root, "sent"))
    languages = set()
    for number, info in enumerate(_all(root, "info"), 1):
        where = f"info {number}"
        language = (_text(info, "language") or "en-US").lower()
        if language in languages:
            yield CapFault("language-twice", f"{where}: a second block in {language}")
        languages.add(language)
        yield from _time_faults(info, sent, where)
        if not (_text(info, "event") or "").strip():
            yield CapFault("event", f"{where}: event is empty")
        for area in _all(info, "area"):
            for fault in _area_faults(area):
                yield CapFault(fault.rule, f"{where}: {fault.text}")


def _time_faults(info: etree._Element, sent: datetime | None, where: str) -> Iterator[CapFault]:
    effective = _time(_text(info, "effective")) or sent
    onset, expires = _time(_text(info, "onset")), _time(_text(info, "expires"))
    if expires is None:
        return
    if sent is not None and expires <= sent:
        yield CapFault("expires-before-sent", f"{where}: expires before it is sent")
    if effective is not None and expires <= effective:
        yield CapFault("expires-before-effect", f"{where}: expires before it is in effect")
    if onset is not None and expires < onset:
        yield CapFault("expires-before-onset", f"{where}: expires before its onset")


def _area_faults(area: etree._Element) -> Iterator[CapFault]:
    for polygon in _all(area, "polygon"):
        corners = [_pair(word) for word in (polygon.text or "").split()]
        if None in corners:
            what = "polygon: a corner is not latitude,longitude within ±90, ±180"
            yield CapFault("polygon-corner", what)
        if len(corners) < 4:
            what = "polygon: fewer than four corners, the last of which repeats the first"
            yield CapFault("polygon-corners", what)
        elif corners[0] != corners[-1]:
            yield CapFault("polygon-open", "polygon: the last corner does not repeat the first")
        elif len(set(corners)) < 3:
            yield CapFault("polygon-flat", "polygon: fewer than three different corners")
    for circle in _all(area, "circle"):
        words = (circle.text or "").split()
        radius = _number(words[1]) if len(words) == 2 else None
        if radius is None or _pair(words[0]) is None or not 0.0 <= radius <= _RADIUS_MAX_KM:
            what = "circle: is not latitude,longitude radius in kilometres"
            yield CapFault("circle", what)
    altitude, ceiling = _number(_text(area, "altitude")), _number(_text(area, "ceiling"))
    if ceiling is not None and (altitude is None or altitude > ceiling):
        yield CapFault("ceiling", "ceiling: stands only above an altitude")


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{CAP_NAMESPACE}}}{name}")


def _text(parent: etree._Element, name: str) -> str | None:
    found = parent.find(f"{{{CAP_NAMESPACE}}}{name}")
    return None if found is None else (found.text or "")


def _time(text: str | None) -> datetime | None:
    """A CAP time; None if it is absent or none. The schema allows a comma for the sign's place."""
    try:
        when = datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
    return when if when is None or when.tzinfo is not None else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _pair(word: str) -> tuple[float, float] | None:
    lat_text, _, lon_text = word.partition(",")
    lat, lon = _number(lat_text), _number(lon_text)
    if lat is None or lon is None or abs(lat) > 90.0 or abs(lon) > 180.0:
        return None
    return lat, lon
