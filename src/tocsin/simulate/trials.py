"""The harder scenes: the same skies before sensors that blur or drown, and better liars."""

from __future__ import annotations

from dataclasses import replace

from tocsin.simulate import skies
from tocsin.simulate.returns import Resolution
from tocsin.simulate.staged import FLIGHTS, Staged, stream
from tocsin.simulate.stages import (
    crossers,
    honest_serial,
    one_radar,
    radar_and_finders,
    radars_around,
    remote_id,
    staged,
    transmitting,
)

COARSE = Resolution(30.0, 3.0)
FINER = Resolution(20.0, 1.5)


def approach_dense(seed: int, duration_s: float) -> Staged:
    """The approach in three times the clutter."""
    flight = skies.approach(stream(seed, FLIGHTS), "D1", duration_s)
    batteries = radar_and_finders(seed, clutter=6.0)
    return staged("approach-dense", seed, duration_s, batteries, [flight])


def crossing_dense(seed: int, duration_s: float) -> Staged:
    """The crossing in three times the clutter."""
    return staged("crossing-dense", seed, duration_s, [one_radar(60.0)], crossers(seed, duration_s))


def merged(seed: int, duration_s: float) -> Staged:
    """The crossing before a radar that cannot part echoes within 30 m and 3 degrees, in clutter of
    60 a scan."""
    return staged("merged", seed, duration_s, [one_radar(60.0, COARSE)], crossers(seed, duration_s))


def swarm_dense(seed: int, duration_s: float) -> Staged:
    """The swarm in three times the clutter."""
    flights = skies.swarm(stream(seed, FLIGHTS), 12, duration_s)
    batteries = radars_around(seed, 2, clutter=15.0)
    return staged("swarm-dense", seed, duration_s, batteries, flights)


def swarm_merged(seed: int, duration_s: float) -> Staged:
    """The swarm before radars that cannot part echoes within 20 m and 1.5 degrees: 60 m at 2.3 km,
    more than a slot."""
    flights = skies.swarm(stream(seed, FLIGHTS), 12, duration_s)
    batteries = radars_around(seed, 2, resolution=FINER)
    return staged("swarm-merged", seed, duration_s, batteries, flights)


def swarm_mixed(seed: int, duration_s: float) -> Staged:
    """A swarm whose slots are 18 m uneven: neighbours from 5 to 80 m apart."""
    flights = skies.swarm(stream(seed, FLIGHTS), 12, duration_s, jitter_m=18.0)
    return staged("swarm-mixed", seed, duration_s, radars_around(seed, 2), flights)


def liar_near(seed: int, duration_s: float) -> Staged:
    """A drone whose Remote ID mirrors its every move 150 m aside, and an honest one."""
    rng = stream(seed, FLIGHTS)
    east, north, _ = skies.at_bearing(150.0, skies.between(rng, 0.0, 360.0), 0.0).tolist()
    lying = skies.pausing(rng, "D1", duration_s, skies.between(rng, 1500.0, 2200.0), 14.0)
    honest = skies.stop_and_go(rng, "D2", duration_s)
    flights = [
        transmitting(lying, "4TKB8SPFAKE01", (east, north, 0.0)),
        transmitting(honest, honest_serial(seed)),
    ]
    batteries = [*radar_and_finders(seed), remote_id()]
    meta: dict[str, object] = {"spoofed_serials": ["4TKB8SPFAKE01"]}
    return staged("liar-near", seed, duration_s, batteries, flights, meta)


def replayed(seed: int, duration_s: float) -> Staged:
    """A transmitter on the ground plays the recorded Remote ID of an old flight, credible in every
    move, while an honest drone and a silent one fly."""
    rng = stream(seed, FLIGHTS)
    honest = skies.stop_and_go(rng, "D1", duration_s)
    silent = skies.turning(rng, "D2", duration_s)
    old = skies.pausing(rng, "P1", duration_s, skies.between(rng, 1000.0, 1800.0), 12.0)
    serial = "7XZQ8LDDAY107"
    flights = [
        transmitting(honest, honest_serial(seed)),
        silent,
        replace(transmitting(old, serial), phantom=True),
    ]
    batteries = [*radar_and_finders(seed), remote_id()]
    meta: dict[str, object] = {"spoofed_serials": [serial]}
    return staged("replayed", seed, duration_s, batteries, flights, meta)
