"""Rings of liars ring nothing, on the road from detections to alerts."""

from __future__ import annotations

from tocsin.run.benches.liars import be_honest, lie


def test_fifty_liars_of_two_cells_and_a_radar_ring_no_public_alarm() -> None:
    told = [alert for seed in range(30) for alert in lie(seed)]
    assert told, "the desk hears of them"
    assert not any(alert.public or alert.level == "alarm" for alert in told)


def test_honest_people_are_heard_and_beside_a_radar_they_are_witnesses() -> None:
    assert "warning" in be_honest(0, radar=False).first
    assert be_honest(0, radar=True).public > 0
