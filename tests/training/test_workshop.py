"""The ear's workshop, in small: the road from recordings to network and card runs, repeatably."""

from __future__ import annotations

import hashlib
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from training.ear import __main__ as workshop  # noqa: E402
from training.ear import bank, chain, others, recordings  # noqa: E402
from training.ear.judge import Heard, area, calibration, f1, false_events, recall  # noqa: E402

from tocsin.simulate.rotors import Craft, rotor_sound  # noqa: E402


@pytest.fixture(scope="module")
def acoustic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as the real one, of made-up clips of two seconds."""
    folder = tmp_path_factory.mktemp("acoustic")
    rng = np.random.default_rng(1)

    def keep(path: str, sound: np.ndarray, rate_hz: int = 16_000) -> None:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, 0.1 * sound, rate_hz)

    for block in range(3):
        number = 6 * block + 1
        craft = Craft(rpm=5_000.0 + 500.0 * block)
        keep(
            f"svanstrom_audio/DRONE_{number:03d}.flac",
            rotor_sound(rng, 16_000, 32_000, craft=craft),
        )
        for kind in ("HELICOPTER", "BACKGROUND"):
            noise = np.tile(others.other_sound(rng), 2)
            keep(f"svanstrom_audio/{kind}_{number:03d}.flac", noise)
        for kind in ("008_Chainsaw", "002_Rain"):
            noise = np.tile(others.other_sound(rng), 2)
            keep(f"esc10/{kind}/{block + 1}-1000-A.ogg", noise)
    keep(
        "bench_motors/prop/m1/motor_m1_prop_40pct_000.flac",
        rotor_sound(rng, 48_000, 96_000, craft=Craft(rotors=1)),
        48_000,
    )
    return folder


def _make(acoustic: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    network, card = work / "ear.onnx", work / "card.md"
    told = ["ear", "--acoustic", str(acoustic), "--work", str(work / "work")]
    told += ["--network", str(network), "--card", str(card), "--windows", "750", "--epochs", "3"]
    monkeypatch.setattr(sys, "argv", told)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns of its own inner workings
        workshop.main()
    return hashlib.sha256(network.read_bytes()).hexdigest(), card.read_text("utf-8")


def test_the_whole_road_runs_and_the_card_names_the_network(
    acoustic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The export itself stops where onnxruntime and torch differ by more than 1e-4."""
    monkeypatch.setattr("training.ear.judge.DRAWS", 5)
    digest, card = _make(acoustic, tmp_path, monkeypatch)
    assert digest in card
    assert "unseen models" in card


def test_a_bank_is_repeatable_and_every_entry_keeps_to_its_fold(acoustic: Path) -> None:
    clips = recordings.load(acoustic)
    one, two = bank.make(clips, 750, 3), bank.make(clips, 750, 3)
    assert np.array_equal(one.colour, two.colour)
    assert np.array_equal(one.combs, two.combs)
    assert sorted(set(one.fold.tolist())) == [0, 1, 2]
    assert one.drone.mean() == 0.5
    bench = one.origin == bank.ORIGINS.index("bench")
    assert set(one.fold[bench].tolist()) == {2}


def test_the_chain_keeps_to_full_scale_and_is_the_same_for_the_same_seed() -> None:
    rng = np.random.default_rng(4)
    sound = rng.standard_normal((40, 16_000)).astype(np.float32)
    mixed = chain.mixed(rng, sound, sound[::-1].copy(), np.full(40, 5.0, np.float32))
    one = chain.recorded(np.random.default_rng(5), mixed)
    assert np.array_equal(one, chain.recorded(np.random.default_rng(5), mixed))
    assert np.isfinite(one).all()


def test_other_sounds_are_of_unit_level() -> None:
    rng = np.random.default_rng(6)
    for _ in range(60):
        sound = others.other_sound(rng)
        assert sound.shape == (16_000,)
        assert np.isfinite(sound).all()
        assert 0.9 < sound.std() < 1.1


def _heard(log_odds: np.ndarray, drone: np.ndarray) -> Heard:
    clip = np.arange(drone.size) // 10
    every = np.ones(drone.size, np.bool_)
    return Heard(log_odds, clip, drone, ~drone, every, np.full(drone.size, "x"))


def test_the_figures_are_right_where_they_can_be_told_by_hand() -> None:
    drone = np.arange(400) % 20 < 10
    perfect = _heard(np.where(drone, 3.0, -3.0), drone)
    assert (area(perfect), f1(perfect), recall(perfect, 0.0)) == (1.0, 1.0, 1.0)
    assert false_events(perfect).events == 0
    assert area(_heard(np.zeros(400), drone)) == pytest.approx(0.5)
    assert false_events(_heard(np.full(400, 5.0), drone)).events == 20


def test_calibration_finds_the_line_that_was_hidden() -> None:
    rng = np.random.default_rng(8)
    true = rng.normal(0.0, 2.0, 20_000)
    drone = rng.random(true.size) < 1.0 / (1.0 + np.exp(-true))
    slope, offset = calibration(_heard((true - 0.7) / 1.6, drone))
    assert slope == pytest.approx(1.6, abs=0.1)
    assert offset == pytest.approx(0.7, abs=0.1)
