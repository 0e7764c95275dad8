"""The pulse: a recording makes the same ticks each time, live sources are gathered by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import SourceError
from tocsin.run.clock import MachineClock, RecordingClock, StagedClock
from tocsin.run.ticks import LONGEST_GAP_S, TICK_S, LiveTicks, Tick, after, recorded_ticks
from tocsin.words import Frame

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
    """A source that has its frames at once, then fails or ends."""

    def __init__(self, name: str, given: list[Frame], *, fails: bool = False) -> None:
        self.name, self.given, self.fails, self.closed = name, given, fails, False

    async def frames(self) -> AsyncIterator[Frame]:
        for frame in self.given:
            yield frame
        if self.fails:
            raise SourceError("unplugged")

    async def close(self) -> None:
        self.closed = True


def test_live_ticks_gather_all_sources_and_outlive_one_that_fails() -> None:
    good, bad = Ready("good", frames([0, 1, 2])), Ready("bad", frames([0]), fails=True)

    async def run() -> tuple[list[Tick], LiveTicks]:
        live = LiveTicks([good, bad], StagedClock(T0, speed=20))
        ticks = []
        async for tick in live:
            ticks.append(tick)
            if len(ticks) == 3:
                live.stop()
        return ticks, live

    ticks, live = asyncio.run(run())
    assert sum(len(found) for _, found in ticks) == 4
    assert "unplugged" in live.failures["bad"]
    assert good.closed
    assert bad.closed


def test_a_flood_drops_the_oldest_and_counts_them() -> None:
    flood = Ready("flood", [Frame(b"", "s", T0)] * 20_500)

    async def run() -> LiveTicks:
        live = LiveTicks([flood], StagedClock(T0, speed=20))
        async for _, found in live:
            assert len(found) <= 20_000
            live.stop()
        return live

    assert asyncio.run(run()).dropped == 500


def test_clocks() -> None:
    async def run() -> None:
        staged, machine = StagedClock(T0, speed=1000), MachineClock()
        await staged.sleep_until(T0 + 5)
        assert staged.now() >= T0 + 5
        before = machine.now()
        await machine.sleep_until(before - 1)
        assert machine.now() >= before

    asyncio.run(run())
