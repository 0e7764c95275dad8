"""The staged evening: four visitors of a dam on the Senegal, of whom one is to be feared.

A sprayer with honest Remote ID over the fields, two flocks of birds, a drone without any identity
that comes down the river, and a Remote ID transmitter that lies. 450 seconds from 18:10 UTC.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.simulate import site, voices
from tocsin.simulate.battery import Battery, Outage
from tocsin.simulate.claims import recording
from tocsin.simulate.flight import (
    F64,
    STEP_S,
    Flight,
    along,
    drift,
    fly,
    gusts,
    rows,
    smoothed,
    steer,
)
from tocsin.simulate.site import FRAME, from_river, river_line
from tocsin.simulate.soundscape import Listening, Sounding, Soundscape, flown, standing
from tocsin.simulate.staged import FLIGHTS, Staged, stage, stream

DURATION_S = 450.0
T0 = 1_795_198_200.0
"""20 November 2026, 18:10 UTC: dusk, ten minutes after the registered flight began."""

CAPTURE = "remote_id.pcapng"
OUTAGE = Outage("array-05", 120.0, 200.0)
"""The array beside which the intruder passes at 160 s is out of order just then."""

INTRUDER_MPS = 15.0
_STARTS_UPSTREAM_M = 3600.0  # 40 s before it comes within 3 km
_ENDS_DOWNSTREAM_M = 3000.0


def stage_evening(seed: int, duration_s: float = DURATION_S) -> Staged:
    """The whole evening, the same for the same seed. Shorter where `duration_s` is shorter."""
    friend = sprayer(seed)
    flights = (friend, intruder(seed), *flocks(seed))
    staged = stage(
        "evening", seed, T0, duration_s, FRAME, batteries(), flights,
        {"gospa_c_m": 100.0, "hold_s": 2.0, "spoofed_serials": [site.SPOOFED_SERIAL],
         "outages": [[OUTAGE.sensor, OUTAGE.from_s, OUTAGE.to_s]]},
    )  # fmt: skip
    capture = (CAPTURE, recording(friend, seed, T0, duration_s))

    def sound() -> Soundscape:
        return soundscape(seed, duration_s, friend, flights[1])

    return replace(
        staged, captures=(capture,), zones=(site.zone(),), registrations=(site.sprayer(),),
        sound=sound,
    )  # fmt: skip


def batteries() -> tuple[Battery, ...]:
    """Everything that listens; Remote ID receivers are given bytes, microphones sound."""
    return (
        Battery(site.arrays(), delayed=True, outages=(OUTAGE,), in_bytes=True),
        Battery(site.microphones(), delayed=True, in_bytes=True),
        *(Battery(finder) for finder in site.direction_finders()),
        Battery((site.bird_radar(),), sharpness=2.5),
        *(Battery((receiver,), in_bytes=True) for receiver in site.receivers()),
    )


def soundscape(seed: int, duration_s: float, friend: Flight, stranger: Flight) -> Soundscape:
    """What every microphone of the evening hears: both drones, and what is no drone at all."""
    voice = {name: stream(seed, FLIGHTS + 900 + k) for k, name in enumerate(_VOICES)}
    sounds = (
        Sounding(
            "sprayer",
            voices.rotors(voice["sprayer"], voices.SPRAYER),
            flown(friend),
            friend.source_db,
        ),
        Sounding(
            "intruder",
            voices.rotors(voice["intruder"], voices.QUADCOPTER),
            flown(stranger),
            stranger.source_db,
        ),
        Sounding("moped", voices.engine(voice["moped"], voices.MOPED), flown(moped()), MOPED_DB),
        Sounding(
            "pump",
            voices.engine(voice["pump"], voices.PUMP),
            standing(from_river(1240.0, 1780.0, 1.0)),
            PUMP_DB,
        ),
        Sounding(
            "spillway",
            voices.weir(voice["spillway"]),
            standing(from_river(0.0, 0.0, 2.0)),
            SPILLWAY_DB,
        ),
    )
    ears = [
        *((sensor, site.ARRAY) for sensor in site.arrays()),
        *((sensor, site.ALONE) for sensor in site.microphones()),
    ]
    listening = tuple(
        Listening(
            sensor.id,
            np.array(FRAME.to_enu(sensor.lat, sensor.lon, sensor.alt_m or 0.0))
            + put_up(stream(seed, FLIGHTS + 950 + k), places),
            phase_s=round(k / len(ears), 2),
            silent=((OUTAGE.from_s, OUTAGE.to_s),) if sensor.id == OUTAGE.sensor else (),
        )
        for k, (sensor, places) in enumerate(ears)
    )
    return Soundscape(seed, duration_s, sounds, listening, site.AIR, site.WEATHER)


def put_up(rng: np.random.Generator, places: F64) -> F64:
    """The microphones of a mast where they really are: turned by 2 degrees and tilted by 1 (1
    sigma), each 2 mm off, as people with a compass and a level put them up."""
    east, north, up = np.radians(rng.standard_normal(3) * np.array([1.0, 1.0, 2.0]))
    turn = np.array([[1.0, -up, north], [up, 1.0, -east], [-north, east, 1.0]])
    return np.asarray(places @ turn.T + 0.002 * rng.standard_normal(places.shape))


_VOICES = ("sprayer", "intruder", "moped", "pump", "spillway")
MOPED_DB, PUMP_DB, SPILLWAY_DB = 88.0, 90.0, 80.0
"""Levels at 1 m, dB SPL."""


def moped() -> Flight:
    """Somebody rides home on the left bank's track, past the village and the dam, at 11 m/s."""
    ends = [from_river(-2700.0, 345.0, 0.7), from_river(1900.0, 345.0, 0.7)]
    return fly("moped", "drone", along(np.array(ends), 11.0), start_s=10.0)


def sprayer(seed: int) -> Flight:
    """The farmers' drone, three metres over the crop in rows of 330 m, 6 m/s."""
    corner = np.array(from_river(820.0, 1400.0, 3.0))
    row = np.array(from_river(0.0, 330.0))
    shift = np.array(from_river(8.0, 0.0))
    path = rows(corner, row, shift, count=9, speed_mps=6.0, turn_s=4.0)
    return fly(
        "sprayer", "drone", gusts(stream(seed, FLIGHTS), path, 0.5),
        emits=("sound", "remote_id"), source_db=95.0, serial=site.SPRAYER_SERIAL,
    )  # fmt: skip


def intruder(seed: int) -> Flight:
    """A quadcopter without identity that follows the river down past the dam at 15 m/s."""
    path = _along_river(-_STARTS_UPSTREAM_M, _ENDS_DOWNSTREAM_M)
    path[:, 2] = np.interp(np.arange(len(path)) * STEP_S, [0, 120, 240, 440], [85, 70, 55, 80])
    flown = along(path, INTRUDER_MPS, smooth_s=14.0)
    weave = np.zeros_like(flown)
    rng = stream(seed, FLIGHTS + 1)
    for axis in (0, 1):
        weave[:, axis] = smoothed(drift(rng, len(flown), 8.0, 25.0), 80)
    return fly("intruder", "drone", flown + weave, emits=("sound", "radio"), source_db=92.0)


def flocks(seed: int) -> tuple[Flight, ...]:
    """Six egrets, later four, that cross the wetland side of the zone and go on."""
    passes = (
        # begins, birds, x, y, heading against the river's, turning left in degrees a second
        (60.0, 6, -600.0, 650.0, 40.0, -0.75),
        (235.0, 4, 640.0, 590.0, 135.0, 0.75),
    )
    birds: list[Flight] = []
    for flock, (begin, count, x, y, heading, turning) in enumerate(passes):
        steps = round(110.0 / STEP_S)
        together = drift(stream(seed, FLIGHTS + 10 * flock + 10), steps, 0.25, 15.0) + turning
        for k in range(count):
            rng = stream(seed, FLIGHTS + 10 * flock + 11 + k)
            scatter = rng.standard_normal(3) * np.array([20.0, 20.0, 5.0])
            start = np.array(from_river(x, y, 45.0)) + scatter
            alone = smoothed(drift(rng, steps, 0.6, 6.0), 8)
            pace = 11.0 + drift(rng, steps, 0.4, 10.0)
            path = steer(start, site.DOWNSTREAM_DEG + heading, pace, together + alone)
            birds.append(fly(f"egret-{flock + 1}-{k + 1}", "bird", path, start_s=begin))
    return tuple(birds)


def _along_river(from_m: float, to_m: float) -> F64:
    """Points every few metres of the river line, from so far above the dam to so far below."""
    line = river_line()
    lengths = np.concatenate([[0.0], np.cumsum(np.sqrt((np.diff(line, axis=0) ** 2).sum(axis=1)))])
    dam_m = float(np.interp(0.0, _downstream(line), lengths))
    marks = np.arange(dam_m + from_m, dam_m + to_m, INTRUDER_MPS * STEP_S)
    return np.column_stack([np.interp(marks, lengths, line[:, axis]) for axis in range(3)])


def _downstream(points: F64) -> F64:
    unit = np.array(from_river(1.0, 0.0))
    return np.asarray(points @ unit)
