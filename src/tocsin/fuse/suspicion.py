"""How much a claimed identity is doubted, and why, in words."""

from __future__ import annotations

import math

import numpy as np

from tocsin.fuse.table import Table
from tocsin.words import ClaimedIdentity, Reason
from tocsin.words.sentences import say

UNSEEN_HALF = 11.5  # nats at which a claim nobody sees is doubted one to one
TWO_JUMPS = 0.9
ONE_PARTING = 0.5  # one is no accusation; two are


def claimed(table: Table, report: np.void) -> ClaimedIdentity | None:
    """The claimed identity of a report; None where nothing was claimed."""
    row = int(report["claim"])
    if row < 0:
        return None
    who = table.identities[row]
    evidence, because = _weigh(report)
    suspicion = round(1.0 - math.exp(-evidence), 3)
    return ClaimedIdentity(
        who.serial,
        who.session,
        who.operator,
        who.icao24,
        suspicion,
        tuple(say(reason) for reason in because),
        tuple(because),
    )


def _weigh(f: np.void) -> tuple[float, list[Reason]]:
    """Evidence in units where 0.7 is a suspicion of one half, and the reasons it rests on."""
    evidence = 0.0
    because: list[Reason] = []
    if f["jumps"] >= 1.0:
        evidence += TWO_JUMPS * f["jumps"]
        because.append(Reason("impossible-jump", {"speed_mps": round(float(f["jump_mps"]), 1)}))
    if f["twice"] >= 1.0:
        evidence += TWO_JUMPS * f["twice"]
        because.append(Reason("serial-twice", {"distance_m": round(float(f["twice_m"]), 1)}))
    if f["off"] >= 1.0:
        evidence += ONE_PARTING * f["off"]
        because.append(Reason("claim-off-track", {"distance_m": round(float(f["off_m"]), 1)}))
    if f["unseen"] >= UNSEEN_HALF:
        evidence += 1.2 * f["unseen"] / UNSEEN_HALF
        because.append(Reason("unseen"))
    return evidence, because
