"""Windows: the same whatever the blocks, at the right time, of the right channel."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import firwin, resample_poly
from tests.shared import SHARED

from tocsin.hear.resample import RATE_HZ
from tocsin.hear.sound import Sound
from tocsin.hear.windows import Window, Windows

RATES = (4_000, 5_512, 8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 47_999, 48_000, 96_000,
         192_000, 384_000)  # fmt: skip


def cut(samples: np.ndarray, rate_hz: int, sizes: list[int]) -> list[Window]:
    windows, found, at = Windows(), [], 0
    for size in sizes:
        found += windows.feed(Sound(samples[at : at + size], rate_hz))
        at += size
    if at < len(samples):
        found += windows.feed(Sound(samples[at:], rate_hz))
    return found + windows.finish()


def noise(count: int, channels: int = 1, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((count, channels))).astype(np.float32)


def steep(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """scipy's polyphase resampling with scipy's filter design."""
    common = np.gcd(rate_hz, RATE_HZ)
    most = max(rate_hz, RATE_HZ) // common
    taps = firwin(2 * 32 * most + 1, 0.95 / most, window=("kaiser", 7.857))
    return resample_poly(samples, RATE_HZ // common, rate_hz // common, axis=0, window=taps)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from((4_000, 5_512, 11_025, 16_000, 22_050, 44_100)),
    channels=st.integers(1, 3),
    share=st.floats(0.01, 2.9),
    sizes=st.lists(st.integers(1, 20_000), max_size=12),
)
def test_windows_are_the_same_whatever_the_blocks(
    rate: int, channels: int, share: float, sizes: list[int]
) -> None:
    samples = noise(max(1, round(share * rate)), channels)
    for one, other in zip(cut(samples, rate, sizes), cut(samples, rate, []), strict=True):
        assert (one.t_s, one.dur_s, one.level_dbfs, one.deaf) == (
            other.t_s, other.dur_s, other.level_dbfs, other.deaf,
        )  # fmt: skip
        assert np.array_equal(one.samples, other.samples)
        assert np.array_equal(one.native.samples, other.native.samples)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_is_where_it_was_at_any_rate(rate: int) -> None:
    """The oracle is the tone itself at 16 kHz: frequency, phase, and so the times of windows."""
    hertz = 0.4 * min(rate, RATE_HZ)
    t = np.arange(round(3.3 * rate)) / rate
    samples = (0.4 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)[:, None]
    tolerance = 0.4 * (1e-4 if rate % 25 == 0 else 2 * np.pi * hertz / rate / 64)
    for window in cut(samples, rate, [])[1:5]:
        meant = 0.4 * np.sin(2 * np.pi * hertz * (window.t_s + np.arange(RATE_HZ) / RATE_HZ))
        assert np.abs(window.samples - meant).max() < tolerance


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_noise_below_7_khz_is_resampled_as_scipy_does(rate: int) -> None:
    """Beside scipy's polyphase filter with a window of scipy's own making, as steep as ours."""
    n = 3 * rate
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(n))
    spectrum[np.fft.rfftfreq(n, 1 / rate) > 0.43 * min(rate, RATE_HZ)] = 0.0
    samples = (0.05 * np.fft.irfft(spectrum, n)).astype(np.float32)
    theirs = steep(samples.astype(np.float64), rate)
    for window in cut(samples[:, None], rate, [])[1:3]:
        begin = round(window.t_s * RATE_HZ)
        meant = theirs[begin : begin + RATE_HZ]
        left = np.sqrt(np.mean((window.samples - meant) ** 2) / np.mean(meant**2))
        assert left < 1e-3


def test_what_lies_above_8_khz_does_not_fold_back() -> None:
    t = np.arange(3 * 48_000) / 48_000
    for hertz in (8_300.0, 12_000.0, 16_440.0, 23_000.0):
        samples = np.sin(2 * np.pi * hertz * t).astype(np.float32)[:, None]
        left = np.sqrt(np.mean(np.square(cut(samples, 48_000, [])[1].samples)))
        assert 20 * np.log10(left / np.sqrt(0.5)) < -75.0


def test_windows_begin_every_half_second_and_the_last_ends_with_the_sound() -> None:
    found = cut(noise(round(2.7 * 16_000)), 16_000, [])
    assert [one.t_s for one in found] == [0.0, 0.5, 1.0, 1.5, pytest.approx(1.7)]
    assert {one.dur_s for one in found} == {1.0}
    assert [one.t_s for one in cut(noise(32_000), 16_000, [])] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("rate", [11_025, 16_000, 44_100])
@pytest.mark.parametrize("seconds", [0.02, 0.3, 0.5, 0.77])
def test_a_short_sound_is_one_window_of_its_true_length_repeated_to_fill(
    rate: int, seconds: float
) -> None:
    count = round(seconds * rate)
    (window,) = cut(noise(count), rate, [])
    assert window.dur_s == pytest.approx(count / rate)
    assert window.samples.shape == (RATE_HZ,)
    period = int(count * RATE_HZ / rate)
    assert np.array_equal(window.samples[: RATE_HZ - period], window.samples[period:])


def test_no_sound_makes_no_window() -> None:
    windows = Windows()
    assert windows.finish() == []
    assert windows.feed(Sound(np.empty((0, 1), np.float32), 16_000)) == []
    assert windows.finish() == []


def test_channels_in_opposite_phase_do_not_cancel() -> None:
    one = noise(16_000)
    (window,) = cut(np.concatenate([one, -one], axis=1), 16_000, [])
    assert window.level_dbfs == pytest.approx(-20.0, abs=0.2)
    assert np.abs(window.samples).max() > 0.2


@pytest.mark.parametrize(
    ("levels", "taken"),
    [((0.01, 0.2), 1), ((0.2, 0.0), 0), ((0.3, 0.02, 0.1), 2), ((0.1, 0.2, 0.3, 0.4), 2)],
)
def test_the_channel_of_middle_level_is_listened_to(levels: tuple[float, ...], taken: int) -> None:
    samples = noise(16_000, len(levels)) * np.array(levels, np.float32)
    (window,) = cut(samples, 16_000, [])
    assert np.array_equal(window.samples, samples[:, taken])


def test_a_broken_channel_spoils_nothing() -> None:
    samples = noise(16_000, 3)
    samples[:, 0] = np.nan
    samples[:, 1] = 1.0
    (window,) = cut(samples, 16_000, [])
    assert window.deaf is None
    assert np.array_equal(window.samples, samples[:, 2])


def test_one_bad_sample_leaves_the_other_windows_alone() -> None:
    samples = noise(4 * 44_100)
    clean = cut(samples, 44_100, [])
    samples[3 * 44_100 + 10] = np.inf
    for one, other in zip(cut(samples, 44_100, []), clean, strict=True):
        hit = one.t_s <= 3.0 + 10 / 44_100 < one.t_s + 1.0
        assert one.deaf == ("not-a-number" if hit else None)
        assert np.isfinite(one.samples).all()
        if one.t_s < 2.0:
            assert np.array_equal(one.samples, other.samples)


def test_all_channels_at_their_own_rate_stay_within_reach() -> None:
    samples = noise(3 * 48_000, 4)
    for window in cut(samples, 48_000, [10_000] * 9):
        begin = round(window.t_s * 48_000)
        assert window.native.rate_hz == 48_000
        assert np.array_equal(window.native.samples, samples[begin : begin + 48_000])


def test_a_real_recording_is_what_scipy_makes_of_it() -> None:
    path = SHARED / "data/acoustic/svanstrom_audio/DRONE_001.flac"
    if not path.is_file():
        pytest.skip("no shared recording")
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    theirs = steep(samples.astype(np.float64), rate)
    for window in cut(samples, rate, [])[3:6]:
        begin = round(window.t_s * RATE_HZ)
        error = [
            np.sqrt(np.mean(np.square(window.samples - theirs[begin : begin + RATE_HZ, k])))
            / np.sqrt(np.mean(np.square(window.samples)))
            for k in range(2)
        ]
        assert min(error) < 1e-3
