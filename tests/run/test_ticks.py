"""The pulse: a recording makes the same ticks each time, live sources are gathered by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tocsin.run.clock import MachineClock, RecordingClock, StagedClock
from tocsin.run.ticks import LONGEST_GAP_S, TICK_S, LiveTicks, Tick, after, recorded_ticks
from tocsin.words import Frame, SourceHealth

T0 = 1_780_000_000.0


def frames(times: Sequence[float]) -> list[Frame]:
    return [Frame(str(i).encode(), "s", T0 + t) for i, t in enumerate(times)]


async def gather(ticks: AsyncIterator[Tick]) -> list[Tick]:
    return [tick async for tick in ticks]


@given(st.lists(st.floats(0, 300), max_size=40).map(sorted))
def test_every_frame_is_in_one_tick_at_or_after_its_time(times: list[float]) -> None:
    ticks = asyncio.run(gather(recorded_ticks(frames(times), RecordingClock())))
    assert [f.data for _, tick in ticks for f in tick] == [
        str(i).encode() for i in range(len(times))
    ]
    for now, tick in ticks:
        assert all(now - TICK_S - 1e-6 < f.t <= now for f in tick)
    moments = [now for now, _ in ticks]
    assert moments == sorted(set(moments))
    assert all(after(now) == now for now in moments)


def test_silence_ticks_on_but_a_day_of_it_is_skipped() -> None:
    short = asyncio.run(gather(recorded_ticks(frames([0.0, 10.0]), RecordingClock())))
    assert len(short) == 51
    long = asyncio.run(gather(recorded_ticks(frames([0.0, 86_400.0]), RecordingClock())))
    assert len(long) < LONGEST_GAP_S / TICK_S


class Ready:
    """A source that has its frames at once."""

    def __init__(self, name: str, given: list[Frame]) -> None:
        self.name, self.given, self.closed = name, given, False

    async def open(self) -> None:
        """Nothing to do."""

    def drain(self) -> list[Frame]:
        given, self.given = self.given, []
        return given

    def health(self) -> SourceHealth:
        return SourceHealth(self.name, "ready", connected=True)

    async def close(self) -> None:
        self.closed = True


def test_live_ticks_gather_all_sources_in_the_order_of_their_times() -> None:
    one, other = Ready("one", frames([0, 2])), Ready("other", frames([1]))

    async def run() -> list[Tick]:
        live = LiveTicks([one, other], StagedClock(T0, speed=20))
        ticks = []
        async for tick in live:
            ticks.append(tick)
            if len(ticks) == 3:
                live.stop()
        return ticks

    ticks = asyncio.run(run())
    assert [[f.t - T0 for f in found] for _, found in ticks] == [[0, 1, 2], [], []]
    assert one.closed
    assert other.closed


def test_clocks() -> None:
    async def run() -> None:
        staged, machine = StagedClock(T0, speed=1000), MachineClock()
        await staged.sleep_until(T0 + 5)
        assert staged.now() >= T0 + 5
        before = machine.now()
        await machine.sleep_until(before - 1)
        assert machine.now() >= before

    asyncio.run(run())
