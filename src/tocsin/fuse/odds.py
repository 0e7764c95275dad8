"""How likely each pairing of a look is, all others weighed in: belief propagation.

Messages between tracks and statements (Williams, Lau, Approximate evaluation of marginal
association probabilities with belief propagation, IEEE TAES 50(4), 2014) come close to the sums
over all assignments at the cost of a few passes over the pairs.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import Floats, Ints

PASSES = 12  # messages differ by less than a per cent then
TOP = 60.0  # nats: more is certainty


@kernel
def odds(pairs: Ints, gains: Floats, rows: int, dets: int) -> Floats:
    """The probability of each edge (row, statement), from its gain over leaving both alone."""
    count = gains.size
    weight, back, share = np.empty(count), np.ones(count), np.empty(count)
    for k in range(count):
        weight[k] = math.exp(min(gains[k], TOP))
    total, sums = np.empty(rows), np.empty(dets)
    for _ in range(PASSES):
        total[:] = 1.0
        for k in range(count):
            total[pairs[k, 0]] += weight[k] * back[k]
        sums[:] = 1.0
        for k in range(count):
            share[k] = weight[k] / max(total[pairs[k, 0]] - weight[k] * back[k], 1.0)
            sums[pairs[k, 1]] += share[k]
        for k in range(count):
            back[k] = 1.0 / max(sums[pairs[k, 1]] - share[k], 1.0)
    total[:] = 1.0
    for k in range(count):
        total[pairs[k, 0]] += weight[k] * back[k]
    for k in range(count):
        share[k] = weight[k] * back[k] / total[pairs[k, 0]]
    return share
