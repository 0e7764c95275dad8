"""What is sealed never leaves, by any export; and what all exports share."""

from __future__ import annotations

import pytest
from tests.encode.exported import ALERTS, DETECTIONS, SECRET_DIGITS, SECRET_NAMES, SENSORS, ZONE
from tests.encode.exported import WRITERS as EXPORTS
from tests.encode.exported import evening as account

from tocsin.encode.account import Account, Seal, top_class, utc
from tocsin.encode.home_assistant import HomeSite, discovery, zone_state
from tocsin.words import ClassScores, Detection, Position


@pytest.mark.parametrize("name", EXPORTS)
def test_no_secret_is_in_any_export(name: str) -> None:
    text = b"".join(EXPORTS[name](account())).decode()
    assert len(text) > 300
    assert not [secret for secret in (*SECRET_NAMES, *SECRET_DIGITS) if secret in text]


def test_no_secret_reaches_a_smart_home() -> None:
    site = HomeSite("kaawral", "Kaawral", "0.1.0")
    messages = [discovery(site, [ZONE]), zone_state(site, "dam", ALERTS[:1])]
    text = b"".join(message.payload for message in messages).decode()
    assert "closing" in text
    assert not [secret for secret in (*SECRET_NAMES, *SECRET_DIGITS) if secret in text]
    assert "-12." not in text


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_evening_gives_the_same_bytes(name: str) -> None:
    assert b"".join(EXPORTS[name](account())) == b"".join(EXPORTS[name](account()))


@pytest.mark.parametrize("name", EXPORTS)
def test_an_empty_evening_is_a_sound_file(name: str) -> None:
    assert b"".join(EXPORTS[name](Account("Nowhere")))


def test_only_sighted_places_are_let_through() -> None:
    seal = Seal(SENSORS)
    assert [seal.place(d) is not None for d in DETECTIONS] == [True, False, False, False, False]
    far = Detection(0.0, "secret-site-rf", "rf", Position(15.0, -12.0))
    assert seal.place(far) == far.position


def test_times_are_utc_to_the_millisecond() -> None:
    assert utc(1_795_198_254.0) == "2026-11-20T18:10:54.000Z"
    assert utc(0.9996) == "1970-01-01T00:00:01.000Z"
    assert utc(-0.25) == "1969-12-31T23:59:59.750Z"


def test_a_class_is_told_only_above_one_half() -> None:
    assert top_class(ClassScores(drone=0.5, bird=0.5)) is None
    assert top_class(ClassScores()) is None
    assert top_class(ClassScores(drone=0.2, other=0.6)) == "other"
