"""Any sample rate → 16 kHz: a polyphase low-pass filter, written as products of matrices.

Output n stands at input place n * M / L, where M / L is the rate over 16 kHz in lowest terms. A
group of G outputs (a multiple of L) needs the same weights at every G * M / L inputs, so a half
second is (groups, inputs) @ (inputs, G), the processor's fastest way. Where L is large the groups
begin at many places between two inputs; these are rounded to 1/64 of an input.

Filter     sinc under a Kaiser window (Kaiser and Schafer 1980) of 32 zero crossings a side; -6 dB
           at 0.95 of the lower Nyquist frequency, -80 dB from 1.03 of it on; weights sum to 1
Rates      exact where L <= 640, which are all multiples of 25 Hz
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Rows = NDArray[np.int64]

RATE_HZ = 16_000
HALF = RATE_HZ // 2
"""Outputs of half a second."""

_CROSSINGS = 32
_EDGE = 0.95
_BETA = 7.857
"""0.1102 * (80 - 8.7): 80 dB (Kaiser)."""
_MOST_PHASES = 640
_LEAST_GROUP = 160
_BETWEEN = 64
"""Places between two inputs."""


class Resampler:
    """Half seconds at `rate_hz` → `HALF` samples at 16 kHz. Remembers weights, no sound."""

    def __init__(self, rate_hz: int) -> None:
        self._step = step = Fraction(rate_hz, RATE_HZ)
        self._same = step == 1
        phases = step.denominator
        small = phases <= _MOST_PHASES
        self._group = phases * math.ceil(_LEAST_GROUP / phases) if small else _LEAST_GROUP
        self._half = _CROSSINGS * max(1.0, float(step))
        self.reach = 0 if self._same else math.ceil(self._half) + 1
        """Inputs before and after a stretch that have a say in it."""
        self._width = math.ceil(self._group * step) + 2 * self.reach
        self._weights: dict[int, F32] = {}
        self._plans: dict[bool, list[tuple[int, Rows, Rows]]] = {}

    def outputs(self, inputs: int) -> int:
        """How many outputs so many inputs make, at least one."""
        return max(1, int(inputs / self._step))

    def half_second(self, x: F32, *, between: bool) -> F32:
        """`HALF` outputs from a stretch and `reach` inputs around it. The first output stands at
        input `reach`, or half an input later where the stretch begins `between` two inputs."""
        if self._same:
            return x[:HALF]
        plan = self._plan(between)
        need = max(int(first[-1]) for _, _, first in plan) + self._width
        whole = np.zeros(need, np.float32)
        whole[: len(x)] = x[:need]
        views = sliding_window_view(whole, self._width)
        found = np.empty((sum(len(rows) for _, rows, _ in plan), self._group), np.float32)
        for place, rows, first in plan:
            found[rows] = views[first] @ self._weights_at(place)
        return found.reshape(-1)[:HALF]

    def _plan(self, between: bool) -> list[tuple[int, Rows, Rows]]:
        """For each place between two inputs: the groups that begin there, and at which inputs."""
        if between not in self._plans:
            late = _BETWEEN // 2 if between else 0
            places = [
                round(group * self._group * self._step * _BETWEEN) + late
                for group in range(math.ceil(HALF / self._group))
            ]
            first, place = np.divmod(np.array(places), _BETWEEN)
            self._plans[between] = [
                (int(one), np.flatnonzero(place == one), first[place == one])
                for one in np.unique(place)
            ]
        return self._plans[between]

    def _weights_at(self, place: int) -> F32:
        """(inputs, outputs of a group) where the first output is `place` / 64 beyond `reach`."""
        if place not in self._weights:
            step = float(self._step)
            outputs = place / _BETWEEN + self.reach + np.arange(self._group) * step
            away = outputs[None, :] - np.arange(self._width)[:, None]
            window = np.i0(_BETA * np.sqrt(np.clip(1.0 - (away / self._half) ** 2, 0.0, None)))
            cut = _EDGE * min(1.0, 1.0 / step)
            weights = np.where(np.abs(away) < self._half, np.sinc(cut * away) * window, 0.0)
            self._weights[place] = (weights / weights.sum(axis=0)).astype(np.float32)
        return self._weights[place]
