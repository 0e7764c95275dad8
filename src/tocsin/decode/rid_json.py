"""Remote ID as JSON, from other people's receivers → the same detections as from the radio.

Source     no standard; the field names of three families, as their sources write them:
    messages   ESP32 of WarDragon and droneid-go, DroneID: an object, or a list of objects, with
               "Basic ID", "Location/Vector Message", "Operator ID Message"
    mesh       ESP32 of drone-mesh-mapper: "mac", "rssi", "basic_id", "drone_lat", "drone_long",
               "drone_altitude"
    dragonsync DragonSync over MQTT: "track_type" drone, "id", "lat", "lon", "alt", "speed" ...
Leaves out what is no drone (status, heartbeats, signals, aircraft): it says nothing and counts
           nowhere; self id, system, authentication
Unknown    these receivers write 0 for "not heard": a place of 0/0, an altitude of 0 or of -1000
           and below or beyond 31767, an RSSI of 0; speed, climb and direction that are all 0; the
           sentinels of F3411; an accuracy that is a bare number outside the messages of an ESP32,
           which write the code, not metres
Sealed     pilot, operator and home are never read
Errors     Refused "line-json", "line-shape", "latitude", "longitude"
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.decode.remote_id import Claims
from tocsin.decode.remote_id.json_shapes import Claim, is_drone, read_claim
from tocsin.decode.stream import Lines
from tocsin.errors import DecodeError, Refused
from tocsin.words import Detection, Frame, Link

_decode_json = msgspec.json.Decoder().decode


class RemoteIdJson:
    """The decoder: one JSON text, or one line, is what one transmitter said."""

    name = "rid-json"
    links: tuple[Link, ...] = ("rid-json",)

    def __init__(self) -> None:
        self._claims = Claims()
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The aircraft position in one line. Raises Refused."""
        try:
            claim = read_line(frame.data)
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        if claim is None:
            return ()
        self.heard += 1
        t = frame.t if claim.observed_t is None else claim.observed_t
        sensor = frame.sensor or claim.receiver or "rid-json"
        found = self._claims.hear(claim.messages, claim.address, t, sensor, claim.signal_dbm)
        if found is None:
            return ()
        if claim.observed_t is not None and frame.t != t:
            return (msgspec.structs.replace(found, received=round(frame.t, 3)),)
        return (found,)


def read_line(line: bytes) -> Claim | None:
    """What a line claims; None where it is no drone. Raises Refused."""
    text = line.strip()
    if not text.startswith((b"{", b"[")):
        return None  # these receivers also print plain sentences
    try:
        said = _decode_json(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("line-json", str(error)) from None
    return read_claim(said)


class RemoteIdJsonFormat:
    """One JSON text a line in files and over serial lines; one in a datagram or MQTT message."""

    name = "rid-json"
    link: Link = "rid-json"

    def sniff(self, start: bytes) -> bool:
        """Whether a whole line among the first is a drone of one of the three families."""
        lines = start.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if len(start) >= _SNIFFED_BYTES and len(lines) > 1:
            lines.pop()  # cut short
        for line in lines:
            if line.lstrip()[:1] not in (b"{", b"["):
                continue
            try:
                said = _decode_json(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return False
            if is_drone(said):
                return True
        return False

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame a line: at the time that the line tells, else at the seconds that the ESP32
        has run behind `start`, else at the time of the line before."""
        t = start
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
            if not line or line.isspace():
                continue
            if (found := _OBSERVED.search(line)) is not None:
                t = float(found[1])
            elif (found := _RUNTIME.search(line)) is not None:
                t = start + float(found[1])
            yield Frame(line, sensor or "", t, "rid-json", f"{name} line {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """Its lines; a text that is laid out over several lines is one message."""
        try:
            _decode_json(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return [line for line in data.splitlines() if line.strip()]
        return [data]

    def splitter(self) -> Lines:
        """One message a line."""
        return Lines()


_SNIFFED_BYTES = 4096
_OBSERVED = re.compile(rb'"observed_at"\s*:\s*(\d{9,10}(?:\.\d{1,9})?)\s*[,}]')
_RUNTIME = re.compile(rb'^\s*\{\s*"index"\s*:\s*\d{1,18}\s*,\s*"runtime"\s*:\s*(\d{1,9})\s*[,}]')
