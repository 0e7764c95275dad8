"""How an ear report lies on the wire: whole numbers in a fixed order, one class an array.

The body is a CBOR map of small numbers (RFC 8949); each class below is an array in it. Numbers are
scaled: milliseconds, thousandths of a probability, tenths of a decibel and of a hertz, hundredths
of a degree. `docs/reference/ear-reports.md` shows it byte by byte.
"""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec

from tocsin.words.ear_report import (
    MOST_BEARINGS,
    MOST_WINDOWS,
    ClockSource,
    EventState,
    TestPath,
    Verdict,
)
from tocsin.words.hearing import Deafness

VERSION = 1
KEY_ID_BYTES = 4
PROTECTED = b"\xa1\x01\x27"
"""The protected header of every report: {1 (algorithm): -8 (EdDSA)}, RFC 9052, 3.1."""

CLOCKS: tuple[ClockSource, ...] = get_args(ClockSource)
STATES: tuple[EventState, ...] = get_args(EventState)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
PATHS: tuple[TestPath, ...] = get_args(TestPath)
DEAFNESS: tuple[Deafness, ...] = get_args(Deafness)
"""A word is told by its place here; words are added at the end only."""

U8 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 8)]
U16 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]
S16 = Annotated[int, msgspec.Meta(ge=-(1 << 15), lt=1 << 15)]
U32 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, lt=1 << 48)]
Permille = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Azimuth = Annotated[int, msgspec.Meta(ge=0, lt=36_000)]
Elevation = Annotated[int, msgspec.Meta(ge=-9_000, le=9_000)]
Sigma = Annotated[int, msgspec.Meta(gt=0, le=36_000)]
SensorId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]


class WireClock(msgspec.Struct, frozen=True, array_like=True):
    """source, error in ms or null"""

    source: U8
    error_ms: U32 | None


class WireBearing(msgspec.Struct, frozen=True, array_like=True):
    """azimuth, its sigma, elevation or null, its sigma or null"""

    azimuth: Azimuth
    sigma_azimuth: Sigma
    elevation: Elevation | None
    sigma_elevation: Sigma | None


class WireEvent(msgspec.Struct, frozen=True, array_like=True):
    """number, state, ms since it began, probability, level or null, blade pass or null, bearings"""

    number: U32
    state: U8
    since_ms: U32
    p_drone: Permille
    level: S16 | None
    bpf: U16 | None
    bearings: Annotated[list[WireBearing], msgspec.Meta(max_length=MOST_BEARINGS)]


class WireWindow(msgspec.Struct, frozen=True, array_like=True):
    """ms from its start to the report's time, its length in ms, probability or null, level or null,
    blade pass or null, deafness or null, 0 or 32 bands (a byte each, 0 is -127.5 dB, 255 is 0),
    whether an event stood, the probability that begins one or null"""

    before_ms: U32
    dur_ms: U16
    p_drone: Permille | None
    level: S16 | None
    bpf: U16 | None
    deaf: U8 | None
    bands: bytes
    event: bool
    threshold: Permille | None


class WireTest(msgspec.Struct, frozen=True, array_like=True):
    """verdict, path, seconds since, level or null, delay in ms or null"""

    verdict: U8
    path: U8
    since_s: U32
    level: S16 | None
    delay_ms: U32 | None


class WireHeartbeat(msgspec.Struct, frozen=True, array_like=True):
    """uptime in s, head of the model's SHA-256, waiting, lost, gaps, last window or null, self-test
    or null, battery in mV or null, temperature in 0.1 deg C or null"""

    uptime_s: U32
    model: Annotated[bytes, msgspec.Meta(max_length=32)]
    waiting: U32
    lost: U32
    gaps: U32
    window: WireWindow | None
    self_test: WireTest | None
    battery_mv: U16 | None
    temperature: S16 | None


class WireBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The map: 0 version, 1 sensor, 2 number, 3 Unix time in ms, 4 clock, and one of 5 event,
    6 windows, 7 heartbeat. Other keys are passed over."""

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)] = msgspec.field(name="0")
    sensor: SensorId = msgspec.field(name="1")
    number: U32 = msgspec.field(name="2")
    t_ms: Milliseconds = msgspec.field(name="3")
    clock: WireClock = msgspec.field(name="4")
    event: WireEvent | None = msgspec.field(name="5", default=None)
    windows: (
        Annotated[list[WireWindow], msgspec.Meta(min_length=1, max_length=MOST_WINDOWS)] | None
    ) = msgspec.field(name="6", default=None)
    heartbeat: WireHeartbeat | None = msgspec.field(name="7", default=None)
