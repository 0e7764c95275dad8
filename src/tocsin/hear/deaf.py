"""Could anything have been heard in this stretch of sound? *Deaf* is not *no drone*.

Every threshold has its reason beside it. What only sounds bad (wind, a loud engine, a quiet night)
is not deaf: the ear judges it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.words.hearing import Deafness

LEAST_DBFS = -100.0
"""Below this, less the mean, there is no microphone: a good one with its amplifier whispers at
about -91 dBFS (self-noise of 29 dB SPL, -26 dBFS at 94 dB), an open input at -105; in 16 bits it
is one change of the last bit in ten samples."""
MOST_OFFSET = 0.25
"""Of full scale. Cheap digital microphones rest up to 0.05 beside zero and hear well; at a quarter
the converter or its coupling is broken."""
CLIPPED_SHARE = 0.10
"""Of the samples at the extremes. A clean tone has 4.0 % within 0.2 % of its extremes, noise far
less; with a tenth of all samples cut off, the products of the distortion stand about 17 dB below
the sound and above every distant rotor."""
_EXTREME = 0.998
_LEAST_EXTREME = 0.05
"""Steps of 8-bit sound are coarse: a few of them are no flat top."""
LOST_SHARE = 0.10
"""Of the time. Gaps also chop what is left, which the ear would take for the beat of blades."""
LEAST_GAP_S = 0.005
"""So long the same value in the midst of sound is a gap: 80 samples at 16 kHz; the quietest live
16-bit sound (above) stays so long with a probability of 2e-4."""

_DB = 10.0
_NOTHING = 1e-30


class Judgement(NamedTuple):
    """What a stretch of one channel is like: `level_dbfs` is the root mean square less the mean,
    against full scale, None for digital silence and for what is not a number."""

    level_dbfs: float | None
    deaf: Deafness | None


def judge(x: NDArray[np.float32], rate_hz: int) -> Judgement:
    """One channel, full scale -1 to 1, at its own rate."""
    power = float(np.dot(x, x)) / len(x)
    if not np.isfinite(power):
        return Judgement(None, "not-a-number")
    mean = float(x.mean(dtype=np.float64))
    low, high = float(x.min()), float(x.max())
    if low == high:
        return Judgement(None, "dc" if abs(mean) > MOST_OFFSET else "silence")
    variance = power - mean * mean
    if variance < 1e-3 * power:  # what is left of a difference of equals: reckon it anew
        variance = float(np.square(x - np.float32(mean), dtype=np.float64).mean())
    level = _DB * float(np.log10(max(variance, _NOTHING)))
    return Judgement(round(level, 2), _deafness(x, rate_hz, mean, level, low, high))


def _deafness(
    x: NDArray[np.float32], rate_hz: int, mean: float, level: float, low: float, high: float
) -> Deafness | None:
    if level < LEAST_DBFS:
        return "no-signal"
    if abs(mean) > MOST_OFFSET:
        return "dc"
    if _lost_share(x, rate_hz) >= LOST_SHARE:
        return "dropout"
    if max(high, -low) >= _LEAST_EXTREME and _clipped_share(x, mean, low, high) >= CLIPPED_SHARE:
        return "clipping"
    return None


def _clipped_share(x: NDArray[np.float32], mean: float, low: float, high: float) -> float:
    """At the rails, or on flat tops below them: a stage before the converter clips as well."""
    above = mean + _EXTREME * (high - mean)
    below = mean + _EXTREME * (low - mean)
    return float(np.count_nonzero(x >= above) + np.count_nonzero(x <= below)) / len(x)


def _lost_share(x: NDArray[np.float32], rate_hz: int) -> float:
    """The share of time in which the value stands still."""
    still = x[1:] == x[:-1]
    least = max(2, round(LEAST_GAP_S * rate_hz))
    if np.count_nonzero(still) < min(LOST_SHARE * len(x), len(x) - 1) - least:
        return 0.0
    edges = np.flatnonzero(np.diff(still, prepend=False, append=False))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= least].sum()) / len(x)
