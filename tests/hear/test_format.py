"""Sound as frames: of files, of datagrams, and of WAVs without end."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hear.test_sound import FILES, FOLDER, written
from tests.vectors.sound.make import tone

from tocsin.errors import FormatError
from tocsin.hear.format import SoundFormat
from tocsin.hear.riff import WavStream, wav_file
from tocsin.hear.sound import blocks
from tocsin.words import Frame

T0 = 1_780_000_000.0


def frames(data: bytes, name: str = "pole-3.wav", sensor: str | None = None) -> list[Frame]:
    form = SoundFormat()
    return list(form.frames(data, name, sensor=sensor, start=T0, skipped=Counter()))


def samples_of(found: list[Frame]) -> np.ndarray:
    return np.concatenate([one.samples for f in found for one in blocks(f.data, "frame")])


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "DOUBLE", "ALAW"])
def test_frames_are_seconds_that_lose_nothing(subtype: str) -> None:
    data = written(tone(8000, 2, 20_000), 8000, subtype=subtype)
    found = frames(data)
    assert [round(one.t - T0, 6) for one in found] == [0.0, 1.0, 2.0]
    assert {(one.sensor, one.link) for one in found} == {("pole-3", "sound")}
    assert found[1].origin == "pole-3.wav 1.000 s"
    assert np.array_equal(samples_of(found), samples_of([Frame(data, "", 0.0)]))
    # 16 bits stay 16 bits
    assert (len(found[0].data) < 33_000) == (subtype in ("PCM_16", "ALAW"))


def test_the_sensor_may_be_named() -> None:
    data = written(tone(8000, 1, 8000), 8000)
    assert frames(data, sensor="m7")[0].sensor == "m7"


def test_a_damaged_file_gives_its_frames_first() -> None:
    data = written(tone(8000, 1, 80_000), 8000, "FLAC")
    half = data[: len(data) // 2]
    read: list[Frame] = []
    with pytest.raises(FormatError):
        read.extend(SoundFormat().frames(half, "a", sensor=None, start=0.0, skipped=Counter()))
    assert len(read) >= 3


def test_what_is_not_a_number_survives_a_frame() -> None:
    bad = tone(8000, 1, 8000)
    bad[100] = np.nan
    assert np.isnan(samples_of(frames(written(bad, 8000, subtype="FLOAT")))).sum() == 1


@pytest.mark.parametrize("name", ["pipe.wav", "ffmpeg-pipe.wav", "s24.wav", "extensible-16ch.wav"])
def test_a_stream_from_sox_and_ffmpeg_is_cut_into_blocks(name: str) -> None:
    meant = FILES[name]
    data = (FOLDER / name).read_bytes()
    if "pipe" in name:  # go on for a second, as a microphone would
        raw = tone(meant["rate_hz"], meant["channels"], meant["rate_hz"])
        data += np.rint(raw * 32768).astype("<i2").tobytes()
    stream = WavStream()
    found = stream.feed(data)
    heard = samples_of([Frame(one, "", 0.0) for one in found])
    assert len(heard) == (round(1.0 * meant["rate_hz"]) if "pipe" in name else meant["count"])
    expected = np.abs(heard[:1000] - tone(meant["rate_hz"], meant["channels"], len(heard))[:1000])
    assert expected.max() < 1e-4
    assert stream.dropped == 0


def test_a_stream_is_found_again_after_rubbish_and_after_its_end() -> None:
    one = wav_file(np.arange(4000, dtype="<i2").tobytes(), 8000, 1)
    stream = WavStream()
    found = stream.feed(b"rubbish RIFF no" + one + one)
    assert b"".join(part[44:] for part in found) == 2 * one[44:]
    assert stream.dropped == len(b"rubbish RIFF no")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3000), max_size=20), st.booleans())
def test_a_stream_gives_the_same_blocks_however_it_is_cut(cuts: list[int], rubbish: bool) -> None:
    one = wav_file(np.arange(3001, dtype="<i2").tobytes(), 8000, 1)
    endless = wav_file(b"", 8000, 2)[:40] + b"\xff\xff\xff\xff" + bytes(range(256)) * 90
    data = b"xRIFFy" * rubbish + one + endless
    cut, at, found = WavStream(), 0, []
    for size in cuts:
        found += cut.feed(data[at : at + size])
        at += size
    found += cut.feed(data[at:])
    assert found == WavStream().feed(data)
    assert len(found) >= 3


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.just(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0"))))
def test_rubbish_is_bounded(pieces: list[bytes]) -> None:
    stream = WavStream()
    for piece in pieces:
        for block in stream.feed(piece):
            assert block.startswith(b"RIFF")


def test_datagrams_are_whole_files() -> None:
    assert SoundFormat().datagram(b"RIFF") == [b"RIFF"]
    assert SoundFormat().datagram(b"") == []
