"""Lines of `detections.ndjson` ↔ detections.

Format     DESIGN 4: one JSON object a line, UTF-8; unknown keys are ignored, a missing key is
           unknown; degrees, metres, metres a second, Unix seconds
Refuses    what is not JSON or lacks `t`, `sensor`, `kind`; NaN and infinities; angles, latitudes
           and longitudes out of range; a sigma that is not above 0; a probability outside 0 to 1
Errors     Refused "line-json", "line-shape", "line-range", with the line in `where`
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.decode.stream import Lines
from tocsin.errors import Refused
from tocsin.words import Bearing, ClassScores, Detection, Frame, Link, Position, Sigma

_decode = msgspec.json.Decoder(Detection).decode
_encode = msgspec.json.Encoder().encode


class _Times(msgspec.Struct, frozen=True):
    """Just enough of a line to put it in its place."""

    t: float
    sensor: str = ""
    received: float | None = None


_decode_times = msgspec.json.Decoder(_Times).decode


class DetectionLines:
    """The decoder of `ndjson` frames: one line is one detection."""

    name = "ndjson"
    links: tuple[Link, ...] = ("ndjson",)

    def __init__(self) -> None:
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The detection in one line. A line that came later than it says keeps when it came."""
        detection = read_line(frame.data, frame.origin)
        self.heard += 1
        if detection.received is None and frame.t != detection.t:
            return (msgspec.structs.replace(detection, received=round(frame.t, 3)),)
        return (detection,)


def read_line(line: bytes, where: str = "") -> Detection:
    """One line. Raises Refused."""
    try:
        detection = _decode(line)
    except msgspec.ValidationError as error:
        raise Refused("line-shape", str(error), where=where) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("line-json", str(error), where=where) from None
    fault = _fault(detection)
    if fault is not None:
        raise Refused("line-range", fault, where=where)
    return detection


def read_lines(data: bytes, name: str = "detections") -> list[Detection]:
    """A whole file, empty lines passed over. Raises Refused naming the first bad line."""
    return [
        read_line(line, f"{name} line {number}")
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line and not line.isspace()
    ]


def write_line(detection: Detection) -> bytes:
    """One line without its newline; what is unknown is left out."""
    return _encode(detection)


class NdjsonFormat:
    """Lines in files, in datagrams and over connections."""

    name = "ndjson"
    link: Link = "ndjson"

    def sniff(self, start: bytes) -> bool:
        """A file without content is a recording of nothing."""
        text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
        return not text or text.startswith(b"{")

    def frames(
        self,
        data: bytes,
        name: str = "detections",
        *,
        sensor: str | None = None,
        start: float = 0.0,
        skipped: Counter[str] | None = None,
    ) -> Iterator[Frame]:
        """One frame a line, at the time it was received, else the sensor's; `sensor` overrides.

        A line that cannot be read takes the time of the one before it, so that it is counted in
        its place.
        """
        t = start
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
            if not line or line.isspace():
                continue
            said = ""
            try:
                times = _decode_times(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                pass
            else:
                said = times.sensor
                t = times.t if times.received is None else times.received
            yield Frame(line, sensor or said, t, "ndjson", f"{name} line {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """Its lines, but for the empty ones."""
        return [line for line in data.splitlines() if line.strip()]

    def splitter(self) -> Lines:
        """One message a line."""
        return Lines()


def _fault(detection: Detection) -> str | None:
    """What is out of its range, None if nothing is. JSON itself knows no NaN and no infinity."""
    if not detection.sensor:
        return "sensor is empty"
    fault = None
    if detection.position is not None:
        fault = _position_fault(detection.position)
    if detection.bearing is not None:
        fault = fault or _bearing_fault(detection.bearing)
    if detection.class_ is not None:
        fault = fault or _class_fault(detection.class_)
    return fault or _sigma_fault(detection.sigma)


def _position_fault(position: Position) -> str | None:
    if not -90.0 <= position.lat <= 90.0:
        return f"latitude {position.lat} is beyond 90 degrees"
    if not -180.0 <= position.lon <= 180.0:
        return f"longitude {position.lon} is beyond 180 degrees"
    return None


def _bearing_fault(bearing: Bearing) -> str | None:
    azimuth, elevation, range_m = bearing.azimuth_deg, bearing.elevation_deg, bearing.range_m
    if azimuth is not None and not 0.0 <= azimuth <= 360.0:
        return f"azimuth {azimuth} is not within 0 to 360 degrees"
    if elevation is not None and not -90.0 <= elevation <= 90.0:
        return f"elevation {elevation} is beyond 90 degrees"
    if range_m is not None and range_m < 0.0:
        return f"range {range_m} is negative"
    return None


def _class_fault(scores: ClassScores) -> str | None:
    for p in (scores.drone, scores.bird, scores.aircraft, scores.other):
        if p is not None and not 0.0 <= p <= 1.0:
            return f"probability {p} is not within 0 to 1"
    return None


def _sigma_fault(sigma: Sigma) -> str | None:
    for value in (
        sigma.horizontal_m,
        sigma.alt_m,
        sigma.azimuth_deg,
        sigma.elevation_deg,
        sigma.range_m,
        sigma.range_rate_mps,
    ):
        if value is not None and not (value > 0.0 and math.isfinite(value)):
            return f"sigma {value} is not above 0"
    return None
