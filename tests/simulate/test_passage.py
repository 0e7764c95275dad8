"""Sound on its way: levels, delays, Doppler, and agreement with an independent room simulator."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.simulate.air import Air
from tocsin.simulate.flight import F64
from tocsin.simulate.passage import F32, HOP, KNOT, RATE_HZ, Passage, Voice, left_at
from tocsin.simulate.soundscape import standing

DRY = Air(20.0, 50.0)
CIRCLE = RATE_HZ * 2


def noise(seed: int, top_hz: float = 6_000.0) -> F32:
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(CIRCLE))
    spectrum[np.fft.rfftfreq(CIRCLE, 1.0 / RATE_HZ) > top_hz] = 0.0
    sound = np.fft.irfft(spectrum)
    return np.asarray(sound / np.sqrt((sound**2).mean()), np.float32)


def tone(hertz: float) -> F32:
    wave = np.sin(2.0 * np.pi * hertz * np.arange(CIRCLE) / RATE_HZ)
    return np.asarray(np.sqrt(2.0) * wave, np.float32)


def knots(begin: float, seconds: float) -> F64:
    count = int(seconds * RATE_HZ / KNOT) + 1
    return np.asarray(begin + np.arange(count) * (KNOT / RATE_HZ), np.float64)


def level(x: F32) -> float:
    return float(10.0 * np.log10(np.mean(np.square(x, dtype=np.float64))))


@pytest.mark.parametrize(("hertz", "distance"), [(125.0, 10.0), (1_000.0, 300.0), (4_000.0, 500.0)])
def test_a_tone_arrives_as_loud_as_distance_and_air_leave_it(hertz: float, distance: float) -> None:
    place = standing((distance, 0.0, 0.0))
    heard = Passage(Voice(tone(hertz)), place, np.zeros((1, 3)), DRY, 1.0).hear(knots(3.0, 1.0))
    assert level(heard) == pytest.approx(float(DRY.level_db(0.0, distance, hertz)), abs=0.15)


def test_it_arrives_late_by_distance_over_the_speed_of_sound() -> None:
    """Against the same noise 1 m away, by the peak of their correlation, to a tenth of a sample."""
    voice, ears = Voice(noise(1)), np.array([[0.0, 0.0, 0.0]])
    near = Passage(voice, standing((1.0, 0.0, 0.0)), ears, DRY, 1.0).hear(knots(2.0, 2.0))[0]
    far = Passage(voice, standing((137.7, 0.0, 0.0)), ears, DRY, 1.0).hear(knots(2.0, 2.0))[0]
    assert lag_of(far, near) / RATE_HZ == pytest.approx(136.7 / DRY.sound_mps, abs=0.1 / RATE_HZ)


def lag_of(late: F32, early: F32) -> float:
    """Samples by which one is behind the other; circular, found between samples."""
    cross = np.fft.rfft(late) * np.conj(np.fft.rfft(early))
    fine = np.fft.irfft(cross, 16 * len(late))
    return float(np.argmax(fine)) / 16.0


@pytest.mark.parametrize("speed", [20.0, -20.0])
def test_what_comes_sounds_higher_and_what_goes_lower(speed: float) -> None:
    """f' = f / (1 + v / c), v positive when receding: exact for an ear that stands still."""

    def path(t: F64) -> F64:
        return np.stack([500.0 + speed * t, 0.0 * t, 0.0 * t], axis=-1)

    passage = Passage(Voice(tone(1_000.0)), path, np.zeros((1, 3)), DRY, 1.0)
    heard = passage.hear(knots(4.0, 2.0))[0]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 8 * len(heard)))
    found = float(np.argmax(spectrum)) * RATE_HZ / (8 * len(heard))
    assert found == pytest.approx(1_000.0 / (1.0 + speed / DRY.sound_mps), abs=0.2)


def test_the_time_of_leaving_is_the_retarded_time() -> None:
    def path(t: F64) -> F64:
        return np.stack([30.0 * t - 300.0, 40.0 + 0.0 * t, 60.0 + 0.0 * t], axis=-1)

    ears = np.array([[0.0, 0.0, 0.0], [0.2, 0.1, 0.0]])
    t = np.linspace(0.0, 20.0, 101)
    left = left_at(path, ears, t, 340.0)
    for row, ear in enumerate(ears):
        travelled = np.sqrt(((path(left[row]) - ear) ** 2).sum(axis=-1))
        assert np.abs(left[row] + travelled / 340.0 - t).max() < 3e-6  # 0.05 samples


def test_seconds_on_end_are_one_sound_without_a_seam() -> None:
    def path(t: F64) -> F64:
        return np.stack([15.0 * t - 30.0, 50.0 + 0.0 * t, 40.0 + 0.0 * t], axis=-1)

    voice, ears = Voice(noise(2)), np.array([[0.0, 0.0, 0.0], [0.2, 0.0, 0.0]])
    whole = Passage(voice, path, ears, DRY, 1.0).hear(knots(0.0, 4.0))
    piecewise = Passage(voice, path, ears, DRY, 1.0)
    parts = np.hstack([piecewise.hear(knots(float(k), 1.0)) for k in range(4)])
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()


def test_a_voice_is_some_hops_long() -> None:
    with pytest.raises(ValueError, match="2000"):
        Voice(np.zeros(HOP + 1, np.float32))


def test_an_independent_room_simulator_hears_the_same_levels_and_delays() -> None:
    """pyroomacoustics in an anechoic room, without absorption by air: four microphones 20 cm and
    more apart, one source; levels to 0.2 dB and delays to a tenth of a sample."""
    pra = pytest.importorskip("pyroomacoustics")
    clear = Air(20.0, 50.0)
    source = np.array([40.0, 25.0, 12.0])
    ears = np.array([[0.0, 0.0, 0.0], [0.2, 0.0, 0.0], [0.0, 0.17, 0.1], [-25.0, 8.0, 3.0]])
    sound = noise(3, 3_000.0)
    room = pra.AnechoicRoom(fs=RATE_HZ)
    room.set_sound_speed(clear.sound_mps)
    room.add_source(source, signal=np.tile(sound, 3))
    room.add_microphone_array(ears.T)
    room.simulate()
    theirs = room.mic_array.signals[:, CIRCLE : 2 * CIRCLE]
    voice, place = Voice(sound), standing(source)
    ours = [Passage(voice, place, ear[None], clear, 1.0).hear(knots(2.0, 2.0))[0] for ear in ears]
    far = np.sqrt(((source - ears) ** 2).sum(axis=1))
    for k in range(4):
        swallowed = float(clear.absorption_db_m(1_500.0)) * (far[k] - 1.0)
        assert level(ours[k]) == pytest.approx(level(theirs[k]) - swallowed, abs=0.25)
    for k in range(1, 4):
        apart = lag_of(ours[k], ours[0]), lag_of(theirs[k], theirs[0])
        assert apart[0] == pytest.approx(apart[1], abs=0.13)
