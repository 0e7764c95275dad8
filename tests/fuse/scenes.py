"""Small made-up scenes for the loom: one drone, honest sensors, a seeded generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.fuse import Table, new_table, step
from tocsin.words import (
    Bearing,
    ClassScores,
    Detection,
    Identity,
    Position,
    Sensor,
    Sigma,
    Track,
)

T0 = 1_780_000_000.0
FRAME = LocalFrame(13.2, -10.4)
Path = Callable[[float], tuple[float, float, float]]
"""Seconds since T0 to east, north, up metres in FRAME."""


def place(enu: tuple[float, float, float]) -> Position:
    """A place of FRAME as WGS-84."""
    lat, lon, alt = FRAME.to_wgs84(*enu)
    return Position(float(lat), float(lon), float(alt))


def sensor(name: str, kind: str, enu: tuple[float, float, float], **more: float) -> Sensor:
    """A sensor that stands at a place of FRAME."""
    p = place(enu)
    return Sensor(name, kind, p.lat, p.lon, p.alt_m, **more)  # type: ignore[arg-type]


def bearing_from(s: Sensor, target: tuple[float, float, float]) -> tuple[float, float, float]:
    """True azimuth, elevation (degrees) and range (m) of a place of FRAME from a sensor."""
    assert s.alt_m is not None
    p = place(target)
    assert p.alt_m is not None
    e, n, u = (float(a) for a in LocalFrame(s.lat, s.lon, s.alt_m).to_enu(p.lat, p.lon, p.alt_m))
    ground = math.hypot(e, n)
    return (
        math.degrees(math.atan2(e, n)) % 360.0,
        math.degrees(math.atan2(u, ground)),
        math.hypot(ground, u),
    )


def hear(
    s: Sensor,
    path: Path,
    seconds: Sequence[float],
    rng: np.random.Generator,
    *,
    sigma_deg: float = 3.0,
    elevation: bool = True,
    sound_mps: float | None = None,
    scores: ClassScores | None = None,
) -> list[Detection]:
    """Bearings on the path at those seconds; late by the way of sound where it is given."""
    found = []
    for at in seconds:
        emitted = at
        if sound_mps is not None:
            for _ in range(4):
                emitted = at - bearing_from(s, path(emitted))[2] / sound_mps
        azimuth, up, _ = bearing_from(s, path(emitted))
        found.append(
            Detection(
                T0 + at,
                s.id,
                s.kind,
                bearing=Bearing(
                    (azimuth + rng.normal(0.0, sigma_deg)) % 360.0,
                    up + rng.normal(0.0, sigma_deg) if elevation else None,
                ),
                sigma=Sigma(azimuth_deg=sigma_deg, elevation_deg=sigma_deg if elevation else None),
                class_=scores,
            )
        )
    return found


def scan(
    s: Sensor,
    path: Path,
    seconds: Sequence[float],
    rng: np.random.Generator,
    scores: ClassScores | None = None,
) -> list[Detection]:
    """Radar plots (range 8 m, azimuth 1 degree, elevation 1.5 degrees) on the path."""
    found = []
    for at in seconds:
        azimuth, up, r = bearing_from(s, path(at))
        later = bearing_from(s, path(at + 0.01))[2]
        found.append(
            Detection(
                T0 + at,
                s.id,
                s.kind,
                bearing=Bearing(
                    (azimuth + rng.normal(0.0, 1.0)) % 360.0,
                    up + rng.normal(0.0, 1.5),
                    r + rng.normal(0.0, 8.0),
                    (later - r) / 0.01 + rng.normal(0.0, 0.5),
                ),
                sigma=Sigma(azimuth_deg=1.0, elevation_deg=1.5, range_m=8.0, range_rate_mps=0.5),
                class_=scores,
            )
        )
    return found


def claim(
    path: Path,
    seconds: Sequence[float],
    rng: np.random.Generator,
    serial: str,
    *,
    name: str = "rid",
    kind: str = "remote_id",
) -> list[Detection]:
    """Claimed places on the path, 8 m off as GPS is."""
    found = []
    for at in seconds:
        e, n, u = path(at)
        where = place((e + rng.normal(0.0, 8.0), n + rng.normal(0.0, 8.0), u))
        found.append(
            Detection(
                T0 + at,
                name,
                kind,  # type: ignore[arg-type]
                where,
                sigma=Sigma(horizontal_m=8.0, alt_m=15.0),
                identity=Identity(serial),
            )
        )
    return found


def run(
    sensors: Sequence[Sensor], detections: Sequence[Detection], tick: float = 0.25
) -> tuple[Table, list[Track]]:
    """All changes over a scene, stepped every `tick` seconds from T0 to 2 s after its end."""
    table = new_table(sensors)
    ordered = sorted(detections, key=lambda d: d.t if d.received is None else d.received)
    times = [d.t if d.received is None else d.received for d in ordered]
    changes: list[Track] = []
    at, k = 0, 0
    while T0 + k * tick < times[-1] + 2.0:
        k += 1
        upto = at
        while upto < len(ordered) and times[upto] <= T0 + k * tick:
            upto += 1
        table, told = step(table, ordered[at:upto], T0 + k * tick)
        changes += told
        at = upto
    return table, changes


def every(period: float, start: float, stop: float) -> list[float]:
    """Seconds from `start` to `stop`."""
    return [start + k * period for k in range(int((stop - start) / period) + 1)]


def error_m(track: Track, path: Path) -> float:
    """Horizontal distance of a track from the truth at its own time."""
    e, n, _ = FRAME.to_enu(track.lat, track.lon, track.alt_m or 0.0)
    te, tn, _ = path(track.t - T0)
    return math.hypot(float(e) - te, float(n) - tn)


def river(at: float) -> tuple[float, float, float]:
    """A drone that comes down the river at 15 m/s, 80 m high."""
    return 30.0 + 2.0 * at, 1200.0 - 15.0 * at, 80.0


def dam() -> list[Sensor]:
    """Three acoustic arrays and a radio direction finder at the dam."""
    ears = [
        sensor(
            f"ear{k}", "acoustic", (x, y, 5.0), max_range_m=900.0, p_detect=0.9,
            clutter_per_scan=0.05, scan_period_s=0.5,
        )
        for k, (x, y) in enumerate([(-250.0, 300.0), (300.0, 450.0), (0.0, 900.0)])
    ]  # fmt: skip
    finder = sensor(
        "df", "rf", (500.0, 0.0, 15.0), max_range_m=4000.0, p_detect=0.8,
        clutter_per_scan=0.1, scan_period_s=1.0,
    )  # fmt: skip
    return [*ears, finder]
