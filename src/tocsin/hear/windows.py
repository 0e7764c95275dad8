"""A stream of sound → one-second windows at 16 kHz, every half second, whatever it came in.

The windows depend on the sound alone, never on the blocks in which it was fed. Window k begins at
k / 2 s; the last one ends with the sound, so that nothing goes unheard. A stream shorter than a
window makes one of its true duration, repeated to fill.

Of several channels one is listened to, window by window: of those that are not deaf the one of
middle level (of two the louder, of three the second, of four the second loudest). A mean of all
would cancel what reaches two microphones in opposite phase, and one broken input would spoil it;
the loudest of many is too often the one in the wind.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.hear.deaf import Judgement, judge
from tocsin.hear.resample import HALF, RATE_HZ, Resampler
from tocsin.hear.sound import Sound
from tocsin.words.hearing import Deafness

F32 = NDArray[np.float32]

WINDOW_S = 1.0
HOP_S = 0.5

_RANK = ("silence", "no-signal", "dc", "dropout", "clipping", "not-a-number")
"""Which deafness is told where every channel is deaf: the one that says most of the sound."""


class Window(NamedTuple):
    """One window: `samples` (16000,) at 16 kHz from `t_s` after the stream's start for `dur_s`;
    its level and deafness; `native` is the same stretch, all channels at their own rate."""

    t_s: float
    dur_s: float
    samples: F32
    level_dbfs: float | None
    deaf: Deafness | None
    native: Sound


class Windows:
    """Cuts the sound of one stream; its rate and channels stay as in the first block."""

    def __init__(self) -> None:
        self._rate: int = 0
        self._held: F32 = np.empty((0, 0), np.float32)
        """Channels by samples, from sample `_first` of the stream on."""
        self._first = 0
        self._next = 0
        self._made: dict[tuple[int, int], F32] = {}
        self._resampler = Resampler(RATE_HZ)

    @property
    def duration_s(self) -> float:
        """How much was fed."""
        return self._end / self._rate if self._rate else 0.0

    def feed(self, sound: Sound) -> list[Window]:
        """The windows that this sound completes."""
        block = np.ascontiguousarray(sound.samples.T)
        if not self._rate:
            self._rate = sound.rate_hz
            self._resampler = Resampler(sound.rate_hz)
            self._held = block[:, :0]
        assert (len(block), sound.rate_hz) == (len(self._held), self._rate), "another stream"
        self._held = np.concatenate([self._held, block], axis=1)
        found = []
        while self._end >= ((self._next + 2) * self._rate + 1) // 2 + self._resampler.reach:
            found.append(self._window(self._next))
            self._next += 1
        self._forget()
        return found

    def finish(self) -> list[Window]:
        """The windows that end with the stream."""
        if not self._end:
            return []
        if self._end < self._rate:
            return [self._short()]
        found = []
        while self._end >= self._next * self._rate // 2 + self._rate:
            found.append(self._window(self._next))
            self._next += 1
        behind = (self._next - 1) * self._rate // 2 + self._rate
        if self._end > behind:
            found.append(self._window(2 * (self._end - self._rate) / self._rate))
        return found

    @property
    def _end(self) -> int:
        return self._first + int(self._held.shape[1])

    def _forget(self) -> None:
        """Keep what the next window needs, and half a second more for a last one."""
        keep = (self._next - 1) * self._rate // 2 - self._resampler.reach - 1
        if keep > self._first:
            self._held = self._held[:, keep - self._first :]
            self._first = keep
        self._made = {
            key: half for key, half in self._made.items() if key[1] >= self._next * self._rate
        }

    def _window(self, hop: float) -> Window:
        """The window that begins at so many half seconds."""
        halves = round(hop * self._rate)
        """Twice its first sample: with an odd rate a half second begins between two."""
        at = halves // 2 - self._first
        native = self._held[:, at : at + self._rate]
        channel, heard = _chosen(native, self._rate)
        parts = [self._half_second(channel, halves + self._rate * part) for part in (0, 1)]
        return Window(
            t_s=hop * HOP_S,
            dur_s=WINDOW_S,
            samples=np.concatenate(parts),
            level_dbfs=heard.level_dbfs,
            deaf=heard.deaf,
            native=Sound(native.T, self._rate),
        )

    def _half_second(self, channel: int, halves: int) -> F32:
        """Two windows share each half second: it is made once."""
        key = (channel, halves)
        if key not in self._made:
            reach = self._resampler.reach
            begin, end = halves // 2 - reach, (halves + self._rate + 1) // 2 + reach
            x = self._held[channel, max(0, begin - self._first) : end - self._first]
            x = np.pad(x, (max(0, self._first - begin), max(0, end - self._end)))
            if not np.isfinite(x.sum()):
                x = np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0)
            self._made[key] = self._resampler.half_second(x, between=halves % 2 == 1)
        return self._made[key]

    def _short(self) -> Window:
        native = self._held
        channel, heard = _chosen(native, self._rate)
        count = self._resampler.outputs(self._end)
        parts = [self._half_second(channel, 0)]
        if count > HALF:
            parts.append(self._half_second(channel, self._rate))
        return Window(
            t_s=0.0,
            dur_s=self._end / self._rate,
            samples=np.resize(np.concatenate(parts)[:count], RATE_HZ),
            level_dbfs=heard.level_dbfs,
            deaf=heard.deaf,
            native=Sound(native.T, self._rate),
        )


def _chosen(native: F32, rate_hz: int) -> tuple[int, Judgement]:
    """The channel that is listened to."""
    told = [judge(channel, rate_hz) for channel in native]
    hearing = [k for k, one in enumerate(told) if one.deaf is None]
    if not hearing:
        worst = max(range(len(told)), key=lambda k: _RANK.index(told[k].deaf or "silence"))
        return worst, told[worst]
    hearing.sort(key=lambda k: told[k].level_dbfs or 0.0)
    middle = hearing[len(hearing) // 2]
    return middle, told[middle]


assert HALF * WINDOW_S / HOP_S == RATE_HZ
