"""How far one microphone hears one machine: a row of masts at known distances, and no truth hidden.

The machine circles 60 m above a point, 15 m wide, so that its Doppler and its distance change as
in flight; each mast stands so far from that point. What an ear makes of it is a true measure of
its reach in this wind, and of how often it is wrong where no drone flies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.simulate import site, voices
from tocsin.simulate.ambience import Weather
from tocsin.simulate.flight import F64
from tocsin.simulate.passage import Voice
from tocsin.simulate.soundscape import Listening, Sounding, Soundscape

MACHINES = ("quadcopter", "sprayer", "moped", "pump", "helicopter", "nothing")
SOURCE_DB = {
    "quadcopter": 92.0, "sprayer": 95.0, "moped": 88.0, "pump": 90.0, "helicopter": 125.0,
    "nothing": -100.0,
}  # fmt: skip
"""Levels at 1 m, dB SPL; a light helicopter is 80 dB at 150 m."""
_UP_M, _WIDE_M, _TURN_S = 60.0, 15.0, 9.0


def earshot(
    machine: str, distances_m: Sequence[float], *, wind_mps: float, seconds: float, seed: int
) -> Soundscape:
    """The sound at a bare microphone at each of the distances; ids are the distances in metres."""
    rng = np.random.default_rng([seed, MACHINES.index(machine)])
    sounding = Sounding(machine, _voice(machine, rng), _circle, SOURCE_DB[machine])
    ears = tuple(
        Listening(f"{distance:g}", np.array([[0.0, -distance, 4.0]])) for distance in distances_m
    )
    weather = Weather(
        wind_mps, ambience_db=site.WEATHER.ambience_db, insects_db=site.WEATHER.insects_db
    )
    return Soundscape(seed, seconds, (sounding,), ears, site.AIR, weather)


def _voice(machine: str, rng: np.random.Generator) -> Voice:
    if machine == "quadcopter":
        return voices.rotors(rng, voices.QUADCOPTER)
    if machine == "sprayer":
        return voices.rotors(rng, voices.SPRAYER)
    engines = {"moped": voices.MOPED, "pump": voices.PUMP, "helicopter": voices.HELICOPTER}
    if machine in engines:
        return voices.engine(rng, engines[machine])
    return voices.weir(rng)


def _circle(t: F64) -> F64:
    turn = 2.0 * np.pi * np.asarray(t) / _TURN_S
    height = np.full(np.shape(turn), _UP_M)
    return np.stack([_WIDE_M * np.sin(turn), _WIDE_M * np.cos(turn), height], axis=-1)
