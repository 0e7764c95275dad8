"""The self-test through a stand-in for air: a speaker that is heard, too far away, or unplugged."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.run.node.staged_ear import RATE_HZ

from tocsin.encode.wav import write_wav
from tocsin.run.node.self_test import LISTEN_S, SelfTester
from tocsin.words import Frame
from tocsin.words.ear_report import ChirpTest

T0 = 1_780_000_000.0
SPEAKER = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"


def played(folder: Path, gain_db: float, late_s: float = 1.0) -> ChirpTest:
    """What the node makes of a chirp that its speaker played, so loud and so late, in noise."""
    speaker = [sys.executable, "-c", SPEAKER, str(folder / "played.wav")]

    async def run() -> ChirpTest:
        tester = SelfTester("played", speaker)
        tester.begin(T0)
        assert tester.playing
        while not (folder / "played.wav").exists():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        chirp, rate = soundfile.read(folder / "played.wav")
        assert rate == 48_000
        air = 0.003 * np.random.default_rng(5).standard_normal(round((LISTEN_S + 1.0) * RATE_HZ))
        at = round(late_s * RATE_HZ)
        heard = chirp[::3] * 10 ** (gain_db / 20)
        air[at : at + len(heard)] += heard
        pcm = np.rint(np.clip(air, -1, 1) * 32_767).astype("<i2")
        for start in range(0, len(pcm), RATE_HZ // 4):
            block = pcm[start : start + RATE_HZ // 4]
            wav = write_wav(block.tobytes(), RATE_HZ, 1)
            result = tester.hear(Frame(wav, "n", T0 + start / RATE_HZ, "sound"))
            if result is not None:
                assert not tester.playing
                return result
        raise AssertionError("the test did not end")

    return asyncio.run(run())


def test_a_chirp_through_the_air_tells_level_and_delay(tmp_path: Path) -> None:
    result = played(tmp_path, -20.0)
    assert (result.verdict, result.path, result.t) == ("heard", "played", T0)
    assert result.delay_s == pytest.approx(1.0, abs=0.001)
    assert result.level_dbfs == pytest.approx(-29.2, abs=1.0)


def test_a_deaf_microphone_is_found(tmp_path: Path) -> None:
    result = played(tmp_path, -90.0)
    assert result.verdict == "not-heard"
    assert result.level_dbfs is None
    assert result.delay_s is None


def test_a_speaker_that_is_not_there_is_a_chirp_not_heard() -> None:
    async def run() -> ChirpTest | None:
        tester = SelfTester("played", ["/nonexistent/aplay"])
        tester.begin(T0)
        await asyncio.sleep(0.4)
        quiet = write_wav(bytes(2 * RATE_HZ), RATE_HZ, 1)
        found = [tester.hear(Frame(quiet, "n", T0 + second, "sound")) for second in range(4)]
        return found[-1]

    result = asyncio.run(run())
    assert result is not None
    assert result.verdict == "not-heard"
