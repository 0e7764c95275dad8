"""Reports in text messages: five languages, any case, and nothing guessed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decode.report_text import read_report_text
from tocsin.errors import Refused


@pytest.mark.parametrize(
    ("text", "said", "azimuth", "post"),
    [
        ("D N 2", "heard", 0.0, 2),
        ("DRONE NORD 2", "heard", 0.0, 2),
        ("drône vu sud-ouest, post 14", "seen", 225.0, 14),
        ("Drone tombé 7", "dropped", None, 7),
        ("drone gone", "gone", None, None),
        ("2 e d", "heard", 90.0, 2),
        ("طائرة شمال شرق ٢", "heard", 45.0, 2),
        ("درون جنوب ۱۲", "heard", 180.0, 12),
        ("droni saheli 3", "heard", 0.0, 3),
        ("jirgi arewa maso gabas 3", "heard", 45.0, 3),
        ("DRƆNI kɔrɔn fɛ 4", "heard", 90.0, 4),
    ],
)
def test_short_forms(text: str, said: str, azimuth: float | None, post: int | None) -> None:
    told = read_report_text(text)
    assert (told.said, told.azimuth_deg, told.post) == (said, azimuth, post)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "report-drone"),
        ("N 2", "report-drone"),
        ("D N S", "report-direction"),
        ("D 1 2", "report-post"),
        ("D 0", "report-post"),
        ("D 99999999999999999999", "report-post"),
        ("D N my cousin is in the house", "report-word"),
        ("D " * 81, "report-length"),
    ],
)
def test_what_is_not_understood_is_refused_and_never_quoted(text: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        read_report_text(text)
    assert refused.value.rule == rule
    assert "cousin" not in str(refused.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        told = read_report_text(text)
        assert told.post is None or 0 < told.post <= 9999


@given(
    st.permutations(["drone", "vu", "ne", "12"]),
    st.sampled_from([str.upper, str.lower, str.title]),
)
def test_order_and_case_do_not_matter(words: list[str], case: object) -> None:
    assert callable(case)
    told = read_report_text(case(" ".join(words)))
    assert (told.said, told.azimuth_deg, told.post) == ("seen", 45.0, 12)
