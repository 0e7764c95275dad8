"""A swarm is one alert to people: it grows, it falls, and it ends once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.assess import Groups
from tocsin.words import LEVEL_ORDER, Alert, Level

FIRST = Alert(100.0, "dam-a", "dam", "T1", "warning", "new", ("closing",), eta_s=(50.0, 60.0, 70.0))


def statement(n: int, level: Level, t: float, *, sequence: int = 1, kind: str = "new") -> Alert:
    return replace(
        FIRST, alert=f"dam-{n}", track=f"T{n}", level=level, t=t, sequence=sequence, kind=kind,
        public=level == "alarm", eta_s=None if level == "all-clear" else (5.0, 10.0 + n, 90.0),
    )  # fmt: skip


def test_a_lone_track_passes_unchanged() -> None:
    said = [
        FIRST,
        replace(FIRST, t=120.0, level="alarm", kind="update", sequence=2, public=True),
        replace(FIRST, t=200.0, level="all-clear", kind="update", sequence=3, public=True),
    ]
    groups = Groups()
    assert [one for alert in said for one in groups.gather([alert])] == said


def test_a_correction_of_a_lone_track_stays_one() -> None:
    end = replace(FIRST, t=120.0, level="all-clear", kind="cancel", sequence=2)
    assert Groups().gather([FIRST, end]) == [FIRST, end]


def test_a_swarm_is_told_as_it_grows_by_half() -> None:
    groups = Groups()
    told = groups.gather(statement(n, "warning", 100.0 + n) for n in range(1, 21))
    assert [one.count for one in told] == [1, 2, 3, 5, 8, 12, 18]
    assert [one.sequence for one in told] == list(range(1, 8))
    assert {one.alert for one in told} == {"dam-1"}
    assert [one.kind for one in told] == ["new"] + 6 * ["update"]
    assert told[-1].eta_s == (0.0, 0.0, 73.0)  # of the first, stated 17 s ago


def test_a_rise_of_one_is_told_at_once_and_its_fall_is_not_once_it_has_rung() -> None:
    groups = Groups()
    groups.gather([statement(1, "watch", 100.0), statement(2, "watch", 101.0)])
    (alarm,) = groups.gather([statement(2, "alarm", 102.0, sequence=2, kind="update")])
    assert (alarm.level, alarm.track, alarm.count, alarm.public) == ("alarm", "T2", 2, True)
    assert groups.gather([statement(2, "all-clear", 150.0, sequence=3, kind="update")]) == []
    (end,) = groups.gather([statement(1, "all-clear", 160.0, sequence=2, kind="update")])
    assert (end.level, end.alert, end.public, end.kind) == ("all-clear", "dam-1", True, "update")


def test_a_fall_before_the_bell_rang_is_told() -> None:
    groups = Groups()
    groups.gather([statement(1, "watch", 100.0), statement(2, "warning", 101.0)])
    (fall,) = groups.gather([statement(2, "all-clear", 150.0, sequence=2, kind="cancel")])
    assert (fall.level, fall.kind, fall.track, fall.count) == ("watch", "update", "T1", 1)


def test_zones_are_apart_and_a_new_alert_follows_an_ended_one() -> None:
    groups = Groups()
    other = replace(statement(2, "watch", 101.0), zone="school")
    assert len(groups.gather([FIRST, other])) == 2
    end = replace(FIRST, level="all-clear", kind="update", sequence=2, t=150.0)
    groups.gather([end])
    (again,) = groups.gather([statement(7, "watch", 200.0)])
    assert (again.alert, again.kind, again.sequence) == ("dam-7", "new", 1)


def test_after_a_restart_the_group_goes_on() -> None:
    before = Groups()
    swarm = [statement(n, "warning", 100.0 + n) for n in range(1, 4)]
    told = before.gather(swarm)
    after = Groups()
    after.reopen([told[-1]], swarm)
    for groups in (before, after):
        (alarm,) = groups.gather([statement(3, "alarm", 130.0, sequence=2, kind="update")])
        assert (alarm.alert, alarm.sequence, alarm.count) == ("dam-1", 4, 3)


steps = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["watch", "warning", "alarm", "all-clear"])),
    max_size=40,
)


@given(steps)
def test_people_are_never_told_less_than_the_worst_track(moves: list[tuple[int, Level]]) -> None:
    groups = Groups()
    standing: dict[int, Level] = {}
    told: Alert | None = None
    sequences: dict[str, int] = {}
    names: dict[int, int] = {}
    for t, (track, level) in enumerate(moves):
        n = names.get(track, track)
        if level == "all-clear" and n not in standing:
            continue
        kind = "update" if n in standing else "new"
        for said in groups.gather([statement(n, level, 100.0 + t, kind=kind)]):
            assert said.sequence == sequences.get(said.alert, 0) + 1
            sequences[said.alert] = said.sequence
            told = said
        if level == "all-clear":
            del standing[n]
            names[track] = 10 * (t + 1) + track  # an alert that ended has used its name
        else:
            standing[n] = level
        assert told is not None
        if not standing:
            assert told.level == "all-clear"
        else:
            worst = max(LEVEL_ORDER[one] for one in standing.values())
            assert LEVEL_ORDER[told.level] >= worst
