"""Microphones: blocks with their times from a recorder's process, from a file, and across a gap."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.listen.doors import NOON, door, first, until

from tocsin.encode.wav import write_wav
from tocsin.listen.microphone import PcmBlock, RecordedMicrophone, Recorder, arecord_command
from tocsin.listen.sample_clock import SampleClock
from tocsin.words import Frame, SourceHealth

SAYS = """
import sys
sys.stdout.buffer.write(bytes(range(256)) * 125)
sys.stdout.flush()
sys.stderr.write("arecord: overrun!!! (at least 3.2 ms long)\\nno more\\n")
"""


def test_a_recorder_s_samples_come_as_wav_blocks_and_its_end_is_told() -> None:
    async def run() -> tuple[list[Frame], SourceHealth]:
        source = door(Recorder([sys.executable, "-c", SAYS], 16_000, 2), link="sound", sensor="n")
        await source.open()
        found = await first(2, source)
        await until(lambda: source.health().why)
        await source.close()
        return found, source.health()

    found, health = asyncio.run(run())
    assert found[0].data == write_wav(bytes(range(256)) * 62 + bytes(range(128)), 16_000, 2)
    assert found[0].link == "sound"
    assert found[0].sensor == "n"
    assert found[0].t == NOON - 0.25
    assert health.why == "no more"


def test_a_recorder_that_is_not_there_is_told() -> None:
    async def run() -> SourceHealth:
        source = door(Recorder(["/nonexistent/arecord"], 16_000, 1), link="sound")
        await source.open()
        health = await until(lambda: source.health() if source.health().why else None)
        await source.close()
        return health

    assert "No such file" in str(asyncio.run(run()).why)


def test_alsa_s_recorder_is_asked_for_bare_samples() -> None:
    command = arecord_command("plughw:1,0", 48_000, 4)
    assert {"--device=plughw:1,0", "--format=S16_LE", "--rate=48000", "--channels=4"} < set(command)


def test_a_recording_stands_in_for_a_microphone() -> None:
    def blocks() -> Iterator[PcmBlock]:
        for value in range(3):
            yield PcmBlock(bytes([value, 0]) * 4_000, 16_000, 1)

    async def run() -> list[Frame]:
        antenna = RecordedMicrophone(blocks(), 1000.0, real_time=False)
        source = door(antenna, link="sound", sensor="n")
        await source.open()
        found = await first(3, source)
        await antenna.over.wait()
        await source.close()
        return found

    assert [frame.t for frame in asyncio.run(run())] == [1000.0, 1000.25, 1000.5]


@given(st.lists(st.floats(0.0, 0.15), min_size=300, max_size=300), st.floats(-100e-6, 100e-6))
def test_the_times_of_samples_follow_a_card_that_is_off_through_late_blocks(
    late_s: list[float], off: float
) -> None:
    """What wakes us late is not what the sound did: within the least delay, never before it was."""
    clock = SampleClock(16_000)
    for number, late in enumerate(late_s):
        true = 5000.0 + 0.25 * number * (1.0 + off)
        told = clock.take(4_000, true + 0.25 * (1.0 + off) + late)
        least = min(late_s[max(0, number - 40) : number + 1])
        assert true - 1e-3 <= told <= true + least + 0.01
    assert clock.gaps == 0


def test_sound_that_was_missed_is_a_gap() -> None:
    clock = SampleClock(16_000)
    assert clock.take(4_000, 100.25) == pytest.approx(100.0)
    assert clock.take(4_000, 103.5) == pytest.approx(103.25)
    assert clock.gaps == 1
