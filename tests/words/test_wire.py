"""The words keep to the NDJSON contract of DESIGN 4: its keys, and absence for the unknown."""

from __future__ import annotations

import msgspec
import pytest

from tocsin.words import Alert, ClassScores, Detection, Position, Sensor, Track

LINE = (
    b'{"t": 1780000000.4043, "sensor": "radar1", "kind": "radar", "bearing": {"azimuth_deg": '
    b'276.3856, "range_m": 3568.2}, "sigma": {"azimuth_deg": 1.0}, "class": {"drone": 0.6}, '
    b'"from_the_future": [1, 2]}'
)


def test_a_detection_line_reads_and_unknown_keys_are_ignored() -> None:
    detection = msgspec.json.decode(LINE, type=Detection)
    assert detection.class_ == ClassScores(drone=0.6)
    assert detection.bearing is not None
    assert detection.bearing.elevation_deg is None
    assert detection.statement == "bearing"


def test_the_unknown_is_absent_from_the_wire() -> None:
    text = msgspec.json.encode(Detection(t=1.0, sensor="m1", kind="acoustic"))
    assert text == b'{"t":1.0,"sensor":"m1","kind":"acoustic"}'


@pytest.mark.parametrize(
    ("detection", "statement"),
    [
        (Detection(1.0, "m", "acoustic", position=Position(13.0, -10.0)), "presence"),
        (Detection(1.0, "r", "remote_id", position=Position(13.0, -10.0)), "fix"),
        (Detection(1.0, "r", "rf"), "presence"),
    ],
)
def test_statements(detection: Detection, statement: str) -> None:
    assert detection.statement == statement


def test_words_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Position(1.0, 2.0).lat = 3.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        (
            Track(1.0, "T1", "confirmed", 13.0, -10.0, 1.0, 2.0, 5.0, alt_m=3.0, vu=0.5,
                  class_=ClassScores(drone=1.0), sensors=("a",)),
            {"t", "track", "status", "lat", "lon", "alt_m", "ve", "vn", "vu", "sigma_m", "class",
             "sensors"},
        ),
        (
            Alert(1.0, "A", "dam", "T1", "alarm", "new", ("inside the zone",), eta_s=(0, 0, 0)),
            {"t", "alert", "zone", "track", "level", "kind", "reasons", "eta_s"},
        ),
        (Sensor("a", "radar", 1.0, 2.0, alt_m=3.0), {"id", "kind", "lat", "lon", "alt_m"}),
    ],
)  # fmt: skip
def test_keys_of_the_contract(word: msgspec.Struct, keys: set[str]) -> None:
    assert keys <= msgspec.json.decode(msgspec.json.encode(word)).keys()
