"""Sound files: what foreign encoders wrote is read as they meant it; damage is named, survived."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shared import VECTORS, recording
from tests.vectors.sound.make import tone

from tocsin.errors import FormatError, InputError
from tocsin.hear.format import is_sound
from tocsin.hear.sound import Layout, Sound, blocks, read_layout

FOLDER = VECTORS / "sound"
FILES = json.loads((FOLDER / "files.json").read_text())


def whole(sounds: Iterator[Sound]) -> Sound:
    found = list(sounds)
    return Sound(np.concatenate([one.samples for one in found]), found[0].rate_hz)


def written(samples: np.ndarray, rate_hz: int, kind: str = "WAV", subtype: str = "PCM_16") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate_hz, format=kind, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_others_wrote_is_read_as_they_meant_it(name: str) -> None:
    meant = FILES[name]
    layout = read_layout(meant["raw"]) if meant["raw"] else None
    with (FOLDER / name).open("rb") as file:
        sound = whole(blocks(file, name, raw=layout))
    assert sound.rate_hz == meant["rate_hz"]
    assert sound.samples.dtype == np.float32
    assert sound.samples.shape == (meant["count"], meant["channels"])
    error = sound.samples - tone(sound.rate_hz, meant["channels"], meant["count"])
    assert np.abs(error).max() <= meant["tolerance"]


@pytest.mark.parametrize("name", sorted(name for name in FILES if not FILES[name]["raw"]))
def test_a_file_is_known_by_its_first_bytes(name: str) -> None:
    assert is_sound((FOLDER / name).read_bytes()[:16])


def test_blocks_are_no_longer_than_asked_and_lose_nothing() -> None:
    samples = tone(8000, 2, 20_000).astype(np.float32)
    data = written(samples, 8000, subtype="FLOAT")
    found = list(blocks(data, "a.wav", most_s=0.7))
    assert [len(one.samples) for one in found] == [5600, 5600, 5600, 3200]
    assert np.array_equal(whole(iter(found)).samples, samples)


def test_many_channels_make_short_blocks_so_that_memory_is_bounded() -> None:
    data = written(np.zeros((48_000 * 3, 16)), 48_000)
    assert max(one.samples.size for one in blocks(data, "a.wav")) <= 1 << 20


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF"])
def test_what_stands_before_the_damage_is_kept(kind: str) -> None:
    rng = np.random.default_rng(5)
    samples = (0.1 * rng.standard_normal((40_000, 1))).astype(np.float32)
    data = written(samples, 16_000, kind)
    read: list[Sound] = []
    expected = pytest.raises(FormatError) if kind != "AIFF" else contextlib.nullcontext()
    with expected as caught:
        read.extend(blocks(data[: len(data) * 6 // 10], "night.x", most_s=0.5))
    kept = whole(iter(read)).samples
    assert 0.4 * 40_000 < len(kept) <= 24_100
    assert np.abs(kept - samples[: len(kept)]).max() < 4e-5
    if caught is not None:
        said = str(caught.value)
        assert said.startswith("night.x byte ")
        assert f"{len(kept) / 16_000:.3f} s" in said


def test_a_recorder_that_lost_its_power_is_told_of() -> None:
    data = bytearray(written(tone(16_000, 1, 16_000), 16_000))
    at = data.find(b"data")
    data[at + 4 : at + 8] = bytes(4)
    with pytest.raises(FormatError, match="no sound, yet 32000 bytes follow"):
        list(blocks(bytes(data), "a.wav"))


def test_a_length_that_nobody_knew_is_no_damage() -> None:
    data = bytearray(written(tone(16_000, 1, 16_000), 16_000))
    at = data.find(b"data")
    for length in (0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F000):
        data[at + 4 : at + 8] = length.to_bytes(4, "little")
        assert len(whole(blocks(bytes(data), "a.wav")).samples) == 16_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"{}", "of no sound that is known here"),
        (b"RIFF\x04\0\0\0WAVE", "byte"),
        (written(np.zeros(100), 3_999), "3999 samples a second are not 4000 to 384000"),
        (written(np.zeros(100), 384_001), "384001 samples a second"),
        (written(np.zeros((10, 65)), 8000), "65 channels are not 1 to 64"),
    ],
)
def test_what_cannot_be_heard_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(FormatError, match=says):
        list(blocks(data, "x"))


def test_a_layout_is_read_or_refused() -> None:
    assert read_layout("s24be:96000:4") == Layout("s24be", 96_000, 4)
    for wrong in ("", "s16le", "s16le:48000", "s17le:48000:1", "s16le:4800000:1", "s16le:a:1"):
        with pytest.raises(InputError, match="no layout of samples"):
            read_layout(wrong)
    with pytest.raises(FormatError, match="samples a second"):
        list(blocks(b"\0" * 100, "x", raw=Layout("s16le", 1000, 1)))


PIECES = [(FOLDER / name).read_bytes() for name in sorted(FILES) if not FILES[name]["raw"]]


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(
            st.sampled_from(PIECES),
            st.integers(0, 2000),
            st.binary(min_size=1, max_size=40),
            st.integers(100, 9000),
        ).map(lambda t: (t[0][: t[1]] + t[2] + t[0][t[1] + len(t[2]) :])[: t[3]]),
    )
)
def test_any_bytes_give_sound_or_a_format_error(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        for sound in blocks(data, "x"):
            assert sound.samples.ndim == 2
            assert len(sound.samples) > 0


def test_the_shared_recordings_are_read(tmp_path: Path) -> None:
    sound = whole(blocks(recording("acoustic/svanstrom_audio/DRONE_001.flac"), "d"))
    assert (sound.rate_hz, sound.samples.shape) == (44_100, (len(sound.samples), 2))
    assert len(sound.samples) == pytest.approx(441_000, rel=0.01)
