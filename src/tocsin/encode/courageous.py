"""An evening as the log that a trial of drone detectors collects from each system.

Standard    COURAGEOUS data format 0.4.1 (JSON), for trials by CWA 18150:2024
Carries     `tracks`: confirmed and coasting reports, a new track of the same `uas_id` after every
            gap; `detection`: what single sensors said, one set a kind of sensor. Times are whole
            milliseconds, velocities east, north, up in m/s, heights metres above the EGM96 geoid
Leaves out  where operators are (`GCS` records, `uav_home_location`) and sensors; directions, which
            the format counts from the one place of the whole system; a velocity without climb
Unknown     a height that is unknown, or that cannot be reckoned above the sea, makes a Position2d;
            a detection whose place is sealed or unknown has no location
Alarm       `active` while an alert on the track stands at watch or above, which is when the desk is
            told; `certainty` is the probability of a drone, one half if nobody tells it
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.earth import sea_level_height_m
from tocsin.encode.account import Account, Seal, is_standing, top_class
from tocsin.words import Alert, ClaimedIdentity, ClassScores, Detection, Identity, Position, Track

VERSION = "0.4.1"
GAP_S = 2.0
"""A longer silence begins a new track of the same aircraft (a report is due every second)."""

UNTOLD = 0.5  # the certainty that says nothing
_CLASSES = {"drone": "UAV", "bird": "Other", "aircraft": "Other", "other": "Other"}


class Height(msgspec.Struct, frozen=True):
    """A place of three numbers, without the tag that a target's has."""

    lat: float
    lon: float
    height_amsl: float


class Position3d(msgspec.Struct, frozen=True, tag_field="$type", tag=True):
    """A target of known height."""

    lat: float
    lon: float
    height_amsl: float


class Position2d(msgspec.Struct, frozen=True, tag_field="$type", tag=True):
    """A target of unknown height."""

    lat: float
    lon: float


class Velocity(msgspec.Struct, frozen=True):
    """Metres a second."""

    east: float
    north: float
    up: float


class Alarm(msgspec.Struct, frozen=True):
    """Whether the operator of the system is being alerted."""

    active: bool
    certainty: float


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a target at one time."""

    record_number: int
    time: int
    classification: str
    alarm: Alarm | None = None
    location: Position3d | Position2d | None = None
    velocity: Velocity | None = None
    identification: str | None = None


class RecordSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """Records of one target, or of targets that nobody told apart."""

    records: list[Record]
    name: str | None = None
    uas_id: int | None = None


class Document(msgspec.Struct, frozen=True):
    """The whole log."""

    version: str
    vendor_name: str
    system_name: str
    static_cuas_location: Height
    detection: list[RecordSet]
    tracks: list[RecordSet]


class Standing:
    """When an alert on a track stood."""

    def __init__(self, alerts: Sequence[Alert]) -> None:
        self._turns: dict[str, dict[str, list[tuple[float, bool]]]] = {}
        for alert in alerts:
            turns = self._turns.setdefault(alert.track, {}).setdefault(alert.alert, [])
            turns.append((alert.t, is_standing(alert)))

    def is_on(self, track: str, t: float) -> bool:
        """Whether any alert on the track stood at `t`."""
        for turns in self._turns.get(track, {}).values():
            k = bisect_right(turns, t, key=lambda turn: turn[0])
            if k > 0 and turns[k - 1][1]:
                return True
        return False


def write_courageous(account: Account, place: Height) -> Iterator[bytes]:
    """The document. `place` is what the site discloses of where it is: the format demands one."""
    numbers = itertools.count()
    document = Document(
        version=VERSION,
        vendor_name="Tocsin",
        system_name=account.name,
        static_cuas_location=place,
        detection=_detections(account, numbers),
        tracks=_tracks(account, numbers),
    )
    yield msgspec.json.encode(document) + b"\n"


def _tracks(account: Account, numbers: Iterator[int]) -> list[RecordSet]:
    standing = Standing(account.alerts)
    ids: dict[str, int] = {}
    open_sets: dict[str, RecordSet] = {}
    found = []
    for track in account.tracks:
        if track.status not in ("confirmed", "coasting"):
            continue
        uas_id = ids.setdefault(track.track, len(ids) + 1)
        record = _tracking_record(track, next(numbers), standing)
        last = open_sets.get(track.track)
        if last is None or record.time - last.records[-1].time > GAP_S * 1000.0:
            last = open_sets[track.track] = RecordSet([], track.track, uas_id)
            found.append(last)
        last.records.append(record)
    return found


def _tracking_record(track: Track, number: int, standing: Standing) -> Record:
    p = track.class_.drone
    return Record(
        record_number=number,
        time=_milliseconds(track.t),
        classification=_classification(track.class_),
        alarm=Alarm(standing.is_on(track.track, track.t), UNTOLD if p is None else p),
        location=_location(track.position),
        velocity=None if track.vu is None else Velocity(track.ve, track.vn, track.vu),
        identification=_identification(track.identity),
    )


def _detections(account: Account, numbers: Iterator[int]) -> list[RecordSet]:
    seal = Seal(account.sensors)
    sets: dict[str, RecordSet] = {}
    for detection in account.detections:
        records = sets.setdefault(detection.kind, RecordSet([], detection.kind)).records
        records.append(_detection_record(detection, next(numbers), seal))
    return list(sets.values())


def _detection_record(detection: Detection, number: int, seal: Seal) -> Record:
    place = seal.place(detection)
    return Record(
        record_number=number,
        time=_milliseconds(detection.t),
        classification=_classification(detection.class_ or ClassScores()),
        location=None if place is None else _location(place),
        identification=_identification(detection.identity),
    )


def _milliseconds(t: float) -> int:
    return round(t * 1000.0)


def _classification(scores: ClassScores) -> str:
    top = top_class(scores)
    return "Unknown" if top is None else _CLASSES[top]


def _location(place: Position) -> Position3d | Position2d:
    height = None
    if place.alt_m is not None:
        height = sea_level_height_m(place.lat, place.lon, place.alt_m)
    if height is None:
        return Position2d(place.lat, place.lon)
    return Position3d(place.lat, place.lon, round(height, 2))


def _identification(claim: Identity | ClaimedIdentity | None) -> str | None:
    """What it says of itself, as a claim."""
    if claim is None:
        return None
    told = {"serial": claim.serial, "session": claim.session, "ICAO address": claim.icao24}
    words = [f"{name} {value}" for name, value in told.items() if value]
    if not words:
        return None
    text = f"claims {', '.join(words)}"
    if isinstance(claim, ClaimedIdentity):
        text += f"; suspicion {claim.suspicion:.2f}"
    return text
