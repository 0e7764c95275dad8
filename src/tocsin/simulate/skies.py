"""Who flies in the tracking scenes: approaches, loiterers, crossings, swarms, birds."""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate.flight import (
    F64,
    STEP_S,
    Emission,
    Flight,
    above_ground,
    along,
    drift,
    fly,
    gusts,
    smoothed,
    steer,
    through,
)

Rng = np.random.Generator
_LOUD: tuple[Emission, ...] = ("sound", "radio")


def between(rng: Rng, low: float, high: float) -> float:
    """A number drawn evenly between two."""
    return float(low + (high - low) * rng.random())


def at_bearing(distance_m: float, azimuth_deg: float, up_m: float) -> F64:
    """East, north, up of a point seen from the middle."""
    a = math.radians(azimuth_deg)
    return np.array([distance_m * math.sin(a), distance_m * math.cos(a), up_m])


def approach(rng: Rng, name: str, duration_s: float) -> Flight:
    """One drone straight towards the middle at 18 to 25 m/s, slowly sinking, shaken by wind."""
    azimuth, speed = between(rng, 0.0, 360.0), between(rng, 18.0, 25.0)
    start = at_bearing(speed * duration_s, azimuth, 100.0)
    aim = at_bearing(between(rng, 0.0, 200.0), between(rng, 0.0, 360.0), 60.0)
    path = gusts(rng, through([0.0, duration_s], [start, aim], smooth_s=0.0), 2.5)
    return fly(name, "drone", path, emits=_LOUD)


def loiter(rng: Rng, name: str, duration_s: float, radius_m: float) -> Flight:
    """A multirotor that goes from spot to spot at 4 to 14 m/s and hovers 5 to 25 s at each."""
    times, spots = [0.0], [_spot(rng, radius_m)]
    while times[-1] < duration_s:
        hover = between(rng, 5.0, 25.0)
        times.append(times[-1] + hover)
        spots.append(spots[-1])
        goal = _spot(rng, radius_m)
        leg = float(np.sqrt(((goal - spots[-1]) ** 2).sum()))
        times.append(times[-1] + leg / between(rng, 4.0, 14.0))
        spots.append(goal)
    path = gusts(rng, through(times, np.array(spots), smooth_s=5.0), 1.0)
    return fly(name, "drone", path, emits=_LOUD)


def _spot(rng: Rng, radius_m: float) -> F64:
    return at_bearing(
        radius_m * math.sqrt(rng.random()), between(rng, 0.0, 360.0), between(rng, 40.0, 120.0)
    )


def crossing_pair(rng: Rng, duration_s: float) -> tuple[Flight, Flight]:
    """Two drones whose ways cross at 15 to 40 degrees, at the same moment, 10 m apart."""
    where = at_bearing(between(rng, 400.0, 900.0), between(rng, 0.0, 360.0), 90.0)
    heading, angle = between(rng, 0.0, 360.0), between(rng, 15.0, 40.0)
    pair = []
    for name, course, aside in (("D1", heading, 0.0), ("D2", heading + angle, 10.0)):
        speed = between(rng, 13.0, 17.0)
        half = at_bearing(speed * duration_s / 2.0, course, 0.0)
        middle = where + np.array([aside, 0.0, aside])
        path = gusts(rng, along([middle - half, middle + half], speed), 1.5)
        pair.append(fly(name, "drone", path, emits=_LOUD))
    return pair[0], pair[1]


def manoeuvring(rng: Rng, name: str, duration_s: float) -> Flight:
    """A drone that flies straight, turns hard at 8 to 25 degrees a second, and goes on."""
    steps = round(duration_s / STEP_S)
    turns = np.zeros(steps)
    at = int(between(rng, 10.0, 25.0) / STEP_S)
    while at < steps:
        length = int(between(rng, 4.0, 10.0) / STEP_S)
        side = 1.0 if rng.random() < 0.5 else -1.0
        turns[at : at + length] = side * between(rng, 8.0, 25.0)
        at += length + int(between(rng, 10.0, 25.0) / STEP_S)
    pace = between(rng, 12.0, 20.0) + smoothed(drift(rng, steps, 1.5, 12.0), 8)
    climb = smoothed(drift(rng, steps, 0.8, 12.0), 8)
    start = at_bearing(between(rng, 500.0, 1600.0), between(rng, 0.0, 360.0), 110.0)
    home = math.degrees(math.atan2(-start[0], -start[1]))
    heading = home + between(rng, -40.0, 40.0)
    path = steer(start, heading, pace, smoothed(turns, 4), climb)
    path[:, 2] = np.maximum(path[:, 2], 25.0)
    return fly(name, "drone", path, emits=_LOUD)


def swarm(rng: Rng, count: int, duration_s: float, spacing_m: float = 45.0) -> tuple[Flight, ...]:
    """`count` drones in a square formation that turn together, each holding its place to 2 m."""
    steps = round(duration_s / STEP_S)
    turns = np.zeros(steps)
    for begin, end, side in ((0.3, 0.42, 1.0), (0.6, 0.7, -1.0)):
        turns[int(begin * steps) : int(end * steps)] = side * between(rng, 3.0, 6.0)
    pace = between(rng, 12.0, 15.0)
    azimuth = between(rng, 0.0, 360.0)
    side = math.ceil(math.sqrt(count))
    far = pace * duration_s * 0.6 + spacing_m * side
    lead = steer(at_bearing(far, azimuth, 120.0), azimuth + 180.0, pace, smoothed(turns, 8))
    flights = []
    for k in range(count):
        slot = (np.array([k % side, k // side, 0.0]) - (side - 1) / 2.0) * spacing_m
        offset = np.array([slot[0], slot[1], between(rng, -8.0, 8.0)])
        flights.append(fly(f"D{k + 1}", "drone", gusts(rng, lead + offset, 2.0), emits=_LOUD))
    return tuple(flights)


def bird(rng: Rng, name: str, duration_s: float, radius_m: float) -> Flight:
    """A bird at 7 to 14 m/s that circles and wanders and comes back when it has strayed."""
    steps = round(duration_s / STEP_S)
    turns = drift(rng, steps, 6.0, 5.0) + between(rng, -4.0, 4.0)
    pace = between(rng, 7.0, 14.0) + drift(rng, steps, 1.0, 6.0)
    start = at_bearing(radius_m * math.sqrt(rng.random()), between(rng, 0.0, 360.0), 0.0)
    start[2] = between(rng, 20.0, 150.0)
    climb = smoothed(drift(rng, steps, 0.7, 8.0), 8)
    path = steer(start, between(rng, 0.0, 360.0), pace, smoothed(turns, 4), climb)
    path[:, 2] = np.maximum(path[:, 2], 10.0)
    return fly(name, "bird", path)


def aircraft(rng: Rng, name: str, duration_s: float, icao24: str) -> Flight:
    """A small aircraft that passes at 65 m/s, 600 m up, and says so by ADS-B."""
    course = between(rng, 0.0, 360.0)
    past = at_bearing(between(rng, 300.0, 900.0), course + 90.0, 600.0)
    half = at_bearing(65.0 * duration_s / 2.0, course, 0.0)
    path = gusts(rng, along([past - half, past + half], 65.0), 3.0)
    return fly(name, "aircraft", path, emits=("adsb", "sound"), source_db=130.0, icao24=icao24)


def fixed_wing(
    rng: Rng, name: str, frame: LocalFrame, half_width_m: float, duration_s: float
) -> Flight:
    """A long-range drone at 38 to 52 m/s, 100 to 400 m over the ground, that changes course now
    and then; loud as a moped, 120 dB at 1 m."""
    speed = between(rng, 38.0, 52.0)
    points = [_inside(rng, half_width_m)]
    length, wanted = 0.0, speed * (duration_s + 60.0)
    heading = math.degrees(math.atan2(-points[0][0], -points[0][1])) + between(rng, -50.0, 50.0)
    while length < wanted:
        leg = between(rng, 8_000.0, 30_000.0)
        points.append(points[-1] + at_bearing(leg, heading, 0.0)[:2])
        length += leg
        heading += between(rng, -35.0, 35.0)
    marks = np.column_stack([np.array(points), np.zeros(len(points))])
    step_s = 1.0  # at 1 degree a second a second's knots are 0.1 m off the curve
    level = along(marks, speed, smooth_s=30.0, step_s=step_s)[: int(duration_s) + 2]
    height = between(rng, 100.0, 400.0)
    path = above_ground(frame, level[:, :2], height)
    return fly(name, "drone", path, step_s=step_s, emits=_LOUD, source_db=120.0)


def _inside(rng: Rng, half_width_m: float) -> F64:
    return (2.0 * rng.random(2) - 1.0) * half_width_m
