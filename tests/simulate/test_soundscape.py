"""The sound of a scene: levels that are what was asked for, the same bytes for the same seed."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from tocsin.simulate import voices
from tocsin.simulate.air import MILD
from tocsin.simulate.ambience import Noise, Weather, gusts
from tocsin.simulate.evening import intruder, soundscape, sprayer
from tocsin.simulate.microphones import CHEAP, Microphone, tetrahedron, wav
from tocsin.simulate.passage import F32, RATE_HZ
from tocsin.simulate.soundscape import Block, Listening, Sounding, Soundscape, standing

QUIET = Weather(wind_mps=0.0, ambience_db=-60.0, insects_db=-60.0)
ONE = np.zeros((1, 3))


def spl(pascals: F32) -> float:
    return float(10.0 * np.log10(np.mean(np.square(pascals, dtype=np.float64))) + 94.0 - 0.02)


def noise(weather: Weather, places: np.ndarray = ONE, self_db: float = -60.0) -> F32:
    rng = np.random.default_rng(3)
    wind = np.ones(8 * 12)
    made = Noise(rng, places, weather, wind, self_db=self_db, sound_mps=MILD.sound_mps)
    return np.hstack([made.next() for _ in range(8)])


@pytest.mark.parametrize(
    ("weather", "self_db", "level"),
    [
        (Weather(0.0, ambience_db=40.0, insects_db=-60.0), -60.0, 40.0),
        (Weather(0.0, ambience_db=-60.0, insects_db=45.0), -60.0, 45.0),
        (Weather(5.0, wind_db=62.0, ambience_db=-60.0, insects_db=-60.0), -60.0, 62.0),
        (Weather(2.5, wind_db=62.0, ambience_db=-60.0, insects_db=-60.0), -60.0, 49.96),
        (QUIET, 30.0, 30.0),
    ],
)
def test_each_noise_has_the_level_that_was_asked_for(
    weather: Weather, self_db: float, level: float
) -> None:
    assert spl(noise(weather, self_db=self_db)) == pytest.approx(level, abs=0.5)


def test_wind_is_not_alike_at_two_microphones_and_ambience_is_alike_when_low() -> None:
    places = np.array([[0.0, 0.0, 0.0], [0.2, 0.0, 0.0]])
    a, b = noise(Weather(5.0, ambience_db=-60.0, insects_db=-60.0), places)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05
    a, b = noise(Weather(0.0, ambience_db=50.0, insects_db=-60.0), places)
    for hertz in (100.0, 400.0, 857.0, 1_300.0):
        kd = 2.0 * np.pi * hertz * 0.2 / MILD.sound_mps
        assert coherence(a, b, hertz) == pytest.approx(np.sin(kd) / kd, abs=0.12), hertz


def coherence(a: F32, b: F32, hertz: float) -> float:
    """The real part of the coherence about a frequency, over windows of an eighth of a second."""
    pieces = [
        np.fft.rfft(x[: len(x) // 2000 * 2000].reshape(-1, 2000) * np.hanning(2000)) for x in (a, b)
    ]
    near = slice(int(hertz / 8.0) - 3, int(hertz / 8.0) + 4)
    one, other = pieces[0][:, near], pieces[1][:, near]
    cross = (one * np.conj(other)).sum().real
    return float(cross / np.sqrt((np.abs(one) ** 2).sum() * (np.abs(other) ** 2).sum()))


def test_noise_has_no_seams_between_seconds() -> None:
    sound = noise(Weather(0.0, ambience_db=40.0, insects_db=-60.0))[0]
    pieces = np.square(sound[1000:-1000].reshape(-1, 2000)).mean(axis=1)
    at_seams = pieces[7::8].mean() / pieces.mean()
    assert at_seams == pytest.approx(1.0, abs=0.3)


def test_gusts_are_about_one_and_never_blow_backwards() -> None:
    blown = gusts(np.random.default_rng(1), 3_600.0)
    assert blown.min() >= 0.0
    assert blown.mean() == pytest.approx(1.0, abs=0.03)
    assert blown.std() == pytest.approx(0.25, abs=0.03)


def test_94_db_fill_a_cheap_microphone_to_its_sensitivity_and_gain() -> None:
    tone = 1.0024 * np.sqrt(2.0) * np.sin(2.0 * np.pi * 1_000.0 * np.arange(RATE_HZ) / RATE_HZ)
    samples = Microphone(gain_db=0.0).samples(tone.astype(np.float32)[None])
    assert 10.0 * np.log10(np.mean(samples**2)) == pytest.approx(-26.0, abs=0.01)
    assert CHEAP.full_scale_db == 96.0
    assert np.abs(CHEAP.samples(np.full((1, 4), 50.0, np.float32))).max() == 1.0


def test_a_wav_block_is_what_the_standard_library_reads() -> None:
    samples = np.array([[0.0, 0.5, -1.0], [1.0, -0.25, 0.0]], np.float32)
    with wave.open(io.BytesIO(wav(samples))) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (2, 2, RATE_HZ)
        whole = np.frombuffer(read.readframes(3), "<i2").reshape(3, 2)
    assert np.abs(whole.T / 32_767.0 - samples).max() < 1e-4


def test_a_tetrahedron_has_six_equal_edges_about_its_middle() -> None:
    corners = tetrahedron(0.2)
    edges = [float(np.linalg.norm(a - b)) for i, a in enumerate(corners) for b in corners[:i]]
    assert edges == pytest.approx([0.2] * 6, abs=2e-4)
    assert np.abs(corners.mean(axis=0)).max() < 1e-4


def scape(seed: int, listening: tuple[Listening, ...], duration_s: float = 4.0) -> Soundscape:
    voice = voices.rotors(np.random.default_rng(9), voices.QUADCOPTER)
    drone = Sounding("drone", voice, standing((0.0, 100.0, 50.0)), 92.0)
    return Soundscape(seed, duration_s, (drone,), listening)


PAIR = (Listening("a", tetrahedron(0.2), 0.5), Listening("b", np.array([[30.0, 0.0, 0.0]]), 0.1))


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    one, two = (list(scape(4, PAIR).frames(1_000.0)) for _ in range(2))
    assert one == two
    assert [frame.data for frame in scape(5, PAIR).frames(1_000.0)] != [f.data for f in one]


def test_blocks_come_in_the_order_in_which_they_are_over_and_end_with_the_scene() -> None:
    blocks = list(scape(1, PAIR).blocks())
    assert [b.t for b in blocks] == sorted(b.t for b in blocks)
    assert {(b.sensor, b.samples.shape) for b in blocks} == {
        ("a", (4, RATE_HZ)), ("b", (1, RATE_HZ)),
    }  # fmt: skip
    assert max(b.t for b in blocks) + 1.0 <= 4.0


def test_adding_a_sensor_leaves_what_the_others_hear_as_it_was() -> None:
    def of_a(listening: tuple[Listening, ...]) -> Iterator[Block]:
        return (b for b in scape(1, listening).blocks() if b.sensor == "a")

    for alone, beside in zip(of_a(PAIR[:1]), of_a(PAIR), strict=True):
        assert (alone.samples == beside.samples).all()


def test_a_sensor_out_of_order_gives_no_sound_and_comes_back() -> None:
    silent = (Listening("a", ONE, 0.0, silent=((1.0, 3.0),)),)
    assert [b.t for b in scape(1, silent, 6.0).blocks()] == [0.0, 3.0, 4.0, 5.0]


def test_the_passing_intruder_is_as_loud_as_its_distance_says() -> None:
    """Rendered loudness less noise, at an array beside the river, against spreading alone."""
    whole = soundscape(1, 200.0, sprayer(1), intruder(1))
    drone = next(s for s in whole.soundings if s.id == "intruder")
    ear = next(one for one in whole.listening if one.id == "array-03")
    still = Soundscape(1, 160.0, (drone,), (ear,), whole.air, QUIET)
    shift = still.listening[0].microphone.full_scale_db
    for block in still.blocks():
        if 100.0 <= block.t < 160.0 and int(block.t) % 10 == 0:
            expected = still.level_db(drone, ear.middle, block.t)
            found = 10.0 * np.log10(np.mean(np.square(block.samples, dtype=np.float64))) + shift
            assert found == pytest.approx(expected, abs=3.5), block.t


def test_what_is_behind_a_statement_is_the_loudest_where_it_points() -> None:
    made = scape(1, PAIR)
    assert made.behind("a", 3.0, None) == "drone"
    assert made.behind("a", 3.0, 10.0) == "drone"
    assert made.behind("a", 3.0, 180.0) is None


@pytest.mark.parametrize("made", [voices.MOPED, voices.PUMP, voices.HELICOPTER])
def test_an_engine_has_lines_at_its_firing_rate(made: voices.Engine) -> None:
    voice = voices.engine(np.random.default_rng(2), made)
    power = np.mean([np.abs(voice.frame(2 * k)) ** 2 for k in range(120)], axis=0)
    hertz = np.arange(len(power)) * (RATE_HZ / 4_000)
    on = power[np.argmin(np.abs(hertz - 8 * made.firing_hz))]
    if made.wanders < 0.01:
        off = power[np.argmin(np.abs(hertz - 8.5 * made.firing_hz))]
        assert on > 2.0 * off


def test_no_voice_has_a_seam() -> None:
    voice = voices.weir(np.random.default_rng(2))
    levels = [float(np.square(np.abs(voice.frame(k))).sum()) for k in range(voices.CIRCLE_S * 8)]
    jumps = [abs(np.log(b / a)) for a, b in pairwise(levels)]
    assert jumps[-1] < 3.0 * float(np.mean(jumps)) + 0.2
