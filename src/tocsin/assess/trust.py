"""No single liar rings the public bell (DESIGN 6.2).

An *alarm* needs independent witnesses: two kinds of sensor, or three sensors of one kind whose
measurements agree physically, or one sensor and a person. What an emitter says of itself
(Remote ID, ADS-B) is a claim: it may stand beside a measurement, and never alone or in numbers.
A transponder is no witness of a drone at all: beside one radar that takes a helicopter for a drone
it would ring the bell.

Reports of people come by *cell* (words/cell.py), and whoever lives in one can send as many as they
like: only three cells and more, beside a sensor, are a witness, and they never count as a kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.words import CELL_PREFIX, Reason, SensorKind, Witness

CLAIMS: frozenset[SensorKind] = frozenset({"remote_id", "adsb"})
"""Kinds that repeat what the emitter says; three receivers of one lie are still one lie."""

FRESH_S = 15.0
"""A witness older than this no longer speaks: sound from 1 km is 3 s old, a slow radar takes 6."""

PEOPLE_FRESH_S = 120.0
"""So long a cell's report speaks: from the first noise to a press on the phone people take 10 to
60 s, and three cells along a drone's way of 20 m/s hear it a minute and a half apart."""

LEAST_CELLS = 3
"""Fewer cells are one street, one family, one ring of liars."""


def fresh(witnesses: Sequence[Witness], now: float) -> tuple[Witness, ...]:
    """The witnesses that still speak."""
    return tuple(w for w in witnesses if now - w.t <= (PEOPLE_FRESH_S if from_cell(w) else FRESH_S))


def from_cell(witness: Witness) -> bool:
    """Whether this is a report of somebody unknown, told by cell."""
    return witness.sensor.startswith(CELL_PREFIX)


def independence(witnesses: Sequence[Witness]) -> Reason | None:
    """Why these witnesses suffice for a public alarm; None if they do not."""
    cells = {w.sensor for w in witnesses if from_cell(w)}
    enough = len(cells) >= LEAST_CELLS
    witnesses = [w for w in witnesses if w.kind != "adsb" and (enough or not from_cell(w))]
    kinds = sorted({w.kind for w in witnesses})
    sensed = [kind for kind in kinds if kind not in CLAIMS and kind != "human"]
    if not sensed:  # a reporter beside a broadcast may be one and the same liar
        return None
    if "human" in kinds:
        return Reason("sensor-and-person", {"witness_kinds": ",".join(kinds)})
    if len(kinds) >= 2:
        return Reason("two-kinds", {"witness_kinds": ",".join(kinds)})
    count = len({w.sensor for w in witnesses})
    if count >= 3:
        return Reason("three-sensors", {"count": count, "witness_kinds": sensed[0]})
    return None


def only_claims(witnesses: Sequence[Witness]) -> bool:
    """Whether nothing but the emitter's own word is there."""
    return all(w.kind in CLAIMS for w in witnesses)
