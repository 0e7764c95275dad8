"""Who flies in the tracking scenes: approaches, loiterers, crossings, swarms, birds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate.flight import (
    F64,
    STEP_S,
    Emission,
    Flight,
    above_ground,
    drift,
    fly,
    obey,
    smoothed,
    steer,
)

Rng = np.random.Generator
Order = tuple[float, float, float, float]
"""From a time on: fly this heading in degrees, at this speed, with this climb in m/s."""

LOUD: tuple[Emission, ...] = ("sound", "radio")
BIRD_SHOWS = 0.75  # a bird's echo and its picture are smaller than a drone's


def between(rng: Rng, low: float, high: float) -> float:
    """A number drawn evenly between two."""
    return float(low + (high - low) * rng.random())


def either(rng: Rng) -> float:
    """1 or −1."""
    return 1.0 if rng.random() < 0.5 else -1.0


def at_bearing(distance_m: float, azimuth_deg: float, up_m: float) -> F64:
    """East, north, up of a point seen from the middle."""
    a = math.radians(azimuth_deg)
    return np.array([distance_m * math.sin(a), distance_m * math.cos(a), up_m])


def bearing_to(here: F64, there: F64) -> float:
    """The heading in degrees that leads from one point to another."""
    return math.degrees(math.atan2(there[0] - here[0], there[1] - here[1]))


def multirotor(
    rng: Rng, start: F64, orders: Sequence[Order], duration_s: float, *, windy: float | None = None
) -> F64:
    """Positions of a drone that obeys orders with 3.5 to 4.5 m/s² at most, in a wind drawn between
    still (its velocity trembles by 0.08 m/s) and fresh (0.32 m/s, and slower)."""
    steps = round(duration_s / STEP_S)
    wanted = np.empty((steps, 3))
    for begin, heading, speed, climb in orders:
        wanted[int(begin / STEP_S) :] = at_bearing(speed, heading, climb)
    agility = between(rng, 3.5, 4.5)
    gale = 4.0 ** (rng.random() if windy is None else windy)
    shake = [drift(rng, steps, 0.08 * gale * part, 0.7 * gale**0.8) for part in (1.0, 1.0, 0.4)]
    path = obey(start, wanted, np.column_stack(shake), agility_mps2=agility)
    path[:, 2] = np.maximum(path[:, 2], 20.0)
    return path


def approach(rng: Rng, name: str, duration_s: float) -> Flight:
    """One drone straight in at 20 to 24 m/s, from 3.2 to 4 km to 200 to 400 m, slowly sinking."""
    azimuth, speed = between(rng, 0.0, 360.0), between(rng, 20.0, 24.0)
    climb = between(rng, -0.3, 0.0)
    end = at_bearing(between(rng, 200.0, 400.0), azimuth + between(rng, -30.0, 30.0), 65.0)
    heading = azimuth + 180.0 + between(rng, -4.0, 4.0)
    start = end - at_bearing(speed * duration_s, heading, climb * duration_s)
    return fly(
        name, "drone", multirotor(rng, start, [(0.0, heading, speed, climb)], duration_s),
        emits=LOUD,
    )  # fmt: skip


def loiter(
    rng: Rng, name: str, duration_s: float, half_east_m: float, half_north_m: float
) -> Flight:
    """A multirotor that goes from spot to spot, at least 300 m, at 7 to 14 m/s and hovers 10 to
    30 s at each."""

    def spot() -> F64:
        east, north = 2.0 * rng.random(2) - 1.0
        return np.array([east * half_east_m, north * half_north_m, between(rng, 40.0, 105.0)])

    start = here = spot()
    orders: list[Order] = []
    t = 0.0
    while t < duration_s:
        if orders or rng.random() < 0.5:
            orders.append((t, 0.0, 0.0, 0.0))
            t += between(rng, 10.0, 30.0)
        goal = spot()
        while float(np.hypot(*(goal - here)[:2])) < 300.0:
            goal = spot()
        speed = between(rng, 7.0, 14.0)
        leg_s = float(np.hypot(*(goal - here)[:2])) / speed
        orders.append((t, bearing_to(here, goal), speed, (goal[2] - here[2]) / leg_s))
        t, here = t + leg_s, goal
    return fly(name, "drone", multirotor(rng, start, orders, duration_s), emits=LOUD)


def crossing_pair(rng: Rng, duration_s: float) -> tuple[Flight, Flight]:
    """Two drones 800 to 1,500 m away whose ways cross at 15 to 35 degrees, at the same moment, 10 m
    apart."""
    where = at_bearing(between(rng, 800.0, 1500.0), between(rng, 0.0, 360.0), 95.0)
    heading, angle = between(rng, 0.0, 360.0), between(rng, 15.0, 35.0)
    pair = []
    for name, course, aside in (("D1", heading, 0.0), ("D2", heading + angle, 10.0)):
        speed = between(rng, 14.0, 17.0)
        middle = where + np.array([0.0, 0.0, aside])
        start = middle - at_bearing(speed * duration_s / 2.0, course, 0.0)
        path = multirotor(rng, start, [(0.0, course, speed, 0.0)], duration_s, windy=0.0)
        pair.append(fly(name, "drone", path, emits=LOUD))
    return pair[0], pair[1]


def turning(rng: Rng, name: str, duration_s: float) -> Flight:
    """A drone at 17 to 23 m/s that flies curves of 8 or 15 degrees a second, or straight, for 6 to
    26 s each: up to 6.5 m/s² sideways."""
    steps = round(duration_s / STEP_S)
    turns = np.zeros(steps)
    at = int(between(rng, 8.0, 28.0) / STEP_S)
    while at < steps:
        length = int(between(rng, 6.0, 26.0) / STEP_S)
        rate = (0.0, 8.0, 15.0)[int(3.0 * rng.random())] * between(rng, 0.85, 1.1)
        turns[at : at + length] = either(rng) * rate
        at += length
    start = at_bearing(between(rng, 900.0, 1900.0), between(rng, 0.0, 360.0), between(rng, 70, 130))
    heading = bearing_to(start, np.zeros(3)) + between(rng, -50.0, 50.0)
    tremble = drift(rng, steps, 0.6, 0.7)
    path = steer(start, heading, between(rng, 17.0, 23.0), turns + tremble)
    return fly(name, "drone", path, emits=LOUD)


def stop_and_go(rng: Rng, name: str, duration_s: float) -> Flight:
    """A drone that stands, walks at 8 or runs at 15 m/s in ever other directions, for 6 to 18 s
    each."""
    start = at_bearing(between(rng, 700.0, 2000.0), between(rng, 0.0, 360.0), between(rng, 60, 90))
    heading = bearing_to(start, np.zeros(3)) + between(rng, -60.0, 60.0)
    orders: list[Order] = [(0.0, heading, 10.0, 0.0)]
    t = between(rng, 8.0, 15.0)
    while t < duration_s:
        speed = (0.0, 8.0, 15.0)[int(3.0 * rng.random())]
        heading += either(rng) * between(rng, 20.0, 110.0)
        orders.append((t, heading, speed, between(rng, -0.5, 0.5) if speed else 0.0))
        t += between(rng, 6.0, 18.0)
    return fly(name, "drone", multirotor(rng, start, orders, duration_s), emits=LOUD)


def pausing(rng: Rng, name: str, duration_s: float, far_m: float, speed_mps: float) -> Flight:
    """A drone that comes from `far_m` past the middle, stands 25 to 40 s half-way, and goes on."""
    start = at_bearing(far_m, between(rng, 0.0, 360.0), between(rng, 65.0, 90.0))
    aim = at_bearing(between(rng, 150.0, 600.0), between(rng, 0.0, 360.0), 0.0)
    heading = bearing_to(start, aim)
    stop = between(rng, 0.35, 0.62) * duration_s
    orders = [(0.0, heading, speed_mps, 0.0), (stop, heading, 0.0, 0.0),
              (stop + between(rng, 25.0, 40.0), heading, speed_mps, 0.0)]  # fmt: skip
    return fly(name, "drone", multirotor(rng, start, orders, duration_s), emits=LOUD)


def corner(rng: Rng, name: str, duration_s: float) -> Flight:
    """A drone at 15 to 22 m/s that turns once, hard, by 60 to 120 degrees, half-way."""
    speed = between(rng, 15.0, 22.0)
    start = at_bearing(
        between(rng, 1900.0, 2500.0), between(rng, 0.0, 360.0), between(rng, 65, 125)
    )
    aim = at_bearing(between(rng, 100.0, 700.0), between(rng, 0.0, 360.0), 0.0)
    heading = bearing_to(start, aim)
    after = heading + either(rng) * between(rng, 60.0, 120.0)
    orders = [(0.0, heading, speed, 0.0),
              (between(rng, 0.42, 0.58) * duration_s, after, speed, 0.0)]  # fmt: skip
    return fly(name, "drone", multirotor(rng, start, orders, duration_s), emits=LOUD)


def manoeuvring(rng: Rng, name: str, duration_s: float) -> Flight:
    """A drone that flies straight, turns hard at 8 to 25 degrees a second, and goes on."""
    steps = round(duration_s / STEP_S)
    turns = np.zeros(steps)
    at = int(between(rng, 10.0, 25.0) / STEP_S)
    while at < steps:
        length = int(between(rng, 4.0, 10.0) / STEP_S)
        turns[at : at + length] = either(rng) * between(rng, 8.0, 25.0)
        at += length + int(between(rng, 10.0, 25.0) / STEP_S)
    pace = between(rng, 12.0, 20.0) + smoothed(drift(rng, steps, 1.5, 12.0), 8)
    climb = smoothed(drift(rng, steps, 0.8, 12.0), 8)
    start = at_bearing(between(rng, 500.0, 1600.0), between(rng, 0.0, 360.0), 110.0)
    home = bearing_to(start, np.zeros(3))
    path = steer(start, home + between(rng, -40.0, 40.0), pace, smoothed(turns, 4), climb)
    path[:, 2] = np.maximum(path[:, 2], 25.0)
    return fly(name, "drone", path, emits=LOUD)


def swarm(
    rng: Rng, count: int, duration_s: float, spacing_m: float = 45.0, jitter_m: float = 7.0
) -> tuple[Flight, ...]:
    """`count` drones at 13 to 15 m/s that come from 1.6 to 2.1 km past the middle in a block, each
    `jitter_m` off its slot, and turn together, once, by 25 to 60 degrees."""
    speed, azimuth = between(rng, 13.0, 15.0), between(rng, 0.0, 360.0)
    start = at_bearing(between(rng, 1600.0, 2100.0), azimuth, between(rng, 100.0, 115.0))
    aim = at_bearing(between(rng, 0.0, 500.0), between(rng, 0.0, 360.0), 0.0)
    heading = bearing_to(start, aim)
    turn = between(rng, 0.4, 0.6) * duration_s
    after = heading + either(rng) * between(rng, 25.0, 60.0)
    orders = [(0.0, heading, speed, 0.0), (turn, after, speed, 0.0)]
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    flights = []
    for k in range(count):
        across = (k % columns - (columns - 1) / 2.0) * spacing_m
        ahead = (k // columns - (rows - 1) / 2.0) * spacing_m
        scatter = rng.standard_normal(3) * np.array([jitter_m, jitter_m, 8.0])
        slot = at_bearing(across, heading + 90.0, 0.0) + at_bearing(ahead, heading, 0.0) + scatter
        path = multirotor(rng, start + slot, orders, duration_s, windy=0.2)
        flights.append(fly(f"D{k + 1}", "drone", path, emits=LOUD))
    return tuple(flights)


def bird(rng: Rng, name: str, duration_s: float, radius_m: float) -> Flight:
    """A bird at 8 to 17 m/s that glides in curves: every 3 to 15 s another one, 12 degrees a second
    as a rule and 36 at most; it sinks or climbs a little, down to 15 m."""
    steps = round(duration_s / STEP_S)
    turns = np.zeros(steps)
    at = int(between(rng, 0.0, 15.0) / STEP_S)
    while at < steps:
        length = int(between(rng, 3.0, 15.0) / STEP_S)
        turns[at : at + length] = np.clip(rng.standard_normal() * 12.0, -36.0, 36.0)
        at += length
    turns = smoothed(turns + drift(rng, steps, 1.0, 2.0), 4)
    pace = between(rng, 8.0, 17.0) + drift(rng, steps, 0.3, 6.0)
    start = at_bearing(radius_m * math.sqrt(rng.random()), between(rng, 0.0, 360.0), 0.0)
    start[2] = between(rng, 20.0, 150.0)
    climb = between(rng, -0.4, 0.4) + smoothed(drift(rng, steps, 0.2, 8.0), 8)
    path = steer(start, between(rng, 0.0, 360.0), pace, turns, climb)
    path[:, 2] = np.maximum(path[:, 2], 15.0)
    return fly(name, "bird", path, shows=BIRD_SHOWS)


def aircraft(
    rng: Rng, name: str, duration_s: float, *, serial: str | None = None, icao24: str | None = None
) -> Flight:
    """A small aircraft that passes at 60 m/s, 600 m up, weaves a little, and says so by ADS-B."""
    steps = round(duration_s / STEP_S)
    course = between(rng, 0.0, 360.0)
    past = at_bearing(between(rng, 300.0, 1300.0), course + 90.0, 600.0)
    start = past - at_bearing(30.0 * duration_s, course, 0.0)
    path = steer(start, course, 60.0, drift(rng, steps, 0.55, 4.0))
    return fly(name, "aircraft", path, emits=("adsb", "sound"), source_db=130.0, serial=serial,
               icao24=icao24)  # fmt: skip


def fixed_wing(
    rng: Rng,
    name: str,
    frame: LocalFrame,
    half_width_m: float,
    duration_s: float,
    start_s: float = 0.0,
) -> Flight:
    """A long-range drone at 38 to 52 m/s, 100 to 500 m over the ground, whose course wanders by a
    hundred degrees in half an hour; loud as a moped, 120 dB at 1 m."""
    step_s = 1.0  # at 3 degrees a second and 50 m/s a second's knots are 0.3 m off the curve
    steps = math.ceil(duration_s - start_s) + 1
    begin = np.append((2.0 * rng.random(2) - 1.0) * half_width_m, 0.0)
    course = bearing_to(begin, np.zeros(3)) + between(rng, -70.0, 70.0)
    turns = drift(rng, steps, 0.39, 20.0, step_s=step_s) + drift(
        rng, steps, 0.5, 0.5, step_s=step_s
    )
    level = steer(begin, course, between(rng, 38.0, 52.0), turns, step_s=step_s)
    path = above_ground(frame, level[:, :2], between(rng, 100.0, 500.0))
    return fly(
        name, "drone", path, start_s=start_s, step_s=step_s, emits=LOUD, source_db=120.0
    )  # fmt: skip
