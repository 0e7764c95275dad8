"""Events: hysteresis, bridged gaps, least evidence, deaf windows, and figures that add up."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.hear.events import Event, EventLayer, EventRules
from tocsin.words import HeardWindow

RULES = EventRules(on_p=0.8, off_p=0.5, least=3, within_s=3.0, bridge_s=2.0)


def windows(values: list[float | None]) -> list[HeardWindow]:
    """Two a second; None is deaf."""
    return [
        HeardWindow(
            "m", k / 2, 1.0, p, None if p is None else -40.0, None if p is None else 100.0 + k,
            "clipping" if p is None else None,
        )
        for k, p in enumerate(values)
    ]  # fmt: skip


def told(values: list[float | None], rules: EventRules = RULES) -> list[Event]:
    layer = EventLayer(rules)
    found = [layer.feed(window) for window in windows(values)]
    return [one for one in (*found, layer.finish()) if one is not None]


def spans(values: list[float | None]) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in told(values)]


def test_an_event_begins_with_its_first_window_and_ends_with_its_last() -> None:
    assert spans([0.1, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1]) == [(0.5, 3.0)]


def test_one_loud_second_is_no_drone() -> None:
    assert spans([0.1, 0.99, 0.99, 0.1, 0.1, 0.1, 0.1]) == []


def test_between_the_thresholds_an_event_goes_on_but_none_begins() -> None:
    assert spans([0.7] * 20) == []
    assert spans([0.9, 0.9, 0.9, *[0.6] * 10, *[0.1] * 8]) == [(0.0, 7.0)]


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    assert spans([*[0.9] * 4, *[0.1] * 3, *[0.9] * 4]) == [(0.0, 6.0)]
    assert spans([*[0.9] * 4, *[0.1] * 8, *[0.9] * 4]) == [(0.0, 2.5), (6.0, 8.5)]


def test_deaf_windows_say_nothing() -> None:
    assert spans([None] * 20) == []
    assert spans([*[0.9] * 4, None, None, *[0.9] * 4]) == [(0.0, 5.5)]
    assert spans([*[0.9] * 4, *[None] * 12, *[0.9] * 4]) == [(0.0, 2.5), (8.0, 10.5)]


def test_evidence_may_be_scattered_within_its_time() -> None:
    assert spans([0.9, 0.2, 0.9, 0.2, 0.9, 0.2, 0.2, 0.2, 0.2, 0.2]) == [(0.0, 3.0)]
    assert spans([0.9, *[0.2] * 4, 0.9, *[0.2] * 4, 0.9, *[0.2] * 4]) == []


def test_the_figures_of_an_event() -> None:
    (event,) = told([0.1, 0.8, 0.9, 0.8, 0.6, 0.1, 0.1, 0.1, 0.1])
    assert event.p_peak == 0.9
    assert event.p_mean == pytest.approx(0.775)
    assert event.level_dbfs == -40.0
    assert event.bpf_hz == median([101.0, 102.0, 103.0, 104.0])


def test_the_event_that_is_on_can_be_asked_for() -> None:
    layer = EventLayer(RULES)
    for window in windows([0.9, 0.9]):
        layer.feed(window)
    assert layer.current is None
    layer.feed(windows([0.0, 0.0, 0.9])[2])
    assert layer.current is not None
    assert layer.finish() is not None
    assert layer.current is None


@given(st.lists(st.one_of(st.none(), st.floats(0.0, 1.0)), max_size=80))
def test_events_are_in_order_apart_and_rightly_grounded(values: list[float | None]) -> None:
    events = told(values)
    for event in events:
        assert event.end - event.start >= 1.0
        assert event.p_mean <= event.p_peak
        assert event.p_peak >= RULES.on_p - 1e-4
    for before, after in pairwise(events):
        assert after.start > before.start
        assert after.end > before.end
