"""The list of aircraft that a receiver's web page shows (`aircraft.json`).

Format     {"now": seconds, "aircraft": [{"hex", "flight"?, "lat"?, "lon"?, "seen_pos"?,
           "alt_geom"?, "gs"?, "track"?, "geom_rate"?, "baro_rate"?, "category"?, "version"?,
           "nac_p"?, "nac_v"?, "rc"?, "sil"?, "gva"?, "rssi"?, "mlat"?}]}; feet, knots, feet a
           minute
Source     the programs dump1090 and readsb (their README-json.md); also dump1090-mutability's
           `speed` and `vert_rate`
Leaves out barometric altitude, squawk, intent; an aircraft whose place is older than 15 s
Errors     Refused "aircraft-json"; an entry that is not one is overlooked
"""

from __future__ import annotations

import math
import re
from collections import Counter as Count
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Annotated

import msgspec

from tocsin.decode.mode_s.accuracy import (
    PLANE_95,
    UNTOLD_SIGMA_M,
    altitude_sigma_m,
    horizontal_sigma_m,
    velocity_sigma_mps,
)
from tocsin.decode.mode_s.altitude import FEET_M
from tocsin.decode.mode_s.statement import class_of, stamp
from tocsin.errors import Refused
from tocsin.words import ClaimedMotion, Detection, Frame, Identity, Link, Position, Sigma

LINK: Link = "aircraft-json"
STALE_S = 15.0
"""A place so old says where an airliner was 4 km ago."""
_MLAT_SIGMA_M = round(1000.0 / PLANE_95, 2)
"""A place that other receivers computed, without saying how well: 1 km at 95 %."""
_KNOT_MPS, _FPM_MPS = 1852 / 3600, FEET_M / 60
_LONGEST = 16 << 20
_ENTRY = "aircraft-json-entry"
_BEGINNING = re.compile(rb'\s*\{(?=[^\[]*"now"\s*:\s*\d)[^\[]*"aircraft"\s*:\s*\[')

_Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
_Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
_Code = Annotated[int, msgspec.Meta(ge=0, le=15)]


class Entry(msgspec.Struct, frozen=True):
    """One aircraft of the list; None where it is not told."""

    hex: Annotated[str, msgspec.Meta(pattern="^~?[0-9A-Fa-f]{6}$")]
    flight: str | None = None
    lat: _Latitude | None = None
    lon: _Longitude | None = None
    seen_pos: float | None = None
    alt_geom: float | None = None
    gs: float | None = None
    speed: float | None = None
    track: float | None = None
    geom_rate: float | None = None
    baro_rate: float | None = None
    vert_rate: float | None = None
    category: str | None = None
    version: int | None = None
    nac_p: _Code | None = None
    nac_v: _Code | None = None
    rc: float | None = None
    sil: Annotated[int, msgspec.Meta(ge=0, le=3)] | None = None
    gva: _Code | None = None
    rssi: float | None = None
    mlat: tuple[str, ...] = ()


class _Document(msgspec.Struct, frozen=True):
    aircraft: list[msgspec.Raw]
    now: float


class _Now(msgspec.Struct, frozen=True):
    now: float


_decode = msgspec.json.Decoder(_Document).decode
_decode_now = msgspec.json.Decoder(_Now).decode
_decode_entry = msgspec.json.Decoder(Entry).decode


def read_document(data: bytes, overlooked: Count[str]) -> list[Entry]:
    """The aircraft of a list that tell a fresh place. Raises Refused."""
    try:
        document = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("aircraft-json", str(error)) from None
    found = []
    for raw in document.aircraft:
        try:
            entry = _decode_entry(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            overlooked[_ENTRY] += 1
            continue
        if entry.lat is None or entry.lon is None or entry.seen_pos is None:
            continue
        if 0.0 <= entry.seen_pos <= STALE_S:
            found.append(entry)
    return found


def state(entry: Entry, t: float, sensor: str, full_scale_dbm: float | None) -> Detection:
    """The detection of an entry that was read at `t`."""
    assert entry.lat is not None
    assert entry.lon is not None
    motion = _motion(entry)
    alt_m = None if entry.alt_geom is None else round(entry.alt_geom * FEET_M, 2)
    signal = None
    if full_scale_dbm is not None and entry.rssi is not None:
        signal = round(full_scale_dbm + entry.rssi, 1)
    callsign = (entry.flight or "").strip() or None
    name = entry.hex.lower()
    identity = (
        Identity(session=name, callsign=callsign)
        if name.startswith("~")
        else Identity(icao24=name, callsign=callsign)
    )
    return Detection(
        t=stamp(t - (entry.seen_pos or 0.0)),
        sensor=sensor,
        kind="adsb",
        position=Position(round(entry.lat, 7), round(entry.lon, 7), alt_m),
        sigma=Sigma(
            horizontal_m=_horizontal_m(entry, motion),
            alt_m=None
            if alt_m is None
            else altitude_sigma_m(entry.gva, entry.nac_p, entry.version),
        ),
        class_=class_of(entry.category or ""),
        identity=identity,
        received=stamp(t),
        motion=motion,
        signal_dbm=signal,
    )


def _horizontal_m(entry: Entry, motion: ClaimedMotion | None) -> float:
    if "lat" in entry.mlat:
        return _MLAT_SIGMA_M
    if not entry.nac_p and not entry.rc:
        return UNTOLD_SIGMA_M
    speed = 0.0
    if motion is not None and motion.ve is not None and motion.vn is not None:
        speed = math.hypot(motion.ve, motion.vn)
    rc_m = entry.rc if entry.rc and math.isfinite(entry.rc) and entry.rc > 0.0 else None
    return horizontal_sigma_m(0, entry.nac_p or None, rc_m, entry.sil or 0, float(round(speed)))


def _motion(entry: Entry) -> ClaimedMotion | None:
    speed = entry.gs if entry.gs is not None else entry.speed
    climb = next(
        (c for c in (entry.geom_rate, entry.baro_rate, entry.vert_rate) if c is not None), None
    )
    ve = vn = None
    if speed is not None and entry.track is not None:
        course = math.radians(entry.track)
        ve = round(speed * _KNOT_MPS * math.sin(course), 3)
        vn = round(speed * _KNOT_MPS * math.cos(course), 3)
    if ve is None and climb is None:
        return None
    vu = None if climb is None else round(climb * _FPM_MPS, 3)
    return ClaimedMotion(ve, vn, vu, velocity_sigma_mps(entry.nac_v or 0))


class AircraftJsonFormat:
    """Documents in files, and one that was fetched."""

    name = "aircraft-json"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """An object with "now" and a list "aircraft"."""
        return _BEGINNING.match(start.removeprefix(b"\xef\xbb\xbf")) is not None

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Count[str]
    ) -> Iterator[Frame]:
        """One frame a document, at the time it tells: the whole file, or one a line."""
        heard_by = sensor or name.rpartition(".")[0] or name
        t = start
        for number, document in enumerate(_documents(data), start=1):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                t = _decode_now(document).now
            yield Frame(document, heard_by, t, LINK, f"{name} document {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """The document that was fetched."""
        return [data] if data.strip() else []

    def splitter(self) -> None:
        """None: documents are fetched whole."""
        return


def _documents(data: bytes) -> Sequence[bytes]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in data.split(b"\n") if line.strip()]
    whole = len(lines) > 1 and all(
        line.strip().endswith(b"}") and _BEGINNING.match(line) for line in lines
    )
    return lines if whole else [data]
