"""How much a claimed identity is doubted, and why, in words."""

from __future__ import annotations

import math

import numpy as np

from tocsin.fuse.columns import CLOCK, JUMP, MUTE, OFF, SERIAL, SIGNAL, SPEED, TWICE, UNSEEN
from tocsin.fuse.lies import UNSEEN_LIMIT
from tocsin.fuse.table import Table
from tocsin.words import ClaimedIdentity, Reason
from tocsin.words.sentences import say

WEIGHT = {
    JUMP: 0.9,  # two jumps, and it lies
    TWICE: 0.9,
    OFF: 0.5,  # one parting is no accusation; two are
    UNSEEN: 1.2 / UNSEEN_LIMIT,
    SERIAL: 0.25,  # many honest makers break the standard: never enough by itself
    SIGNAL: 0.35,
    MUTE: 1.2 / UNSEEN_LIMIT,
    CLOCK: 0.4,
    SPEED: 0.5,
}
"""Evidence of one unit of each doubt, where 0.7 is a suspicion of one half."""
ACCUSES = {SERIAL: 0.9, SIGNAL: 0.9, OFF: 0.3, JUMP: 0.3, TWICE: 0.3, CLOCK: 0.3, SPEED: 0.3}
"""A smaller doubt is forgotten; `unseen` and `mute` count from their common limit on."""
MOST_JUMPS = 12.0


def claimed(table: Table, report: np.void) -> ClaimedIdentity | None:
    """The claimed identity of a report; None where nothing was claimed."""
    row = int(report["claim"])
    if row < 0:
        return None
    who = table.identities[row]
    evidence, because = _weigh(report["doubt"].tolist(), report["figure"].tolist())
    suspicion = round(1.0 - math.exp(-evidence), 3)
    return ClaimedIdentity(
        who.serial,
        who.session,
        who.operator,
        who.icao24,
        suspicion,
        tuple(say(reason) for reason in because),
        tuple(because),
        who.callsign,
    )


def _weigh(doubt: list[float], figure: list[list[float]]) -> tuple[float, list[Reason]]:
    """Evidence in units where 0.7 is a suspicion of one half, and the reasons it rests on, the
    weightiest first."""
    unnoticed = doubt[UNSEEN] + doubt[MUTE] >= UNSEEN_LIMIT
    held: list[tuple[float, int]] = []
    for kind, weight in WEIGHT.items():
        if kind in (UNSEEN, MUTE):
            counts = unnoticed and doubt[kind] > 0.0
        else:
            counts = doubt[kind] >= ACCUSES[kind]
        if counts:
            held.append((weight * min(doubt[kind], MOST_JUMPS / weight), kind))
    held.sort(key=lambda one: (-one[0], one[1]))
    return sum(weight for weight, _ in held), [_reason(kind, figure[kind]) for _, kind in held]


def _reason(kind: int, figure: list[float]) -> Reason:
    """A doubt with the numbers of its sentence."""
    a, b = (round(value, 1) for value in figure)
    if kind == JUMP:
        return Reason("impossible-jump", {"speed_mps": a})
    if kind == TWICE:
        return Reason("serial-twice", {"distance_m": a})
    if kind == OFF:
        return Reason("claim-off-track", {"distance_m": a})
    if kind == SIGNAL:
        return Reason("shared-signal", {"count": int(a)})
    if kind == MUTE:
        return Reason("silent-to-microphones", {"count": int(a)})
    if kind == CLOCK:
        return Reason("clock-regress", {"jump_s": a})
    if kind == SPEED:
        return Reason("speed-contradicts", {"claimed_mps": a, "speed_mps": b})
    return Reason("bad-serial" if kind == SERIAL else "unseen")
