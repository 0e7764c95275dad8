"""The told tracker: near the truth where filtering is easy, honest, and blind without labels."""

from __future__ import annotations

import msgspec
import pytest

from tocsin.simulate import make_scene
from tocsin.study import Rules, Score, TruthPoint, score
from tocsin.study.told import tell


def told_score(name: str, seed: int) -> Score:
    scene = make_scene(name, seed)
    truth = [msgspec.convert(line, TruthPoint, from_attributes=True) for line in scene.truth()]
    rules = msgspec.convert(scene.meta, Rules)
    tracks = tell(
        scene.sensors, scene.detections, list(scene.labels()),
        {point.id for point in truth if point.kind == "drone"}, rules,
        sound_delayed=any(placed.battery.delayed for placed in scene.placed),
    )  # fmt: skip
    return score(truth, tracks, rules)


@pytest.mark.parametrize(
    ("name", "most_m"), [("approach", 16.0), ("loiter", 11.0), ("loiter-delayed", 14.0)]
)
def test_it_follows_a_lone_drone(name: str, most_m: float) -> None:
    figures = told_score(name, 11)
    assert figures.gospa_m is not None
    assert figures.gospa_m < most_m
    assert figures.false_tracks == 0
    assert figures.identity_switches == 0
    assert figures.sigma_honesty is not None
    assert 0.4 < figures.sigma_honesty < 1.6


def test_without_labels_it_tells_nothing() -> None:
    scene = make_scene("approach", 1, duration_s=20.0)
    nobody = [None] * len(scene.detections)
    assert tell(scene.sensors, scene.detections, nobody, {"D1"}, Rules()) == []
