"""Sentences of a direction finder for radio links → bearings. An example: the device is made up.

Sentence   $PDFB,<finder>,<Unix seconds>,<azimuth deg>,<sigma deg>,<level dBm>*<check sum>
Check sum  two hexadecimal digits: all octets between $ and * laid over each other (as NMEA 0183)
Unknown    an empty sigma is the maker's 5 degrees; an empty level is None
Refuses    "finder-sentence", "finder-check-sum", "finder-range"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import reduce
from operator import xor

from tocsin.decode.stream import Lines
from tocsin.errors import Refused
from tocsin.words import Bearing, Detection, Frame, Link, Sigma

LINK: Link = "direction-finder"
USUAL_SIGMA_DEG = 5.0
"""1-sigma where the sentence tells none: the data sheet of the maker."""
_HEAD = b"$PDFB,"
_FIELDS = 5


class DirectionFinder:
    """The decoder: one sentence is one bearing. It remembers nothing."""

    name = "direction-finder"
    links: tuple[Link, ...] = (LINK,)

    def __init__(self) -> None:
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The bearing in one sentence. Raises Refused."""
        finder, t, azimuth_deg, sigma_deg, level_dbm = _read(frame.data, frame.origin)
        self.heard += 1
        return (
            Detection(
                t=t,
                sensor=frame.sensor or finder,
                kind="rf",
                bearing=Bearing(azimuth_deg=azimuth_deg),
                sigma=Sigma(azimuth_deg=sigma_deg),
                signal_dbm=level_dbm,
                received=None if frame.t == t else round(frame.t, 3),
            ),
        )


def _read(line: bytes, where: str) -> tuple[str, float, float, float, float | None]:
    body, star, told = line.strip().removeprefix(b"$").partition(b"*")
    fields = body.split(b",")[1:]
    if not line.startswith(_HEAD) or not star or len(fields) != _FIELDS:
        raise Refused("finder-sentence", "not $PDFB with five fields and a check sum", where=where)
    if told.upper() != b"%02X" % reduce(xor, body, 0):
        raise Refused("finder-check-sum", "the check sum is wrong", where=where)
    try:
        finder = fields[0].decode("ascii")
        t, azimuth_deg = float(fields[1]), float(fields[2])
        sigma_deg = float(fields[3] or USUAL_SIGMA_DEG)
        level_dbm = float(fields[4]) if fields[4] else None
    except ValueError as error:  # UnicodeDecodeError is one
        raise Refused("finder-sentence", str(error), where=where) from None
    sound = 0.0 <= azimuth_deg < 360.0 and 0.0 < sigma_deg <= 180.0 and 0.0 <= t < 1e11
    if not sound or not finder or not -200.0 <= (level_dbm or 0.0) <= 100.0:
        raise Refused("finder-range", "a value that cannot be", where=where)
    return finder, t, azimuth_deg, sigma_deg, level_dbm


class DirectionFinderFormat:
    """Sentences, one a line, in files, in datagrams and over connections."""

    name = "direction-finder"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """A file of nothing else begins with one."""
        return start.startswith(_HEAD)

    def frames(
        self,
        data: bytes,
        name: str = "recording",
        *,
        sensor: str | None = None,
        start: float = 0.0,
        skipped: Counter[str] | None = None,
    ) -> Iterator[Frame]:
        """One frame a sentence, at the time that it tells."""
        t = start
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line.strip():
                continue
            where = f"{name} line {number}"
            with suppress(Refused):  # the decoder will say so; it stands at the time before it
                t = _read(line, where)[1]
            yield Frame(line.strip(), sensor or "", t, LINK, where)

    def datagram(self, data: bytes) -> list[bytes]:
        """Its lines."""
        return [line.strip() for line in data.splitlines() if line.strip()]

    def splitter(self) -> Lines:
        """One sentence a line."""
        return Lines(longest=200)
