"""The tracking scenes: sensors and flights put together, each for one question to a tracker.

They play within 4 km of a hill at 13.2 N, 10.4 W, 200 m over the ellipsoid. Where sensors stand,
how they are wrong, the wind, the speeds and the ways differ from seed to seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate import instruments as tools
from tocsin.simulate import skies
from tocsin.simulate.battery import Battery, FalseRows, Lateness, Outage
from tocsin.simulate.flight import Flight, fly, through
from tocsin.simulate.returns import Resolution
from tocsin.simulate.staged import FLIGHTS, Staged, stage, stream

T0 = 1_780_000_000.0
HILL = LocalFrame(13.2, -10.4, 200.0)
WEAK, STRONG = math.sqrt(0.5), math.sqrt(2.0)
"""Sharpness of class scores: log odds of 0.5 ± 1 (69 % right) and 2 ± 2 (84 % right)."""
ECHOES = FalseRows(100.0, "range", 20.0, 30.0)
SIGHTS = FalseRows(top_elevation_deg=30.0)
SOUNDS = FalseRows(top_elevation_deg=60.0)
MICROPHONE_FADES_FROM = 0.7
SCORING: dict[str, object] = {"gospa_c_m": 100.0, "hold_s": 2.0}

_SITES, _FAULTS, _NAMES = 800, 801, 802
"""Streams of chance: where sensors stand, how they are wrong, what transmitters call themselves."""

HONEST_SERIALS = ("7XZQ8HNESTY02", "HONEST002")
"""A number as CTA-2063-A wants it, and one that a home-built drone was given."""


def approach(seed: int, duration_s: float) -> Staged:
    """One straight approach; a radar and two direction finders."""
    flight = skies.approach(stream(seed, FLIGHTS), "D1", duration_s)
    return staged("approach", seed, duration_s, radar_and_finders(seed), [flight])


def outage(seed: int, duration_s: float) -> Staged:
    """The approach with the radar out of order for a fifth of it, and a finder for another."""
    silent = Outage("radar1", 0.35 * duration_s, 0.55 * duration_s)
    deaf = Outage("rf1", 0.5 * duration_s, 0.7 * duration_s)
    batteries = radar_and_finders(seed, outages=(silent, deaf))
    flight = skies.approach(stream(seed, FLIGHTS), "D1", duration_s)
    meta: dict[str, object] = {"outages": [[o.sensor, o.from_s, o.to_s] for o in (silent, deaf)]}
    return staged("outage", seed, duration_s, batteries, [flight], meta)


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
    spacing = skies.between(rng, 320.0, 350.0)
    places = []
    for k in range(40):
        row, column = divmod(k, 8)
        east, north = 40.0 * (2.0 * rng.random(2) - 1.0)
        places.append(
            (float((column - 3.5) * spacing + east), float((row - 2.0) * spacing + north), 13.0)
        )
    battery = Battery(
        tools.arrays(HILL, places), delayed=delayed, fade=0.3, fades_from=MICROPHONE_FADES_FROM,
        lateness=lateness, levels=False, false_rows=SOUNDS,
    )  # fmt: skip
    flight = skies.loiter(rng, "D1", duration_s, 950.0, 480.0)
    return staged(name, seed, duration_s, [battery], [flight])


def crossing(seed: int, duration_s: float) -> Staged:
    """A crossing pair, one that turns hard and one that stops and goes; radar clutter 20 a scan."""
    return staged("crossing", seed, duration_s, [one_radar(20.0)], crossers(seed, duration_s))


def swarm(seed: int, duration_s: float, *, drones: int = 12, radars: int = 2) -> Staged:
    """A swarm 45 m apart that turns together; radars around it."""
    flights = skies.swarm(stream(seed, FLIGHTS), drones, duration_s)
    return staged("swarm", seed, duration_s, radars_around(seed, radars), flights)


def birds(seed: int, duration_s: float) -> Staged:
    """Thirty birds and two drones; a radar with weak class, two cameras with strong class."""
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0), reach_m=2500.0, clutter=5.0)
    batteries = [
        Battery((radar,), sharpness=WEAK, false_rows=ECHOES),
        *(
            Battery(
                (tools.camera(f"camera{k + 1}", HILL, (30.0 * k, 0.0, 18.0), looks),),
                sharpness=STRONG, deceived=STRONG, false_rows=SIGHTS,
            )
            for k, looks in enumerate((45.0, 225.0))
        ),
    ]  # fmt: skip
    flights: list[Flight] = []
    for k in range(2):
        rng = stream(seed, FLIGHTS + k)
        far, speed = skies.between(rng, 2000.0, 2400.0), skies.between(rng, 13.0, 18.0)
        flights.append(skies.pausing(rng, f"D{k + 1}", duration_s, far, speed))
    flights += [
        skies.bird(stream(seed, FLIGHTS + 100 + k), f"B{k + 1}", duration_s, 1600.0)
        for k in range(30)
    ]
    return staged("birds", seed, duration_s, batteries, flights)


def liar(seed: int, duration_s: float) -> Staged:
    """One honest and one lying Remote ID: the liar claims a place 1.2 km from where it is."""
    rng = stream(seed, FLIGHTS)
    aside = skies.at_bearing(1200.0, skies.between(rng, 0.0, 360.0), 0.0)
    lying = skies.pausing(rng, "D1", duration_s, skies.between(rng, 1900.0, 2400.0), 14.0)
    honest = skies.pausing(rng, "D2", duration_s, skies.between(rng, 900.0, 1700.0), 10.0)
    flights = [
        transmitting(lying, "4TKB8SPFAKE01", (float(aside[0]), float(aside[1]), 0.0)),
        transmitting(honest, honest_serial(seed)),
    ]
    batteries = [*radar_and_finders(seed), remote_id()]
    meta: dict[str, object] = {"spoofed_serials": ["4TKB8SPFAKE01"]}
    return staged("liar", seed, duration_s, batteries, flights, meta)


def phantoms(seed: int, duration_s: float) -> Staged:
    """One honest Remote ID drone, and one transmitter on the ground that invents a swarm of
    twenty; half of its inventions jump about."""
    rng = stream(seed, FLIGHTS)
    flights = [transmitting(skies.manoeuvring(rng, "D1", duration_s), honest_serial(seed))]
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
    batteries = [*radar_and_finders(seed), remote_id()]
    return staged("phantoms", seed, duration_s, batteries, flights, {"spoofed_serials": serials})


def misaligned(seed: int, duration_s: float) -> Staged:
    """A radar turned by 2 to 4 degrees and up to a second late, a finder turned by 3 to 6; an
    aircraft with ADS-B by which to find that out."""
    rng = stream(seed, _FAULTS)
    turned_deg = round(skies.either(rng) * skies.between(rng, 2.0, 4.0), 2)
    late_s = round(skies.between(rng, 0.5, 1.0), 2)
    skewed_deg = round(skies.either(rng) * skies.between(rng, 3.0, 6.0), 2)
    good, first, second = radar_and_finders(seed)
    east, north = 1200.0 + 200.0 * (2.0 * rng.random() - 1.0), 500.0
    turned = Battery(
        (tools.radar("radar2", HILL, (float(east), north, 15.0)),), sharpness=WEAK,
        north_error_deg=turned_deg, clock_error_s=late_s, false_rows=ECHOES,
    )  # fmt: skip
    skewed = Battery(first.sensors, north_error_deg=skewed_deg)
    receiver = Battery((tools.adsb("adsb1", HILL, (5.0, 0.0, 30.0)),))
    flights = [skies.corner(stream(seed, FLIGHTS + k), f"D{k + 1}", duration_s) for k in range(3)]
    name = {"icao24": "4b1234"} if stream(seed, _NAMES).random() < 0.5 else {"serial": "ICAO4B1234"}
    passes_s = min(duration_s, 130.0)
    flights.append(skies.aircraft(stream(seed, FLIGHTS + 9), "A1", passes_s, **name))
    meta: dict[str, object] = {
        "hidden_bias": {
            "radar2": {"azimuth_deg": turned_deg, "clock_s": late_s},
            "rf1": {"azimuth_deg": skewed_deg, "clock_s": 0.0},
        }
    }
    return staged(
        "misaligned", seed, duration_s, [good, turned, skewed, second, receiver], flights, meta
    )


def staged(
    name: str,
    seed: int,
    duration_s: float,
    batteries: Sequence[Battery],
    flights: Sequence[Flight],
    meta: dict[str, object] | None = None,
) -> Staged:
    """A scene on the hill."""
    return stage(name, seed, T0, duration_s, HILL, batteries, flights, {**SCORING, **(meta or {})})


def one_radar(clutter: float, resolution: Resolution | None = None) -> Battery:
    """The radar of the crossing, in this much clutter."""
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0), reach_m=3500.0, clutter=clutter)
    return Battery((radar,), sharpness=WEAK, resolution=resolution, false_rows=ECHOES)


def radars_around(
    seed: int, radars: int, *, clutter: float = 5.0, resolution: Resolution | None = None
) -> list[Battery]:
    """Radars 1.2 to 1.5 km from the middle: two stand 100 to 150 degrees apart, more all round."""
    rng = stream(seed, _SITES)
    begin, apart = skies.between(rng, 0.0, 360.0), 360.0 / radars
    if radars == 2:
        apart = skies.between(rng, 100.0, 150.0)
    batteries = []
    for k in range(radars):
        east, north, up = skies.at_bearing(
            skies.between(rng, 1200.0, 1500.0), begin + apart * k, 15.0
        ).tolist()
        radar = tools.radar(f"radar{k + 1}", HILL, (east, north, up), clutter=clutter,
                            sigma_azimuth_deg=0.7, sigma_range_m=5.0)  # fmt: skip
        batteries.append(
            Battery((radar,), sharpness=WEAK, resolution=resolution, false_rows=ECHOES)
        )
    return batteries


def radar_and_finders(
    seed: int, *, clutter: float = 2.0, outages: tuple[Outage, ...] = ()
) -> list[Battery]:
    """A radar in the middle, direction finders about 950 m to the west and to the south-east."""
    radar = tools.radar("radar1", HILL, (0.0, 0.0, 15.0), clutter=clutter)
    rng = stream(seed, _SITES)
    finders = []
    for k, (east, north) in enumerate(((-900.0, 250.0), (750.0, -650.0))):
        aside = 150.0 * (2.0 * rng.random(2) - 1.0)
        place = (float(east + aside[0]), float(north + aside[1]), 20.0)
        finders.append(tools.finder(f"rf{k + 1}", HILL, place))
    return [
        Battery((radar,), sharpness=WEAK, outages=outages, false_rows=ECHOES),
        *(Battery((finder,), outages=outages) for finder in finders),
    ]


def remote_id() -> Battery:
    """The Remote ID receiver beside the radar."""
    return Battery((tools.receiver("remote_id1", HILL, (0.0, 10.0, 18.0)),))


def crossers(seed: int, duration_s: float) -> list[Flight]:
    """Who flies in the crossing."""
    return [
        *skies.crossing_pair(stream(seed, FLIGHTS), duration_s),
        skies.turning(stream(seed, FLIGHTS + 1), "D3", duration_s),
        skies.stop_and_go(stream(seed, FLIGHTS + 2), "D4", duration_s),
    ]


def honest_serial(seed: int) -> str:
    """What the honest transmitter of this seed calls itself."""
    return HONEST_SERIALS[int(stream(seed, _NAMES).random() < 0.5)]


def transmitting(
    flight: Flight, serial: str, offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Flight:
    """The same flight with Remote ID on board, which adds `offset` to its place."""
    return fly(
        flight.id, "drone", flight.position,
        emits=("sound", "radio", "remote_id"), serial=serial, claim_offset=offset,
    )  # fmt: skip
