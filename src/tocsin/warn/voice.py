"""A loudspeaker that says what is the matter, in the languages of the zone.

Kind        `voice`
Sounds      the level's sound, then the statement in each language, as often as `times`; in a drill
            its mark first and last. Where no language can be spoken the sound alone is played: it
            is never silent for want of words
Plays       a program that is handed a file and ends when it has played it (aplay, paplay), or
            writes the file for a public-address system
Proves      that the player began and did not end at once: a player that says it is done before the
            sound could have been heard is found out; whether the loudspeaker was plugged in, nobody
            can know
Once        the statement is marked before it sounds (`warn/program.py`)
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from tocsin.encode.tones import RATE, Samples, drill_mark, signal, silence, write_wav
from tocsin.ports import Channel, Clock
from tocsin.warn.cap_folder import write_whole
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.program import (
    MARKED_BEFORE,
    SOUNDED,
    Marks,
    end,
    kept_environment,
    last_words,
    marking,
    open_paper,
    unmark,
)
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.warn.speaker import Speaker
from tocsin.words import LEVEL_ORDER, Alert, Receipt, Wording

_GAP_S = 0.6
_WATCHED_S = 1.0
_LEAST_HEARD = 0.5  # of the sound's length; a sound card may hold the rest when its player ends
_TEST_S = 0.3
_TEST = Wording("", "", "", "Test. 1, 2, 3.", "")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class VoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is spoken and how it is played.

    `player` is handed the file as its last argument; with `output`, a folder, the file is written
    there instead. `recordings` is the folder of recorded pieces. `speaker` is espeak-ng; empty for
    none. `voices` names its voice for a language. `test_languages` are spoken, unheard, in the
    self-test. `folder` holds marks of what was told.
    """

    player: tuple[str, ...] = ("aplay", "-q")
    output: str = ""
    recordings: str = ""
    speaker: tuple[str, ...] = ("espeak-ng",)
    voices: dict[str, str] = {}
    words_a_minute: Annotated[int, msgspec.Meta(ge=80, le=300)] = 140
    times: Annotated[int, msgspec.Meta(ge=1, le=5)] = 2
    test_languages: tuple[str, ...] = ()
    folder: str = ""


class Voice:
    """The channel. The receipt says whether it *began*; it then plays on."""

    def __init__(self, name: str, settings: VoiceSettings, clock: Clock, timeout_s: float) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s
        self._marks = Marks(name, settings.folder)
        self._speaker = Speaker(
            settings.speaker,
            settings.voices,
            settings.recordings,
            settings.words_a_minute,
            timeout_s / 2,
        )
        self._ringing: set[str] = set()
        self._playing: asyncio.subprocess.Process | None = None
        self._sounding: Alert | None = None

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Begin to speak; a graver statement ends a lesser one, never the other way round."""
        sent_t = self._clock.now()
        if alert.level == "alarm":
            self._ringing.add(alert.alert)
        elif alert.level == "all-clear":
            self._ringing.discard(alert.alert)
        note = self._why_not(alert)
        if note is not None:
            return receipt(self.name, alert, self._clock, sent_t, note=note)
        spoken, silent = await self._speaker.speak(texts)
        sound = compose(alert, spoken, self._settings.times)
        if self._settings.output:
            failure = await self._write(alert, sound)
        else:
            failure = await self._sound(alert, sound)
        note = SOUNDED if failure == SOUNDED else None
        if silent and note is None:
            note = f"not spoken: {'; '.join(silent)}"
        told = None if failure == SOUNDED else failure
        return receipt(self.name, alert, self._clock, sent_t, told, note=note)

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """A statement in doubt had been sounded if its mark is there, or its file."""
        if told:
            if alert.level == "alarm":
                self._ringing.add(alert.alert)
            return None
        mark = self._file(alert) if self._settings.output else self._marks.of(alert, began_t)
        if mark is None or not mark.exists():
            return None
        if alert.level == "alarm":
            self._ringing.add(alert.alert)
        return receipt(self.name, alert, self._clock, began_t, note=SOUNDED)

    async def self_test(self) -> Receipt:
        """Speak to nobody, and play a moment of silence."""
        sent_t = self._clock.now()
        failures = []
        for language in self._settings.test_languages:
            said = await self._speaker.say(language, _TEST)
            failures += [f"{language}: {said}"] if isinstance(said, str) else []
        if self._settings.output:
            folder = Path(self._settings.output)
            failures += [] if os.access(folder, os.W_OK) else [f"{folder} cannot be written to"]
        elif self._playing is None or self._playing.returncode is not None:
            failure = await self._play(silence(_TEST_S), None, to_its_end=True)
            failures += [] if failure is None else [failure]
        return self_test_receipt(self.name, self._clock, sent_t, "; ".join(failures) or None)

    async def close(self) -> None:
        """Fall silent."""
        await self._stop()

    def _why_not(self, alert: Alert) -> str | None:
        if alert.level == "all-clear":
            return "another alert still rings: no all-clear is spoken" if self._ringing else None
        if self._playing is None or self._playing.returncode is not None or self._sounding is None:
            return None
        if LEVEL_ORDER[alert.level] < LEVEL_ORDER[self._sounding.level]:
            return f"the loudspeaker still speaks of a graver {self._sounding.level}"
        return None

    async def _sound(self, alert: Alert, sound: Samples) -> str | None:
        mark = self._marks.of(alert, self._clock.now())
        await self._stop()
        self._sounding = alert
        failure = await self._play(sound, mark)
        if failure not in (None, SOUNDED):
            unmark(mark)
        return failure

    async def _play(
        self, sound: Samples, mark: Path | None, *, to_its_end: bool = False
    ) -> str | None:
        """Start the player and watch it for a moment: the file is in memory, not on a disk."""
        tape, paper = os.memfd_create("sound", os.MFD_CLOEXEC), open_paper()
        try:
            with open(tape, "wb", closefd=False) as file:
                file.write(write_wav(sound))
            return await self._start(sound.size / RATE, tape, paper, mark, to_its_end=to_its_end)
        finally:
            os.close(tape)
            os.close(paper)

    async def _start(
        self, length_s: float, tape: int, paper: int, mark: Path | None, *, to_its_end: bool
    ) -> str | None:
        argv = self._settings.player
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        try:
            process = await asyncio.create_subprocess_exec(
                *marking(mark),
                *argv,
                f"/dev/fd/{tape}",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=paper,
                env=kept_environment(),
                pass_fds=(tape,),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"{argv[0]} cannot be started: {error}"
        self._playing = process
        watched_s = self._timeout_s if to_its_end else min(_WATCHED_S, length_s * _LEAST_HEARD)
        try:
            async with asyncio.timeout(watched_s):
                status = await process.wait()
        except TimeoutError:
            if to_its_end:
                await end(process)
                return f"{argv[0]} did not end within {watched_s:g} s and was killed"
            return None
        if status == MARKED_BEFORE and mark is not None:
            return SOUNDED
        if status != 0:
            return f"{argv[0]} ended with status {status}: {last_words(paper)}".rstrip(": ")
        heard_s = loop.time() - began_s
        if heard_s < length_s * _LEAST_HEARD:
            return f"{argv[0]} was done after {heard_s:.1f} s of {length_s:.1f} s: nothing sounded"
        return None

    async def _stop(self) -> None:
        if self._playing is not None:
            await end(self._playing)
            self._playing = None

    async def _write(self, alert: Alert, sound: Samples) -> str | None:
        act = partial(write_whole, self._file(alert), write_wav(sound))
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.to_thread(act)
        except TimeoutError:
            return f"the folder did not answer within {self._timeout_s:g} s"

    def _file(self, alert: Alert) -> Path:
        name = f"{_NOT_IN_A_NAME.sub('-', alert.alert)}-{alert.sequence}-{alert.level}.wav"
        return Path(self._settings.output) / name


def compose(alert: Alert, spoken: list[Samples], times: int) -> Samples:
    """The level's sound and what is spoken, in the order in which they are heard."""
    parts: list[Samples] = []
    for _ in range(times):
        parts += [signal(alert.level), silence(_GAP_S)]
        for one in spoken:
            parts += [one, silence(_GAP_S)]
    if alert.drill:
        parts = [drill_mark(), *parts, drill_mark()]
    return np.concatenate(parts)


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    output, recordings = values.get("output"), values.get("recordings")
    for key in ("player", "speaker"):
        argv = values.get(key)
        needed = key == "speaker" or not output
        if argv == () and needed and key == "player":
            faults.append(SettingFault(key, "is empty", 'write it like ["aplay", "-q"]'))
        elif isinstance(argv, tuple) and argv and needed and shutil.which(str(argv[0])) is None:
            remedy = "give the full path of a program that may be run"
            faults.append(SettingFault(key, f"there is no program {argv[0]!r}", remedy))
    for key, folder in (("output", output), ("recordings", recordings)):
        if isinstance(folder, str) and folder and not Path(folder).is_dir():
            faults.append(SettingFault(key, f"there is no folder {folder!r}", "make it first"))
    return faults


def _make(name: str, settings: VoiceSettings, clock: Clock, timeout_s: float) -> Channel:
    return Voice(name, settings, clock, timeout_s)


KIND = ChannelKind("voice", VoiceSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True)
