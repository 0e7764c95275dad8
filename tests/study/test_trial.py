"""The trial's report: intervals against their textbooks, and what cannot be told says why."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.study import Rules, TruthPoint, read_scene, trial
from tocsin.study.trial import percentiles, rate, share
from tocsin.words import ClassScores, Sensor, Track


def test_wilsons_interval_is_newcombes_example() -> None:
    """Newcombe 1998, table I, method 3: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611."""
    told = share("x", 81, 263, "")
    assert (told.low, told.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    none = share("x", 0, 20, "")
    assert (none.low, none.high) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_garwoods_interval() -> None:
    """Garwood 1936: none seen is at most 3.689, ten seen are 4.795 to 18.39, at 95 %."""
    assert (rate("x", 0, 1.0).low, rate("x", 0, 1.0).high) == pytest.approx((0.0, 3.6889), abs=1e-4)
    ten = rate("x", 10, 2.0)
    assert (ten.value, ten.low, ten.high) == pytest.approx((5.0, 2.3977, 9.1952), abs=1e-3)


def test_a_median_of_few_has_no_interval_and_says_so() -> None:
    few = percentiles("x", "s", np.array([1.0, 2.0, 3.0]), "")[0]
    assert few.value == 2.0
    assert few.low is None
    assert few.why == "too few flights for an interval"
    many = percentiles("x", "s", np.arange(1.0, 31.0), "")[0]
    assert many.low is not None
    assert many.high is not None
    assert many.low < 15.5 < many.high


def test_a_report_of_two_scenes() -> None:
    points = [
        TruthPoint(100.0 + k, name, kind, 13.2, lon, 50.0, 0.0, 0.0, 0.0)  # type: ignore[arg-type]
        for k in range(20)
        for name, kind, lon in (("D1", "drone", -10.4), ("B1", "bird", -10.3))
    ]
    told = [
        Track(100.0 + k, name, "confirmed", 13.2, lon, 0.0, 0.0, 5.0, alt_m=53.0, class_=said)
        for k in range(5, 20)
        for name, lon, said in (
            ("T1", -10.4, ClassScores(drone=0.9)),
            ("T2", -10.3, ClassScores(bird=0.9)),
        )
    ]
    seen = read_scene(points, told, Rules())
    blind = read_scene(points, [], Rules())
    radar = Sensor("r", "radar", 13.2, -10.41)
    report = trial([seen, blind], [[radar], None])
    figures = {f.name: f for f in report.figures}
    assert figures["probability of detection"].value == 0.5
    assert figures["time to detect, 50 %"].value == 5.0
    assert figures["detection range, 50 %"].value == pytest.approx(1085.0, abs=2.0)
    assert figures["vertical error, 50 %"].value == pytest.approx(3.0)
    assert figures["false tracks"].value == 0.0
    assert figures["share of its time a drone is tracked"].value == pytest.approx(0.375)
    assert {line.truth: line.seconds for line in report.confusion} == {
        "drone": (15, 0, 0, 0), "bird": (0, 15, 0, 0)
    }  # fmt: skip


def test_nothing_at_all_says_why() -> None:
    points = [TruthPoint(100.0, "B1", "bird", 13.2, -10.4)]
    report = trial([read_scene(points, [], Rules())], [None])
    assert all(f.value is None and f.why for f in report.figures)
    assert report.confusion == ()
