"""The harder scenes: the same skies before sensors that blur, drown in clutter or fail."""

from __future__ import annotations

from tocsin.simulate.returns import Resolution
from tocsin.simulate.staged import Staged
from tocsin.simulate.stages import crossers, one_radar, staged

COARSE = Resolution(30.0, 3.0)


def merged(seed: int, duration_s: float) -> Staged:
    """The crossing before a radar that cannot part echoes within 30 m and 3 degrees, in clutter of
    60 a scan."""
    return staged("merged", seed, duration_s, [one_radar(60.0, COARSE)], crossers(seed, duration_s))
