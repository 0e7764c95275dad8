"""Which statement belongs to which track: global nearest neighbour, cluster by cluster.

Edges (track, statement, score) that share a track or a statement form a cluster; each cluster is
solved exactly by the Hungarian method with potentials (Kuhn 1955, in the O(n^2 m) form of Jonker
and Volgenant 1987). A lone edge, the common case, costs nothing. Ours instead of scipy's because
it runs inside compiled code and spares the process 20 MB.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import Floats, Ints

SCALING_ROUNDS = 30
FORBIDDEN = 1e6  # a cost that no assignment pays while it can leave a row alone


@kernel
def _root(parent: Ints, a: int) -> int:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@kernel
def assign(pairs: Ints, gains: Floats, rows: int, dets: int) -> Ints:
    """The row matched to each statement, -1 for none: the sum of gains is the largest possible.

    `pairs` holds (row, statement) of each edge; a gain is over leaving both alone, and edges that
    gain nothing are unused.
    """
    match = np.full(dets, -1, np.int64)
    count = gains.size
    if count == 0:
        return match
    nodes = rows + dets
    parent = np.arange(nodes)
    size, slot = np.zeros(nodes, np.int64), np.full(nodes, -1, np.int64)
    for k in range(count):
        a, b = _root(parent, pairs[k, 0]), _root(parent, rows + pairs[k, 1])
        if a != b:
            parent[max(a, b)] = min(a, b)
    for k in range(count):
        size[_root(parent, pairs[k, 0])] += 1
    order, start = np.empty(count, np.int64), np.zeros(nodes + 1, np.int64)
    for k in range(nodes):
        start[k + 1] = start[k] + size[k]
    for k in range(count - 1, -1, -1):  # filled from behind, so that each cluster keeps its order
        r = _root(parent, pairs[k, 0])
        size[r] -= 1
        order[start[r] + size[r]] = k
    for r in range(nodes):
        many = start[r + 1] - start[r]
        if many == 1:
            k = order[start[r]]
            if gains[k] > 0.0:
                match[pairs[k, 1]] = pairs[k, 0]
        elif many > 1:
            _solve(order[start[r] : start[r + 1]], pairs, gains, slot, match)
    return match


@kernel
def shares(pairs: Ints, costs: Floats, rows: int, dets: int) -> Floats:
    """How likely each edge is when every row has one partner, from -2 log-likelihoods.

    Weights are scaled until rows and columns add up to 1 (Sinkhorn 1964). The weight is the square
    of the likelihood: then two tracks that could only exchange get exactly the odds of doing so.
    """
    count = costs.size
    least = np.full(rows, np.inf)
    for k in range(count):
        least[pairs[k, 0]] = min(least[pairs[k, 0]], costs[k])
    share = np.empty(count)
    for k in range(count):
        share[k] = math.exp(least[pairs[k, 0]] - costs[k])
    for k in range(2 * SCALING_ROUNDS):
        side = 1 - k % 2  # columns first, so that rows add up in the end
        total = np.full(max(rows, dets), 1e-300)
        for e in range(count):
            total[pairs[e, side]] += share[e]
        for e in range(count):
            share[e] /= total[pairs[e, side]]
    return share


@kernel
def _solve(edges: Ints, pairs: Ints, gains: Floats, slot: Ints, match: Ints) -> None:
    """One cluster: a dense cost matrix with a private 'nothing' column for every row.

    `slot` is scratch of -1, one place a row and a statement; it is left as it was found.
    """
    rows, dets = np.empty(edges.size, np.int64), np.empty(edges.size, np.int64)
    base = slot.size - match.size
    n = m = 0
    for k in edges:
        if slot[pairs[k, 0]] < 0:
            slot[pairs[k, 0]] = n
            rows[n] = pairs[k, 0]
            n += 1
        if slot[base + pairs[k, 1]] < 0:
            slot[base + pairs[k, 1]] = m
            dets[m] = pairs[k, 1]
            m += 1
    cost = np.full((n, m + n), FORBIDDEN)
    for i in range(n):
        cost[i, m + i] = 0.0
    for k in edges:
        cost[slot[pairs[k, 0]], slot[base + pairs[k, 1]]] = -gains[k]
    column = hungarian(cost)
    for i in range(n):
        slot[rows[i]] = -1
        if column[i] < m and cost[i, column[i]] < 0.0:
            match[dets[column[i]]] = rows[i]
    for j in range(m):
        slot[base + dets[j]] = -1


@kernel
def hungarian(cost: Floats) -> Ints:
    """The column of each row in the cheapest assignment; `cost` is n by m with n <= m."""
    n, m = cost.shape
    u = np.zeros(n + 1)
    v = np.zeros(m + 1)
    owner = np.zeros(m + 1, np.int64)  # row of each column, both counted from 1; 0 free
    way = np.zeros(m + 1, np.int64)
    for i in range(1, n + 1):
        owner[0] = i
        j0 = 0
        least = np.full(m + 1, np.inf)
        used = np.zeros(m + 1, np.bool_)
        while True:
            used[j0] = True
            i0, delta, j1 = owner[j0], np.inf, 0
            for j in range(1, m + 1):
                if used[j]:
                    continue
                slack = cost[i0 - 1, j - 1] - u[i0] - v[j]
                if slack < least[j]:
                    least[j] = slack
                    way[j] = j0
                if least[j] < delta:
                    delta = least[j]
                    j1 = j
            for j in range(m + 1):
                if used[j]:
                    u[owner[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            j0 = j1
            if owner[j0] == 0:
                break
        _turn_over(owner, way, j0)
    column = np.full(n, -1, np.int64)
    for j in range(1, m + 1):
        if owner[j] > 0:
            column[owner[j] - 1] = j - 1
    return column


@kernel
def _turn_over(owner: Ints, way: Ints, j: int) -> None:
    """Walk the alternating path back from the free column `j`, giving each column its new row."""
    while j != 0:
        before = way[j]
        owner[j] = owner[before]
        j = before
