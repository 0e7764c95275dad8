"""Evenings told to the watch: which bells ring, in which order, and which never do."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.assess.flights import T0, track, zone

from tocsin.assess import Casebook, judge
from tocsin.words import (
    LEVEL_ORDER,
    Alert,
    ClaimedIdentity,
    ClassScores,
    Hours,
    Reason,
    Registration,
    SensorKind,
    Track,
    Witness,
)

Flight = Callable[[float], Track]


def fly(
    book: Casebook, flight: Flight, seconds: int, start: float = T0, ended_at: int | None = None
) -> list[Alert]:
    """One look a second; from `ended_at` on the track has ended and is not reported again."""
    said: list[Alert] = []
    for i in range(seconds):
        now = start + i
        if ended_at is not None and i >= ended_at:
            gone = structs.replace(flight(start + ended_at), status="ended")
            changes = [gone] if i == ended_at else []
        else:
            changes = [flight(now)]
        alerts, _ = judge(book, changes, now)
        said += alerts
    return said


def inbound(**changes: object) -> Flight:
    """From 6 km north straight over the zone and away to the south at 15 m/s."""
    return lambda t: track(t, 0.0, 6000.0 - 15.0 * (t - T0), 0.0, -15.0, **changes)  # type: ignore[arg-type]


def levels(alerts: list[Alert]) -> list[str]:
    return [a.level for a in alerts]


def test_an_approach_rings_watch_warning_alarm_and_all_clear_once_each() -> None:
    said = fly(Casebook([zone()]), inbound(), 560)
    assert levels(said) == ["watch", "warning", "alarm", "all-clear"]
    assert [a.kind for a in said] == ["new", "update", "update", "update"]
    assert [a.sequence for a in said] == [1, 2, 3, 4]
    assert len({a.alert for a in said}) == 1
    assert [a.public for a in said] == [False, False, True, True]
    assert all(a.reasons for a in said)


def test_levels_come_at_their_times_to_entry() -> None:
    said = fly(Casebook([zone()]), inbound(), 560)
    entry = T0 + (6000 - 500) / 15
    for alert, before_s in zip(said[:3], (300, 120, 60), strict=True):
        assert entry - alert.t == pytest.approx(before_s, abs=12)
        assert alert.eta_s is not None
        low, likely, high = alert.eta_s
        assert low < likely < high
        assert low <= entry - alert.t <= high


def test_all_clear_comes_clear_s_after_it_left_and_not_while_inside() -> None:
    said = fly(Casebook([zone()]), inbound(), 560)
    left = T0 + (6000 + 500) / 15
    assert said[-1].t - left == pytest.approx(zone().rules.clear_s, abs=3)


def test_one_kind_of_sensor_alone_never_rings_the_public_bell() -> None:
    said = fly(Casebook([zone()]), inbound(seen_by=("acoustic", "acoustic")), 560)
    assert "alarm" not in levels(said)
    assert not any(a.public for a in said)
    assert any("independent witnesses" in r for a in said for r in a.reasons)


CLAIMS: list[SensorKind] = ["remote_id", "adsb"]


@given(st.lists(st.sampled_from(CLAIMS), max_size=8), st.lists(st.just("human"), max_size=5))
def test_claims_and_reporters_never_reach_alarm_whatever_their_number(
    claims: list[SensorKind], people: list[SensorKind]
) -> None:
    book = Casebook([zone()])
    said: list[Alert] = []
    for i in range(0, 500, 10):
        look = inbound(seen_by=(*claims, *people))(T0 + i)
        said += judge(book, [look], T0 + i)[0]
    assert "alarm" not in levels(said)


@pytest.mark.parametrize(
    ("seen_by", "rings"),
    [
        (("acoustic", "acoustic", "acoustic"), True),
        (("radar", "human"), True),
        (("remote_id", "radar"), True),
        (("remote_id", "human"), False),
        (("human", "human", "human"), False),
        (("radar",), False),
    ],
)
def test_who_is_enough_for_an_alarm(seen_by: tuple[SensorKind, ...], *, rings: bool) -> None:
    said = fly(Casebook([zone()]), inbound(seen_by=seen_by), 450)
    assert ("alarm" in levels(said)) is rings


def test_tired_witnesses_do_not_count() -> None:
    """The direction finder fell silent 20 s ago: it no longer speaks for the alarm."""

    def half_silent(t: float) -> Track:
        look = inbound(seen_by=("acoustic",))(t)
        heard = (*look.witnesses, Witness("rf9", "rf", t - 20.0))
        return structs.replace(look, witnesses=heard)

    assert "alarm" not in levels(fly(Casebook([zone()]), half_silent, 400))


FRIEND = Registration(serial="1581F0123456789AB", label="Spray drone of the cooperative")


def test_a_registered_plausible_drone_is_silent() -> None:
    named = ClaimedIdentity(serial=FRIEND.serial)
    said = fly(Casebook([zone()], [FRIEND]), inbound(identity=named, seen_by=("remote_id",)), 500)
    assert said == []


def test_a_registered_drone_outside_its_permit_is_judged_like_any_other() -> None:
    fast = Registration(serial=FRIEND.serial, label="x", max_speed_mps=10.0)
    named = ClaimedIdentity(serial=FRIEND.serial)
    said = fly(Casebook([zone()], [fast]), inbound(identity=named), 500)
    assert "alarm" in levels(said)
    assert "outside its permit" in said[0].reasons[0]


def test_a_registered_number_shown_only_after_the_alarm_is_not_believed() -> None:
    def late(t: float) -> Track:
        named = ClaimedIdentity(serial=FRIEND.serial) if t > T0 + 340 else None
        return inbound(identity=named)(t)

    said = fly(Casebook([zone()], [FRIEND]), late, 400)
    assert levels(said) == ["watch", "warning", "alarm"]


def test_a_suspect_broadcast_stays_on_the_desk() -> None:
    liar = ClaimedIdentity(
        serial="X", suspicion=0.9, because=(Reason("impossible-jump", {"speed_mps": 900.0}),)
    )
    said = fly(Casebook([zone()]), inbound(identity=liar, seen_by=("remote_id",)), 500)
    assert set(levels(said)) <= {"watch", "all-clear"}
    assert not any(a.public for a in said)


@pytest.mark.parametrize("kind", ["bird", "aircraft"])
def test_birds_and_aircraft_are_silent(kind: str) -> None:
    scores = ClassScores(**{"drone": 0.1, kind: 0.9})
    assert fly(Casebook([zone()]), inbound(class_=scores), 500) == []


def test_a_drone_that_turns_out_to_be_a_bird_is_withdrawn_before_the_bell() -> None:
    def becomes_bird(t: float) -> Track:
        scores = ClassScores(drone=0.95) if t < T0 + 150 else ClassScores(drone=0.05, bird=0.95)
        return inbound(class_=scores)(t)

    said = fly(Casebook([zone()]), becomes_bird, 300)
    assert [(a.level, a.kind) for a in said] == [("watch", "new"), ("all-clear", "cancel")]
    assert not said[-1].public


def test_a_tentative_track_says_nothing() -> None:
    assert fly(Casebook([zone()]), inbound(status="tentative"), 500) == []


def test_a_lost_drone_is_cleared_and_says_so() -> None:
    said = fly(Casebook([zone()]), inbound(), 560, ended_at=350)
    assert levels(said) == ["watch", "warning", "alarm", "all-clear"]
    assert said[-1].reasons == ("no longer detected",)


def test_one_drone_under_two_track_numbers_is_one_alert() -> None:
    book = Casebook([zone()])
    first = fly(book, inbound(), 346, ended_at=345)
    second: list[Alert] = []
    for i in range(350, 400):
        second += judge(book, [inbound(name="T9")(T0 + i)], T0 + i)[0]
    for i in range(400, 520):
        second += judge(book, [], T0 + i)[0]
    assert len({a.alert for a in first + second}) == 1


def test_all_clear_waits_while_another_drone_rings_the_same_zone() -> None:
    book = Casebook([zone()])
    said: list[Alert] = []
    for i in range(700):
        one = inbound()(T0 + i)
        later = track(T0 + i, 7500.0 - 15.0 * i, 0.0, -15.0, 0.0, name="T2")
        said += judge(book, [one, later], T0 + i)[0]
    clears = [a for a in said if a.level == "all-clear" and a.public]
    gone = T0 + (7500 + 500) / 15
    assert len(clears) == 2
    assert all(a.t >= gone for a in clears)


def test_loitering_near_the_zone_is_watched() -> None:
    said = fly(Casebook([zone()]), lambda t: track(t, 0.0, 1200.0, 0.3, 0.0), 90)
    assert levels(said) == ["watch"]
    assert any("staying within" in r for r in said[0].reasons)


def test_loitering_far_away_is_not() -> None:
    assert fly(Casebook([zone()]), lambda t: track(t, 0.0, 4000.0, 0.3, 0.0), 90) == []


def test_a_level_does_not_flutter_at_its_threshold() -> None:
    """Time to entry swings by 10 % around the warning threshold: one warning, no going back."""

    def swinging(t: float) -> Track:
        wave = 1.1 if int(t - T0) % 2 else 0.9
        return track(t, 0.0, 500.0 + 120.0 * 15.0 * wave, 0.0, -15.0)

    said = fly(Casebook([zone()]), swinging, 120)
    assert levels(said) in (["watch", "warning"], ["warning"])


def test_too_uncertain_a_position_is_held_at_watch() -> None:
    said = fly(Casebook([zone()]), inbound(sigma_m=900.0), 450)
    assert set(levels(said)) <= {"watch", "all-clear"}


def test_out_of_hours_the_zone_is_silent() -> None:
    closed = zone(hours=(Hours(start_min=0, end_min=1),))
    assert fly(Casebook([closed]), inbound(), 450) == []


def test_far_above_the_ceiling_is_no_threat_and_unknown_height_is() -> None:
    low = zone(ceiling_m=300.0)
    assert fly(Casebook([low]), inbound(alt_m=3000.0, sigma_alt_m=20.0), 450) == []
    assert "alarm" in levels(fly(Casebook([low]), inbound(), 450))


def test_assessments_name_distance_and_direction() -> None:
    _, found = judge(Casebook([zone()]), [inbound()(T0)], T0)
    assert found[0].standing == "threat"
    assert found[0].distance_m == pytest.approx(5500, abs=5)
    assert found[0].azimuth_deg == pytest.approx(0.0, abs=0.1)


@given(
    st.lists(
        st.tuples(
            st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(-40, 40), st.floats(-40, 40)
        ),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_a_track_does_statements_stay_in_order(
    looks: list[tuple[float, float, float, float]],
) -> None:
    """Sequences count up, only a rise or a permitted fall is said, a rung bell only clears."""
    book, said = Casebook([zone()]), []
    for i, (e, n, ve, vn) in enumerate(looks):
        said += judge(book, [track(T0 + i, e, n, ve, vn)], T0 + i)[0]
    for i in range(200):
        said += judge(book, [], T0 + 1000 + i)[0]
    by_alert: dict[str, list[Alert]] = {}
    for alert in said:
        by_alert.setdefault(alert.alert, []).append(alert)
    for statements in by_alert.values():
        assert [a.sequence for a in statements] == list(range(1, len(statements) + 1))
        assert statements[0].kind == "new"
        assert statements[-1].level == "all-clear"
        rung = False
        for before, after in itertools.pairwise(statements):
            rung = rung or before.level == "alarm"
            if rung:
                assert LEVEL_ORDER[after.level] in (0, 3)
