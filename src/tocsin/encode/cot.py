"""An event of Cursor on Target as XML: what TAK servers, ATAK and WinTAK read.

Standard    Cursor on Target 2.0 (MITRE); the detail as ATAK writes it: contact, track, remarks, and
            elements of their own for zones (link, colours) and alerts (emergency, link)
Precision   latitude and longitude to 1e-7 degree, the rest to 0.01; times to 0.001 s
Unknown     height, circular and linear error that are unknown are 9999999.0, as the standard says
Streams     nothing between events. TAK's protocol.txt wants `<?xml …?>` before each; it is left
            out: TAK servers cut from `<event` to `</event>`, and FreeTAKServer takes what stands
            between two of them for one
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from tocsin.words.cot import CotEvent

UNKNOWN = "9999999.0"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_Value = str | float | None


def cot_xml(event: CotEvent) -> bytes:
    """The event, ready for a datagram, a stream or a file."""
    said = {"version": "2.0", "uid": event.uid, "type": event.type, "how": event.how}
    times = {"time": event.t, "start": event.start_t, "stale": event.stale_t}
    said |= {name: cot_time(t) for name, t in times.items()}
    if event.opex:
        said["opex"] = event.opex
    text = (
        f"<event{_attributes(said)}>"
        f'<point lat="{event.lat:.7f}" lon="{event.lon:.7f}" hae="{_metres(event.hae_m)}"'
        f' ce="{_metres(event.ce_m)}" le="{_metres(event.le_m)}"/>'
        f"<detail>{_detail(event)}</detail></event>"
    )
    return text.encode()


def cot_time(t: float) -> str:
    """Unix seconds as the standard writes UTC, to the millisecond."""
    ms = round(t * 1000.0)
    whole = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def element(tag: str, text: str | None = None, **attributes: _Value) -> str:
    """One XML element; attributes that are None are left out."""
    said = {name: str(value) for name, value in attributes.items() if value is not None}
    if text is None:
        return f"<{tag}{_attributes(said)}/>"
    return f"<{tag}{_attributes(said)}>{escape(_clean(text))}</{tag}>"


def remarks(text: str) -> str:
    """What is told in words. FreeTAKServer loses the element if it has no attribute."""
    return element("remarks", text, source="Tocsin")


def _detail(event: CotEvent) -> str:
    parts = []
    if event.callsign is not None:
        parts.append(element("contact", callsign=event.callsign))
    if event.course_deg is not None or event.speed_mps is not None:
        course, speed = event.course_deg or 0.0, event.speed_mps or 0.0
        parts.append(element("track", course=f"{course:.2f}", speed=f"{speed:.2f}"))
    if event.remarks is not None:
        parts.append(remarks(event.remarks))
    return "".join(parts) + event.more


def _metres(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _attributes(said: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_clean(value))}" for name, value in said.items())


def _clean(text: str) -> str:
    """A character that XML cannot carry becomes a question mark."""
    return _NOT_XML.sub("?", text)
