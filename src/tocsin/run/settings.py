"""The tables of `tocsin.toml`: each setting's name, type and default in one place.

The file is the human's: Tocsin reads it and never writes it. `docs/reference/config.md` is made
from these classes and checked by a test.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from tocsin.words import Approval, Step

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Celsius = Annotated[float, msgspec.Meta(ge=-60, le=60)]
Metres = Annotated[float, msgspec.Meta(gt=0)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Corners = list[tuple[float, float]]


def meanings(table: type[msgspec.Struct]) -> dict[str, str]:
    """What each setting means, by the table's docstring and those it builds on."""
    found: dict[str, str] = {}
    for part in reversed(table.__mro__):
        found.update(re.findall(r"^\s*(\w+): (.+)$", part.__doc__ or "", re.MULTILINE))
    return found


class SiteTable(msgspec.Struct, frozen=True):
    """`[site]` the place itself.

    name: shown on every screen
    country: ISO 3166-1 alpha-2, such as "ML": decides the legal words
    words: the word at the head of a message, by language and level, before the country's
    arabic_digits: write Arabic with its own digits in warnings
    languages: tags in the order people here read them
    sensors: the sensors.json beside this file
    data: folder for the journal, the token's hash and the CAP files
    air_c: usual temperature of the air, deg C, -60 to 60: it sets how late sound comes
    """

    name: Name
    country: str = ""
    words: dict[str, dict[str, Word]] = {}
    arabic_digits: bool = False
    languages: list[str] = msgspec.field(default_factory=lambda: ["fr", "en"])
    sensors: str = "sensors.json"
    data: str = "data"
    air_c: Celsius = 20.0


class ServeTable(msgspec.Struct, frozen=True):
    """`[serve]` the pages.

    host: the address to listen on; anything but loopback needs allow_network
    port: TCP port, 0 for any free one
    allow_network: listen beyond this machine although there is no TLS here
    """

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8640
    allow_network: bool = False


class CapTable(msgspec.Struct, frozen=True):
    """`[cap]` who speaks in CAP messages.

    sender: a stable name of the form of an e-mail address (CAP 1.2, 3.2.1)
    sender_name: what people call the sender, by language
    authority: the sender is the body that the law of the country lets issue alerts
    certificate: file of the certificate that messages are signed with, and of those above it
    key: file of its private key (P-256), readable by nobody else
    unsigned: what becomes of a message that could not be signed: "publish" it, or "withhold" it
    """

    sender: Annotated[str, msgspec.Meta(pattern=r"^[^\s,<&]+$")] = "tocsin@site.invalid"
    sender_name: dict[str, str] = {}
    authority: bool = False
    certificate: str = ""
    key: str = ""
    unsigned: Literal["publish", "withhold"] = "publish"


class RulesTable(msgspec.Struct, frozen=True):
    """`[zone.rules]` when the bell rings; each setting is optional.

    watch_eta_s: likely time to entry at which the desk is told
    warning_eta_s: at which people are told to be ready
    alarm_eta_s: at which the public bell rings
    leave_factor: how far beyond its threshold a level is kept
    hold_s: the least time before a desk level falls
    clear_s: time without cause before the all-clear
    loiter_s: time near one spot that counts as loitering
    loiter_radius_m: how near
    near_m: how far from the zone loitering matters
    min_p_drone: probability of being a drone from which a track counts
    max_sigma_m: position error beyond which an alert stays a watch
    """

    watch_eta_s: Seconds = 300.0
    warning_eta_s: Seconds = 120.0
    alarm_eta_s: Seconds = 60.0
    leave_factor: Annotated[float, msgspec.Meta(ge=1, le=3)] = 1.3
    hold_s: Annotated[float, msgspec.Meta(ge=0)] = 15.0
    clear_s: Seconds = 30.0
    loiter_s: Seconds = 60.0
    loiter_radius_m: Metres = 300.0
    near_m: Metres = 1000.0
    min_p_drone: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    max_sigma_m: Metres = 400.0


class ZoneTable(msgspec.Struct, frozen=True):
    """`[[zone]]` a protected place.

    id: short name for files and links
    names: what people call it, by language
    polygon: corners as [longitude, latitude]
    floor_m: metres above the WGS-84 ellipsoid below which nothing concerns it
    ceiling_m: above which nothing concerns it
    hours: when it is watched, UTC, such as "mon-fri 06:00-18:00"; always if absent
    tell: ids of the channels that are told
    languages: in which languages
    ladder: who else is told when nobody acknowledges, as [{ after_s = 60, tell = ["prefect"] }]
    approval: channels that wait for a person, as { channels = ["sms"], release_eta_s = 45 }
    """

    id: Id
    names: dict[str, Name]
    polygon: Corners
    floor_m: float | None = None
    ceiling_m: float | None = None
    hours: list[str] = []
    tell: list[str] = []
    languages: list[str] = []
    ladder: list[Step] = []
    approval: Approval | None = None


class ReportsTable(msgspec.Struct, frozen=True):
    """`[reports]` whether people may report, on /report and by text message.

    accept: take reports at all
    anywhere: take reports of phones that know their cell, not only of posts
    reach_m: how far from a zone such a cell may be
    most_an_hour: reports that one sender may send in an hour
    most_a_minute: reports that are taken of one cell in a minute
    least_cells: cells that must agree before they are a witness beside a sensor, 3 or more
    spool: folder into which smstools puts received messages; they are removed once read
    outgoing: folder from which smstools sends; with it each message is answered
    gateway_token_file: file of the token with which a gateway hands on messages
    acknowledge: whether a gateway is given an answer to send
    """

    accept: bool = False
    anywhere: bool = False
    reach_m: Metres = 10_000.0
    most_an_hour: Annotated[int, msgspec.Meta(ge=1, le=60)] = 6
    most_a_minute: Annotated[int, msgspec.Meta(ge=1, le=60)] = 6
    least_cells: Annotated[int, msgspec.Meta(ge=3, le=50)] = 3
    spool: str = ""
    outgoing: str = ""
    gateway_token_file: str = ""
    acknowledge: bool = False


class PostTable(msgspec.Struct, frozen=True):
    """`[[post]]` a sticker from which people report: its number stands on it and in its QR code.

    number: what people write in a text message
    lat: degrees; only the cell of 1 km that it lies in is used
    lon: degrees
    """

    number: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    lat: Latitude
    lon: Longitude


class DrillTable(msgspec.Struct, frozen=True):
    """`[[drill]]` an exercise that really rings, marked as one in every language.

    zone: where
    at: UTC, such as "mon 10:00"; without days every day
    first_week: only in the first seven days of each month
    level: how loud, "watch", "warning" or "alarm"
    lasts_s: until its own all-clear
    """

    zone: Id
    at: Annotated[str, msgspec.Meta(min_length=5, max_length=20)]
    first_week: bool = False
    level: Literal["watch", "warning", "alarm"] = "alarm"
    lasts_s: Annotated[float, msgspec.Meta(ge=5, le=600)] = 60.0


class FriendTable(msgspec.Struct, frozen=True):
    """`[[friend]]` a registered civil drone that does not ring the bell while it keeps its permit.

    serial: its Remote ID serial number (CTA-2063-A)
    label: what the desk calls it
    area: corners as [longitude, latitude]; anywhere if absent
    ceiling_m: metres above the ellipsoid
    max_speed_mps: faster is not it
    valid_from: a TOML date-time with its offset
    valid_until: likewise
    """

    serial: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    label: Name
    area: Corners | None = None
    ceiling_m: float | None = None
    max_speed_mps: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class PeerTable(msgspec.Struct, frozen=True):
    """`[[peer]]` a neighbour to whom tracks and alerts are handed on; none of it names an operator.

    id: short name
    kind: what it speaks, see docs/reference/peers.md
    host: its address; for multicast, the group's
    port: its port
    interface: address of the network card that multicast leaves by
    ca: file of the certificates that its own must come from; with it the connection is TLS
    certificate: file of our certificate, where it asks for one
    key: file of the key of our certificate
    node: the id under which it knows us, where it has one (SAPIENT: a UUID, ASTERIX: SAC/SIC)
    tls_name: the name in its certificate, where that is not `host`
    protocol: TAK: "xml", or "tak1" for TAK protocol version 1 where a server offers it
    affiliation: TAK: what a drone is called while an alert stands for it; never a friend
    birds: TAK: whether birds are told too
    """

    id: Id
    kind: str
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    interface: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""
    node: str = ""
    tls_name: str = ""
    protocol: Literal["xml", "tak1"] = "xml"
    affiliation: Literal["unknown", "pending", "suspect", "hostile"] = "unknown"
    birds: bool = False


class ChannelTable(msgspec.Struct, frozen=True):
    """`[[channel]]` a way to tell people; settings beyond these belong to its kind.

    id: short name, used in a zone's `tell`
    kind: see docs/reference/channels.md
    """

    id: Id
    kind: str
