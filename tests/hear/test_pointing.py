"""An array as it was put up: deaf microphones are left out, and bearings are told as detections."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ConfigError
from tocsin.hear.mounting import Mounting
from tocsin.hear.pointing import Pointing
from tocsin.hear.sound import Sound
from tocsin.simulate.array_trials import CIRCLE, PAIR, SQUARE, Trial, trial
from tocsin.words import ClassScores, Detection

RATE_HZ = 16_000
HEARD = Detection(1000.0, "mast", "acoustic", class_=ClassScores(drone=0.97), level_db=60.0)


def _mounting(places: np.ndarray, heading_deg: float = 0.0) -> Mounting:
    microphones = [(float(x), float(y), float(z)) for x, y, z in places]
    return Mounting(microphones=microphones, heading_deg=heading_deg)


def _sound(truth: Trial) -> Sound:
    return Sound(truth.samples.astype(np.float32), RATE_HZ)


def test_a_window_becomes_a_bearing_of_its_sensor() -> None:
    truth = trial(np.random.default_rng(1), SQUARE, 10.0, rate_hz=RATE_HZ, dur_s=1.0)
    (told,) = Pointing(_mounting(SQUARE, 90.0)).bearings(_sound(truth), HEARD)
    assert told.bearing is not None
    assert told.bearing.azimuth_deg == pytest.approx((truth.azimuth_deg + 90.0) % 360.0, abs=2.0)
    assert told.bearing.elevation_deg == pytest.approx(truth.elevation_deg, abs=4.0)
    assert (told.t, told.class_, told.statement) == (1000.0, HEARD.class_, "bearing")
    assert told.sigma.azimuth_deg is not None
    assert told.sigma.azimuth_deg >= 2.0, "a compass is no better"
    assert told.level_db == pytest.approx(59.6, abs=0.8), "less the noise"


def test_a_dead_microphone_is_left_out() -> None:
    truth = trial(np.random.default_rng(2), CIRCLE, 10.0, rate_hz=RATE_HZ)
    sound = _sound(truth)
    sound.samples[:, 2] = 0.0
    sound.samples[:, 5] = np.nan
    (told,) = Pointing(_mounting(CIRCLE)).find(sound)
    assert told.azimuth_deg == pytest.approx(truth.azimuth_deg, abs=2.0)
    sound.samples[:, 1:] = 0.0
    assert Pointing(_mounting(CIRCLE)).find(sound) == []


def test_what_gives_no_bearing_stays_a_presence() -> None:
    truth = trial(np.random.default_rng(3), PAIR, 20.0, rate_hz=RATE_HZ)
    assert Pointing(_mounting(PAIR)).bearings(_sound(truth), HEARD) == []
    quiet = Sound(np.random.default_rng(4).normal(0, 0.01, (RATE_HZ, 4)).astype("f4"), RATE_HZ)
    assert Pointing(_mounting(SQUARE)).bearings(quiet, HEARD) == []


def test_places_that_make_no_array_name_their_setting() -> None:
    with pytest.raises(ConfigError, match=r"decoder\.ear\.array\.m1"):
        Pointing(_mounting(0.0 * SQUARE), "decoder.ear.array.m1")


def test_the_decoder_tells_bearings_of_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a WAV of four channels to a bearing; a block of one channel still tells a presence."""
    from tocsin.hear import listener
    from tocsin.hear.decoder import EarSettings, SoundEar
    from tocsin.simulate.microphones import wav
    from tocsin.words import Frame

    class Sure:
        def log_odds(self, windows: np.ndarray) -> np.ndarray:
            return np.full(len(windows), 4.0)

    monkeypatch.setattr(listener, "the_ear", Sure)
    truth = trial(np.random.default_rng(5), SQUARE, 10.0, rate_hz=RATE_HZ, dur_s=5.0)
    settings = EarSettings(array={"mast": _mounting(SQUARE)})
    ear, lone = SoundEar(settings), SoundEar(settings)
    block = truth.samples.astype(np.float32).T
    told = ear.decode(Frame(wav(block), "mast", 1000.0, "sound"))
    assert len(told) >= 3
    for one in told:
        assert one.bearing is not None
        assert one.bearing.azimuth_deg == pytest.approx(truth.azimuth_deg, abs=3.0)
    presences = lone.decode(Frame(wav(block[:1]), "mast", 1000.0, "sound"))
    assert [one.bearing for one in presences] == [None] * len(told)
    assert lone.overlooked["sound-channels"] == len(told)
