"""The reading desk: each frame to the decoders of its link, and a count of everything refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from tocsin.errors import DecodeError
from tocsin.ports import Decoder, Listener, Tester
from tocsin.run.deafness import DeafWatch, EarWatch
from tocsin.run.plug_ins import DECODERS, sound
from tocsin.words import Detection, Frame, HeardWindow, Link, Sensor, SensorHealth, SensorState

if TYPE_CHECKING:  # the loom brings a compiler along, which `decode` has no use for
    from tocsin.fuse import Misalignment

SILENT_S = 60.0
"""No data for this long and a sensor is shown as silent; a slow scanner gets ten of its scans, and
one that speaks rarely gets five times the mean pause between its false alarms (e^-5 = 0.7 %)."""
_SILENT_SCANS = 10.0
_SILENT_PAUSES = 5.0

LATE_S = 5.0
"""A detection is late when it is told so long after its time: a drone is 150 m on by then."""
_MOST_COUNTED = 4096


_NONE: Mapping[str, msgspec.Struct] = {}


@dataclass
class SensorCount:
    """What one sensor sent: frames seen, detections decoded, frames refused by rule."""

    seen: int = 0
    decoded: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    late: int = 0
    last_data_t: float | None = None


def decoder_settings() -> dict[str, type[msgspec.Struct]]:
    """The settings that `[decoder.NAME]` may hold, by decoder; none where a decoder takes none."""
    kinds = sound(DECODERS).items()
    return {name: kind.Settings for name, kind in kinds if hasattr(kind, "Settings")}


def installed_decoders(settings: Mapping[str, msgspec.Struct] = _NONE) -> list[Decoder]:
    """Fresh decoders of every installed package, ours included, in the order of their names."""
    kinds = sound(DECODERS).items()
    made = [kind(settings[name]) if name in settings else kind() for name, kind in kinds]
    return cast(list[Decoder], made)


class ReadingDesk:
    """Frames in, detections out. A frame that no decoder can read is counted, never raised."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._by_link: dict[Link, list[Decoder]] = {}
        for decoder in decoders:
            for link in decoder.links:
                self._by_link.setdefault(link, []).append(decoder)
        self._listeners = [one for one in decoders if isinstance(one, Listener)]
        self._testers = [one for one in decoders if isinstance(one, Tester)]
        self.windows: list[HeardWindow] = []
        """What the ears made of each window of sound that was read last."""
        self._deafness = DeafWatch(_MOST_COUNTED)
        self.counts: dict[str, SensorCount] = {}
        self.sources: dict[str, SensorCount] = {}
        """What came of the frames of each live source."""

    def read(self, frames: Iterable[Frame], now: float | None = None) -> list[Detection]:
        """The detections of these frames, in the frames' order; late ones are counted by `now`."""
        detections: list[Detection] = []
        for frame in frames:
            found = self._read_frame(frame)
            if found and now is not None:
                self._note_late(frame, found, now)
            if found is not None:
                detections += found
        self.windows = [window for one in self._listeners for window in one.heard_windows()]
        tests = [test for one in self._testers for test in one.self_tests()]
        self._deafness.note(self.windows, tests)
        return detections

    @property
    def deaf(self) -> set[str]:
        """Sensors that could not have heard anything lately: their silence tells nothing."""
        return self._deafness.unsure

    def _read_frame(self, frame: Frame) -> list[Detection] | None:
        """What one frame says; None where every decoder that tried refused it."""
        found: list[Detection] = []
        refusals: list[DecodeError] = []
        for decoder in self._by_link.get(frame.link, ()):
            try:
                found += decoder.decode(frame)
            except DecodeError as error:
                refusals.append(error)
        if refusals and not found:
            self._refuse(frame, refusals[0])
            return None
        # a frame without Remote ID is no detection, but the antenna that heard it lives
        heard_by = {detection.sensor for detection in found} or {frame.sensor}
        for sensor in heard_by - {""}:
            count = self._count(sensor)
            count.seen += 1
            count.decoded += sum(detection.sensor == sensor for detection in found)
            count.last_data_t = frame.t
        if frame.source:
            self.sources.setdefault(frame.source, SensorCount()).decoded += len(found)
        return found

    def _refuse(self, frame: Frame, error: DecodeError) -> None:
        rule = error.rule
        count = self._count(frame.sensor or "?")
        count.seen += 1
        count.refused[rule] += 1
        if frame.source:
            self.sources.setdefault(frame.source, SensorCount()).refused[rule] += 1

    def _note_late(self, frame: Frame, found: Sequence[Detection], now: float) -> None:
        for detection in found:
            if now - detection.t > LATE_S:
                self._count(detection.sensor).late += 1
                if frame.source:
                    self.sources.setdefault(frame.source, SensorCount()).late += 1

    def _count(self, sensor: str) -> SensorCount:
        """Sensors that nobody announced may be many: then they are counted as one."""
        if sensor not in self.counts and len(self.counts) >= _MOST_COUNTED:
            sensor = "?"
        return self.counts.setdefault(sensor, SensorCount())

    def health(self, sensors: Sequence[Sensor], now: float) -> list[SensorHealth]:
        """Proof of life of every sensor of the site, by its data and nothing else."""
        return [self._health_of(sensor, now) for sensor in sensors]

    def _health_of(self, sensor: Sensor, now: float) -> SensorHealth:
        count = self.counts.get(sensor.id, SensorCount())
        ear = self._deafness.ears.get(sensor.id, EarWatch())
        heard = [t for t in (count.last_data_t, ear.until_t) if t is not None]
        last_t = min(max(heard), now) if heard else None  # a clock that is ahead proves nothing
        state = _state(sensor, last_t, now)
        why: str | None = None
        if state == "alive" and ear.deaf:
            state, why = "deaf", ear.why
        elif state == "alive" and ear.test is not None and not ear.test.passed:
            state, why = "degraded", "self-test"
        return SensorHealth(
            sensor=sensor.id,
            kind=sensor.kind,
            state=state,
            last_data_t=None if last_t is None else round(last_t, 3),
            seen=count.seen,
            decoded=count.decoded,
            refused=count.refused.total(),
            late=count.late,
            why=why,
            since_t=ear.since_t if state == "deaf" else None,
            self_test=ear.test,
        )


def with_registration(
    health: Sequence[SensorHealth], found: Sequence[Misalignment]
) -> list[SensorHealth]:
    """The sensors' health with what the loom found of their north and clocks."""
    by_sensor = {one.sensor: one for one in found}
    told = []
    for one in health:
        off = by_sensor.get(one.sensor)
        if off is not None:
            one = replace(
                one,
                north_error_deg=None
                if off.north_sigma_deg is None
                else round(off.north_error_deg, 1),
                clock_lag_s=None if off.clock_sigma_s is None else round(off.clock_lag_s, 1),
            )
        told.append(one)
    return told


def _state(sensor: Sensor, last_t: float | None, now: float) -> SensorState:
    if last_t is None:
        return "never-heard"
    period_s = sensor.scan_period_s or 0.0
    patience = max(SILENT_S, _SILENT_SCANS * period_s)
    if sensor.clutter_per_scan:
        patience = max(patience, _SILENT_PAUSES * period_s / sensor.clutter_per_scan)
    return "alive" if now - last_t <= patience else "silent"
