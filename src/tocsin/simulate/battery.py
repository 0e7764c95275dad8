"""Sensors of one build, set up on the ground of a scene, with the faults they hide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.earth import LocalFrame
from tocsin.simulate.flight import F64
from tocsin.simulate.ground import turn_into
from tocsin.simulate.returns import Resolution
from tocsin.words import Sensor, SensorKind


@dataclass(frozen=True)
class Outage:
    """A sensor says nothing from `from_s` to `to_s`."""

    sensor: str
    from_s: float
    to_s: float


@dataclass(frozen=True)
class Lateness:
    """How long lines travel: at least `least_s`, on average `mean_s` more (exponential). While a
    link is `down` (from, to) its lines wait and come at once when it is back."""

    least_s: float = 0.05
    mean_s: float = 0.2
    down: tuple[Outage, ...] = ()


@dataclass(frozen=True)
class FalseRows:
    """How false rows are spread: from `near_m` on, even in area or in range; up to an elevation and
    a speed. `per_scan` is their true number where `sensors.json` is wrong about it."""

    near_m: float = 0.0
    even_in: Literal["area", "range"] = "area"
    top_elevation_deg: float = 20.0  # ground and trees, not the zenith
    fastest_mps: float = 25.0
    per_scan: float | None = None


@dataclass(frozen=True, eq=False)
class Battery:
    """Sensors of one build. `delayed` lets sound take its time. `p_detect` falls in a straight line
    from the share `fades_from` of maximum range to its share `fade` there. `sharpness` is how well
    classes are told apart, `deceived` up to which sharpness false rows look like something (see
    `class_scores`); arrays that do not tell a level have `levels` False.

    `north_error_deg` and `clock_error_s` are hidden faults of every sensor in the battery: added
    to each azimuth, and to each time stamp.
    """

    sensors: tuple[Sensor, ...]
    delayed: bool = False
    fade: float = 1.0
    fades_from: float = 0.0
    sharpness: float | None = None
    deceived: float = 1.0
    classes: int = 2
    resolution: Resolution | None = None
    north_error_deg: float = 0.0
    clock_error_s: float = 0.0
    outages: tuple[Outage, ...] = ()
    lateness: Lateness | None = None
    in_bytes: bool = False  # it is given a capture in a true wire format, or sound: not words
    noise: float = 1.0  # true errors over stated ones: 1 is an honest sensor
    levels: bool = True
    false_rows: FalseRows = FalseRows()

    @property
    def kind(self) -> SensorKind:
        """The kind of all of them."""
        return self.sensors[0].kind


@dataclass(frozen=True, eq=False)
class Placed:
    """A battery on the scene's ground: places (S, 3), rotations (S, 3, 3), scan phases (S,)."""

    battery: Battery
    place: F64
    turn: F64
    phase_s: F64
    period_s: float
    reach_m: float
    first: int
    tree: cKDTree


def place(battery: Battery, frame: LocalFrame, rng: np.random.Generator, first: int) -> Placed:
    """Set a battery up; `first` is the index of its first sensor in the scene's list."""
    lat = np.array([s.lat for s in battery.sensors])
    lon = np.array([s.lon for s in battery.sensors])
    alt = np.array([s.alt_m or 0.0 for s in battery.sensors])
    model = battery.sensors[0]
    if model.scan_period_s is None or model.max_range_m is None or model.p_detect is None:
        raise ValueError(f"{model.id}: a staged sensor needs a period, a range and p_detect")
    site = {"id": "", "lat": 0.0, "lon": 0.0, "alt_m": None}
    if len({replace(sensor, **site) for sensor in battery.sensors}) != 1:
        raise ValueError(f"{model.id}: sensors of one battery must be of one build")
    sites = np.column_stack(frame.to_enu(lat, lon, alt))
    return Placed(
        battery=battery,
        tree=cKDTree(sites),
        place=sites,
        turn=turn_into(lat, lon, frame.lat, frame.lon),
        phase_s=rng.random(len(lat)) * model.scan_period_s,
        period_s=model.scan_period_s,
        reach_m=model.max_range_m,
        first=first,
    )


def out_of_order(placed: Placed, sensor: NDArray[np.int64], t: F64) -> NDArray[np.bool_]:
    """Whether the sensor is out of order at `t`."""
    silent = np.zeros(len(t), np.bool_)
    ids = [s.id for s in placed.battery.sensors]
    for outage in placed.battery.outages:
        if outage.sensor in ids:
            which = sensor == ids.index(outage.sensor)
            silent |= which & (t >= outage.from_s) & (t < outage.to_s)
    return silent


def own_place(placed: Placed, sensor: NDArray[np.int64]) -> tuple[F64, F64, F64]:
    """What a microphone without direction states as position: its own; NaN for all others."""
    model = placed.battery.sensors[0]
    if model.sigma_azimuth_deg is not None or model.sigma_horizontal_m is None:
        nothing = np.broadcast_to(np.float64(np.nan), len(sensor))
        return nothing, nothing, nothing
    sites = np.array([(s.lat, s.lon, s.alt_m or 0.0) for s in placed.battery.sensors])
    lat, lon, alt = sites[sensor - placed.first].T
    return lat, lon, alt


def near(placed: Placed, where: F64, reach_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(row, sensor) of every pair of a place (n, 3) and a sensor within `reach_m` of it."""
    found = cast(
        "list[list[int]]", placed.tree.query_ball_point(where, reach_m, return_sorted=True)
    )
    sensor = np.array([s for some in found for s in some], dtype=np.int64)
    return np.repeat(np.arange(len(where)), [len(some) for some in found]), sensor
