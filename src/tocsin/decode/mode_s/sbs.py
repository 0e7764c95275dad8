"""Lines of an aircraft receiver as comma-separated values ("SBS" or "BaseStation", port 30003).

Format     22 fields: MSG, type 1-8, session, aircraft, address, flight, date and time made, date
           and time written, callsign, altitude, speed (kt), course, latitude, longitude, climb
           (ft/min), squawk, alert, emergency, ident, on ground; other first fields (SEL ID AIR STA
           CLK) tell no place
Source     Kinetic's BaseStation socket, as dump1090 and readsb write it
Beware     the times are of the receiver's own zone and are taken for UTC; the altitude is
           barometric and is not used; no accuracy is told
Errors     Refused "sbs-line", "sbs-range"
"""

from __future__ import annotations

import math
import re
from collections import Counter as Count
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from tocsin.decode.stream import Lines
from tocsin.errors import Refused
from tocsin.words import Frame, Link

LINK: Link = "sbs"
_FIELDS = 22
_LEAST_FIELDS = 10
"""Lines of other kinds stop behind the callsign or the times."""
_KINDS = frozenset({"MSG", "SEL", "ID", "AIR", "STA", "CLK"})
_BEGINNING = re.compile(rb"(?:MSG,[1-8]|SEL,|ID,|AIR,|STA,|CLK,)[^\r\n]{0,200}")
_SNIFFED_LINES = 50
_LONGEST = 512


class SbsLine(msgspec.Struct, frozen=True):
    """What one line tells; None where its field is empty."""

    address: int
    callsign: str | None = None
    speed_kt: float | None = None
    course_deg: float | None = None
    lat: float | None = None
    lon: float | None = None
    climb_fpm: float | None = None
    on_ground: bool = False


def read_line(data: bytes) -> SbsLine | None:
    """One line, None if its kind tells nothing of a flight. Raises Refused."""
    try:
        fields = data.decode("ascii").strip().split(",")
    except UnicodeDecodeError:
        raise Refused("sbs-line", "not ASCII") from None
    if len(data) > _LONGEST or fields[0] not in _KINDS or len(fields) < _LEAST_FIELDS:
        raise Refused("sbs-line", f"not a line of a receiver: {data[:48]!r}")
    if fields[0] != "MSG":
        return None
    if len(fields) != _FIELDS or not re.fullmatch("[0-9A-Fa-f]{6}", fields[4]):
        raise Refused("sbs-line", f"{len(fields)} fields, address {fields[4]!r}")
    lat, lon = _number(fields[14]), _number(fields[15])
    if lat is None or lon is None:
        lat = lon = None
    elif abs(lat) > 90.0 or abs(lon) > 180.0:
        raise Refused("sbs-range", f"latitude {lat}, longitude {lon}")
    return SbsLine(
        int(fields[4], 16),
        fields[10].strip() or None,
        _number(fields[12]),
        _number(fields[13]),
        lat,
        lon,
        _number(fields[16]),
        fields[21].strip() in ("-1", "1"),
    )


def _number(text: str) -> float | None:
    """Of a field; None if it is empty. Raises Refused."""
    if not text or text.isspace():
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refused("sbs-line", f"not a number: {text[:16]!r}") from None
    if not math.isfinite(value):
        raise Refused("sbs-line", f"not a number: {text[:16]!r}")
    return value


def time_of(line: bytes) -> float | None:
    """When the message was made, as if in UTC; None where the line does not say."""
    fields = line.split(b",", 9)
    if len(fields) < 9:
        return None
    try:
        said = f"{fields[6].decode('ascii').replace('/', '-')}T{fields[7].decode('ascii')}"
        return datetime.fromisoformat(said).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


class SbsFormat:
    """Lines in files, in datagrams and over connections."""

    name = "sbs"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """Every whole line of its beginning is one of a receiver."""
        lines = [line.strip() for line in start.split(b"\n")]
        whole = [line for line in lines[:-1] or lines if line][:_SNIFFED_LINES]
        return bool(whole) and all(
            _BEGINNING.fullmatch(line) and line.count(b",") >= _LEAST_FIELDS - 1 for line in whole
        )

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Count[str]
    ) -> Iterator[Frame]:
        """One frame a line, at the time it tells, else that of the line before."""
        heard_by = sensor or name.rpartition(".")[0] or name
        t = start
        for number, line in enumerate(data.split(b"\n"), start=1):
            line = line.strip()
            if line:
                said = time_of(line)
                t = t if said is None else said
                yield Frame(line, heard_by, t, LINK, f"{name} line {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """Its lines, but for the empty ones."""
        return [line.strip() for line in data.split(b"\n") if line.strip()]

    def splitter(self) -> Lines:
        """One message a line."""
        return Lines()
