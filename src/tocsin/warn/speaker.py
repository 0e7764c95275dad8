"""Makes a statement audible: recorded pieces where there are any, else a synthetic voice.

Recorded    `<folder>/<language>/<piece>.wav` (or .flac, .ogg) for each name in
            `Wording.recordings`; a language is spoken from recordings if all pieces are there, or,
            where no voice speaks it, if at least those are that say the level and what it means
Synthetic   espeak-ng as a program of its own, one call a language; a language that it does not have
            is never read by the voice of another
Sound       mono samples (`encode/tones.py`); nothing is written to a disk
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from tocsin.encode.tones import RATE, Samples, silence
from tocsin.warn.program import end, kept_environment
from tocsin.words import Wording

PAUSE_S = 0.35
"""Between two recorded pieces."""

_SUFFIXES = (".wav", ".flac", ".ogg")
_ESSENTIAL = ("level.", "what.")
_LONGEST_PIECE_S = 30.0
_QUIETEST = 200  # of 32,767: what is weaker is no speech


class Speaker:
    """Speaks. `program` is espeak-ng and its own arguments; `voices` has its voice for a language
    whose name it does not know."""

    def __init__(
        self,
        program: tuple[str, ...],
        voices: Mapping[str, str],
        recordings: str,
        words_a_minute: int,
        timeout_s: float,
    ) -> None:
        self._program, self._voices = program, voices
        self._recordings = Path(recordings) if recordings else None
        self._words_a_minute = words_a_minute
        self._timeout_s = timeout_s

    async def speak(self, texts: Mapping[str, Wording]) -> tuple[list[Samples], list[str]]:
        """(what is spoken, one language after the other; why others are not spoken)."""
        spoken, silent = [], []
        for language, told in texts.items():
            said = await self.say(language, told)
            if isinstance(said, str):
                silent.append(f"{language}: {said}")
            else:
                spoken.append(said)
        return spoken, silent

    async def say(self, language: str, told: Wording) -> Samples | str:
        """The statement in one language, or why it cannot be spoken."""
        found = await asyncio.to_thread(self._find, language, told.recordings)
        whole = bool(found) and len(found) == len(told.recordings)
        if not whole:
            voiced = await self._synthesise(language, told.spoken)
            if not isinstance(voiced, str):
                return voiced
            names = [name for name, _ in found]
            if not all(any(name.startswith(e) for name in names) for e in _ESSENTIAL):
                return voiced
        try:
            return await asyncio.to_thread(_join, [file for _, file in found])
        except (soundfile.LibsndfileError, OSError) as error:
            return f"a recording cannot be read: {error}"

    def _find(self, language: str, names: Sequence[str]) -> list[tuple[str, Path]]:
        """The pieces that are there; a piece names a file, never a way to elsewhere."""
        if self._recordings is None:
            return []
        folder = self._recordings / Path(language).name
        found = []
        for name in names:
            if "/" in name:
                continue
            files = (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
            file = next((file for file in files if file.is_file()), None)
            if file is not None:
                found.append((name, file))
        return found

    async def _synthesise(self, language: str, text: str) -> Samples | str:
        if not self._program:
            return "no voice is configured"
        voice = self._voices.get(language, language)
        argv = (*self._program, "-v", voice, "-s", str(self._words_a_minute), "--stdin", "--stdout")
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=kept_environment(),
                start_new_session=True,
            )
        except OSError as error:
            return f"{argv[0]} cannot be started: {error.strerror}"
        try:
            async with asyncio.timeout(self._timeout_s):
                sound, _ = await process.communicate(text.encode())
        except TimeoutError:
            return f"{argv[0]} did not end within {self._timeout_s:g} s"
        finally:
            await end(process)
        if process.returncode != 0:
            return f"there is no voice {voice!r}"
        samples = read_spoken(sound)
        if samples is None or samples.size == 0 or int(np.abs(samples).max()) < _QUIETEST:
            return f"the voice {voice!r} says nothing"
        return samples


def read_spoken(sound: bytes) -> Samples | None:
    """The samples of a WAV file from a pipe, whose lengths are not to be trusted; None if it is
    none. Standard: RIFF WAVE, PCM, 16 bits, mono."""
    start, mark = sound.find(b"fmt "), sound.find(b"data")
    if not sound.startswith(b"RIFF") or not 0 < start < start + 24 <= mark:
        return None
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", sound, start + 8)
    if (coding, channels, bits) != (1, 1, 16) or not rate:
        return None
    body = sound[mark + 8 :]
    samples = np.frombuffer(body[: len(body) // 2 * 2], "<i2").astype(np.int16)
    return _at_our_rate(samples, rate)


def _join(files: Sequence[Path]) -> Samples:
    """Recorded pieces, one after the other. Raises LibsndfileError, OSError."""
    pieces: list[Samples] = []
    for file in files:
        rate = soundfile.info(file).samplerate
        longest = round(_LONGEST_PIECE_S * rate)
        wave, rate = soundfile.read(file, longest, dtype="int16", always_2d=True)
        pieces += [_at_our_rate(wave[:, 0], rate), silence(PAUSE_S)]
    return np.concatenate(pieces)


def _at_our_rate(samples: Samples, rate: int) -> Samples:
    if rate == RATE:
        return samples
    common = int(np.gcd(rate, RATE))
    wave = resample_poly(samples.astype(np.float64), RATE // common, rate // common)
    return np.asarray(np.clip(np.round(wave), -32_768, 32_767), np.int16)
