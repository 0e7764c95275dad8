"""Events of Cursor on Target in XML: read by a parser that expands nothing and fetches nothing.

Standard   Cursor on Target 2.0; TAK's protocol.txt for streams: an event ends at `</event>`
Hardened   what stands before `<event` (where a document type would be) is not parsed at all, the
           text is taken for UTF-8 whatever it says, entities stay unexpanded, nesting is bounded
Unknown    hae, ce and le of 999999 or more; ce and le of 0, which senders write for "not told"
Errors     Refused "cot-xml", "cot-doctype", "cot-shape", "cot-range", "cot-size"
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree
from msgspec.structs import replace

from tocsin.errors import DecodeError, FormatError, Refused
from tocsin.words import Frame, Link
from tocsin.words.cot import CotEvent

MOST_BYTES = 65_536
"""The largest event: ATAK's own are below 10 kB, and a datagram holds no more."""
_END = b"</event>"
_UNKNOWN_FROM = 999_999.0
_START = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<event\s[^<>]*?\suid\s*=")
_PERSONS = ("__group", "takv", "uid")
"""Elements of the detail with which a device tells its own bearer's place."""


class CotFormat:
    """Events in files one after another, one in a datagram, or in a stream."""

    name = "cot"
    link: Link = "cot"

    def sniff(self, start: bytes) -> bool:
        """An `<event` with a uid is the first element."""
        return _START.match(start.removeprefix(b"\xef\xbb\xbf")) is not None

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """The events of a file at the times they tell. Raises FormatError for a cut last one."""
        at, number, t = 0, 0, start
        while (end := data.find(_END, at)) >= 0:
            number += 1
            message = data[at : end + len(_END)]
            t = _told_t(message, t)
            yield Frame(message, sensor or "", t, self.link, f"{name} event {number}")
            at = end + len(_END)
        if data[at:].strip():
            raise FormatError(f"event {number + 1} has no end", where=f"{name} byte {at}")

    def datagram(self, data: bytes) -> list[bytes]:
        """One event, or none."""
        return [data] if data.strip() else []

    def splitter(self) -> CotSplitter:
        """Cuts behind each `</event>`."""
        return CotSplitter()


class CotSplitter:
    """Cuts a stream behind each `</event>`; what grows beyond the largest event is given up."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = bytearray()

    @property
    def waiting(self) -> bytes:
        """What is not whole yet."""
        return bytes(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """The events that these bytes complete."""
        seen = max(0, len(self._rest) - len(_END))
        self._rest += data
        found, at = [], 0
        while (end := self._rest.find(_END, max(at, seen))) >= 0:
            message = bytes(self._rest[at : end + len(_END)])
            at = end + len(_END)
            if len(message) > MOST_BYTES:
                self.dropped += len(message)
            else:
                found.append(message)
        del self._rest[:at]
        if len(self._rest) > MOST_BYTES:
            self.dropped += len(self._rest) - len(_END)
            del self._rest[: -len(_END)]
        return found


def read_cot(data: bytes, where: str = "") -> CotEvent:
    """One event. Raises Refused."""
    begin = data.find(b"<event")
    if begin < 0:
        raise Refused("cot-xml", "no event in it", where=where)
    if b"<!" in data[:begin]:
        raise Refused("cot-doctype", "a document type is not accepted", where=where)
    root = parse(data[begin:], where)
    if root.tag != "event":
        raise Refused("cot-xml", "not an event", where=where)
    point = root.find("point")
    if point is None:
        raise Refused("cot-shape", "an event without a point", where=where)
    lat, lon, hae, ce, le = (
        _number(point.get(name), name, where) for name in ("lat", "lon", "hae", "ce", "le")
    )
    t, start_t, stale_t = (_time(root.get(n), n, where) for n in ("time", "start", "stale"))
    uid, kind, how = (root.get(name, "") for name in ("uid", "type", "how"))
    event = checked(CotEvent(uid, kind, how, t, start_t, stale_t, lat, lon, hae, ce, le), where)
    event = replace(event, opex=root.get("opex", ""))
    detail = root.find("detail")
    return event if detail is None else with_detail(event, detail, where)


def checked(event: CotEvent, where: str = "") -> CotEvent:
    """The event with what its senders write for unknown as None. Raises Refused."""
    if not event.uid or not event.type:
        raise Refused("cot-shape", "an event without a uid or a type", where=where)
    numbers = (event.lat, event.lon, event.hae_m or 0.0, event.ce_m or 0.0, event.le_m or 0.0)
    if not all(map(math.isfinite, numbers)):
        raise Refused("cot-range", "a number that is not finite", where=where)
    if not (-90.0 <= event.lat <= 90.0 and -180.0 <= event.lon <= 180.0):
        raise Refused("cot-range", f"{event.lat} {event.lon} is no place", where=where)
    return replace(
        event,
        hae_m=None if abs(event.hae_m or 0.0) >= _UNKNOWN_FROM else event.hae_m,
        ce_m=_error(event.ce_m),
        le_m=_error(event.le_m),
    )


def with_detail(event: CotEvent, detail: etree._Element, where: str = "") -> CotEvent:
    """What its detail adds; what it does not tell stays. Raises Refused."""
    contact, track, remarks = (detail.find(tag) for tag in ("contact", "track", "remarks"))
    callsign, endpoint = event.callsign, None
    if contact is not None:
        callsign, endpoint = contact.get("callsign", callsign), contact.get("endpoint")
    course, speed = event.course_deg, event.speed_mps
    if track is not None:
        course = _optional(track.get("course"), "course", where)
        speed = _optional(track.get("speed"), "speed", where)
    said = event.remarks or detail.get("remarks")  # where FreeTAKServer puts bare remarks
    if remarks is not None:
        said = "".join(map(str, remarks.itertext()))
    more = ""
    if event.type.startswith("t-"):
        more = "".join(etree.tostring(one, encoding="unicode", with_tail=False) for one in detail)
    person = event.person or bool(endpoint)
    return replace(
        event,
        callsign=callsign,
        course_deg=course,
        speed_mps=speed,
        remarks=said,
        more=more,
        person=person or any(detail.find(tag) is not None for tag in _PERSONS),
    )


def parse(text: bytes, where: str = "") -> etree._Element:
    """XML that begins with its first element, as UTF-8. Raises Refused."""
    if len(text) > MOST_BYTES:
        raise Refused("cot-size", f"{len(text)} bytes", where=where)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise Refused("cot-xml", str(error), where=where) from None


def _told_t(message: bytes, before: float) -> float:
    """When an event says it was made; that of the one before it where it cannot be read."""
    try:
        return read_cot(message).t
    except DecodeError:
        return before


def _time(text: str | None, name: str, where: str) -> float:
    """ISO 8601 with a zone, any number of decimals; Unix seconds."""
    try:
        when = datetime.fromisoformat(text or "")
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return round(when.timestamp(), 3)
    except (ValueError, OverflowError):
        raise Refused("cot-shape", f"{name} {text!r} is no time", where=where) from None


def _number(text: str | None, name: str, where: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise Refused("cot-shape", f"{name} {text!r} is no number", where=where) from None


def _optional(text: str | None, name: str, where: str) -> float | None:
    """None where it is not told, or told as -1 or less, or as not a number."""
    if not text:
        return None
    value = _number(text, name, where)
    return value if math.isfinite(value) and value >= 0.0 else None


def _error(value: float | None) -> float | None:
    return value if value is not None and 0.0 < value < _UNKNOWN_FROM else None
