"""How much a claimed identity is doubted, and why, in words."""

from __future__ import annotations

import math

from tocsin.fuse.columns import (
    C_JUMP,
    C_JUMP_MPS,
    C_OFF,
    C_OFF_M,
    C_TWICE,
    C_TWICE_M,
    C_UNSEEN,
    Floats,
)
from tocsin.fuse.table import Table
from tocsin.words import ClaimedIdentity, Reason
from tocsin.words.sentences import say

UNSEEN_HALF = 11.5  # nats at which a claim nobody sees is doubted one to one
TWO_JUMPS = 0.9


def claimed(table: Table, row: int, f: Floats) -> ClaimedIdentity | None:
    """The claimed identity of a report; None where nothing was claimed."""
    if row < 0:
        return None
    who = table.identities[row]
    evidence, because = _weigh(f)
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


def _weigh(f: Floats) -> tuple[float, list[Reason]]:
    """Evidence in units where 0.7 is a suspicion of one half, and the reasons it rests on."""
    evidence, because = 0.0, []
    if f[C_JUMP] >= 1.0:
        evidence += TWO_JUMPS * f[C_JUMP]
        because.append(Reason("impossible-jump", {"speed_mps": round(float(f[C_JUMP_MPS]), 1)}))
    if f[C_TWICE] >= 1.0:
        evidence += TWO_JUMPS * f[C_TWICE]
        because.append(Reason("serial-twice", {"distance_m": round(float(f[C_TWICE_M]), 1)}))
    if f[C_OFF] >= 1.0:
        evidence += 0.8 * f[C_OFF]
        because.append(Reason("claim-off-track", {"distance_m": round(float(f[C_OFF_M]), 1)}))
    if f[C_UNSEEN] >= UNSEEN_HALF:
        evidence += 1.2 * f[C_UNSEEN] / UNSEEN_HALF
        because.append(Reason("unseen"))
    return evidence, because
