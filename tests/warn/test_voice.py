"""The loudspeaker: espeak-ng speaks, recordings speak before it, and a tone where nobody can.

Real peers: Debian's espeak-ng, and ffmpeg as a player that takes as long as the sound lasts.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.encode.speech import wordings
from tocsin.encode.tones import RATE, Samples, drill_mark, signal, write_wav
from tocsin.warn.speaker import Speaker, read_spoken
from tocsin.warn.voice import KIND, Voice, VoiceSettings, compose
from tocsin.words import Alert, Wording, Zone

ESPEAK = shutil.which("espeak-ng")
FFMPEG = shutil.which("ffmpeg")
needs_espeak = pytest.mark.skipif(
    ESPEAK is None, reason="no espeak-ng: as root, apt-get install espeak-ng"
)
needs_ffmpeg = pytest.mark.skipif(FFMPEG is None, reason="no ffmpeg")
PLAYER = ("ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "wav", "-i")


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


def speaker(recordings: Path | str = "", program: tuple[str, ...] = ("espeak-ng",)) -> Speaker:
    return Speaker(program, {}, str(recordings), 140, 10.0)


def voice(clock: HandClock, timeout_s: float = 5.0, **more: object) -> Voice:
    made = KIND.make("horn", VoiceSettings(**more), clock, timeout_s)  # type: ignore[arg-type]
    assert isinstance(made, Voice)
    return made


def played(folder: Path) -> Samples:
    (file,) = folder.iterdir()
    with wave.open(str(file)) as read:
        return np.frombuffer(read.readframes(read.getnframes()), "<i2").astype(np.int16)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 60.0))  # type: ignore[arg-type]


@needs_espeak
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_a_whole_statement_is_spoken_and_lasts_as_long_as_speech(
    alarm: Alert, zone: Zone, language: str
) -> None:
    told = wordings(alarm, replace(zone, languages=(language,)))[language]

    async def test() -> None:
        said = await speaker().say(language, told)
        assert not isinstance(said, str), said
        words = len(told.spoken.split())
        assert 0.2 * words < said.size / RATE < 1.5 * words
        loud = np.abs(said.astype(int)) > 1000
        assert 0.1 < loud.mean() < 0.95
        assert np.abs(said[-RATE // 100 :].astype(int)).max() < 3000

    run(test)


@needs_espeak
@pytest.mark.parametrize("language", ["ha", "bm", "und", "-f/etc/passwd"])
def test_no_language_is_read_by_the_voice_of_another(language: str) -> None:
    async def test() -> None:
        said = await speaker().say(language, plain("Zaman lafiya"))
        assert said == f"there is no voice {language!r}"

    run(test)


@needs_espeak
def test_text_that_looks_like_an_option_is_read_aloud() -> None:
    async def test() -> None:
        said = await speaker().say("en", plain("-w /tmp/x --help\0 ; rm -rf"))
        assert not isinstance(said, str), said

    run(test)


def record(folder: Path, language: str, names: list[str], rate: int = 44_100) -> None:
    (folder / language).mkdir(parents=True)
    for number, name in enumerate(names):
        t = np.arange(rate) / rate
        wave_ = np.sin(2 * np.pi * (300 + 100 * number) * t) * 0.5
        soundfile.write(folder / language / f"{name}.flac", wave_, rate)


TOLD = Wording("", "", "", "Alarma", "", ("level.alarm", "zone.dam", "what.alarm"))


def test_recordings_speak_in_their_order_and_at_our_rate(tmp_path: Path) -> None:
    record(tmp_path, "ha", list(TOLD.recordings))

    async def test() -> None:
        said = await speaker(tmp_path, ()).say("ha", TOLD)
        assert not isinstance(said, str)
        assert said.size / RATE == pytest.approx(3 * 1.35, abs=0.01)
        for number in range(3):
            start = round(number * 1.35 * RATE)
            piece = said[start : start + RATE].astype(float)
            assert int(np.abs(np.fft.rfft(piece)).argmax()) == 300 + 100 * number

    run(test)


def test_some_recordings_are_better_than_silence_if_they_say_what_it_means(
    tmp_path: Path,
) -> None:
    record(tmp_path, "ha", ["level.alarm", "what.alarm"])
    record(tmp_path, "bm", ["level.alarm", "zone.dam"])

    async def test() -> None:
        assert not isinstance(await speaker(tmp_path, ()).say("ha", TOLD), str)
        assert await speaker(tmp_path, ()).say("bm", TOLD) == "no voice is configured"
        (tmp_path / "ha" / "level.alarm.flac").write_bytes(b"spoilt")
        assert "cannot be read" in str(await speaker(tmp_path, ()).say("ha", TOLD))

    run(test)


def test_a_piece_names_no_file_elsewhere(tmp_path: Path) -> None:
    record(tmp_path, "ha", ["level.alarm", "what.alarm"])
    told = replace(TOLD, recordings=("../ha/level.alarm", "../ha/what.alarm"))

    async def test() -> None:
        (tmp_path / "x").mkdir()
        assert isinstance(await speaker(tmp_path, ()).say("../ha", told), str)

    run(test)


def test_a_language_without_a_voice_leaves_the_tone(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        out = tmp_path / "out"
        out.mkdir()
        horn = voice(clock, output=str(out), speaker=(), times=1)
        receipt = await horn.deliver(alarm, {"ha": plain("Zaman lafiya")}, b"")
        assert receipt.delivered
        assert receipt.detail == "not spoken: ha: no voice is configured"
        sound, tone = played(out), signal("alarm")
        assert (sound[: tone.size] == tone).all()
        assert not sound[tone.size :].any()
        again = await voice(clock, output=str(out)).resume(alarm, clock.now(), told=False)
        assert again is not None
        assert again.delivered

    run(test)


def test_a_drill_is_marked_first_and_last(alarm: Alert) -> None:
    sound, mark = compose(replace(alarm, drill=True), [], 2), drill_mark()
    assert (sound[: mark.size] == mark).all()
    assert (sound[-mark.size :] == mark).all()
    assert not (compose(alarm, [], 2)[: mark.size] == mark).all()


@needs_ffmpeg
def test_a_real_player_begins_and_the_all_clear_ends_the_alarm(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    player = tmp_path / "play"
    player.write_text(f'#!/bin/sh\nexec {" ".join(PLAYER)} "$1" -f null -\n')
    player.chmod(0o755)

    async def test() -> None:
        horn = voice(clock, player=(str(player),), speaker=(), folder=str(tmp_path / "marks"))
        assert (await horn.self_test()).delivered
        receipt = await horn.deliver(alarm, {"fr": plain("Alarme")}, b"")
        assert receipt.delivered, receipt.detail
        loud = horn._playing
        assert loud is not None
        assert loud.returncode is None
        lesser = await horn.deliver(replace(alarm, alert="dam-2", level="warning"), {}, b"")
        assert "graver alarm" in str(lesser.detail)
        clear = replace(alarm, level="all-clear", sequence=2)
        assert (await horn.deliver(clear, {}, b"")).delivered
        assert loud.returncode is not None, "the alarm still sounds under the all-clear"
        told = await horn.resume(alarm, clock.now(), told=False)
        assert told is not None
        again = await horn.deliver(alarm, {}, b"")
        assert again.detail == "it had been sounded before Tocsin was stopped"
        await horn.close()

    run(test)


@pytest.mark.parametrize(
    ("player", "why"),
    [
        (("true",), "true was done after"),
        (("false",), "false ended with status 1"),
        (("/no/such/player",), "cannot be started"),
        (("sh", "-c", "echo no sound card >&2; exit 3"), "no sound card"),
    ],
)
def test_a_player_that_cannot_or_lies_is_a_failure_and_may_be_tried_again(
    tmp_path: Path, clock: HandClock, alarm: Alert, player: tuple[str, ...], why: str
) -> None:
    async def test() -> None:
        horn = voice(clock, player=player, speaker=(), folder=str(tmp_path))
        for _ in range(2):
            receipt = await horn.deliver(alarm, {}, b"")
            assert not receipt.delivered
            assert why in str(receipt.detail) or "not found" in str(receipt.detail)
        assert not (await horn.self_test()).delivered
        await horn.close()

    run(test)


def test_a_voice_that_hangs_is_given_up_and_the_tone_sounds(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    hung = tmp_path / "hung"
    hung.write_text("#!/bin/sh\nexec sleep 60\n")
    hung.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()

    async def test() -> None:
        horn = voice(clock, 0.4, output=str(out), speaker=(str(hung),))
        receipt = await horn.deliver(alarm, {"fr": plain("Alarme")}, b"")
        assert receipt.delivered
        assert "did not end within" in str(receipt.detail)

    run(test)


def test_what_is_no_wav_is_not_played() -> None:
    good = write_wav(signal("watch"))
    assert read_spoken(good) is not None
    for bad in (b"", b"RIFF", good[:30], good.replace(b"data", b"dat_"), io.BytesIO().read()):
        assert read_spoken(bad) is None
