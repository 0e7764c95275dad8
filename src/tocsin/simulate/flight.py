"""How things fly on the stage: smooth paths of drones, birds and aircraft in local metres.

A path is sampled at even steps and read between them by a cubic Hermite curve, so that position
and velocity belong together at any time. Metres east, north, up in the scene's `LocalFrame`;
seconds since the scene began. All randomness comes from the generator passed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter

from tocsin.earth import LocalFrame

F64 = NDArray[np.float64]
FlightKind = Literal["drone", "bird", "aircraft"]
Emission = Literal["sound", "radio", "remote_id", "adsb"]

STEP_S = 0.25
"""Sampling of a path. A 30 deg/s turn at 20 m/s bends by 6 mm between two Hermite knots."""


@dataclass(frozen=True, eq=False)
class Flight:
    """One thing that flies: `position` and `velocity` are (n, 3), `step_s` apart from `start_s`.

    `emits` is what it gives away besides its echo. `source_db` is its sound level at 1 m.
    `claim_offset` is what a lying transmitter adds to its place, metres east, north, up. A
    `phantom` does not fly at all: somebody on the ground only claims that it does. `shows` is the
    share of a sensor's chance with which it is noticed: less than 1 for what is small or soft.
    """

    id: str
    kind: FlightKind
    start_s: float
    step_s: float
    position: F64
    velocity: F64
    emits: frozenset[Emission] = frozenset()
    source_db: float = 90.0
    serial: str | None = None
    icao24: str | None = None
    claim_offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    phantom: bool = False
    shows: float = 1.0

    @property
    def end_s(self) -> float:
        """When the path ends."""
        return self.start_s + (len(self.position) - 1) * self.step_s

    def at(self, t_s: ArrayLike) -> tuple[F64, F64, NDArray[np.bool_]]:
        """Position, velocity (…, 3) and whether it flies, at times of any shape.

        Outside its time the nearest end of the path is returned, with `False`.
        """
        x = (np.asarray(t_s, dtype=np.float64) - self.start_s) / self.step_s
        last = len(self.position) - 1
        i = np.clip(np.floor(x), 0, last - 1).astype(np.int64)
        s = np.clip(x - i, 0.0, 1.0)[..., None]
        p0, p1 = self.position[i], self.position[i + 1]
        m0, m1 = self.velocity[i] * self.step_s, self.velocity[i + 1] * self.step_s
        s2, s3 = s * s, s * s * s
        position = (
            (2 * s3 - 3 * s2 + 1) * p0
            + (s3 - 2 * s2 + s) * m0
            + (3 * s2 - 2 * s3) * p1
            + (s3 - s2) * m1
        )
        slope = (
            6 * (s2 - s) * p0
            + (3 * s2 - 4 * s + 1) * m0
            + 6 * (s - s2) * p1
            + (3 * s2 - 2 * s) * m1
        )
        return position, slope / self.step_s, (x >= 0.0) & (x <= last)


def fly(
    flight_id: str,
    kind: FlightKind,
    position: F64,
    *,
    start_s: float = 0.0,
    step_s: float = STEP_S,
    emits: Sequence[Emission] = (),
    source_db: float = 90.0,
    serial: str | None = None,
    icao24: str | None = None,
    claim_offset: tuple[float, float, float] = (0.0, 0.0, 0.0),
    phantom: bool = False,
    shows: float = 1.0,
) -> Flight:
    """A flight along sampled positions; its velocity is their slope."""
    velocity = np.gradient(position, step_s, axis=0)
    return Flight(
        flight_id, kind, start_s, step_s, position, velocity, frozenset(emits),
        source_db, serial, icao24, claim_offset, phantom, shows,
    )  # fmt: skip


def through(
    times_s: ArrayLike, points: ArrayLike, *, smooth_s: float, step_s: float = STEP_S
) -> F64:
    """Positions (n, 3) through timed waypoints, corners rounded over `smooth_s` seconds."""
    times, marks = np.asarray(times_s, dtype=np.float64), np.asarray(points, dtype=np.float64)
    ticks = times[0] + step_s * np.arange(round((times[-1] - times[0]) / step_s) + 1)
    straight = np.column_stack([np.interp(ticks, times, marks[:, axis]) for axis in range(3)])
    return smoothed(straight, round(smooth_s / step_s))


def along(
    points: ArrayLike, speed_mps: float, *, smooth_s: float = 4.0, step_s: float = STEP_S
) -> F64:
    """Positions along a line of waypoints at one speed."""
    marks = np.asarray(points, dtype=np.float64)
    legs = np.sqrt((np.diff(marks, axis=0) ** 2).sum(axis=1))
    times = np.concatenate([[0.0], np.cumsum(legs)]) / speed_mps
    return through(times, marks, smooth_s=smooth_s, step_s=step_s)


def rows(
    corner: ArrayLike,
    row: ArrayLike,
    shift: ArrayLike,
    *,
    count: int,
    speed_mps: float,
    turn_s: float,
) -> F64:
    """Positions of crop spraying: `count` rows of vector `row`, each `shift` beside the last."""
    start, step = np.asarray(corner, dtype=np.float64), np.asarray(shift, dtype=np.float64)
    vector = np.asarray(row, dtype=np.float64)
    row_s = float(np.sqrt((vector**2).sum())) / speed_mps
    times: list[float] = []
    points: list[F64] = []
    t = 0.0
    for k in range(count):
        begin = start + k * step
        ends = (begin, begin + vector) if k % 2 == 0 else (begin + vector, begin)
        times += [t, t + row_s]
        points += ends
        t += row_s + turn_s
    return through(times, np.array(points), smooth_s=3.0)


def steer(
    start: ArrayLike,
    heading_deg: float,
    speed_mps: ArrayLike,
    turn_deg_s: F64,
    climb_mps: ArrayLike = 0.0,
    *,
    step_s: float = STEP_S,
) -> F64:
    """Positions of something that is steered: a turn rate (and speed, climb) for every step."""
    heading = np.radians(heading_deg + np.cumsum(turn_deg_s) * step_s)
    pace = np.broadcast_to(np.asarray(speed_mps, dtype=np.float64), heading.shape)
    climb = np.broadcast_to(np.asarray(climb_mps, dtype=np.float64), heading.shape)
    moves = np.column_stack([pace * np.sin(heading), pace * np.cos(heading), climb]) * step_s
    first = np.asarray(start, dtype=np.float64)
    return np.asarray(np.vstack([first, first + np.cumsum(moves, axis=0)]))


def obey(start: ArrayLike, wanted: F64, shake: F64, *, agility_mps2: float) -> F64:
    """Positions of a multirotor that is told a velocity (n, 3) for every step and changes its own
    by at most `agility_mps2`: it cuts corners and slows in them. `shake` (n, 3) is added."""
    velocity = np.empty_like(wanted)
    now = wanted[0]
    most = agility_mps2 * STEP_S
    for k, order in enumerate(wanted):
        gap = order - now
        now = now + gap * min(1.0, most / max(float(np.sqrt((gap**2).sum())), 1e-9))
        velocity[k] = now
    first = np.asarray(start, dtype=np.float64)
    moves = np.cumsum((velocity + shake) * STEP_S, axis=0)
    return np.asarray(np.vstack([first, first + moves]))


def drift(
    rng: np.random.Generator, steps: int, sigma: float, hold_s: float, *, step_s: float = STEP_S
) -> F64:
    """A random quantity that wanders about zero (Ornstein-Uhlenbeck): gusts, turns, moods.

    `sigma` is its standing 1-sigma, `hold_s` how long it remembers itself.
    """
    keep = math.exp(-step_s / hold_s)
    kicks = rng.standard_normal(steps) * (sigma * math.sqrt(1.0 - keep * keep))
    state, _ = lfilter([1.0], [1.0, -keep], kicks, zi=[rng.standard_normal() * sigma * keep])
    return np.asarray(state, dtype=np.float64)


def gusts(rng: np.random.Generator, position: F64, sigma_m: float, hold_s: float = 6.0) -> F64:
    """The same path shaken by wind: `sigma_m` sideways and forward, a third of it in height."""
    shake = np.column_stack(
        [drift(rng, len(position), s, hold_s) for s in (sigma_m, sigma_m, sigma_m / 3)]
    )
    return position + smoothed(shake, round(hold_s / STEP_S))


def smoothed(path: F64, width: int) -> F64:
    """A path (n, k) or series (n,) under a bell-shaped (Hann) window of `width` steps; its ends go
    on straight."""
    if width < 3 or len(path) < 3:
        return path
    half = width // 2
    columns = path.reshape(len(path), -1)
    ramp = np.arange(1, half + 1)[:, None]
    before = columns[0] - (columns[1] - columns[0]) * ramp[::-1]
    after = columns[-1] + (columns[-1] - columns[-2]) * ramp
    padded = np.vstack([before, columns, after])
    bell = np.hanning(2 * half + 3)[1:-1]
    bell /= bell.sum()
    rounded = [np.convolve(column, bell, mode="valid") for column in padded.T]
    return np.column_stack(rounded).reshape(path.shape)


def above_ground(frame: LocalFrame, east_north: F64, height_m: ArrayLike) -> F64:
    """(n, 3) frame metres of points at `height_m` above the ellipsoid: a tangent plane leaves the
    ground by 8 cm at 1 km and by 4.9 km at 250 km, so wide scenes must bend with the earth."""
    east, north = east_north[:, 0], east_north[:, 1]
    wanted = np.broadcast_to(np.asarray(height_m, dtype=np.float64), east.shape)
    up = wanted - frame.alt_m - (east**2 + north**2) / (2 * 6_371_000.0)
    for _ in range(3):  # each pass shrinks the error by about (distance / radius)**2
        _, _, found = frame.to_wgs84(east, north, up)
        up = up + wanted - found
    return np.column_stack([east, north, up])
