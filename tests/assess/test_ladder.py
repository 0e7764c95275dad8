"""Nobody twice, nobody forgotten, and nothing held back longer than it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.assess import Drills, Ladder
from tocsin.assess.ladder import LONGEST_PAUSE_S
from tocsin.words import (
    LEVEL_ORDER,
    Alert,
    Approval,
    Drill,
    Hours,
    Manners,
    Order,
    Pause,
    Step,
    Zone,
)

ZONE = Zone(
    "dam", {"en": "the dam"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), tell=("siren", "guard"),
    ladder=(Step(60.0, ("prefect",)), Step(180.0, ("governor",), ("alarm",))),
)  # fmt: skip
T = 1_795_000_000.0
WARNING = Alert(T, "dam-1", "dam", "T1", "warning", "new", ("closing",), eta_s=(80.0, 100.0, 120.0))
ALARM = replace(WARNING, level="alarm", kind="update", sequence=2, t=T + 30, public=True)
END = replace(ALARM, level="all-clear", sequence=3, t=T + 300)


def said(orders: list[Order]) -> list[tuple[str, int]]:
    return [(order.channel, order.sequence) for order in orders]


def test_steps_follow_until_somebody_acknowledges() -> None:
    ladder = Ladder([ZONE])
    assert said(ladder.direct([WARNING], T)) == [("siren", 1), ("guard", 1)]
    assert ladder.direct([], T + 59) == []
    assert said(ladder.direct([], T + 60)) == [("prefect", 1)]
    assert ladder.direct([], T + 200) == [], "the governor is for alarms"
    ladder.acknowledge("dam-1")
    assert said(ladder.direct([ALARM], T + 230)) == [("siren", 2), ("guard", 2), ("prefect", 2)]
    assert said(ladder.direct([], T + 230 + 180)) == [("governor", 2)], "worse: seen no more"
    assert {c for c, _ in said(ladder.direct([END], T + 500))} == {
        "siren", "guard", "prefect", "governor",
    }  # fmt: skip


def test_who_acknowledges_in_time_spares_the_others() -> None:
    ladder = Ladder([ZONE])
    ladder.direct([WARNING], T)
    ladder.acknowledge("dam-1")
    assert ladder.direct([], T + 1000) == []
    assert said(ladder.direct([END], T + 1001)) == [("siren", 3), ("guard", 3)]


def test_quiet_hours_hold_a_warning_and_never_an_alarm() -> None:
    ladder = Ladder([ZONE], {"siren": Manners(quiet=(Hours(start_min=0, end_min=24 * 60),))})
    assert said(ladder.direct([WARNING], T)) == [("guard", 1)]
    assert [(one.channel, one.why) for one in ladder.held] == [("siren", "quiet-hours")]
    assert ("siren", 2) in said(ladder.direct([ALARM], T + 30))
    assert ladder.held == ()


def test_what_quiet_hours_held_is_told_when_they_end_if_it_still_stands() -> None:
    minute = int(T % 86_400 // 60)
    quiet = Manners(quiet=(Hours(start_min=minute - 1, end_min=minute + 2),))
    ladder = Ladder([ZONE], {"siren": quiet})
    ladder.direct([WARNING], T)
    assert said(ladder.direct([], T + 180))[0] == ("siren", 1)


def test_a_pause_ends_by_itself_and_an_alarm_breaks_it() -> None:
    ladder = Ladder([ZONE])
    ladder.pause(Pause(T + 600, zone="dam", who="desk"), T)
    assert ladder.direct([WARNING], T) == []
    assert said(ladder.direct([ALARM], T + 30)) == [("siren", 2), ("guard", 2)]
    deaf = Ladder([ZONE])
    assert deaf.pause(Pause(T + 9e9, channel="siren", alarms=True), T).until_t == (
        T + LONGEST_PAUSE_S
    )
    assert said(deaf.direct([replace(ALARM, sequence=1)], T)) == [("guard", 1)]
    assert ("siren", 1) in said(deaf.direct([], T + LONGEST_PAUSE_S))


def test_a_cool_down_holds_another_alert_unless_it_is_graver() -> None:
    ladder = Ladder([ZONE], {"siren": Manners(cool_down_s=300.0)})
    ladder.direct([WARNING], T)
    other = replace(WARNING, alert="dam-2", t=T + 10)
    assert said(ladder.direct([other], T + 10)) == [("guard", 1)]
    graver = replace(other, level="alarm", sequence=2, t=T + 20)
    assert said(ladder.direct([graver], T + 20)) == [("siren", 2), ("guard", 2)]
    assert ("siren", 2) in said(ladder.direct([replace(WARNING, sequence=2)], T + 330))


def test_the_law_wants_a_person_unless_the_threat_is_at_the_door() -> None:
    law = Approval(channels=("siren",), levels=("alarm",), release_eta_s=40.0, wait_s=120.0)
    zone = replace(ZONE, approval=law)
    alarm = replace(ALARM, sequence=1, t=T, eta_s=(50.0, 70.0, 90.0))
    for how in ("approved", "imminent", "waited"):
        ladder = Ladder([zone])
        if how == "waited":
            alarm = replace(alarm, eta_s=None)
        assert said(ladder.direct([alarm], T)) == [("guard", 1)]
        assert [one.why for one in ladder.held] == ["approval"]
        if how == "approved":
            assert ladder.approve("dam-1")
            assert said(ladder.direct([], T + 1)) == [("siren", 1)]
        elif how == "imminent":
            assert ladder.direct([], T + 29) == []
            assert said(ladder.direct([], T + 30)) == [("siren", 1)]
        else:
            assert ("siren", 1) in said(ladder.direct([], T + 120))
    unheard = Ladder([zone])
    unheard.direct([alarm], T)
    assert said(unheard.direct([replace(END, sequence=2)], T + 10)) == [("guard", 2)]
    assert not unheard.approve("dam-1")


def test_after_a_restart_nobody_is_told_again() -> None:
    ladder = Ladder([ZONE])
    orders = ladder.direct([WARNING], T)
    again = Ladder([ZONE])
    again.reopen([WARNING], orders, [], [], [Pause(T + 5, zone="x"), Pause(T + 500)], T + 10)
    assert again.direct([], T + 11) == []
    assert len(again.pauses) == 1
    assert said(again.direct([ALARM], T + 30)) == [("siren", 2), ("guard", 2)]


moves = st.lists(
    st.tuples(st.integers(1, 120), st.sampled_from(["watch", "warning", "alarm", "ack", "pause"])),
    max_size=25,
)


@given(moves)
def test_no_channel_is_behind_the_worst_for_longer_than_the_longest_hold(
    some: list[tuple[int, str]],
) -> None:
    manners = Manners(cool_down_s=60.0)
    ladder = Ladder([ZONE], {"siren": manners, "guard": manners})
    now, sequence, level = T, 0, "watch"
    heard: dict[str, list[int]] = {}
    for wait, what in some:
        now += wait
        notices = []
        if what == "ack":
            ladder.acknowledge("dam-1")
        elif what == "pause":
            ladder.pause(Pause(now + 100.0), now)
        else:
            sequence, level = sequence + 1, what
            notices = [replace(WARNING, level=level, sequence=sequence, t=now, eta_s=None)]
        for order in ladder.direct(notices, now):
            heard.setdefault(order.channel, []).append(order.sequence)
            assert LEVEL_ORDER[level] > 0
    for sequences in heard.values():
        assert sequences == sorted(set(sequences)), "never the same statement twice"
    if sequence:
        ladder.direct([], now + 200)
        assert ladder.held == ()


def test_a_drill_rings_at_its_time_once_and_ends_by_itself() -> None:
    monday = 1_795_413_600.0 - 6 * 3600  # a Monday, 00:00 UTC
    drills = Drills([Drill("dam", at_min=600, days=("mon",), lasts_s=30.0)], [ZONE])
    told = []
    for tick in range(0, 86_400, 5):
        told += drills.ring(monday + tick, ())
    assert [(one.level, one.t - monday, one.drill) for one in told] == [
        ("alarm", 36_000.0, True),
        ("all-clear", 36_030.0, True),
    ]
    assert told[0].alert == told[1].alert


def test_a_true_alert_ends_a_drill_and_lets_none_begin() -> None:
    drills = Drills([], [ZONE])
    drills.call("dam", "warning", 60.0)
    assert drills.ring(T, ("dam",)) == []
    drills.call("dam", "warning", 60.0)
    assert [one.level for one in drills.ring(T + 1, ())] == ["warning"]
    assert [one.level for one in drills.ring(T + 2, ("dam",))] == ["all-clear"]


def test_a_drill_that_was_missed_is_not_held_late() -> None:
    midnight = T // 86_400 * 86_400
    drills = Drills([Drill("dam", at_min=600)], [ZONE])
    assert drills.ring(midnight + 36_000 + 600, ()) == [], "it did not run at ten"
    assert drills.ring(midnight + 36_000 + 605, ()) == []


def test_a_drill_ignores_quiet_hours_and_pauses() -> None:
    ladder = Ladder([ZONE], {"siren": Manners(quiet=(Hours(),))})
    ladder.pause(Pause(T + 600), T)
    drill = replace(WARNING, drill=True)
    assert said(ladder.direct([drill], T)) == [("siren", 1), ("guard", 1)]
