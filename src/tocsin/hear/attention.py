"""What went before counts: a drone that sounded half a second ago most likely still does.

Model      two states, drone or none, of a hidden Markov chain; forward recursion only, so that an
           answer waits for nothing (Rabiner 1989, section III.A, in log-odds)
Evidence   a window's calibrated log-odds less those of a drone at rest; windows overlap by half and
           a sound that deceives once deceives again, so each counts for only `_WEIGHT` of itself;
           rest and chances are from a grid of eighteen tried on held-out folds, all of them alike,
           the weight lies between two of its points (0.3 and 0.5)
First      a stream's first window keeps its own probability: a clip of one second is judged alone
"""

from __future__ import annotations

import math

_WEIGHT = 0.4
_REST = -1.5
"""Log-odds of a window that says nothing."""
_MOST = 5.0
"""Log-odds that one window may add: none is certain."""
_BEGINS, _ENDS = 0.01, 0.02
"""Chance a step of half a second that a drone comes, or goes."""


class Attention:
    """Follows one stream of windows, in their order; begin a new one after a pause."""

    def __init__(self) -> None:
        self._belief: float | None = None

    def feed(self, log_odds: float) -> float:
        """A window's own log-odds → probability of a drone, given it and all before it."""
        if self._belief is None:
            self._belief = log_odds
        else:
            before = sigmoid(self._belief)
            expected = before * (1.0 - _ENDS) + (1.0 - before) * _BEGINS
            evidence = max(-_MOST, min(_MOST, log_odds - _REST))
            self._belief = math.log(expected / (1.0 - expected)) + _WEIGHT * evidence
        return sigmoid(self._belief)

    def forget(self) -> None:
        """The next window is judged as a first one: the microphone was deaf or the stream broke."""
        self._belief = None


def sigmoid(log_odds: float) -> float:
    """Log-odds → probability, without overflow."""
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    small = math.exp(log_odds)
    return small / (1.0 + small)
