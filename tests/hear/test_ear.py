"""The ear: what must not change its verdict does not, and what is no drone is told to be none."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly
from tests.shared import recording

from tocsin.hear.ear import Ear
from tocsin.hear.features import COMB_STEPS, COMBS, MEL_STEPS, MELS, features
from tocsin.simulate.rotors import Craft, random_craft, rotor_sound

RATE_HZ = 16_000
ROOT = Path(__file__).parents[2]
T_S = np.arange(RATE_HZ) / RATE_HZ


@pytest.fixture(scope="module")
def ear() -> Ear:
    return Ear()


@pytest.fixture(scope="module")
def crafts() -> np.ndarray:
    """Twenty-four quadcopters and hexacopters, half over pink noise at 10 dB."""
    rng = np.random.default_rng(7)
    sizes = ("toy", "mini", "camera", "lifter")
    sound = np.stack(
        [
            rotor_sound(rng, RATE_HZ, RATE_HZ, craft=random_craft(rng, sizes[k % 4]))
            for k in range(24)
        ]
    )
    spectrum = np.fft.rfft(rng.standard_normal(sound.shape))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 20.0))
    noise = np.fft.irfft(spectrum, RATE_HZ)
    sound[::2] += 0.3 * (noise / noise.std())[::2]
    return (0.05 * sound).astype(np.float32)


def clip(path: str) -> np.ndarray:
    """A recording's seconds at 16 kHz, half overlapping."""
    samples, rate_hz = soundfile.read(io.BytesIO(recording(path)), dtype="float32", always_2d=True)
    mono = resample_poly(samples.mean(axis=1), RATE_HZ, rate_hz).astype(np.float32)
    seconds = np.lib.stride_tricks.sliding_window_view(mono, RATE_HZ)[:: RATE_HZ // 2]
    return np.ascontiguousarray(seconds)


def test_features_have_their_shapes_and_are_finite_for_silence_too() -> None:
    colour, combs = features(np.zeros((3, RATE_HZ), np.float32))
    assert colour.shape == (3, 1, MELS, MEL_STEPS)
    assert combs.shape == (3, 1, COMBS, COMB_STEPS)
    assert np.isfinite(colour).all()
    assert np.isfinite(combs).all()


def test_made_up_drones_are_heard(ear: Ear, crafts: np.ndarray) -> None:
    assert np.median(ear.probabilities(crafts)) > 0.7


def test_neither_level_nor_dc_nor_sign_changes_the_verdict(ear: Ear, crafts: np.ndarray) -> None:
    plain = ear.log_odds(crafts)
    for other in (crafts * 0.01, crafts * 4.0, crafts + 0.1, -crafts):
        assert np.abs(ear.log_odds(other.astype(np.float32)) - plain).max() < 0.05


def test_sixteen_bits_at_minus_40_dbfs_are_enough(ear: Ear, crafts: np.ndarray) -> None:
    quiet = np.round(crafts * 0.2 * 32_768) / 32_768
    moved = ear.log_odds(quiet.astype(np.float32)) - ear.log_odds(crafts)
    assert np.quantile(np.abs(moved), 0.9) < 1.0


def test_a_tenth_of_pitch_up_or_down_moves_the_verdict_little(ear: Ear, crafts: np.ndarray) -> None:
    plain = np.median(ear.probabilities(crafts))
    for up, down in ((10, 11), (11, 10)):
        other = resample_poly(np.tile(crafts, 2), up, down, axis=1)[:, :RATE_HZ]
        moved = np.median(ear.probabilities(other.astype(np.float32)))
        assert abs(moved - plain) < 0.15


def test_a_phone_s_band_and_a_way_over_44_1_khz_move_it_little(
    ear: Ear, crafts: np.ndarray
) -> None:
    plain = np.median(ear.probabilities(crafts))
    there = resample_poly(resample_poly(crafts, 441, 160, axis=1), 160, 441, axis=1)
    assert abs(np.median(ear.probabilities(there.astype(np.float32))) - plain) < 0.1
    phone = resample_poly(resample_poly(crafts, 1, 2, axis=1), 2, 1, axis=1)
    assert np.median(ear.probabilities(phone.astype(np.float32))) > plain - 0.35


def test_one_by_one_or_all_at_once_is_the_same(ear: Ear, crafts: np.ndarray) -> None:
    alone = np.concatenate([ear.probabilities(one[None]) for one in crafts])
    assert np.abs(alone - ear.probabilities(crafts)).max() < 1e-4
    many = np.tile(crafts, (6, 1))
    assert np.abs(ear.probabilities(many)[-24:] - alone).max() < 1e-4
    assert ear.probabilities(crafts[:0]).shape == (0,)


def _siren() -> np.ndarray:
    f_hz = 600.0 + 500.0 * np.abs((2.0 * T_S) % 2.0 - 1.0)
    turns = np.cumsum(f_hz) / RATE_HZ
    return sum(np.sin(2 * np.pi * k * turns) / k for k in (1, 2, 3))


def _vowels() -> np.ndarray:
    f_hz = 120.0 * (1.0 + 0.2 * np.sin(2 * np.pi * 1.3 * T_S))
    turns = np.cumsum(f_hz) / RATE_HZ
    voice = sum(
        np.exp(-(((k * 120 - 600) / 400) ** 2)) * np.sin(2 * np.pi * k * turns)
        for k in range(1, 30)
    )
    return voice * np.clip(np.sin(2 * np.pi * 3.5 * T_S), 0.0, None)


@pytest.mark.parametrize("name", ["silence", "white", "brown", "hum", "siren", "vowels", "tone"])
def test_what_is_no_drone_is_told_to_be_none(ear: Ear, name: str) -> None:
    rng = np.random.default_rng(11)
    noise = rng.standard_normal((8, RATE_HZ))
    made = {
        "silence": np.zeros((1, RATE_HZ)),
        "white": noise,
        "brown": np.cumsum(noise, axis=1) / 50.0,
        "hum": sum(np.sin(2 * np.pi * 50.0 * k * T_S) / k for k in range(1, 6)) + 0.1 * noise,
        "siren": _siren() + 0.05 * noise,
        "vowels": _vowels() + 0.02 * noise,
        "tone": np.sin(2 * np.pi * 1_000.0 * T_S) + 0.02 * noise,
    }[name]
    assert np.mean(ear.probabilities((0.05 * made).astype(np.float32))) < 0.5


def test_a_manned_propeller_aircraft_is_less_a_drone_than_a_quadcopter(ear: Ear) -> None:
    rng = np.random.default_rng(5)
    plane = Craft(1, 2, 1.9, 2_400.0, unsteady=0.0005, shaft_db=-6.0, motor_db=-60.0, noise_db=-6.0)
    planes = np.stack([rotor_sound(rng, RATE_HZ, RATE_HZ, craft=plane) for _ in range(8)])
    quads = np.stack([rotor_sound(rng, RATE_HZ, RATE_HZ, craft=Craft()) for _ in range(8)])
    assert ear.log_odds(planes).mean() < ear.log_odds(quads).mean() - 1.0


def test_windows_of_another_shape_are_refused(ear: Ear) -> None:
    with pytest.raises(ValueError, match="16000"):
        ear.probabilities(np.zeros((2, 8_000), np.float32))


def test_recorded_drones_and_the_rest_are_told_apart(ear: Ear) -> None:
    """A loose floor on recordings that it has heard: the card has the figures that count."""
    drones = [clip(f"acoustic/svanstrom_audio/DRONE_{k:03d}.flac") for k in (1, 5, 14, 18)]
    others = [
        clip(f"acoustic/svanstrom_audio/{name}_{k:03d}.flac")
        for name in ("HELICOPTER", "BACKGROUND")
        for k in (1, 5, 14, 18)
    ]
    assert np.mean(ear.probabilities(np.concatenate(drones)) >= 0.5) > 0.9
    assert np.mean(ear.probabilities(np.concatenate(others)) >= 0.5) < 0.1


def test_the_card_is_of_the_shipped_network() -> None:
    network = (ROOT / "src/tocsin/hear/ear.onnx").read_bytes()
    card = (ROOT / "docs/reference/ear-model-card.md").read_text("utf-8")
    told = re.search(r"`([0-9a-f]{64})`", card)
    assert told is not None
    assert told.group(1) == hashlib.sha256(network).hexdigest()
    assert len(network) <= 2 * 1024 * 1024
