"""The tracking scenes: sensors and flights put together, each for one question to a tracker.

All but the wide ones play within 4 km of a hill at 13.2 N, 10.4 W, 200 m over the ellipsoid.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate import instruments as tools
from tocsin.simulate import skies
from tocsin.simulate.battery import Battery, Lateness, Outage
from tocsin.simulate.flight import F64, Flight, above_ground, fly, through
from tocsin.simulate.returns import Resolution
from tocsin.simulate.staged import FLIGHTS, Staged, stage, stream

T0 = 1_780_000_000.0
HILL = LocalFrame(13.2, -10.4, 200.0)
WEAK, STRONG = 1.0, 2.2
"""Sharpness of class scores: 76 % right and 94 % right between drone and bird."""

_SCORING: dict[str, object] = {"gospa_c_m": 100.0, "hold_s": 2.0}


def approach(seed: int, duration_s: float) -> Staged:
    """One straight approach; a radar and two direction finders."""
    flight = skies.approach(stream(seed, FLIGHTS), "D1", duration_s)
    return _staged("approach", seed, duration_s, _radar_and_finders(), [flight])


def outage(seed: int, duration_s: float) -> Staged:
    """The approach with the radar out of order for a fifth of it, and a finder for another."""
    silent = Outage("radar1", 0.35 * duration_s, 0.55 * duration_s)
    deaf = Outage("rf1", 0.5 * duration_s, 0.7 * duration_s)
    batteries = _radar_and_finders(outages=(silent, deaf))
    flight = skies.approach(stream(seed, FLIGHTS), "D1", duration_s)
    meta: dict[str, object] = {"outages": [[o.sensor, o.from_s, o.to_s] for o in (silent, deaf)]}
    return _staged("outage", seed, duration_s, batteries, [flight], meta)


def loiter(seed: int, duration_s: float) -> Staged:
    """One loitering multirotor among forty acoustic arrays."""
    return _loitering("loiter", seed, duration_s, delayed=False)


def loiter_delayed(seed: int, duration_s: float) -> Staged:
    """The same, and sound takes its time."""
    return _loitering("loiter-delayed", seed, duration_s, delayed=True)


def late(seed: int, duration_s: float) -> Staged:
    """The same, and lines arrive late, some of them a minute."""
    down = tuple(
        Outage(f"acoustic{k}", begin * duration_s, begin * duration_s + 60.0)
        for k, begin in ((12, 0.2), (20, 0.4), (21, 0.4), (29, 0.6))
    )
    return _loitering("late", seed, duration_s, delayed=True, lateness=Lateness(0.1, 1.5, down))


def _loitering(
    name: str, seed: int, duration_s: float, *, delayed: bool, lateness: Lateness | None = None
) -> Staged:
    rng = stream(seed, FLIGHTS)
    places = []
    for k in range(40):
        row, column = divmod(k, 8)
        jitter = 60.0 * (2.0 * rng.random(2) - 1.0)
        place = ((column - 3.5) * 260.0 + jitter[0], (row - 2.0) * 260.0 + jitter[1], 13.0)
        places.append((float(place[0]), float(place[1]), place[2]))
    battery = Battery(tools.arrays(HILL, places), delayed=delayed, fade=0.3, lateness=lateness)
    return _staged(name, seed, duration_s, [battery], [skies.loiter(rng, "D1", duration_s, 700.0)])


def crossing(seed: int, duration_s: float) -> Staged:
    """A crossing pair and two manoeuvring drones; radar clutter of 20 a scan."""
    return _staged(
        "crossing", seed, duration_s, [_one_radar(20.0)], _crossing_flights(seed, duration_s)
    )


def merged(seed: int, duration_s: float) -> Staged:
    """The crossing before a radar that cannot part echoes within 30 m and 3 degrees, in clutter of
    60 a scan."""
    battery = _one_radar(60.0, Resolution(30.0, 3.0))
    return _staged("merged", seed, duration_s, [battery], _crossing_flights(seed, duration_s))


def swarm(seed: int, duration_s: float, *, drones: int = 12, radars: int = 2) -> Staged:
    """A swarm 45 m apart that turns together; radars around it."""
    places = [skies.at_bearing(1200.0, 360.0 * k / radars + 270.0, 15.0) for k in range(radars)]
    batteries = [
        Battery(
            (tools.radar(f"radar{k + 1}", HILL, (float(p[0]), float(p[1]), 15.0), clutter=5.0,
                         sigma_azimuth_deg=0.7, sigma_range_m=5.0),),
            sharpness=WEAK,
        )
        for k, p in enumerate(places)
    ]  # fmt: skip
    flights = skies.swarm(stream(seed, FLIGHTS), drones, duration_s)
    return _staged("swarm", seed, duration_s, batteries, flights)


def birds(seed: int, duration_s: float) -> Staged:
    """Thirty birds and two drones; a radar with weak class, two cameras with strong class."""
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0), reach_m=2500.0, clutter=5.0)
    batteries = [
        Battery((radar,), sharpness=WEAK),
        *(
            Battery(
                (tools.camera(f"camera{k + 1}", HILL, (0.0, 0.0, 18.0), looks),), sharpness=STRONG
            )
            for k, looks in enumerate((45.0, 225.0))
        ),
    ]
    flights: list[Flight] = [
        skies.manoeuvring(stream(seed, FLIGHTS + k), f"D{k + 1}", duration_s) for k in range(2)
    ]
    flights += [
        skies.bird(stream(seed, FLIGHTS + 100 + k), f"B{k + 1}", duration_s, 1200.0)
        for k in range(30)
    ]
    return _staged("birds", seed, duration_s, batteries, flights)


def liar(seed: int, duration_s: float) -> Staged:
    """One honest and one lying Remote ID: the liar claims a place 1.2 km from where it is."""
    rng = stream(seed, FLIGHTS)
    aside = skies.at_bearing(1200.0, skies.between(rng, 0.0, 360.0), 0.0)
    lying = skies.manoeuvring(rng, "D1", duration_s)
    honest = skies.manoeuvring(rng, "D2", duration_s)
    flights = [
        _transmitting(lying, "4TKB8SPFAKE01", (float(aside[0]), float(aside[1]), 0.0)),
        _transmitting(honest, "7XZQ8HNESTY02", (0.0, 0.0, 0.0)),
    ]
    batteries = [*_radar_and_finders(), _remote_id()]
    meta: dict[str, object] = {"spoofed_serials": ["4TKB8SPFAKE01"]}
    return _staged("liar", seed, duration_s, batteries, flights, meta)


def phantoms(seed: int, duration_s: float) -> Staged:
    """One honest Remote ID drone, and one transmitter on the ground that invents a swarm of
    twenty; half of its inventions jump about."""
    rng = stream(seed, FLIGHTS)
    flights = [
        _transmitting(skies.manoeuvring(rng, "D1", duration_s), "7XZQ8HNESTY02", (0.0, 0.0, 0.0))
    ]
    serials = [f"4TKB6GH{k:04d}" for k in range(20)]
    for k, serial in enumerate(serials):
        made_up = stream(seed, FLIGHTS + 1 + k)
        path = skies.bird(made_up, "", duration_s, 1500.0).position
        if k % 2:
            count = max(2, math.ceil(duration_s / 9.0))
            spots = [skies.at_bearing(1500.0 * float(made_up.random()) ** 0.5,
                                      skies.between(made_up, 0.0, 360.0), 80.0)
                     for _ in range(count)]  # fmt: skip
            times = [t for j in range(count) for t in (9.0 * j, 9.0 * j + 8.75)]
            path = through(times, np.repeat(spots, 2, axis=0), smooth_s=0.0)
        flights.append(
            fly(f"P{k + 1}", "drone", path, emits=("remote_id",), serial=serial, phantom=True)
        )
    batteries = [*_radar_and_finders(), _remote_id()]
    return _staged("phantoms", seed, duration_s, batteries, flights, {"spoofed_serials": serials})


def misaligned(seed: int, duration_s: float) -> Staged:
    """A radar turned by 3 degrees and 0.8 s late, a finder turned by 5 degrees; an aircraft with
    ADS-B by which to find that out."""
    good, first, second = _radar_and_finders(classes=3)
    turned = Battery(
        (tools.radar("radar2", HILL, (700.0, -500.0, 15.0)),), sharpness=WEAK, classes=3,
        north_error_deg=-3.0, clock_error_s=0.8,
    )  # fmt: skip
    skewed = Battery(first.sensors, north_error_deg=5.0)
    receiver = Battery((tools.adsb("adsb1", HILL, (5.0, 0.0, 30.0)),))
    flights = [
        skies.manoeuvring(stream(seed, FLIGHTS + k), f"D{k + 1}", duration_s) for k in range(3)
    ]
    flights.append(
        skies.aircraft(stream(seed, FLIGHTS + 9), "A1", min(duration_s, 130.0), "4b1234")
    )
    meta: dict[str, object] = {
        "hidden_bias": {
            "radar2": {"azimuth_deg": -3.0, "clock_s": 0.8},
            "rf1": {"azimuth_deg": 5.0, "clock_s": 0.0},
        }
    }
    return _staged(
        "misaligned", seed, duration_s, [good, turned, skewed, second, receiver], flights, meta
    )


def network(seed: int, duration_s: float, *, microphones: int = 1024, drones: int = 5) -> Staged:
    """Single microphones on a 5 km grid without bearings, fixed wings, sound delays of seconds,
    one false alarm a microphone and hour."""
    frame = LocalFrame(14.9, -4.0, 0.0)
    rng = stream(seed, FLIGHTS)
    side = math.ceil(math.sqrt(microphones))
    grid = _grid(microphones, 5000.0)
    grid = grid + 400.0 * (2.0 * rng.random(grid.shape) - 1.0)
    sensors = tools.microphones(frame, above_ground(frame, grid, 5.0), false_per_hour=1.0)
    half = 2500.0 * side
    flights = [
        skies.fixed_wing(stream(seed, FLIGHTS + 1 + n), f"D{n + 1}", frame, half, duration_s)
        for n in range(drones)
    ]
    meta: dict[str, object] = {"gospa_c_m": 3000.0, "hold_s": 15.0, "false_per_mic_hour": 1.0}
    battery = Battery(sensors, delayed=True, fade=0.3)
    return stage("network", seed, T0, duration_s, frame, [battery], flights, meta)


def crowd(seed: int, duration_s: float, *, drones: int = 1000, radars: int = 16) -> Staged:
    """Very many drones over a wide land under a grid of radars of 12 km: for speed and memory."""
    frame = LocalFrame(14.9, -4.0, 0.0)
    side = math.ceil(math.sqrt(radars))
    grid = _grid(radars, 16_000.0)
    sensors = tuple(
        tools.radar(f"radar{n + 1}", frame, (east, north, up),
                    reach_m=12_000.0, clutter=5.0, sigma_azimuth_deg=0.5)
        for n, (east, north, up) in enumerate(above_ground(frame, grid, 15.0).tolist())
    )  # fmt: skip
    batteries = [Battery(sensors, sharpness=WEAK)]
    flights = [
        skies.fixed_wing(
            stream(seed, FLIGHTS + 1 + n), f"D{n + 1}", frame, 8000.0 * side, duration_s
        )
        for n in range(drones)
    ]
    return stage("crowd", seed, T0, duration_s, frame, batteries, flights, dict(_SCORING))


def _grid(count: int, spacing_m: float) -> F64:
    """(count, 2) east and north of a square grid around the middle, filled row by row."""
    side = math.ceil(math.sqrt(count))
    k = np.arange(count)
    return np.asarray(np.column_stack([k % side, k // side]) - (side - 1) / 2.0) * spacing_m


def _staged(
    name: str,
    seed: int,
    duration_s: float,
    batteries: list[Battery],
    flights: list[Flight] | tuple[Flight, ...],
    meta: dict[str, object] | None = None,
) -> Staged:
    return stage(name, seed, T0, duration_s, HILL, batteries, flights, {**_SCORING, **(meta or {})})


def _one_radar(clutter: float, resolution: Resolution | None = None) -> Battery:
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0), reach_m=3500.0, clutter=clutter)
    return Battery((radar,), sharpness=WEAK, resolution=resolution)


def _radar_and_finders(classes: int = 2, outages: tuple[Outage, ...] = ()) -> list[Battery]:
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0))
    finders = [
        tools.finder("rf1", HILL, (-900.0, 300.0, 20.0)),
        tools.finder("rf2", HILL, (700.0, -600.0, 20.0)),
    ]
    return [
        Battery((radar,), sharpness=WEAK, classes=classes, outages=outages),
        *(Battery((finder,), outages=outages) for finder in finders),
    ]


def _remote_id() -> Battery:
    return Battery((tools.receiver("remote_id1", HILL, (0.0, 10.0, 18.0)),))


def _crossing_flights(seed: int, duration_s: float) -> list[Flight]:
    pair = skies.crossing_pair(stream(seed, FLIGHTS), duration_s)
    others = [skies.manoeuvring(stream(seed, FLIGHTS + k), f"D{k + 2}", duration_s) for k in (1, 2)]
    return [*pair, *others]


def _transmitting(flight: Flight, serial: str, offset: tuple[float, float, float]) -> Flight:
    return fly(
        flight.id, "drone", flight.position,
        emits=("sound", "radio", "remote_id"), serial=serial, claim_offset=offset,
    )  # fmt: skip
