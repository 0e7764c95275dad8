"""Which statement belongs to which track: global nearest neighbour, cluster by cluster.

Edges (track, statement, score) that share a track or a statement form a cluster; each cluster is
solved exactly by the Hungarian method with potentials (Kuhn 1955, in the O(n^2 m) form of Jonker
and Volgenant 1987). A lone edge, the common case, costs nothing. Ours instead of scipy's because
it runs inside compiled code and spares the process 20 MB.
"""

from __future__ import annotations

import numpy as np

from tocsin.fuse.columns import Floats, Ints
from tocsin.fuse.compile import kernel


@kernel
def _root(parent: Ints, a: int) -> int:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@kernel
def assign(
    count: int, edge_row: Ints, edge_det: Ints, edge_score: Floats, rows: int, dets: int
) -> Ints:
    """The row matched to each statement, -1 for none: the sum of scores is the largest possible.

    `count` edges; a score is the gain over leaving both alone, and edges at or below 0 are unused.
    """
    match = np.full(dets, -1, np.int64)
    if count == 0:
        return match
    parent = np.arange(rows + dets)
    size = np.zeros(rows + dets, np.int64)
    slot = np.full(rows + dets, -1, np.int64)
    for k in range(count):
        a, b = _root(parent, edge_row[k]), _root(parent, rows + edge_det[k])
        if a != b:
            parent[max(a, b)] = min(a, b)
    for k in range(count):
        size[_root(parent, edge_row[k])] += 1
    order = np.empty(count, np.int64)
    start = np.zeros(rows + dets + 1, np.int64)
    for k in range(rows + dets):
        start[k + 1] = start[k] + size[k]
    place = start[:-1].copy()
    for k in range(count):
        r = _root(parent, edge_row[k])
        order[place[r]] = k
        place[r] += 1
    for r in range(rows + dets):
        if size[r] == 1:
            k = order[start[r]]
            if edge_score[k] > 0.0:
                match[edge_det[k]] = edge_row[k]
        elif size[r] > 1:
            cluster = order[start[r] : start[r + 1]]
            _solve(cluster, edge_row, edge_det, edge_score, slot, match)
    return match


@kernel
def _solve(
    edges: Ints, edge_row: Ints, edge_det: Ints, edge_score: Floats, slot: Ints, match: Ints
) -> None:
    """One cluster: a dense cost matrix with a private 'nothing' column for every row.

    `slot` is scratch of -1, one place a row and a statement; it is left as it was found.
    """
    count = edges.size
    rows, dets = np.empty(count, np.int64), np.empty(count, np.int64)
    base = slot.size - match.size
    n = m = 0
    for k in edges:
        if slot[edge_row[k]] < 0:
            slot[edge_row[k]] = n
            rows[n] = edge_row[k]
            n += 1
        if slot[base + edge_det[k]] < 0:
            slot[base + edge_det[k]] = m
            dets[m] = edge_det[k]
            m += 1
    cost = np.full((n, m + n), 1e6)
    for i in range(n):
        cost[i, m + i] = 0.0
    for k in edges:
        cost[slot[edge_row[k]], slot[base + edge_det[k]]] = -edge_score[k]
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
