"""A microphone, or several on one card: sound in blocks, each a small WAV file with its time.

`arecord` (ALSA's own recorder, a process of its own) is taken where it is installed, else PortAudio
through the package `sounddevice`. A file can stand in for a microphone: in real time, or as fast as
it is fetched. What a card has no data for while it is plugged in again is a gap, and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tocsin.encode.wav import write_wav
from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.sample_clock import SampleClock
from tocsin.words import Frame, Link

if TYPE_CHECKING:
    from sounddevice import CallbackFlags

LINK: Link = "sound"
BLOCK_S = 0.25
SILENCE_S = 5.0
"""A card that gives nothing for so long is started anew."""
_log = logging.getLogger("tocsin.listen")
_QUEUED = 40


class Recorder(Antenna):
    """Sound from a program that writes samples of 16 bits to its standard output."""

    def __init__(self, command: Sequence[str], rate_hz: int, channels: int) -> None:
        self._command = tuple(command)
        self._rate_hz, self._channels = rate_hz, channels

    async def listen(self, ear: Ear) -> None:
        """Until the program ends."""
        try:
            program = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise SourceError(f"{self._command[0]}: {error.strerror}") from None
        said: list[str] = []
        talk = asyncio.create_task(_listen_to(program, said))
        try:
            await self._read(program, ear)
        finally:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
            await program.wait()
            await talk
        raise SourceError(said[-1] if said else f"{self._command[0]} ended")

    async def _read(self, program: asyncio.subprocess.Process, ear: Ear) -> None:
        assert program.stdout is not None
        mouth = Mouthpiece(ear, self._rate_hz, self._channels)
        size = 2 * self._channels * round(BLOCK_S * self._rate_hz)
        while True:
            try:
                async with asyncio.timeout(SILENCE_S):
                    data = await program.stdout.readexactly(size)
            except TimeoutError:
                raise SourceError(f"no sound for {SILENCE_S:g} s") from None
            except asyncio.IncompleteReadError:
                return
            ear.connected()
            mouth.say(data)


class SoundCard(Antenna):
    """Sound through PortAudio: the device by its name or number, None for the system's own."""

    def __init__(self, device: str | int | None, rate_hz: int, channels: int) -> None:
        self._device = device
        self._rate_hz, self._channels = rate_hz, channels

    async def listen(self, ear: Ear) -> None:
        """Until it is unplugged."""
        try:
            import sounddevice
        except (ImportError, OSError) as error:  # OSError: the package is there, PortAudio is not
            remedy = "pip install sounddevice, apt-get install libportaudio2, or alsa-utils instead"
            raise SourceError(str(error), remedy=remedy) from None
        loop = asyncio.get_running_loop()
        blocks: asyncio.Queue[bytes] = asyncio.Queue(_QUEUED)

        def queue(data: bytes) -> None:
            if not blocks.full():  # a full one is a gap, which the sample clock sees
                blocks.put_nowait(data)

        def heard(data: Iterable[int], count: int, times: object, flags: CallbackFlags) -> None:
            del count, times, flags
            loop.call_soon_threadsafe(queue, bytes(data))

        mouth = Mouthpiece(ear, self._rate_hz, self._channels)
        try:
            stream = sounddevice.RawInputStream(
                self._rate_hz, round(BLOCK_S * self._rate_hz), self._device, self._channels,
                "int16", callback=heard,
            )  # fmt: skip
        except (sounddevice.PortAudioError, ValueError) as error:
            raise SourceError(str(error)) from None
        with stream:
            while True:
                try:
                    async with asyncio.timeout(SILENCE_S):
                        data = await blocks.get()
                except TimeoutError:
                    raise SourceError(f"no sound for {SILENCE_S:g} s") from None
                ear.connected()
                mouth.say(data)


class PcmBlock(NamedTuple):
    """A stretch of sound as a card gives it: samples of 16 bits, channels side by side."""

    data: bytes
    rate_hz: int
    channels: int


class RecordedMicrophone(Antenna):
    """A recording instead of a microphone, from `start`; it is heard once. `real_time` plays it at
    its own speed, else it comes as fast as it is fetched."""

    def __init__(self, blocks: Iterator[PcmBlock], start: float, *, real_time: bool) -> None:
        self._blocks = blocks
        self._start, self._real_time = start, real_time
        self.over = asyncio.Event()

    async def listen(self, ear: Ear) -> None:
        """To its end; then it is silent for ever."""
        ear.connected()
        t = self._start
        for block in self._blocks:
            dur_s = len(block.data) / (2 * block.channels * block.rate_hz)
            if self._real_time:
                await asyncio.sleep(max(0.0, t + dur_s - ear.now()))
            else:
                await ear.room()
            wav = write_wav(block.data, block.rate_hz, block.channels)
            ear.take([Frame(wav, ear.sensor, round(t, 6), LINK, ear.name, ear.name)])
            t += dur_s
        self.over.set()
        await asyncio.Event().wait()


class Mouthpiece:
    """Blocks of samples as they come → frames with their times."""

    def __init__(self, ear: Ear, rate_hz: int, channels: int) -> None:
        self._ear = ear
        self._rate_hz, self._channels = rate_hz, channels
        self._clock = SampleClock(rate_hz)

    def say(self, data: bytes) -> None:
        """One block, which came just now."""
        ear, gaps = self._ear, self._clock.gaps
        t = self._clock.take(len(data) // (2 * self._channels), ear.now())
        if self._clock.gaps > gaps:
            ear.miss(1)
        wav = write_wav(data, self._rate_hz, self._channels)
        ear.take([Frame(wav, ear.sensor, round(t, 6), LINK, ear.name, ear.name)])


def arecord_command(device: str, rate_hz: int, channels: int) -> list[str]:
    """ALSA's recorder, writing bare samples; `plughw:` devices convert what the card cannot."""
    return [
        "arecord", "--quiet", f"--device={device or 'default'}", "--file-type=raw",
        "--format=S16_LE", f"--rate={rate_hz}", f"--channels={channels}", "--buffer-time=500000",
        "-",
    ]  # fmt: skip


async def _listen_to(program: asyncio.subprocess.Process, said: list[str]) -> None:
    """Keep the last line of what it complains of; log an overrun."""
    assert program.stderr is not None
    async for line in program.stderr:
        text = line.decode(errors="replace").strip()
        if text:
            said[:] = [text[:200]]
        if "overrun" in text:
            _log.warning("%s: %s", program.pid, text[:200])
