"""A staged scene: who listens, what flies, what was said, and the truth to judge it by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate.battery import Battery, Placed, place
from tocsin.simulate.flight import Flight
from tocsin.simulate.heard import CLUTTER, Heard, detections, joined
from tocsin.simulate.sensing import sense
from tocsin.simulate.soundscape import Soundscape
from tocsin.simulate.truth import TruthLine, truth_lines
from tocsin.words import Detection, Registration, Sensor, Zone

_FEW_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class Staged:
    """What a scene leaves behind. `captures` are (file name, bytes) of recordings in true wire
    formats; `sound` makes what its microphones hear, where they are given sound and not words;
    `heard` is everything else, in order of arrival; `meta` what a scorer needs."""

    name: str
    seed: int
    t0: float
    duration_s: float
    frame: LocalFrame
    sensors: tuple[Sensor, ...]
    flights: tuple[Flight, ...]
    heard: Heard
    placed: tuple[Placed, ...]
    meta: dict[str, object]
    captures: tuple[tuple[str, bytes], ...] = ()
    registrations: tuple[Registration, ...] = ()
    zones: tuple[Zone, ...] = ()
    sound: Callable[[], Soundscape] | None = None

    @property
    def detections(self) -> tuple[Detection, ...]:
        """All detections at once; for millions of rows walk `lines()` instead."""
        return tuple(self.lines())

    def lines(self) -> Iterator[Detection]:
        """The detections in order of arrival, made one after the other."""
        for start in range(0, len(self.heard), _FEW_ROWS):
            part = self.heard.take(np.arange(start, min(start + _FEW_ROWS, len(self.heard))))
            yield from detections(part, self.sensors, self.flights, self.t0)

    def labels(self) -> Iterator[str | None]:
        """The truth behind each detection line; None is clutter."""
        ids = [flight.id for flight in self.flights]
        for index in self.heard.truth.tolist():
            yield None if index == CLUTTER or self.flights[index].phantom else ids[index]

    def truth(self) -> Iterator[TruthLine]:
        """Where everything was, once a second, in order of time and of the scene's list."""
        return truth_lines(self.frame, self.flights, self.placed, self.duration_s, self.t0)


def stage(
    name: str,
    seed: int,
    t0: float,
    duration_s: float,
    frame: LocalFrame,
    batteries: Sequence[Battery],
    flights: Sequence[Flight],
    meta: dict[str, object],
) -> Staged:
    """Let the sensors listen to the flights. Every battery has its own stream of chance, so that
    adding one leaves what the others hear as it was."""
    placed: list[Placed] = []
    heard: list[Heard] = []
    first = 0
    for number, battery in enumerate(batteries):
        rng = stream(seed, number)
        placed.append(place(battery, frame, rng, first))
        if not battery.in_bytes:
            heard.append(sense(placed[-1], flights, frame, duration_s, rng))
        first += len(battery.sensors)
    return Staged(
        name=name,
        seed=seed,
        t0=t0,
        duration_s=duration_s,
        frame=frame,
        sensors=tuple(sensor for battery in batteries for sensor in battery.sensors),
        flights=tuple(flights),
        heard=joined(heard).in_order_of_arrival(),
        placed=tuple(placed),
        meta={"scenario": name, "seed": seed, "duration_s": duration_s, "t0": t0, **meta},
    )


FLIGHTS = 1_000
"""Stream numbers from here on belong to flights; below, to batteries."""


def stream(seed: int, number: int) -> np.random.Generator:
    """An independent stream of chance: the same for the same seed and number, everywhere."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
