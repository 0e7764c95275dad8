"""A bank of guesses: what is thought of one thing that only bare microphones hear.

It begins as forty Gaussians over all that the first microphone hears, and soon is one or two.
Courses wander (some 6 degrees squared a second, as fixed wings are seen to) and speeds hardly do.
"""

from __future__ import annotations

import numpy as np

from tocsin.earth.compile import kernel
from tocsin.fuse.bank import GUESSES, BankRow
from tocsin.fuse.columns import MODES, BenchRow, Floats, TrackRow
from tocsin.fuse.hearing import ABOVE_M, STATES
from tocsin.fuse.house import House
from tocsin.fuse.measure import EARTH_M

ACROSS_Q = 5.0  # m2/s3 of course: 3 degrees in a second's root at 45 m/s
ALONG_Q = 0.05  # m2/s3 of speed
HEIGHT_SIGMA_M = 150.0
FAINT = 1e-3  # a guess this much less likely than the bank is given up
SAME_GUESS = 2.0  # guesses closer than this (squared sigmas) to a better one join it


@kernel
def drift_guess(x: Floats, P: Floats, dt: float) -> None:
    """One guess forward by `dt` seconds: x (5), P (5, 5), in place."""
    x[0] += dt * x[2]
    x[1] += dt * x[3]
    for a in range(STATES):
        P[0, a] += dt * P[2, a]
        P[1, a] += dt * P[3, a]
    for a in range(STATES):
        P[a, 0] += dt * P[a, 2]
        P[a, 1] += dt * P[a, 3]
    mean = x[2] ** 2 + x[3] ** 2
    sure = mean / (mean + P[2, 2] + P[3, 3])  # of the course: an unsure one drifts all round
    half = 0.5 * (ACROSS_Q - ALONG_Q) * sure / max(mean, 1e-9)
    middle = 0.5 * (ACROSS_Q + ALONG_Q)
    qee = middle + half * (x[3] ** 2 - x[2] ** 2)
    qnn = 2.0 * middle - qee
    qen = -2.0 * half * x[2] * x[3]
    pp, pv = dt * dt * dt / 3.0, dt * dt / 2.0
    for a in range(2):
        for c in range(2):
            q = qen if a != c else (qee if a == 0 else qnn)
            P[a, c] += q * pp
            P[a, c + 2] += q * pv
            P[a + 2, c] += q * pv
            P[a + 2, c + 2] += q * dt


@kernel
def carry(bank: BankRow, t: float) -> None:
    """All guesses forward to `t`; never back."""
    dt = t - bank.time
    if dt <= 0.0:
        return
    for k in range(bank.count):
        drift_guess(bank.x[k], bank.P[k], dt)
    bank.time = t


@kernel
def level_out(bank: BankRow) -> float:
    """Make the weights sum to one; what they summed to."""
    total = 0.0
    for k in range(bank.count):
        total += bank.w[k]
    total = max(total, 1e-300)
    for k in range(bank.count):
        bank.w[k] /= total
    return total


@kernel
def _apart(bank: BankRow, a: int, c: int) -> float:
    """Squared distance of guess c from guess a in place and in speed, in sigmas of a."""
    total = 0.0
    for k in (0, 2):
        P = bank.P[a]
        de, dn = bank.x[c, k] - bank.x[a, k], bank.x[c, k + 1] - bank.x[a, k + 1]
        det = P[k, k] * P[k + 1, k + 1] - P[k, k + 1] ** 2
        total += (de * de * P[k + 1, k + 1] - 2.0 * de * dn * P[k, k + 1] + dn * dn * P[k, k]) / det
    return total


@kernel
def _join(bank: BankRow, a: int, c: int) -> None:
    """Guess c into guess a, with the mean and covariance of both."""
    w = bank.w[a] + bank.w[c]
    u, v = bank.w[a] / w, bank.w[c] / w
    for i in range(STATES):
        for j in range(STATES):
            gap = (bank.x[c, i] - bank.x[a, i]) * (bank.x[c, j] - bank.x[a, j])
            bank.P[a, i, j] = u * bank.P[a, i, j] + v * bank.P[c, i, j] + u * v * gap
    for i in range(STATES):
        bank.x[a, i] += v * (bank.x[c, i] - bank.x[a, i])
    bank.w[a] = w


@kernel
def tidy(bank: BankRow) -> None:
    """Give up faint guesses, and join those that are as good as one (Salmond 1990)."""
    level_out(bank)
    n = bank.count
    if n == 1:
        return
    order = np.argsort(-bank.w[:n], kind="mergesort")
    gone = np.zeros(n, np.bool_)
    for i in range(n):
        a = order[i]
        if bank.w[a] < FAINT:
            gone[a] = True
        if gone[a]:
            continue
        for j in range(i + 1, n):
            c = order[j]
            if not gone[c] and _apart(bank, a, c) < SAME_GUESS:
                _join(bank, a, c)
                gone[c] = True
    kept = 0
    for a in range(n):
        if gone[a]:
            continue
        if kept != a:
            bank.x[kept] = bank.x[a]
            bank.P[kept] = bank.P[a]
            bank.w[kept] = bank.w[a]
        kept += 1
    bank.count = kept
    level_out(bank)


@kernel
def sum_up(h: House, bank: BankRow) -> None:
    """Write the mean and covariance of a bank into its track, height from the ear that heard."""
    tr = h.tracks[bank.row]
    x, P = tr.x[0], tr.P[0]
    x[:] = 0.0
    P[:] = 0.0
    where = (0, 1, 3, 4)
    for k in range(bank.count):
        for a in range(4):
            x[where[a]] += bank.w[k] * bank.x[k, a]
    for k in range(bank.count):
        for a in range(4):
            da = bank.x[k, a] - x[where[a]]
            for c in range(4):
                dc = bank.x[k, c] - x[where[c]]
                P[where[a], where[c]] += bank.w[k] * (bank.P[k, a, c] + da * dc)
    ear = h.sensors[bank.ear].place
    bend = (x[0] ** 2 + x[1] ** 2 - ear[0] ** 2 - ear[1] ** 2) / (2.0 * EARTH_M)
    x[2] = ear[2] - bend + ABOVE_M
    P[2, 2], P[5, 5] = HEIGHT_SIGMA_M**2, 1.0
    for mode in range(1, MODES):
        tr.x[mode] = x
        tr.P[mode] = P
    tr.time = bank.time


@kernel
def foretell(tr: TrackRow, dt: float, b: BenchRow) -> None:
    """Where a track that only bare microphones hear will be `dt` seconds on, into b.x0 and b.Q."""
    x, P, X, Q = tr.x[0], tr.P[0], b.x0, b.Q
    late = max(dt, 0.0)
    for a in range(6):
        X[a] = x[a] + (dt * x[a + 3] if a < 3 else 0.0)
        for c in range(6):
            Q[a, c] = P[a, c]
    for a in range(3):
        for c in range(3):
            Q[a, c] += late * (P[a, c + 3] + P[a + 3, c]) + late * late * P[a + 3, c + 3]
    for a in range(2):
        Q[a, a] += 0.5 * (ACROSS_Q + ALONG_Q) * late * late * late / 3.0


@kernel
def open_bank(h: House, row: int, ear: int, t: float) -> int:
    """An empty bank for a track; there is room, the door saw to it."""
    k = h.state[0].banks
    h.state[0].banks = k + 1
    bank = h.banks[k]
    bank.time = bank.swept = t
    bank.ear, bank.row, bank.count = ear, row, GUESSES
    h.tracks[row].bank = k
    return int(k)


@kernel
def close_bank(h: House, tr: TrackRow) -> None:
    """Drop the bank of a track that ends; the last one takes its place."""
    k = tr.bank
    if k < 0:
        return
    tr.bank = -1
    last = h.state[0].banks - 1
    h.state[0].banks = last
    if k != last:
        h.banks[k] = h.banks[last]
        h.tracks[h.banks[k].row].bank = k
