"""OSPA of whole tracks: how far the told tracks are from the flown ones over a sliding window.

Source   Beard, Vo, Vo, "OSPA(2): using the OSPA metric to evaluate multi-target tracking
         performance", ICCAIS 2017; "A solution for large-scale multi-object tracking", 2020
Base     between one flight and one track over the window: root mean over the seconds in which
         either exists of min(d, c)^2, with c where only one of them does (q = 2, equal weights)
Sets     OSPA of the flights and tracks that exist in the window, p = 2, cut-off c
Window   10 s, every 5 s; the figure is the mean over the windows

A switch of names, a broken track and a late one all cost; OSPA of single seconds sees none.
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.study.columns import F64, I32, Reports, Truth
from tocsin.study.match import Matched, assign

WINDOW_S = 10.0
STEP_S = 5.0


def ospa2(matched: Matched, truth: Truth, reports: Reports, c: float) -> F64:
    """The distance of each window, metres; windows in which nothing exists on either side are 0."""
    if not len(matched.t):
        return np.empty(0)
    start, end = float(matched.t[0]), float(matched.t[-1])
    ends = np.append(np.arange(start + WINDOW_S - 1.0, end, STEP_S), end)
    return np.array([_window(matched, truth, reports, c, at) for at in ends.tolist()])


def _window(matched: Matched, truth: Truth, reports: Reports, c: float, end: float) -> float:
    """One window of seconds in (end - WINDOW_S, end]."""
    low, high = np.searchsorted(matched.t, [end - WINDOW_S, end], side="right").tolist()

    def inside(frame: I32) -> slice:
        lower, upper = np.searchsorted(frame, [low, high]).tolist()
        return slice(lower, upper)

    frame_j, row_j = matched.present
    frame_x, row_x = matched.counted
    at_j, at_x, near = inside(frame_j), inside(frame_x), inside(matched.near.frame)
    flights, flight = np.unique(truth.who[row_j[at_j]], return_inverse=True)
    tracks, track = np.unique(reports.who[row_x[at_x]], return_inverse=True)
    most = max(len(flights), len(tracks))
    if most == 0:
        return 0.0
    seconds = high - low
    exists_j = np.zeros((len(flights), seconds), np.bool_)
    exists_j[flight, frame_j[at_j] - low] = True
    exists_x = np.zeros((len(tracks), seconds), np.bool_)
    exists_x[track, frame_x[at_x] - low] = True
    # pairs that are never within c cost c, whatever they do: only the near ones can save
    i = np.searchsorted(flights, truth.who[matched.near.truth[near]])
    j = np.searchsorted(tracks, reports.who[matched.near.report[near]])
    both, where = np.unique(i * len(tracks) + j, return_inverse=True)
    saved = np.bincount(where, c * c - matched.near.metres[near] ** 2, len(both))
    i, j = both // max(len(tracks), 1), both % max(len(tracks), 1)
    either = (exists_j[i] | exists_x[j]).sum(axis=1)
    base2 = c * c - saved / np.maximum(either, 1)
    chosen = assign(i, j, base2, c * c)
    least = float(base2[chosen].sum()) + c * c * (most - int(chosen.sum()))
    return math.sqrt(least / most)
