"""The files of a recorded evening: found in a folder or told apart by their first line, and read.

Errors     InputError for what cannot be read, FormatError naming the file and the line
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.errors import FormatError, InputError
from tocsin.listen.files import STANDARD_INPUT, read_parts
from tocsin.words import Alert, Detection, Track

Word = TypeVar("Word", Track, Alert, Detection)
NAMES = {"tracks.ndjson": "tracks", "alerts.ndjson": "alerts", "detections.ndjson": "detections"}
SENSORS = "sensors.json"
_FIRST_BYTES = 1 << 16
_END_T = 253_402_300_800.0  # the year 10000, which RFC 3339 cannot write
_ARTICLE = {"Track": "a track", "Alert": "an alert", "Detection": "a detection"}


class EveningFiles(msgspec.Struct):
    """Paths by what they hold."""

    tracks: list[str] = []
    alerts: list[str] = []
    detections: list[str] = []
    sensors: Path | None = None


class _Glimpse(msgspec.Struct):
    """Just enough of a line to know what it is."""

    status: str | None = None
    level: str | None = None
    alert: str | None = None
    track: str | None = None
    sensor: str | None = None


def find_files(paths: Sequence[str]) -> EveningFiles:
    """The files that are named, or that lie in the folders that are named."""
    files = EveningFiles()
    for path in paths:
        place = Path(path)
        if path == STANDARD_INPUT:
            files.tracks.append(path)
        elif place.is_dir():
            _look_into(place, files)
        elif place.name == SENSORS:
            files.sensors = place
        else:
            kind = NAMES.get(place.name) or _kind(place)
            getattr(files, kind).append(path)
    return files


def read_words(path: str, kind: type[Word], count: Callable[[], None]) -> Iterator[Word]:
    """One word a line, empty lines passed over; `count` is called for each."""
    decode = msgspec.json.Decoder(kind).decode
    number = 0
    for part in read_parts(path):
        for line in part[:-1].split(b"\n"):
            number += 1
            if not line or line.isspace():
                continue
            try:
                word = decode(line)
                fault = _fault(word)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                fault = str(error).replace("`", "")
            if fault is not None:
                what = f"not {_ARTICLE[kind.__name__]}: {fault}"
                raise FormatError(what, where=f"{path} line {number}")
            yield word
            count()


def _fault(word: Track | Alert | Detection) -> str | None:
    """A time or place that nothing can have, None if there is none."""
    times = [word.t]
    if not isinstance(word, Detection) and word.first_t is not None:
        times.append(word.first_t)
    if not all(0.0 <= t < _END_T for t in times):
        return f"t {max(times)} is not Unix seconds"
    place = word.position
    if place is not None and not (abs(place.lat) <= 90.0 and abs(place.lon) <= 180.0):
        return f"latitude {place.lat}, longitude {place.lon} is not on Earth"
    return None


def _look_into(folder: Path, files: EveningFiles) -> None:
    found = [name for name in NAMES if (folder / name).is_file()]
    if not found:
        raise InputError(
            f"holds none of {', '.join(NAMES)}",
            where=str(folder),
            remedy="name a folder that `tocsin replay --out` wrote",
        )
    for name in found:
        getattr(files, NAMES[name]).append(str(folder / name))
    if (folder / SENSORS).is_file():
        files.sensors = folder / SENSORS


def _kind(path: Path) -> str:
    """What the first line of a file is."""
    try:
        with path.open("rb") as stream:
            line = stream.readline(_FIRST_BYTES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        glimpse = msgspec.json.decode(line, type=_Glimpse)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        glimpse = _Glimpse()
    if glimpse.alert is not None and glimpse.level is not None:
        return "alerts"
    if glimpse.track is not None and glimpse.status is not None:
        return "tracks"
    if glimpse.sensor is not None:
        return "detections"
    raise FormatError(
        "neither tracks, alerts nor detections",
        where=f"{path} line 1",
        remedy="see docs/reference/formats.md",
    )
