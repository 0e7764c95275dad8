"""The node tries its own ear: a chirp into the samples, or through the air, and was it heard?

Injected, it proves everything behind the microphone; played by a loudspeaker, the microphone too.
What is played is not given to the drone's judge, so that no test is an event.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.encode.wav import write_wav
from tocsin.hear.chirp import CHIRP_S, Found, chirp, find_chirp
from tocsin.hear.sound import Sound, blocks
from tocsin.hear.windows import Windows
from tocsin.words import Frame
from tocsin.words.ear_report import ChirpTest, TestPath

_log = logging.getLogger("tocsin.node")

LISTEN_S = 3.0
"""The chirp, a second for the loudspeaker to begin, and some of the place's own noise."""
INJECTED_DBFS = -30.0
_INJECTED_AT_S = 1.0
_EARLY_S = 0.2
_PLAY_RATE_HZ = 48_000
_PLAY_S = 8.0
_RATE_HZ = 16_000

F32 = NDArray[np.float32]


class SelfTester:
    """Keeps the last seconds of sound for the test; one test at a time."""

    def __init__(self, path: TestPath, speaker: Sequence[str]) -> None:
        self.path = path
        self._speaker = tuple(speaker)
        self._recent: deque[Frame] = deque()
        self._collect_until: float | None = None
        self._began = 0.0
        self._player: asyncio.Task[None] | None = None

    @property
    def playing(self) -> bool:
        """Whether a chirp is in the air just now."""
        return self._player is not None

    def begin(self, t: float) -> None:
        """Try at the next sound, which comes at about `t`."""
        if self._collect_until is None:
            self._began = t
            self._recent.clear()
            self._collect_until = t + LISTEN_S
            if self.path == "played":
                self._player = asyncio.create_task(self._play(), name="chirp")

    def hear(self, frame: Frame) -> ChirpTest | None:
        """One block of sound; the result where the test ends with it."""
        if self._collect_until is None:
            return None
        self._recent.append(frame)
        if frame.t < self._collect_until:
            return None
        self._collect_until = None
        if self._player is not None:
            self._player.cancel()
            self._player = None
        found = judged(list(self._recent), injected=self.path == "injected")
        self._recent.clear()
        delay_s = found.delay_s - (_INJECTED_AT_S if self.path == "injected" else 0.0)
        heard = found.verdict != "not-heard"
        return ChirpTest(
            found.verdict,
            self.path,
            self._began,
            round(found.level_dbfs, 1) if heard else None,
            round(max(0.0, delay_s), 3) if heard else None,
        )

    async def _play(self) -> None:
        """Run the loudspeaker's program, and log what it complains of."""
        await asyncio.sleep(_EARLY_S)
        samples = np.rint(0.5 * 32_767 * chirp(_PLAY_RATE_HZ)).astype("<i2").tobytes()
        try:
            program = await asyncio.create_subprocess_exec(
                *self._speaker,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            _log.warning("the chirp is not played: %s: %s", self._speaker[0], error.strerror)
            return
        said = b""
        try:
            async with asyncio.timeout(_PLAY_S):
                _, said = await program.communicate(write_wav(samples, _PLAY_RATE_HZ, 1))
        except TimeoutError:
            said = b"it does not end"
        finally:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
            await program.wait()
        if said:
            _log.warning("%s: %s", self._speaker[0], said.decode(errors="replace").strip()[:200])


def judged(frames: Sequence[Frame], *, injected: bool) -> Found:
    """What the ear's own way makes of these blocks: WAV, channels, 16 kHz, matched filter."""
    sounds = [sound for frame in frames for sound in blocks(frame.data, "self-test")]
    if injected:
        sounds = _with_chirp(sounds)
    windows = Windows()
    found = [window for sound in sounds for window in windows.feed(sound)] + windows.finish()
    whole = [w.samples for w in found if round(2.0 * w.t_s) % 2 == 0 and 2.0 * w.t_s % 1.0 == 0.0]
    if sum(map(len, whole)) <= CHIRP_S * _RATE_HZ:
        return Found("not-heard", 0.0, -180.0, 0.0)
    return find_chirp(np.concatenate(whole), _RATE_HZ)


def _with_chirp(sounds: Sequence[Sound]) -> list[Sound]:
    """The chirp added to every channel, as far as full scale lets it."""
    rate_hz = sounds[0].rate_hz
    whole = np.concatenate([one.samples for one in sounds])
    added = chirp(rate_hz)
    added *= 10.0 ** (INJECTED_DBFS / 20.0) / np.sqrt(np.mean(added * added))
    at = round(_INJECTED_AT_S * rate_hz)
    stretch = whole[at : at + len(added)]
    stretch += added[: len(stretch), np.newaxis]
    return [Sound(np.clip(whole, -1.0, 1.0), rate_hz)]
