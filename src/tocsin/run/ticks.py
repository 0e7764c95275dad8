"""The pulse of the road: frames gathered into ticks, from recordings or from live sources.

A tick stands on the grid of whole multiples of `TICK_S`, so that a recording makes the same ticks
whenever it is replayed.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from operator import attrgetter

from tocsin.ports import Clock, Source
from tocsin.words import Frame

TICK_S = 0.2
"""Five looks a second: a drone at 30 m/s moves 6 m, less than any cheap sensor can tell."""

LONGEST_GAP_S = 120.0
"""A recording's silence beyond this is skipped: every track has ended by then."""

Tick = tuple[float, list[Frame]]
Arrival = tuple[float, Frame]
"""A frame and when it was there: a second of sound is, when it is over."""

_time = attrgetter("t")


def after(t: float) -> float:
    """The first tick at or after `t`."""
    return round(math.ceil(round(t / TICK_S, 6)) * TICK_S, 3)


async def recorded_ticks(frames: Iterable[Frame], clock: Clock) -> AsyncIterator[Tick]:
    """Ticks over frames that are in time order; ends with the tick of the last frame."""

    async def arrivals() -> AsyncIterator[Arrival]:
        for frame in frames:
            yield frame.t, frame

    async for tick in arriving_ticks(arrivals(), clock):
        yield tick


async def arriving_ticks(arrivals: AsyncIterable[Arrival], clock: Clock) -> AsyncIterator[Tick]:
    """Ticks over frames in the order in which they arrive; ends with the tick of the last."""
    waiting: list[Frame] = []
    now: float | None = None
    async for t, frame in arrivals:
        if now is None:
            now = after(t)
        while t > now:
            await clock.sleep_until(now)
            yield now, waiting
            waiting = []
            now = after(now + TICK_S / 2)
            if t - now > LONGEST_GAP_S:
                now = after(t)
        waiting.append(frame)
    if now is not None and waiting:
        await clock.sleep_until(now)
        yield now, waiting


class LiveTicks:
    """Ticks by the clock over sources that go on: at each, what every one of them has heard."""

    def __init__(self, sources: Sequence[Source], clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Let the present tick be the last."""
        self._stopped.set()

    async def __aiter__(self) -> AsyncIterator[Tick]:
        try:
            now = after(self._clock.now())
            while not self._stopped.is_set():
                await self._clock.sleep_until(now)
                yield now, self._drain()
                now = max(after(now + TICK_S / 2), after(self._clock.now()))
        finally:
            for source in self._sources:
                await source.close()

    def _drain(self) -> list[Frame]:
        frames = [frame for source in self._sources for frame in source.drain()]
        frames.sort(key=_time)
        return frames
