"""The sounds without words: four that differ, none that cracks, files that others can read."""

from __future__ import annotations

import io
import itertools
import wave

import numpy as np
import pytest

from tocsin.encode.tones import RATE, Samples, drill_mark, signal, silence, write_wav
from tocsin.words import Level

LEVELS: tuple[Level, ...] = ("watch", "warning", "alarm", "all-clear")


def pitches_hz(samples: Samples) -> set[int]:
    """The strongest pitch of each tenth of a second, to 20 Hz; silence has none."""
    step = RATE // 10
    found = set()
    for at in range(0, samples.size - step, step):
        piece = samples[at : at + step].astype(float)
        if np.abs(piece).max() > 1000:
            strongest = int(np.abs(np.fft.rfft(piece)).argmax()) * 10
            found.add(round(strongest / 20) * 20)
    return found


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(LEVELS, 2)))
def test_levels_are_told_apart(one: Level, other: Level) -> None:
    first, second = pitches_hz(signal(one)), pitches_hz(signal(other))
    assert first
    assert first != second
    assert signal(one).size != signal(other).size


def test_the_alarm_rises_and_the_all_clear_falls() -> None:
    assert min(pitches_hz(signal("alarm"))) < 600
    assert max(pitches_hz(signal("alarm"))) > 1100
    third = signal("all-clear").size // 3
    parts = [signal("all-clear")[n * third : (n + 1) * third] for n in range(3)]
    highest = [max(pitches_hz(part)) for part in parts]
    assert highest == sorted(highest, reverse=True)
    assert len(set(highest)) == 3


@pytest.mark.parametrize("sound", [*map(signal, LEVELS), drill_mark()])
def test_no_sound_begins_or_ends_with_a_crack(sound: Samples) -> None:
    assert abs(int(sound[0])) < 200
    assert abs(int(sound[-1])) < 200
    assert np.abs(sound.astype(int)).max() > 10_000


def test_pythons_own_reader_reads_the_file() -> None:
    sound = signal("watch")
    with wave.open(io.BytesIO(write_wav(sound))) as file:
        assert file.getparams()[:4] == (1, 2, RATE, sound.size)
        assert file.readframes(sound.size) == sound.tobytes()
    assert silence(0.5).size == RATE // 2
