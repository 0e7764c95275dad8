"""The decoder of sound: a detection a second while an event is on, streams apart, time mended."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tests.hear.scripted import RATE, evening, tone_ear
from tests.hear.test_sound import written

from tocsin.decode.ndjson import read_line, write_line
from tocsin.errors import Refused
from tocsin.hear.decoder import EarSettings, SoundEar
from tocsin.hear.format import SoundFormat, write_block
from tocsin.hear.sound import Sound
from tocsin.ports import Decoder, Listener
from tocsin.words import Detection, Frame

__all__ = ["tone_ear"]
pytestmark = pytest.mark.usefixtures("tone_ear")

T0 = 1_780_000_000.0


def frames(samples: np.ndarray, sensor: str = "m1", rate_hz: int = RATE) -> list[Frame]:
    data = written(samples, rate_hz, subtype="FLOAT")
    form = SoundFormat()
    return list(form.frames(data, f"{sensor}.wav", sensor=None, start=T0, skipped=Counter()))


def told(ear: SoundEar, heard: list[Frame]) -> list[Detection]:
    return [one for frame in heard for one in ear.decode(frame)]


def test_it_is_a_decoder_that_listens() -> None:
    assert isinstance(SoundEar(), Decoder)
    assert isinstance(SoundEar(), Listener)


def test_a_detection_a_second_while_a_drone_is_heard() -> None:
    found = told(SoundEar(), frames(evening("nnnddddddnnnn")))
    times = [one.t - T0 for one in found]
    assert 3.0 < times[0] < 6.0
    assert times[-1] == pytest.approx(8.5, abs=2.0)
    assert np.diff(times) == pytest.approx(1.0)
    for one in found:
        assert (one.sensor, one.kind, one.statement) == ("m1", "acoustic", "presence")
        assert one.class_ is not None
        assert one.class_.drone is not None
        assert one.class_.drone > 0.5
        assert one.received is not None
        assert 0.4 < one.received - one.t < 2.0
        assert one.level_db is None
        assert read_line(write_line(one)) == one


def test_no_drone_no_detection() -> None:
    ear = SoundEar()
    assert told(ear, frames(evening("nnnnzzzznncc"))) == []
    assert ear.heard == 12


def test_the_level_is_told_where_full_scale_is_known() -> None:
    ear = SoundEar(EarSettings(full_scale_db={"m1": 120.0}))
    found = told(ear, [*frames(evening("dddd")), *frames(evening("dddd"), "m2")])
    levels = {(one.sensor, one.level_db) for one in found}
    assert ("m2", None) in levels
    (level,) = {level for sensor, level in levels if sensor == "m1"}
    assert level == pytest.approx(120.0 - 16.9, abs=0.2)


def test_every_window_is_told_once_with_its_bands() -> None:
    ear = SoundEar()
    told(ear, frames(evening("nddddzz")))
    windows = ear.heard_windows()
    assert [one.t - T0 for one in windows] == [k / 2 for k in range(13)]
    assert {len(one.bands_db) for one in windows} == {32}
    assert windows[-1].deaf == "silence"
    assert windows[-1].p_drone is None
    assert any(one.event for one in windows)
    assert ear.heard_windows() == []


def test_sensors_are_heard_apart_and_as_if_alone() -> None:
    one, two = frames(evening("ndddddnn"), "m1"), frames(evening("nnnddddd", seed=9), "m2")
    mixed = [frame for pair in zip(one, two, strict=True) for frame in pair]
    both = told(SoundEar(), mixed)
    for heard, sensor in ((one, "m1"), (two, "m2")):
        assert [d for d in both if d.sensor == sensor] == told(SoundEar(), heard)


def test_many_sensors_are_forgotten_in_turn() -> None:
    ear = SoundEar(most_streams=3)
    for k in range(20):
        told(ear, frames(evening("n"), f"m{k}"))
    assert len(ear._streams) == 3


def test_a_gap_begins_a_new_stream_and_ends_the_event() -> None:
    heard = frames(evening("ddddd"))
    later = [Frame(f.data, f.sensor, f.t + 60.0, f.link, f.origin) for f in heard]
    found = told(SoundEar(), heard + later)
    times = [one.t - T0 for one in found]
    assert max(t for t in times if t < 30.0) < 5.0
    assert min(t for t in times if t > 30.0) > 60.0 + 0.5


def test_blocks_that_come_unevenly_are_one_stream() -> None:
    rng = np.random.default_rng(2)
    uneven = [
        Frame(f.data, f.sensor, f.t + rng.uniform(0.0, 0.4), f.link)
        for f in frames(evening("n" * 4 + "d" * 30))
    ]
    ear = SoundEar()
    times = np.array([one.t - T0 for one in told(ear, uneven)])
    assert len(ear.heard_windows()) >= 64
    assert np.diff(times) == pytest.approx(1.0, abs=0.1)
    assert times[-1] == pytest.approx(33.5 + 0.2, abs=1.2)


def test_another_rate_begins_a_new_stream() -> None:
    ear = SoundEar()
    told(ear, frames(evening("nn")))
    block = evening("n", 44_100, 2)
    ear.decode(Frame(write_block(Sound(block, 44_100)), "m1", T0 + 2.0, "sound"))
    assert ear.heard == 3
    assert ear.heard_windows()[-1].t == T0 + 2.0 - 1.0


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "sound"),
        (b"{}", "sound"),
        (b"RIFF\0\0\0\0WAVE", "sound"),
        (written(np.zeros(0), 8000), "sound"),
        (written(np.zeros(31 * 8000), 8000), "sound-long"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        SoundEar().decode(Frame(data, "m1", T0, "sound"))
    assert caught.value.rule == rule


def test_a_block_that_breaks_off_is_heard_as_far_as_it_goes() -> None:
    ear = SoundEar()
    data = written(evening("nn"), RATE)
    ear.decode(Frame(data[:50_000], "m1", T0, "sound"))
    assert ear.overlooked == {"sound-cut": 1}
    assert len(ear.heard_windows()) == 2
