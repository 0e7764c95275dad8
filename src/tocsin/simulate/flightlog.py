"""Logs of real flights → a path in time: what a camera, a flight app or a position logger kept.

Reads       DJI video subtitles (.SRT) in the bracketed dialect (`[latitude : …]`, also spelt
            `longtitude`), the `GPS(lon,lat,n) BAROMETER:h` dialect and the `GPS (lon, lat, n), …
            H h` dialect; DroneDeploy flight recorder logs (tab-separated); tables with columns for
            time, latitude and longitude (comma-separated); each also packed with gzip
Leaves out  everything but time, place and height
Height      metres; its datum is what the format says, mostly above take-off or unknown
Damaged     a record that cannot be read, a place of 0, 0 and a leap beyond 45 m/s are counted
            and left out; a file without three good records is refused, naming its first bad line
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tocsin.errors import InputError
from tocsin.simulate.flight import F64

Datum = Literal["take-off", "sea", "ellipsoid", "unknown"]
_FT_M = 0.3048
METRES_PER_DEGREE = 111_195.0
FASTEST_MPS = {"drone": 45.0, "aircraft": 400.0}
SLACK_M = 20.0  # a step of the coarsest grid in use, 1e-4 degrees, and some wind
_LEAST_RECORDS = 3


@dataclass(frozen=True, eq=False)
class FlightLog:
    """Records of one flight, in order of time: `t_s` since the first, degrees, and metres of height
    (NaN where unknown). `grid_deg` is the finest step in which places are written; `left_out` how
    many records were no good."""

    name: str
    t_s: F64
    lat: F64
    lon: F64
    height_m: F64
    datum: Datum
    kind: Literal["drone", "aircraft"]
    grid_deg: float
    left_out: int


@dataclass(frozen=True)
class _Record:
    line: int
    t: float
    lat: str
    lon: str
    height: str
    who: str = ""
    scale: float = 1.0


def read_logs(name: str, data: bytes) -> tuple[FlightLog, ...]:
    """Every flight in a file; `name` is for messages. Raises InputError with line and remedy."""
    text = _unpacked(name, data).decode("utf-8-sig", errors="replace")
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    if head.startswith("#DroneDeploy"):
        return (_log(name, list(_dronedeploy(name, lines)), "take-off"),)
    if any("-->" in line for line in lines[:20]):
        records = list(_subtitles(lines))
        return (_log(name, records, _subtitle_datum(text)),)
    if "," in head:
        return _table(name, lines)
    raise InputError(
        "is no flight log that we know", where=f"{name}, line 1",
        remedy="give a DJI .SRT, a DroneDeploy .log or a .csv with time, latitude and longitude",
    )  # fmt: skip


def _unpacked(name: str, data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError("is damaged gzip", where=name, remedy="copy the file again") from error


# --- DJI subtitles

_CUE = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->")
_NUMBER = r"\s*:?\s*\(?\s*(-?\d+(?:\.\d+)?)"
_BRACKET = {
    key: re.compile(rf"\b{word}{_NUMBER}")
    for key, word in (("lat", "latitude"), ("lon", "longt?itude"), ("height", "rel_alt"),
                      ("any", "altitude"))
}  # fmt: skip
_GPS = re.compile(r"\bGPS\s*\(\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*,")
_HEIGHT = re.compile(r"(?:BAROMETER:|\bH )\s*(-?\d+(?:\.\d+)?)")


def _subtitles(lines: list[str]) -> Iterator[_Record]:
    begin, t, body = 0, 0.0, ""
    for number, line in enumerate([*lines, "0:00:00,0 -->"], start=1):
        cue = _CUE.search(line)
        if cue is None:
            body += line + "\n"
            continue
        if begin:
            yield _subtitle(begin, t, body)
        hours, minutes, seconds, thousandths = cue.groups()
        t = int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds) + int(thousandths) / 1000.0
        begin, body = number, ""


def _subtitle(line: int, t: float, body: str) -> _Record:
    found = {key: pattern.search(body) for key, pattern in _BRACKET.items()}
    lat, lon = found["lat"], found["lon"]
    if lat and lon:
        height = found["height"] or found["any"]
        return _Record(line, t, lat[1], lon[1], height[1] if height else "")
    gps, height = _GPS.search(body), _HEIGHT.search(body)
    if gps is None:
        return _Record(line, t, "", "", "")
    return _Record(line, t, gps[2], gps[1], height[1] if height else "")


def _subtitle_datum(text: str) -> Datum:
    return "take-off" if re.search(r"rel_alt|BAROMETER:|\bH -?\d", text) else "unknown"


# --- DroneDeploy

_TIME, _LAT, _LON, _UP = (
    "Elapsed Time (sec)", "Aircraft Latitude (Degrees)", "Aircraft Longitude (Degrees)",
    "Aircraft Barometric Altitude (ft)",
)  # fmt: skip


def _dronedeploy(name: str, lines: list[str]) -> Iterator[_Record]:
    at = next((k for k, line in enumerate(lines) if line.startswith("Date/Time")), None)
    columns = [] if at is None else lines[at].rstrip("\r").split("\t")
    if at is None or not {_TIME, _LAT, _LON} <= set(columns):
        raise InputError(
            "has no table of positions", where=f"{name}, line {(at or 0) + 1}",
            remedy="export the log again from the flight app",
        )  # fmt: skip
    for number, line in enumerate(lines[at + 1 :], start=at + 2):
        cells = dict(zip(columns, line.split("\t"), strict=False))
        where = cells.get(_LAT, ""), cells.get(_LON, "")
        if line.strip() and any(where):  # rows of messages alone carry no place
            t = _number(cells.get(_TIME, ""))
            yield _Record(number, np.nan if t is None else t, *where, cells.get(_UP, ""),
                          scale=_FT_M)  # fmt: skip


# --- tables

_COLUMNS = {
    "t": ("timestamp", "time", "t"), "lat": ("latitude", "lat"), "lon": ("longitude", "lon"),
    "who": ("icao24", "id"),
}  # fmt: skip
_HEIGHTS: tuple[tuple[str, Datum], ...] = (
    ("geoaltitude", "ellipsoid"), ("baroaltitude", "sea"), ("altitude (m)", "unknown"),
    ("altitude", "unknown"), ("alt_m", "unknown"),
)  # fmt: skip


def _table(name: str, lines: list[str]) -> tuple[FlightLog, ...]:
    rows = csv.reader(lines)
    head = [cell.strip().lower() for cell in next(rows)]
    at = {key: next((head.index(w) for w in words if w in head), None)
          for key, words in _COLUMNS.items()}  # fmt: skip
    missing = [key for key in ("t", "lat", "lon") if at[key] is None]
    if missing:
        raise InputError(
            f"has no column for {', '.join(missing)}", where=f"{name}, line 1",
            remedy="name the columns time, latitude, longitude and altitude",
        )  # fmt: skip
    up: int | None = None
    datum: Datum = "unknown"
    for word, means in reversed(_HEIGHTS):
        if word in head:
            up, datum = head.index(word), means

    def cell(row: list[str], index: int | None) -> str:
        return row[index].strip() if index is not None and index < len(row) else ""

    flights: dict[str, list[_Record]] = {}
    for number, row in enumerate(rows, start=2):
        if any(row):
            t = _moment(cell(row, at["t"]))
            who = cell(row, at["who"])
            record = _Record(number, t, cell(row, at["lat"]), cell(row, at["lon"]),
                             cell(row, up), who)  # fmt: skip
            flights.setdefault(who, []).append(record)
    if len(flights) <= 1:
        return (_log(name, next(iter(flights.values()), []), datum, aircraft="icao24" in head),)
    logs = [
        _log(f"{name}:{who}", records, datum, aircraft="icao24" in head)
        for who, records in flights.items()
        if len(records) >= _LEAST_RECORDS
    ]
    return tuple(logs)


def _moment(text: str) -> float:
    number = _number(text)
    if number is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


# --- what all have in common


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _log(name: str, records: list[_Record], datum: Datum, *, aircraft: bool = False) -> FlightLog:
    """The good records of one flight, each later than the last. Raises InputError if too few."""
    kind: Literal["drone", "aircraft"] = "aircraft" if aircraft else "drone"
    kept: list[tuple[float, float, float, float]] = []
    digits, first_bad = 0, None
    for record in records:
        lat, lon, height = _number(record.lat), _number(record.lon), _number(record.height)
        good = lat is not None and lon is not None and np.isfinite(record.t)
        if good and lat is not None and lon is not None:
            good = abs(lat) + abs(lon) > 0.0 and abs(lat) <= 90.0 and abs(lon) <= 180.0
            if kept and good:
                gap_s = record.t - kept[-1][0]
                leap_m = float(metres_between(kept[-1][1], kept[-1][2], lat, lon))
                good = gap_s > 0.0 and leap_m <= FASTEST_MPS[kind] * gap_s + SLACK_M
        if not good or lat is None or lon is None:
            first_bad = first_bad or record.line
            continue
        digits = max(digits, *(len(word.partition(".")[2]) for word in (record.lat, record.lon)))
        kept.append((record.t, lat, lon, np.nan if height is None else height * record.scale))
    if len(kept) < _LEAST_RECORDS:
        raise InputError(
            f"has {len(kept)} usable positions of {len(records)} records",
            where=f"{name}, line {first_bad or 1}",
            remedy="record with satellite reception, or choose another flight",
        )
    columns = np.array(kept).T
    if np.isnan(columns[3]).all():
        datum = "unknown"
    return FlightLog(
        name, columns[0] - columns[0][0], columns[1], columns[2], columns[3], datum,
        kind, 10.0**-digits, len(records) - len(kept),
    )  # fmt: skip


def metres_between(lat: ArrayLike, lon: ArrayLike, next_lat: ArrayLike, next_lon: ArrayLike) -> F64:
    """About how far apart places are, in metres: good enough to know a leap."""
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    north = np.asarray(next_lat, dtype=np.float64) - lat
    east = (np.asarray(next_lon, dtype=np.float64) - lon + 180.0) % 360.0 - 180.0
    return np.asarray(np.hypot(north, east * np.cos(np.radians(lat))) * METRES_PER_DEGREE)
