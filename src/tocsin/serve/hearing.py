"""The last minute of every microphone, as features: what its panel on the page shows.

Kept packed and only for sensors of the site: 13 kB a microphone. Never sound;
with 32 levels a half second no speech can be made out of it again.
"""

from __future__ import annotations

import math
import struct
from collections import deque
from collections.abc import Collection, Sequence
from typing import get_args

import msgspec

from tocsin.words import BANDS, Deafness, HeardWindow

KEPT_S = 60.0
KEPT_WINDOWS = 120
"""A minute at two windows a second."""

LOWEST_HZ, HIGHEST_HZ = 50.0, 8000.0
QUIETEST_DB = -127
_DEAF: tuple[Deafness, ...] = get_args(Deafness)
_ROW = struct.Struct(f"<d5f?B{BANDS + 1}p")
"""Start, length, probability, level, blade passes, threshold (NaN: unknown), event, deafness (0:
none, else its place in `_DEAF` and one), bands as -dB."""


class ShownWindow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One window: `t` Unix seconds of its beginning, `p` the probability of a drone, None where the
    ear was deaf; levels in whole dB against full scale, `bands` from low to high."""

    t: float
    dur_s: float
    p: float | None = None
    level_dbfs: float | None = None
    bpf_hz: float | None = None
    deaf: Deafness | None = None
    event: bool = False
    bands: tuple[int, ...] = ()


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one microphone heard, oldest first: the last minute, or what came since.

    `threshold` is the probability from which an event would begin, `edges_hz` the limits of the
    bands, one more than there are bands.
    """

    sensor: str
    windows: tuple[ShownWindow, ...]
    threshold: float | None = None
    edges_hz: tuple[int, ...] = ()


def mel_edges_hz() -> tuple[int, ...]:
    """Limits of the bands in whole Hz, half-way in mel between the peaks of their triangles: those
    stand even in mel, 2595 log10(1 + f / 700) (O'Shaughnessy 1987), between lowest and highest."""
    low, high = (2595.0 * math.log10(1.0 + hz / 700.0) for hz in (LOWEST_HZ, HIGHEST_HZ))
    steps = (low + (high - low) * (k + 0.5) / (BANDS + 1) for k in range(BANDS + 1))
    return tuple(round(700.0 * (10.0 ** (mel / 2595.0) - 1.0)) for mel in steps)


EDGES_HZ = mel_edges_hz()


class LastMinute:
    """The windows of all microphones of a site. Windows of others are not kept."""

    def __init__(self, sensors: Collection[str]) -> None:
        self._known = frozenset(sensors)
        self._rows: dict[str, deque[bytes]] = {}
        self._latest: dict[str, float] = {}

    def knows(self, sensor: str) -> bool:
        """Whether it is a sensor of the site."""
        return sensor in self._known

    def note(self, windows: Sequence[HeardWindow]) -> dict[str, list[HeardWindow]]:
        """Keep these; gives back those that were kept, by sensor. What is a minute older than the
        latest is history that a node sends after its line was down, and nothing for this."""
        kept: dict[str, list[HeardWindow]] = {}
        for window in windows:
            sensor = window.sensor
            latest = self._latest.get(sensor, -math.inf)
            if sensor not in self._known or window.t < latest - KEPT_S:
                continue
            self._latest[sensor] = max(latest, window.t)
            self._rows.setdefault(sensor, deque(maxlen=KEPT_WINDOWS)).append(_pack(window))
            kept.setdefault(sensor, []).append(window)
        return kept

    def heard(self, sensor: str) -> Heard:
        """The minute before the sensor's latest window."""
        since = self._latest.get(sensor, 0.0) - KEPT_S
        rows = sorted((_unpack(row) for row in self._rows.get(sensor, ())), key=lambda r: r[0].t)
        shown = tuple(window for window, _ in rows if window.t >= since)
        return Heard(sensor, shown, _latest(rows), EDGES_HZ)


def heard_now(sensor: str, windows: Sequence[HeardWindow]) -> Heard:
    """News for a screen that has the minute before."""
    rows = [_unpack(_pack(window)) for window in windows]
    return Heard(sensor, tuple(window for window, _ in rows), _latest(rows))


def _latest(rows: Sequence[tuple[ShownWindow, float | None]]) -> float | None:
    """The last threshold that was told."""
    return next((told for _, told in reversed(rows) if told is not None), None)


def _pack(w: HeardWindow) -> bytes:
    numbers = (_number(x) for x in (w.p_drone, w.level_dbfs, w.bpf_hz, w.threshold))
    deaf = 0 if w.deaf is None else _DEAF.index(w.deaf) + 1
    # whole dB below full scale; what is no number is as quiet as can be
    bands = bytes(
        [
            0 if level >= 0.0 else int(0.5 - level) if level > QUIETEST_DB else -QUIETEST_DB
            for level in w.bands_db[:BANDS]
        ]
    )
    return _ROW.pack(w.t, w.dur_s, *numbers, w.event, deaf, bands)


def _unpack(row: bytes) -> tuple[ShownWindow, float | None]:
    """The window as shown, and its threshold."""
    t, dur, p, level, bpf, threshold, event, deaf, bands = _ROW.unpack(row)
    shown = ShownWindow(
        t=round(t, 3),
        dur_s=round(dur, 3),
        p=_told(p, 3),
        level_dbfs=_told(level, 0),
        bpf_hz=_told(bpf, 0),
        deaf=_DEAF[deaf - 1] if deaf else None,
        event=event,
        bands=tuple(-level for level in bands),
    )
    return shown, _told(threshold, 3)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _told(value: float, decimals: int) -> float | None:
    return round(value, decimals) if math.isfinite(value) else None
