"""`tocsin hear --array`: directions beside the windows of an event, as JSON and in the table."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from tocsin.errors import InputError
from tocsin.hear import listener
from tocsin.run.commands.hear import command
from tocsin.run.heard_directions import read_array
from tocsin.simulate.array_trials import PAIR, SQUARE, trial
from tocsin.simulate.flight import F64
from tocsin.simulate.microphones import wav


class _Sure:
    def log_odds(self, windows: np.ndarray) -> np.ndarray:
        return np.full(len(windows), 4.0)


@pytest.fixture(autouse=True)
def _a_sure_ear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "the_ear", _Sure)


def _array(folder: Path, places: F64) -> str:
    file = folder / "array.toml"
    file.write_text(f"microphones = {places.tolist()}\nheading_deg = 10.0\n")
    return str(file)


def _hear(*words: str) -> str:
    result = CliRunner().invoke(command, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_directions_are_told_during_events(tmp_path: Path) -> None:
    truth = trial(np.random.default_rng(1), SQUARE, 10.0, rate_hz=16_000, dur_s=4.0)
    sound = tmp_path / "four.wav"
    sound.write_bytes(wav(truth.samples.T.astype(np.float32)))
    array = _array(tmp_path, SQUARE)
    lines = [
        msgspec.json.decode(line)
        for line in _hear(str(sound), "--json", "--array", array).splitlines()
    ]
    told = [line["directions"] for line in lines if "directions" in line]
    assert len(told) >= 3
    for (one,) in told:
        assert one["azimuth_deg"] == pytest.approx((truth.azimuth_deg + 10.0) % 360.0, abs=2.0)
        assert "cone_deg" not in one
    assert "last from" in _hear(str(sound), "--array", array)
    assert '"directions":' not in _hear(str(sound), "--json")


def test_two_microphones_show_a_cone(tmp_path: Path) -> None:
    truth = trial(np.random.default_rng(2), PAIR, 10.0, rate_hz=16_000, dur_s=4.0)
    sound = tmp_path / "two.wav"
    sound.write_bytes(wav(truth.samples.T.astype(np.float32)))
    assert "cone" in _hear(str(sound), "--array", _array(tmp_path, PAIR))


def test_what_describes_no_array_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_array(str(tmp_path / "none.toml"))
    bad = tmp_path / "bad.toml"
    for text, what in (("a = [", "bad.toml"), ("microphones = 4", "array"), ("", "microphones")):
        bad.write_text(text)
        with pytest.raises(InputError, match=what):
            read_array(str(bad))
    with pytest.raises(InputError, match="2 to 16"):
        read_array(_array(tmp_path, PAIR[:1]))
