"""Attention: a first window stands alone, a lone loud second is doubted, a lasting one not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.hear.attention import Attention, sigmoid

LOG_ODDS = st.floats(-40.0, 40.0)


@given(LOG_ODDS)
def test_a_lone_window_keeps_its_own_probability(log_odds: float) -> None:
    assert Attention().feed(log_odds) == sigmoid(log_odds)


@given(st.lists(LOG_ODDS, min_size=1, max_size=200))
def test_any_stream_gives_probabilities(stream: list[float]) -> None:
    attention = Attention()
    told = [attention.feed(one) for one in stream]
    assert all(0.0 <= p <= 1.0 and math.isfinite(p) for p in told)


def test_a_lasting_weak_sound_is_believed_and_a_lone_strong_one_doubted() -> None:
    weak, lone = Attention(), Attention()
    lasting = [weak.feed(0.8) for _ in range(12)]
    assert lasting[-1] > 0.85 > lasting[0]
    for _ in range(12):
        lone.feed(-4.0)
    assert lone.feed(2.5) < sigmoid(2.5)


def test_a_drone_that_has_gone_is_let_go_within_three_seconds() -> None:
    attention = Attention()
    for _ in range(60):
        attention.feed(6.0)
    told = [attention.feed(-4.0) for _ in range(6)]
    assert told[-1] < 0.2


def test_what_is_forgotten_does_not_count() -> None:
    attention = Attention()
    attention.feed(5.0)
    attention.forget()
    assert attention.feed(-1.0) == pytest.approx(sigmoid(-1.0))
