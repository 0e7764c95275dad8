"""Three clocks behind one port: the machine's, a staged evening's, and a recording's."""

from __future__ import annotations

import asyncio
import time


class MachineClock:
    """UTC by the operating system."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep_until(self, t: float) -> None:
        """Wait until the machine's clock shows `t`."""
        await asyncio.sleep(max(0.0, t - time.time()))


class StagedClock:
    """A clock that shows `start_t` when started and runs `speed` times as fast as the world.

    It starts when made, and once more with `start`.
    """

    def __init__(self, start_t: float, speed: float = 1.0) -> None:
        self._start_t = start_t
        self._speed = speed
        self.start()

    def start(self) -> None:
        """Show `start_t` now."""
        self._began = time.monotonic()

    def now(self) -> float:
        """Staged Unix seconds."""
        return self._start_t + (time.monotonic() - self._began) * self._speed

    async def sleep_until(self, t: float) -> None:
        """Wait until the stage shows `t`; always lets others run, even when late."""
        await asyncio.sleep(max(0.0, (t - self.now()) / self._speed))


class RecordingClock:
    """Shows the time it was last asked to wait for: a replay as fast as the machine can."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """The recording's Unix seconds."""
        return self._now

    async def sleep_until(self, t: float) -> None:
        """Jump to `t`."""
        self._now = t
