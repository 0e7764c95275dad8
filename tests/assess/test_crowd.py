"""Reports by cell: few cells ring nothing, a cell is one voice, and it learns."""

from __future__ import annotations

from msgspec.structs import replace
from tests.assess.flights import ORIGIN, T0, track, witnesses, zone

from tocsin.assess import Casebook, Crowd, CrowdRules, Outcry
from tocsin.assess.trust import fresh, independence
from tocsin.words import Detection, Position, Said, Sensor, Sigma, Witness, cell_middle, cell_of

CELLS = [f"cell:{14.99 + 0.01 * i:.2f},-13.00" for i in range(4)]


def report(cell: str, t: float, said: Said = "heard") -> Detection:
    middle = cell_middle(cell)
    assert middle is not None
    return Detection(
        t, cell, "human", Position(*middle), sigma=Sigma(horizontal_m=450.0), said=said
    )


def people(cells: list[str], t: float = T0) -> Crowd:
    crowd = Crowd()
    assert crowd.admit([report(cell, t) for cell in cells], t) == []
    return crowd


def cell_witnesses(count: int) -> tuple[Witness, ...]:
    return tuple(Witness(cell, "human", T0) for cell in CELLS[:count])


def test_two_cells_beside_a_sensor_are_no_witness_and_three_are() -> None:
    radar = witnesses(T0, "radar")
    assert independence((*radar, *cell_witnesses(2))) is None
    found = independence((*radar, *cell_witnesses(3)))
    assert found is not None
    assert found.code == "sensor-and-person"
    assert independence(cell_witnesses(4)) is None, "people alone ring nothing"
    claim = witnesses(T0, "remote_id")
    assert independence((*claim, *cell_witnesses(4))) is None


def test_a_cell_speaks_for_two_minutes_and_a_sensor_for_a_quarter() -> None:
    both = (*witnesses(T0, "radar"), *cell_witnesses(1))
    assert len(fresh(both, T0 + 14)) == 2
    assert [w.kind for w in fresh(both, T0 + 60)] == ["human"]
    assert fresh(both, T0 + 121) == ()


def test_a_flood_of_one_cell_is_one_voice_and_is_capped() -> None:
    crowd = Crowd(rules=CrowdRules(most_a_minute=6))
    crowd.admit([report(CELLS[0], T0 + i / 10) for i in range(500)], T0 + 50)
    (shown,) = crowd.view(T0 + 50)
    assert (shown.reports, shown.left_out) == (6, 494)
    assert Outcry(crowd, Casebook([zone()])).speak(T0 + 50) == []


def test_reports_alone_raise_watch_then_warning_and_never_more() -> None:
    crowd = people(CELLS[:2])
    outcry = Outcry(crowd, Casebook([zone()]))
    (watch,) = outcry.speak(T0)
    assert (watch.level, watch.kind, watch.public) == ("watch", "new", False)
    crowd.admit([report(cell, T0 + 1) for cell in CELLS], T0 + 1)
    (warning,) = outcry.speak(T0 + 1)
    assert (warning.level, warning.alert) == ("warning", watch.alert)
    assert outcry.speak(T0 + 2) == []
    (end,) = outcry.speak(T0 + 130)
    assert (end.level, end.public) == ("all-clear", False)


def test_what_has_gone_speaks_no_more() -> None:
    crowd = people(CELLS[:2])
    crowd.admit([report(CELLS[0], T0 + 5, "gone")], T0 + 5)
    assert len(crowd.near(zone(), T0 + 6)) == 1


def test_a_cell_learns_from_sensors_and_forgets() -> None:
    crowd = people(CELLS[:3])
    seen = track(T0 + 5, 0.0, 500.0, seen_by=("radar",))
    (told,) = crowd.bear_witness([seen], T0 + 5)
    assert sum(w.kind == "human" for w in told.witnesses) == 3
    crowd.bear_witness([seen], T0 + 6)
    weight = crowd.view(T0 + 6)[0].weight
    assert weight == 0.6, "right three times of five, once for one saying"
    month = T0 + 60 * 86_400
    crowd.admit([report(CELLS[0], month)], month)
    assert crowd.view(month)[0].weight < 0.52


def test_an_unsure_track_and_a_claim_teach_nothing() -> None:
    crowd = people(CELLS[:3])
    crowd.bear_witness([track(T0, 0.0, 500.0, seen_by=("remote_id",))], T0)
    crowd.bear_witness([track(T0, 0.0, 500.0, status="tentative")], T0)
    assert {one.weight for one in crowd.view(T0)} == {0.5}


def test_a_cell_that_is_dismissed_again_and_again_is_not_listened_to() -> None:
    crowd = people(CELLS[:2])
    outcry = Outcry(crowd, Casebook([zone()]))
    (watch,) = outcry.speak(T0)
    assert outcry.end([watch.alert], "cancel") == 1
    (end,) = outcry.speak(T0 + 1)
    assert end.kind == "cancel"
    for _ in range(3):
        crowd.dismiss(CELLS[:1], T0 + 1)
    assert len(crowd.near(zone(), T0 + 2)) == 1


def test_silence_counts_only_where_a_sensor_would_have_heard() -> None:
    lat, lon = float(ORIGIN.lat), float(ORIGIN.lon)
    ear = Sensor("mic", "acoustic", lat, lon, max_range_m=1500.0)
    crowd = Crowd([ear])
    far = cell_of(lat + 0.1, lon)
    crowd.admit([report(cell_of(lat, lon), T0), report(far, T0)], T0)
    crowd.doubt(T0 + 400)
    weights = {one.cell: one.weight for one in crowd.view(T0 + 400)}
    assert weights[far] == 0.5
    assert weights[cell_of(lat, lon)] < 0.5


def test_a_track_elsewhere_is_not_what_was_pointed_at() -> None:
    crowd = people(CELLS[:3])
    away = track(T0, 9000.0, 0.0, seen_by=("radar",))
    assert crowd.bear_witness([away], T0) == [away]
    assert replace(away).witnesses == away.witnesses
