"""A warning that somebody else sent: what a CAP 1.2 message of a civil-protection authority says.

Every element of the standard has its place here; what is absent is None or empty. Times are Unix
seconds. Polygons are (longitude, latitude), circles (longitude, latitude, kilometres), heights as
CAP writes them: feet above sea level.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.place import Ring

CAP_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

AuthorityStatus = Literal["Actual", "Exercise", "System", "Test", "Draft"]
AuthorityKind = Literal["Alert", "Update", "Cancel", "Ack", "Error"]
AuthorityScope = Literal["Public", "Restricted", "Private"]
Pair = tuple[str, str]
Circle = tuple[float, float, float]

SEVERITIES = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
"""From the least grave to the gravest."""

UNTIL_UNSAID_S = 86_400.0
"""A message that does not say until when is shown for a day (CAP leaves it to the recipient)."""


class AuthorityArea(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where: a description, and any of outlines, circles and codes such as `("SAME", "006109")`."""

    description: str
    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude_ft: float | None = None
    ceiling_ft: float | None = None


class AuthorityResource(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture or file that the message points to; it is named, and never fetched."""

    description: str
    mime_type: str
    size_bytes: int | None = None
    uri: str | None = None
    digest: str | None = None
    has_content: bool = False


class AuthorityInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said in one language, or of one hazard. `language` is en-US where none is named."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    responses: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[Pair, ...] = ()
    effective_t: float | None = None
    onset_t: float | None = None
    expires_t: float | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Pair, ...] = ()
    resources: tuple[AuthorityResource, ...] = ()
    areas: tuple[AuthorityArea, ...] = ()


class AuthorityReference(msgspec.Struct, frozen=True):
    """The three words by which one message names another; `sent` as it was written."""

    sender: str
    identifier: str
    sent: str

    @property
    def name(self) -> tuple[str, str]:
        """What makes it the only one in the world."""
        return self.sender, self.identifier


class AuthorityAlert(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message. `sent` is as it was written, `sent_t` the same time in Unix seconds."""

    identifier: str
    sender: str
    sent: str
    sent_t: float
    status: AuthorityStatus
    kind: AuthorityKind
    scope: AuthorityScope
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[AuthorityReference, ...] = ()
    incidents: str | None = None
    infos: tuple[AuthorityInfo, ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """Sender and identifier: no two messages of the world share both."""
        return self.sender, self.identifier

    @property
    def reference(self) -> str:
        """How CAP refers to it: sender, identifier, time."""
        return f"{self.sender},{self.identifier},{self.sent}"

    @property
    def gravity(self) -> int:
        """The place in SEVERITIES of the gravest of all that it says."""
        return max((gravity_of(info.severity) for info in self.infos), default=0)

    @property
    def until_t(self) -> float:
        """Until when it stands if nothing else comes."""
        ends = [
            self.sent_t + UNTIL_UNSAID_S if info.expires_t is None else info.expires_t
            for info in self.infos
        ]
        return max(ends, default=self.sent_t + UNTIL_UNSAID_S)

    @property
    def from_t(self) -> float:
        """Since when it is in effect."""
        return min(
            (self.sent_t if i.effective_t is None else i.effective_t for i in self.infos),
            default=self.sent_t,
        )

    def info(self, language: str) -> AuthorityInfo | None:
        """What it says in a language, else in the first; None where it says nothing."""
        wanted = language.lower().partition("-")[0]
        for info in self.infos:
            if info.language.lower().partition("-")[0] == wanted:
                return info
        return self.infos[0] if self.infos else None


def gravity_of(severity: str) -> int:
    """A severity's place in SEVERITIES."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


class AuthorityNotice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as the site keeps it: which `[[authority]]` it came by, who signed it (None where
    nobody did), when it was received, and the bytes that were received."""

    authority: str
    alert: AuthorityAlert
    received_t: float
    digest: str
    signed_by: str | None = None
    xml: bytes = b""

    @property
    def verified(self) -> bool:
        """Whether a certificate that the site trusts vouches for it."""
        return self.signed_by is not None
