"""What a sensor node says of its place: what it heard and how it is, never the sound itself."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.words.hearing import HeardWindow

ClockSource = Literal["unknown", "none", "ntp", "gps", "ptp", "manual"]
"""Who keeps the node's clock; "none": it is known that nobody does."""

EventState = Literal["on", "update", "off"]

Verdict = Literal["heard", "faint", "not-heard"]
"""Of a self-test: the chirp was heard, was heard too weakly, or was not heard."""

TestPath = Literal["played", "injected"]
"""The chirp went through the air, which proves the microphone, or into the samples, which proves
the program behind it."""

MOST_BEARINGS = 4
MOST_WINDOWS = 64


class ClockQuality(msgspec.Struct, frozen=True):
    """Who keeps the clock and how far it may be off; None is unknown."""

    source: ClockSource = "unknown"
    error_s: float | None = None


class HeardBearing(msgspec.Struct, frozen=True):
    """Where a sound came from, degrees, azimuth clockwise from true north; 1-sigma errors."""

    azimuth_deg: float
    sigma_azimuth_deg: float
    elevation_deg: float | None = None
    sigma_elevation_deg: float | None = None


class EarEvent(msgspec.Struct, frozen=True):
    """A drone is heard: it began (`on`), it goes on (`update`), it is over (`off`).

    `number` tells the node's events apart; `t_on` is when it began. Bearings of several sources
    stand in the order of their certainty.
    """

    number: int
    state: EventState
    t_on: float
    p_drone: float
    level_dbfs: float | None = None
    bpf_hz: float | None = None
    bearings: tuple[HeardBearing, ...] = ()


class ChirpTest(msgspec.Struct, frozen=True):
    """A known chirp was given to the ear, at `t`: how loud (against full scale) and how late the
    ear found it."""

    verdict: Verdict
    path: TestPath
    t: float
    level_dbfs: float | None = None
    delay_s: float | None = None


class Heartbeat(msgspec.Struct, frozen=True):
    """How the node is. `model` is the head of the ear's SHA-256. `waiting` reports are not yet
    sent, `lost` were given up when the spool was full, `gaps` is how often sound was missed.
    `window` is the last one that the ear heard, without its bands: proof that it hears."""

    uptime_s: float
    model: bytes
    waiting: int = 0
    lost: int = 0
    gaps: int = 0
    window: HeardWindow | None = None
    self_test: ChirpTest | None = None
    battery_v: float | None = None
    temperature_c: float | None = None


class Hearing(msgspec.Struct, frozen=True):
    """Features of some windows, in the order of time."""

    windows: tuple[HeardWindow, ...]


class EarReport(msgspec.Struct, frozen=True):
    """One report of the node `sensor`: `number` grows by one a report and is never used twice with
    one key; `t` is Unix seconds by the node's clock, at the end of what is told."""

    sensor: str
    number: int
    t: float
    clock: ClockQuality
    about: EarEvent | Hearing | Heartbeat
