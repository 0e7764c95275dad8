"""The way of a sound from where it was made to each ear: when it left, and how it arrives.

A sound is cut into frames by the source's own clock; each is spread and swallowed as its distance
asks, and put together again at three times the rate. An ear then reads it where the sound that
arrives left its source, so delay, Doppler and the differences within an array come by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from tocsin.simulate.air import Air
from tocsin.simulate.flight import F64

F32 = NDArray[np.float32]
C64 = NDArray[np.complex64]
Path = Callable[[F64], F64]
"""Seconds (…) to places (…, 3), metres."""

RATE_HZ = 16_000
FRAME = 4_000
HOP = FRAME // 2
"""An eighth of a second: at 15 m/s the distance changes by 2 m between two frames."""
FINER = 3
"""Sounds are kept at 48 kHz, where four points make a cubic that is 35 dB true at 6 kHz."""
FREQUENCIES_HZ = fft.rfftfreq(FRAME, 1.0 / RATE_HZ)
KNOT = 320
"""Samples between the instants at which the time of leaving is reckoned: 50 a second; between
them a straight line errs by 0.03 samples at 15 m/s and 30 m."""
_WINDOW = np.hanning(FRAME + 1)[:FRAME].astype(np.float32)
_ROUNDS = 6  # each shrinks the error by speed over the speed of sound


def left_at(path: Path, ears: F64, t: F64, sound_mps: float) -> F64:
    """(ears, n) seconds at which what each ear (ears, 3) hears at `t` (n,) left its source."""
    middle = ears.mean(axis=0)
    left = t
    for _ in range(_ROUNDS):
        left = t - _distance(path(left), middle) / sound_mps
    each = np.broadcast_to(left, (len(ears), len(t)))
    for _ in range(2):  # from the middle of an array to its edge it is less than a millisecond
        each = t - _distance(path(each), ears[:, None, :]) / sound_mps
    return each


def _distance(a: F64, b: F64) -> F64:
    return np.asarray(np.sqrt(((a - b) ** 2).sum(axis=-1)))


class Voice:
    """What one source sounds like at 1 m: a recording of unit level that runs in a circle.

    Half a minute of it says as much to an ear as an hour, and its spectra are made once.
    """

    def __init__(self, circle: F32) -> None:
        if len(circle) % HOP or not len(circle):
            raise ValueError(f"a voice is some times {HOP} samples long, not {len(circle)}")
        self._circle = circle
        self._frames: dict[int, C64] = {}

    def frame(self, number: int) -> C64:
        """The spectrum of samples `number * HOP` on, under a bell that adds up to one."""
        number %= len(self._circle) // HOP
        found = self._frames.get(number)
        if found is None:
            rows = np.arange(number * HOP, number * HOP + FRAME) % len(self._circle)
            found = fft.rfft(self._circle[rows] * _WINDOW).astype(np.complex64)
            self._frames[number] = found
        return found


@dataclass(eq=False)
class Passage:
    """The sound of one source on its way to the ears (n, 3) of one sensor."""

    voice: Voice
    path: Path
    ears: F64
    air: Air
    amplitude: float
    _next: int = 0
    _start: int = 0
    _kept: F32 | None = None

    def __post_init__(self) -> None:
        nepers = self.air.absorption_db_m(FREQUENCIES_HZ) * (np.log(10.0) / 20.0)
        self._swallowed = nepers.astype(np.float32)

    def hear(self, t: F64) -> F32:
        """(ears, samples) in pascals over evenly spaced knots `t`, KNOT samples apart: one knot
        more than there are pieces. Times must follow on each other."""
        left = left_at(self.path, self.ears, t, self.air.sound_mps)
        first, last = float(left.min()), float(left.max())
        kept = self._reach_to(first, last)
        fine = RATE_HZ * FINER
        knots = left * fine - self._start
        slope = np.diff(knots, axis=1) / KNOT
        at = (knots[:, :-1, None] + slope[..., None] * np.arange(KNOT)).reshape(len(left), -1)
        return _cubic(kept, at)

    def _reach_to(self, first_s: float, last_s: float) -> F32:
        """Keep the sound that left from `first_s` to `last_s`, and a little more."""
        begin = int(np.floor(first_s * RATE_HZ)) // HOP - 2
        if self._kept is None or begin > self._next:
            self._next, self._start = begin, begin * HOP * FINER
            self._kept = np.zeros(HOP * FINER, np.float32)  # the half of a frame that waits
        until = int(np.ceil(last_s * RATE_HZ)) // HOP + 2
        drop = begin * HOP * FINER - self._start
        if drop > 0:
            self._kept, self._start = self._kept[drop:], self._start + drop
        count = until - self._next
        if count <= 0:
            return self._kept
        numbers = np.arange(self._next, until)
        middle = (numbers * HOP + FRAME // 2) / RATE_HZ
        r = np.maximum(_distance(self.path(middle), self.ears.mean(axis=0)), 1.0)
        r = r.astype(np.float32)[:, None]
        gain = np.exp(-self._swallowed * (r - 1.0)) * (np.float32(self.amplitude) / r)
        spectra = np.stack([self.voice.frame(n) for n in numbers.tolist()]) * gain
        pieces = fft.irfft(spectra, FRAME * FINER, axis=1) * np.float32(FINER)
        step = HOP * FINER
        grown = np.concatenate([self._kept, np.zeros(count * step, np.float32)])
        base = len(self._kept) - step
        for k in range(count):
            grown[base + k * step : base + (k + 2) * step] += pieces[k]
        self._kept, self._next = grown, until
        return grown


def _cubic(samples: F32, at: F64) -> F32:
    """Lagrange's cubic through the four samples about each place."""
    whole = np.floor(at)
    i = whole.astype(np.int64)
    f = (at - whole).astype(np.float32)
    a, b, c, d = samples[i - 1], samples[i], samples[i + 1], samples[i + 2]
    third = np.float32(1.0 / 3.0)
    half = np.float32(0.5)
    sixth = np.float32(1.0 / 6.0)
    c1 = c - third * a - half * b - sixth * d
    c2 = half * (a + c) - b
    c3 = sixth * (d - a) + half * (b - c)
    return np.asarray(((c3 * f + c2) * f + c1) * f + b)
