"""An alert as a Common Alerting Protocol message, which sirens, apps and television understand.

Standard    OASIS CAP 1.2 (ITU-T X.1303 bis); elements in the order of its clause 3.2
Carries     one <info> a language; headline, description (reasons), instruction; the zone's polygon;
            level, reason codes, "automatic" as parameters; references to the earlier messages
Leaves out  sensors and their places, operators, serial numbers, the drone's own position;
            <altitude> and <ceiling>: a zone's height band is where *drones* count, whereas the
            people who must take cover stand below it and would be filtered out

What level and time to entry become (clauses 3.2.2, `info`):

    level      urgency                            severity  certainty             responseType
    alarm      Immediate                          Extreme   Observed if inside,   Shelter
                                                            else Likely
    warning    Immediate if likely within 60 s,   Severe    Likely if it closes,  Prepare
               else Expected                                else Possible
    watch      Expected if it closes, else Future Moderate  Possible              Monitor
    all-clear  Past                               Minor     Observed              AllClear
    cancel     Past                               Minor     Unlikely              None

The all-clear is an *Update* with AllClear: the danger was real and has passed, and people are to be
told what to do now. *Cancel* is kept for what should not have been said: a receiver may simply
remove the message without a word. An alarm, and the all-clear of an alarm, is Public; watch and
warning are Restricted to the desk (DESIGN 6.2).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Literal, cast
from urllib.parse import quote

import msgspec
from lxml import etree

from tocsin.encode.speech import phrase, wordings
from tocsin.encode.xml_text import xml_text
from tocsin.words import Alert, Level, Wording, Zone
from tocsin.words.authority import CAP_NAMESPACE

NAMESPACE = CAP_NAMESPACE
_DEFAULT_NAMESPACE = cast("dict[str, str]", {None: NAMESPACE})  # the stubs know no default one

Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Response = Literal["Shelter", "Prepare", "Monitor", "AllClear", "None"]
MessageType = Literal["Alert", "Update", "Cancel"]

_SEVERITIES: dict[Level, Severity] = {
    "alarm": "Extreme",
    "warning": "Severe",
    "watch": "Moderate",
    "all-clear": "Minor",
}
_RESPONSES: dict[Level, Response] = {
    "alarm": "Shelter",
    "warning": "Prepare",
    "watch": "Monitor",
    "all-clear": "AllClear",
}
_AT_ONCE_S = 60.0


class CapSender(msgspec.Struct, frozen=True):
    """Who speaks. `id` is unique in the world and stays (`tocsin@dam.example`): no space or comma.

    `tags` gives another tag (RFC 3066) to write for one of our languages, such as `fr-ML` for `fr`;
    `valid_s` how long a message stands unless a later one replaces it; `event_code` an OASIS Event
    Terms code.
    """

    id: str
    name: str
    tags: dict[str, str] = {}
    valid_s: float = 1800.0
    contact: str | None = None
    web: str | None = None
    event_code: str = "OET-020"  # "aviation security" of the OASIS Event Terms List 1.2
    restriction: str = "For the duty desk only; not for the public."


class CapReference(msgspec.Struct, frozen=True):
    """The three words by which one message points to another (clause 3.2.1, `references`)."""

    sender: str
    identifier: str
    sent: str


class CapStatement(msgspec.Struct, frozen=True):
    """What one message says: an alert statement for a zone, and the messages it replaces.

    `sent_t` is Unix seconds; CAP writes whole seconds, rounded down.
    """

    alert: Alert
    zone: Zone
    sender: CapSender
    sent_t: float
    references: tuple[CapReference, ...] = ()

    @property
    def message_type(self) -> MessageType:
        """Without an earlier message to point to it can only be an Alert (clause 3.2.1)."""
        if not self.references:
            return "Alert"
        return "Cancel" if self.alert.kind == "cancel" else "Update"

    @property
    def reference(self) -> CapReference:
        """How later messages point to this one."""
        return CapReference(self.sender.id, cap_identifier(self.alert), cap_time(self.sent_t))

    @property
    def expires_t(self) -> float:
        """Until when receivers show it if nothing else comes."""
        return math.floor(self.sent_t) + max(self.sender.valid_s, 1.0)


def cap_identifier(alert: Alert) -> str:
    """The message's name: alert and sequence, with all that CAP forbids in a name written as %XX.

    It is also a safe file name.
    """
    return quote(f"{alert.alert}-{alert.sequence}", safe="")


def cap_time(t: float) -> str:
    """Unix seconds as CAP writes UTC: `-00:00`, never `Z`, whole seconds (clause 3.3.2)."""
    return datetime.fromtimestamp(math.floor(t), UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def urgency_of(alert: Alert) -> Urgency:
    """How soon to act; the table stands at the top of this file."""
    if alert.level == "all-clear" or alert.kind == "cancel":
        return "Past"
    if alert.level == "alarm":
        return "Immediate"
    if alert.level == "warning":
        soon = alert.eta_s is not None and alert.eta_s[1] <= _AT_ONCE_S
        return "Immediate" if soon else "Expected"
    return "Future" if alert.eta_s is None else "Expected"


def severity_of(alert: Alert) -> Severity:
    """How grave it is."""
    if alert.kind == "cancel":
        return "Minor"
    return _SEVERITIES[alert.level]


def certainty_of(alert: Alert) -> Certainty:
    """How sure we are."""
    if alert.kind == "cancel":
        return "Unlikely"
    if alert.level == "all-clear":
        return "Observed"
    if alert.level == "alarm":
        return "Observed" if any(r.code == "inside" for r in alert.because) else "Likely"
    return "Likely" if alert.level == "warning" and alert.eta_s is not None else "Possible"


def response_of(alert: Alert) -> Response:
    """What people are to do."""
    if alert.kind == "cancel":
        return "None"
    return _RESPONSES[alert.level]


def cap_xml(statement: CapStatement) -> bytes:
    """The message as UTF-8 XML, valid against the OASIS schema; the same bytes every time."""
    alert, sender = statement.alert, statement.sender
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_DEFAULT_NAMESPACE)
    _add(root, "identifier", cap_identifier(alert))
    _add(root, "sender", sender.id)
    _add(root, "sent", cap_time(statement.sent_t))
    _add(root, "status", "Exercise" if alert.drill else "Actual")
    _add(root, "msgType", statement.message_type)
    _add(root, "scope", "Public" if alert.public else "Restricted")
    if not alert.public:
        _add(root, "restriction", sender.restriction)
    texts = wordings(alert, statement.zone)
    if alert.drill:
        _add(root, "note", " ".join(phrase("drill.start", language) for language in texts))
    if statement.references:
        named = (f"{r.sender},{r.identifier},{r.sent}" for r in statement.references)
        _add(root, "references", " ".join(named))
    _add(root, "incidents", quote(alert.alert, safe=""))
    for language, told in texts.items():
        _add_info(root, statement, language, told)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_info(root: etree._Element, statement: CapStatement, language: str, told: Wording) -> None:
    alert, zone, sender = statement.alert, statement.zone, statement.sender
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    _add(info, "language", sender.tags.get(language, language))
    _add(info, "category", "Safety")
    _add(info, "category", "Security")
    _add(info, "event", phrase("event", language))
    _add(info, "responseType", response_of(alert))
    _add(info, "urgency", urgency_of(alert))
    _add(info, "severity", severity_of(alert))
    _add(info, "certainty", certainty_of(alert))
    _add_pair(info, "eventCode", "OET:v1.2", sender.event_code)
    onset_t = _onset_t(statement)
    if onset_t is not None:
        _add(info, "onset", cap_time(onset_t))
    _add(info, "expires", cap_time(statement.expires_t))
    _add(info, "senderName", sender.name)
    _add(info, "headline", told.headline)
    _add(info, "description", told.description)
    _add(info, "instruction", told.instruction)
    if sender.web is not None:
        _add(info, "web", sender.web)
    if sender.contact is not None:
        _add(info, "contact", sender.contact)
    _add_pair(info, "parameter", "tocsin:level", alert.level)
    for code in dict.fromkeys(reason.code for reason in alert.because):
        _add_pair(info, "parameter", "tocsin:reason", code)
    _add_pair(info, "parameter", "tocsin:automatic", "true" if alert.automatic else "false")
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", zone.name(language))
    _add(area, "polygon", cap_polygon(zone))


def cap_polygon(zone: Zone) -> str:
    """ "lat,lon lat,lon …", closed: CAP's order is the reverse of GeoJSON's (clause 3.2.4)."""
    ring = list(zone.polygon)
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in ring)


def _onset_t(statement: CapStatement) -> float | None:
    """When it is expected to enter, which lies before the message's end or is left out."""
    alert = statement.alert
    if alert.eta_s is None or alert.level == "all-clear":
        return None
    onset_t = statement.sent_t + max(alert.eta_s[1], 0.0)
    return onset_t if onset_t < statement.expires_t else None


def _add_pair(parent: etree._Element, name: str, key: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    _add(pair, "valueName", key)
    _add(pair, "value", value)


def _add(parent: etree._Element, name: str, text: str) -> None:
    """A child with text."""
    etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = xml_text(text)
