"""What sensors make of what flies: chance, error, range, sound's delay, and phantoms.

A `Battery` is a set of sensors of one build. What a sensor reports follows from the errors its
`sensors.json` states: azimuth with `sigma_azimuth_deg`, range with `sigma_range_m`, a claimed
place with `sigma_horizontal_m` (Remote ID, ADS-B); a microphone with only `sigma_horizontal_m`
reports its own place and the level it hears. The model is in docs/explanation/simulation.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.earth import LocalFrame
from tocsin.simulate.battery import Battery, Placed, near, out_of_order, own_place
from tocsin.simulate.clutter import clutter
from tocsin.simulate.flight import F64, Emission, Flight
from tocsin.simulate.heard import Heard, blank, joined, unknown
from tocsin.simulate.returns import class_scores, merge
from tocsin.words import Sensor, SensorKind

SOUND_MPS = 340.0
LEVEL_NOISE_DB = 3.0  # 1-sigma of a level that gusts and the rotor's aspect make uncertain
_NEEDS: dict[SensorKind, Emission | None] = {
    "radar": None, "camera": None, "human": None,
    "rf": "radio", "acoustic": "sound", "remote_id": "remote_id", "adsb": "adsb",
}  # fmt: skip
_FEW = 64  # up to so many sensors every pair is tried; above, a tree finds who is near
_DELAY_ROUNDS = 10  # each shrinks the error by speed / 340 m/s: below 1 ms at 60 m/s and 10 km


def sense(
    placed: Placed,
    flights: Sequence[Flight],
    frame: LocalFrame,
    duration_s: float,
    rng: np.random.Generator,
) -> Heard:
    """Everything the battery reports during the scene, unsorted, in seconds of the scene."""
    looks: list[Heard] = [
        look(placed, flight, index, frame, duration_s, rng)
        for index, flight in enumerate(flights)
        if may_notice(placed.battery, flight)
    ]
    seen = joined([part for part in looks if len(part)])
    del looks  # the columns of a crowd fill the memory
    if placed.battery.resolution is not None:
        seen = merge(seen, placed.battery.resolution)
    heard = joined([_with_errors(placed, seen, frame, rng), clutter(placed, duration_s, rng)])
    if placed.battery.sharpness is not None:
        kinds = np.array([_KIND_COLUMN[f.kind] for f in flights] + [-1])
        heard.p = class_scores(
            kinds[heard.truth],
            placed.battery.sharpness,
            placed.battery.classes,
            rng,
            placed.battery.deceived,
        )
    return _delivered(placed, heard, rng)


_KIND_COLUMN = {"drone": 0, "bird": 1, "aircraft": 2}


def may_notice(battery: Battery, flight: Flight) -> bool:
    """Whether this kind of sensor can notice it at all: a glider makes no sound, a phantom has
    nothing but its claim."""
    needed = _NEEDS[battery.kind]
    if flight.phantom:
        return needed == "remote_id"
    return needed is None or needed in flight.emits


def look(
    placed: Placed,
    flight: Flight,
    index: int,
    frame: LocalFrame,
    duration_s: float,
    rng: np.random.Generator,
) -> Heard:
    """Error-free rows of one flight, after chance has decided which scans notice it."""
    sensor, t = _who_and_when(placed, flight, duration_s)
    where, velocity, flies = emitted_at(placed, flight, sensor, t)
    ray = np.einsum("nij,nj->ni", placed.turn[sensor], where - placed.place[sensor])
    distance = np.sqrt((ray**2).sum(axis=1))
    azimuth, elevation = directions(ray)
    chance = chance_of(placed, distance) * flight.shows
    noticed = (
        flies
        & (distance <= placed.reach_m)
        & in_view(placed.battery.sensors[0], azimuth, elevation)
        & ~out_of_order(placed, sensor, t)
        & (rng.random(len(t)) < chance)
    )
    rows = blank(int(noticed.sum()))
    if not len(rows):
        return rows
    rows.t, rows.sensor = t[noticed], sensor[noticed] + placed.first
    rows.truth = np.full(len(rows), index, np.int64)
    rows.azimuth_deg, rows.elevation_deg = azimuth[noticed], elevation[noticed]
    rows.range_m = distance[noticed]
    turned = np.einsum("nij,nj->ni", placed.turn[sensor[noticed]], velocity[noticed])
    rows.range_rate_mps = (turned * ray[noticed]).sum(axis=1) / np.maximum(rows.range_m, 1e-3)
    kind = placed.battery.kind
    if kind == "acoustic":
        rows.level_db = flight.source_db - 20.0 * np.log10(np.maximum(rows.range_m, 1.0))
    if kind in ("remote_id", "adsb"):
        claimed = where[noticed] + np.asarray(flight.claim_offset)
        rows.lat, rows.lon, rows.alt_m = frame.to_wgs84(*claimed.T)
    return rows


def chance_of(placed: Placed, distance_m: F64) -> F64:
    """The chance of being noticed at a distance, of what shows itself fully."""
    battery = placed.battery
    beyond = (distance_m / placed.reach_m - battery.fades_from) / (1.0 - battery.fades_from)
    lost = (1.0 - battery.fade) * np.clip(beyond, 0.0, 1.0)
    return np.asarray((battery.sensors[0].p_detect or 0.0) * (1.0 - lost))


def emitted_at(
    placed: Placed, flight: Flight, sensor: NDArray[np.int64], t: F64
) -> tuple[F64, F64, NDArray[np.bool_]]:
    """Where the flight was when what arrives at `t` left it: earlier by distance over 340 m/s."""
    if not placed.battery.delayed:
        return flight.at(t)
    left = t
    for _ in range(_DELAY_ROUNDS):
        where, _, _ = flight.at(left)
        left = t - np.sqrt(((where - placed.place[sensor]) ** 2).sum(axis=-1)) / SOUND_MPS
    return flight.at(left)


def directions(ray: F64) -> tuple[F64, F64]:
    """Azimuth in [0, 360) and elevation in degrees of (…, 3) east, north, up."""
    azimuth = np.degrees(np.arctan2(ray[..., 0], ray[..., 1])) % 360.0
    level = np.hypot(ray[..., 0], ray[..., 1])
    return azimuth, np.degrees(np.arctan2(ray[..., 2], level))


def in_view(sensor: Sensor, azimuth_deg: F64, elevation_deg: F64) -> NDArray[np.bool_]:
    """Whether a direction lies in the sensor's sector."""
    fov = sensor.fov
    off = np.abs((azimuth_deg - fov.azimuth_center_deg + 180.0) % 360.0 - 180.0)
    level = (elevation_deg >= fov.elevation_min_deg) & (elevation_deg <= fov.elevation_max_deg)
    return np.asarray((off <= fov.azimuth_width_deg / 2.0) & level)


def _who_and_when(
    placed: Placed, flight: Flight, duration_s: float
) -> tuple[NDArray[np.int64], F64]:
    """(sensor, time) of every scan during which the flight may be within reach."""
    begin, end = max(0.0, flight.start_s), min(duration_s, flight.end_s + _longest_delay(placed))
    first, last = int(begin // placed.period_s), max(0, int(end // placed.period_s))
    scans = np.arange(first, last + 1)
    count = len(placed.place)
    if count <= _FEW:
        sensor = np.repeat(np.arange(count), len(scans))
        scan = np.tile(scans, count)
    else:
        middle, velocity, _ = flight.at((scans + 0.5) * placed.period_s)
        fastest = float(np.sqrt((velocity**2).sum(axis=-1)).max(initial=0.0))
        margin = fastest * (placed.period_s + _longest_delay(placed))
        scan, sensor = near(placed, middle, placed.reach_m + margin)
        scan = scans[scan]
    t = placed.phase_s[sensor] + scan * placed.period_s
    kept = (t >= begin) & (t <= end)
    return sensor[kept], t[kept]


def _longest_delay(placed: Placed) -> float:
    # the source may have been a little beyond reach when it left; 1.25 covers 68 m/s
    return 1.25 * placed.reach_m / SOUND_MPS if placed.battery.delayed else 0.0


def _with_errors(placed: Placed, rows: Heard, frame: LocalFrame, rng: np.random.Generator) -> Heard:
    """The rows as the sensor reports them: with its errors, and only what it measures."""
    model, scale, n = placed.battery.sensors[0], placed.battery.noise, len(rows)

    def shaken(values: F64, sigma: float | None) -> F64:
        return unknown(n) if sigma is None else values + rng.standard_normal(n) * sigma * scale

    rows.azimuth_deg = (
        shaken(rows.azimuth_deg, model.sigma_azimuth_deg) + placed.battery.north_error_deg
    ) % 360.0
    rows.elevation_deg = shaken(rows.elevation_deg, model.sigma_elevation_deg)
    rows.range_m = np.maximum(shaken(rows.range_m, model.sigma_range_m), 0.0)
    rows.range_rate_mps = shaken(rows.range_rate_mps, model.sigma_range_rate_mps)
    if placed.battery.kind in ("remote_id", "adsb"):
        east, north, up = frame.to_enu(rows.lat, rows.lon, rows.alt_m)
        east, north = (shaken(axis, model.sigma_horizontal_m) for axis in (east, north))
        rows.lat, rows.lon, rows.alt_m = frame.to_wgs84(east, north, shaken(up, model.sigma_alt_m))
    else:
        rows.lat, rows.lon, rows.alt_m = own_place(placed, rows.sensor)
    tells = placed.battery.kind == "acoustic" and placed.battery.levels
    rows.level_db = shaken(rows.level_db, LEVEL_NOISE_DB if tells else None)
    return rows


def _delivered(placed: Placed, rows: Heard, rng: np.random.Generator) -> Heard:
    """The rows with the sensor's wrong clock, and the time at which they reach us."""
    lateness = placed.battery.lateness
    if lateness is not None:
        sent = rows.t.copy()
        ids = [s.id for s in placed.battery.sensors]
        for link in lateness.down:
            cut = (sent >= link.from_s) & (sent < link.to_s)
            if link.sensor in ids:
                sent[cut & (rows.sensor == placed.first + ids.index(link.sensor))] = link.to_s
        rows.received = (
            sent + lateness.least_s + rng.standard_exponential(len(rows)) * lateness.mean_s
        )
    rows.t = rows.t + placed.battery.clock_error_s
    return rows
