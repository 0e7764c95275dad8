"""Reports of a sensor node → presences, bearings, features, and how the node is.

Standard   docs/reference/ear-reports.md: CBOR (RFC 8949) under COSE_Sign1 (RFC 9052); on a line
           COBS with a CRC-32 between zeros
Carries    events (on, update, off), features of windows, heartbeats
Trust      a report counts only with a good signature of a key that `[decoder.ear-report]` names
           for this sensor, with a number not seen before, and with a time that can be; what is
           refused says nothing about the sensor
Late       a report that waited at the node keeps its time; the detection says when it came
Bounds     1,024 numbers a key; `heard_windows` and `self_tests` keep 4,096 until they are fetched
Errors     Truncated; Refused "cbor-form", "cose-form", "key-unknown", "signature-bad",
           "report-form", "sensor-other", "time-ahead", "time-old", "repeated"
"""

from __future__ import annotations

import zlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Annotated, TypeVar

import msgspec

from tocsin.decode import cbor
from tocsin.decode.seen_numbers import SeenNumbers
from tocsin.decode.signed_report import START, KeyRing, take_apart
from tocsin.errors import DecodeError, Refused
from tocsin.words import (
    BANDS,
    Bearing,
    ClassScores,
    Detection,
    Frame,
    HeardWindow,
    Link,
    SelfTest,
    Sigma,
)
from tocsin.words.ear_layout import (
    CLOCKS,
    DEAFNESS,
    PATHS,
    STATES,
    VERDICTS,
    WireBearing,
    WireBody,
    WireEvent,
    WireHeartbeat,
    WireTest,
    WireWindow,
)
from tocsin.words.ear_report import (
    ChirpTest,
    ClockQuality,
    EarEvent,
    EarReport,
    HeardBearing,
    Hearing,
    Heartbeat,
    Verdict,
)

LINK: Link = "ear-report"
LONGEST_FRAME_BYTES = 8_192
_MOST_KEPT = 4_096
_CRC_BYTES = 4
_WHY: dict[Verdict, str] = {
    "heard": "",
    "faint": "the chirp was heard only faintly",
    "not-heard": "the chirp was not heard: the microphone may be deaf",
}

Word = TypeVar("Word", bound=str)


class EarReports:
    """What known sensor nodes report, signed, over any door."""

    name = "ear-report"
    links: tuple[Link, ...] = (LINK,)

    class Settings(msgspec.Struct, frozen=True):
        """`[decoder.ear-report]` the sensor nodes that are known here.

        nodes: by sensor id, the public keys that `tocsin listen --enrol` prints; two while changed
        most_late_s: a report that waited longer at its node is refused
        most_early_s: how far a node's clock may be ahead of ours
        full_scale_db: by sensor id, the sound level (dB SPL) of full scale; no level without it
        """

        nodes: dict[str, list[Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]{43}=$")]]] = {}
        most_late_s: Annotated[float, msgspec.Meta(gt=0)] = 86_400.0
        most_early_s: Annotated[float, msgspec.Meta(gt=0)] = 30.0
        full_scale_db: dict[str, Annotated[float, msgspec.Meta(ge=60, le=200)]] = {}

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or self.Settings()
        self._keys = KeyRing(self._settings.nodes)
        self._seen: dict[bytes, SeenNumbers] = {}
        self._windows: deque[HeardWindow] = deque(maxlen=_MOST_KEPT)
        self._tests: deque[SelfTest] = deque(maxlen=_MOST_KEPT)
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The detections of one report: none of features, a heartbeat or an event's end."""
        message = take_apart(frame.data)
        sensor, key = self._keys.signer(message)
        report = read_body(message.payload)
        if report.sensor != sensor:
            raise Refused("sensor-other", f"{report.sensor} with a key of {sensor}")
        early_s = report.t - frame.t
        if early_s > self._settings.most_early_s:
            raise Refused("time-ahead", f"{early_s:.0f} s ahead of our clock")
        if -early_s > self._settings.most_late_s:
            raise Refused("time-old", f"{-early_s:.0f} s old")
        if not self._seen.setdefault(key, SeenNumbers()).take(report.number):
            raise Refused("repeated", f"report {report.number} of {sensor} came before")
        self.heard += 1
        return self._tell(report, frame.t)

    def heard_windows(self) -> list[HeardWindow]:
        """The features told since this was last asked."""
        found = list(self._windows)
        self._windows.clear()
        return found

    def self_tests(self) -> list[SelfTest]:
        """The self-tests that heartbeats told since this was last asked."""
        found = list(self._tests)
        self._tests.clear()
        return found

    def _tell(self, report: EarReport, received: float) -> Sequence[Detection]:
        about = report.about
        if isinstance(about, Hearing):
            self._windows.extend(about.windows)
        elif isinstance(about, Heartbeat):
            if about.window is not None:
                self._windows.append(about.window)
            if about.self_test is not None:
                self._tests.append(_tested(report.sensor, about.self_test))
        elif about.state != "off":
            came = None if received == report.t else round(received, 3)
            return _detections(report, about, came, self._level_db(report.sensor, about))
        return ()

    def _level_db(self, sensor: str, event: EarEvent) -> float | None:
        full_scale_db = self._settings.full_scale_db.get(sensor)
        if full_scale_db is None or event.level_dbfs is None:
            return None
        return round(event.level_dbfs + full_scale_db, 1)


def read_report(data: bytes) -> EarReport:
    """One report as it came, its signature not looked at: for people who study a recording."""
    return read_body(take_apart(data).payload)


def read_body(payload: bytes) -> EarReport:
    """The signed part of a report. Raises Refused "cbor-form", "report-form"."""
    plain = cbor.read(payload)
    if not isinstance(plain, dict):
        raise Refused("report-form", "the body is no map")
    try:
        body = msgspec.convert({str(key): value for key, value in plain.items()}, WireBody)
    except msgspec.ValidationError as error:
        raise Refused("report-form", str(error)) from None
    told = [one for one in (body.event, body.windows, body.heartbeat) if one is not None]
    if len(told) != 1:
        raise Refused("report-form", f"it tells {len(told)} things, not one")
    about: EarEvent | Hearing | Heartbeat
    if body.event is not None:
        about = _event(body.event, body.t_ms)
    elif body.windows is not None:
        about = Hearing(tuple(_window(one, body.sensor, body.t_ms) for one in body.windows))
    else:
        assert body.heartbeat is not None
        about = _heartbeat(body.heartbeat, body.sensor, body.t_ms)
    clock = ClockQuality(_word(CLOCKS, body.clock.source), _over(body.clock.error_ms, 1000.0))
    return EarReport(body.sensor, body.number, body.t_ms / 1000.0, clock, about)


class EarReportFormat:
    """Reports bare in datagrams, MQTT and HTTP bodies; framed in streams and files."""

    name = "ear-report"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """A whole frame stands at the start, or a bare report."""
        if start.startswith(START):
            return True
        return start[:1] == b"\0" and bool(Frames().feed(start))

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame a report, at the time that it tells; a bare report is a file of one."""
        splitter = Frames()
        reports = [data] if data.startswith(START) else splitter.feed(data + b"\0")
        t = start
        for number, message in enumerate(reports, start=1):
            said = ""
            try:
                report = read_report(message)
            except DecodeError:  # refused again, and counted, by the decoder
                pass
            else:
                t, said = report.t, report.sensor
            yield Frame(message, sensor or said, t, LINK, f"{name} report {number}")
        if splitter.broken:
            skipped["broken ear-report frame"] += splitter.broken

    def datagram(self, data: bytes) -> list[bytes]:
        """It is one report, or frames of several."""
        return [data] if data.startswith(START) else Frames().feed(data + b"\0")

    def splitter(self) -> Frames:
        """Zeros stand between frames."""
        return Frames()


class Frames:
    """Cuts a line into reports. A frame whose CRC is wrong, or that grows too long, is dropped."""

    def __init__(self) -> None:
        self.dropped = 0
        self.broken = 0
        self._rest = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[bytes]:
        """The reports that these bytes complete."""
        *whole, rest = (self._rest + data).split(b"\0")
        found = []
        for part in whole:
            overlong = self._overlong or len(part) > LONGEST_FRAME_BYTES
            message = b"" if overlong else _unframed(part)
            if message:
                found.append(message)
            elif part:
                self.dropped += len(part)
                self.broken += 1
            self._overlong = False
        if self._overlong or len(rest) > LONGEST_FRAME_BYTES:
            self.dropped += len(rest)
            self._overlong = True
            rest = b""
        self._rest = rest
        return found


def _unframed(part: bytes) -> bytes:
    """The report in what stood between two zeros; empty where it is broken."""
    plain = bytearray()
    at = 0
    while at < len(part):
        code = part[at]
        block = part[at + 1 : at + code]
        if len(block) != code - 1:
            return b""
        plain += block
        at += code
        if code < 255 and at < len(part):
            plain.append(0)
    message, crc = bytes(plain[:-_CRC_BYTES]), plain[-_CRC_BYTES:]
    return message if zlib.crc32(message).to_bytes(4, "big") == crc else b""


def _detections(
    report: EarReport, event: EarEvent, received: float | None, level_db: float | None
) -> list[Detection]:
    """A bearing each, or a bare presence where the ear knows no direction."""
    bearings: list[tuple[Bearing | None, Sigma]] = [_direction(one) for one in event.bearings]
    return [
        Detection(
            t=report.t,
            sensor=report.sensor,
            kind="acoustic",
            bearing=bearing,
            sigma=sigma,
            class_=ClassScores(drone=event.p_drone),
            level_db=level_db,
            received=received,
        )
        for bearing, sigma in bearings or [(None, Sigma())]
    ]


def _direction(one: HeardBearing) -> tuple[Bearing | None, Sigma]:
    return (
        Bearing(azimuth_deg=one.azimuth_deg, elevation_deg=one.elevation_deg),
        Sigma(azimuth_deg=one.sigma_azimuth_deg, elevation_deg=one.sigma_elevation_deg),
    )


def _tested(sensor: str, test: ChirpTest) -> SelfTest:
    return SelfTest(sensor, test.t, test.verdict == "heard", _WHY[test.verdict])


def _event(wire: WireEvent, t_ms: int) -> EarEvent:
    return EarEvent(
        number=wire.number,
        state=_word(STATES, wire.state),
        t_on=_before(t_ms, wire.since_ms),
        p_drone=wire.p_drone / 1000.0,
        level_dbfs=_over(wire.level, 10.0),
        bpf_hz=_over(wire.bpf, 10.0),
        bearings=tuple(_bearing(one) for one in wire.bearings),
    )


def _bearing(wire: WireBearing) -> HeardBearing:
    return HeardBearing(
        wire.azimuth / 100.0,
        wire.sigma_azimuth / 100.0,
        _over(wire.elevation, 100.0),
        _over(wire.sigma_elevation, 100.0),
    )


def _window(wire: WireWindow, sensor: str, t_ms: int) -> HeardWindow:
    if len(wire.bands) not in (0, BANDS):
        raise Refused("report-form", f"{len(wire.bands)} bands, not {BANDS}")
    return HeardWindow(
        sensor=sensor,
        t=_before(t_ms, wire.before_ms),
        dur_s=wire.dur_ms / 1000.0,
        p_drone=_over(wire.p_drone, 1000.0),
        level_dbfs=_over(wire.level, 10.0),
        bpf_hz=_over(wire.bpf, 10.0),
        deaf=None if wire.deaf is None else _word(DEAFNESS, wire.deaf),
        bands_db=tuple((value - 255) / 2.0 for value in wire.bands),
        event=wire.event,
        threshold=_over(wire.threshold, 1000.0),
    )


def _heartbeat(wire: WireHeartbeat, sensor: str, t_ms: int) -> Heartbeat:
    return Heartbeat(
        uptime_s=float(wire.uptime_s),
        model=wire.model,
        waiting=wire.waiting,
        lost=wire.lost,
        gaps=wire.gaps,
        window=None if wire.window is None else _window(wire.window, sensor, t_ms),
        self_test=None if wire.self_test is None else _test(wire.self_test, t_ms),
        battery_v=_over(wire.battery_mv, 1000.0),
        temperature_c=_over(wire.temperature, 10.0),
    )


def _test(wire: WireTest, t_ms: int) -> ChirpTest:
    return ChirpTest(
        verdict=_word(VERDICTS, wire.verdict),
        path=_word(PATHS, wire.path),
        t=_before(t_ms, 1000 * wire.since_s),
        level_dbfs=_over(wire.level, 10.0),
        delay_s=_over(wire.delay_ms, 1000.0),
    )


def _word(words: tuple[Word, ...], number: int) -> Word:
    if number >= len(words):
        raise Refused("report-form", f"{number} is none of {', '.join(words)}")
    return words[number]


def _over(value: int | None, steps: float) -> float | None:
    return None if value is None else value / steps


def _before(t_ms: int, ms: int) -> float:
    return (t_ms - ms) / 1000.0
