"""Text messages are counted as the network counts them."""

from __future__ import annotations

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.encode.sms import fold_letters, keep_what_fits, sms_length


def _foreign_septets(text: str) -> int | None:
    """The length by the package gsm0338 (MIT), None where the alphabet lacks a letter."""
    try:
        return len(gsm0338.Codec().encode(text)[0])
    except (UnicodeEncodeError, KeyError, ValueError):
        return None


@given(st.text(max_size=400).filter(lambda text: "\x1b" not in text))  # its escape is no letter
def test_the_alphabet_is_that_of_a_foreign_codec(text: str) -> None:
    ours, foreign = sms_length(text), _foreign_septets(text)
    assert ours.alphabet == ("ucs-2" if foreign is None else "gsm-7")
    if foreign is None:
        assert ours.units == len(text.encode("utf-16-be", "surrogatepass")) // 2
    else:
        assert ours.units == foreign


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "gsm-7", 0, 1),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("a" * 152 + "€" * 77, "gsm-7", 306, 3),  # no letter is cut: 152 + 76 × 2 + 2
        ("م" * 70, "ucs-2", 70, 1),
        ("م" * 71, "ucs-2", 71, 2),
        ("م" * 134, "ucs-2", 134, 2),
        ("م" * 135, "ucs-2", 135, 3),
        ("😀" * 35, "ucs-2", 70, 1),
        ("😀" * 67, "ucs-2", 134, 3),  # 33 a part, since none is cut
    ],
)
def test_parts(text: str, alphabet: str, units: int, parts: int) -> None:
    length = sms_length(text)
    assert (length.alphabet, length.units, length.parts) == (alphabet, units, parts)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Fin d’alerte à l’hôpital", "Fin d'alerte à l'hopital"),
        ("Ku nemi mafaka, ƙarshen haɗari", "Ku nemi mafaka, karshen hadari"),
        ("Drɔni dɔ bɛ na, ɲɔgɔn, ŋ", "Dròni dò bè na, nyògòn, ng"),
        ("طائرة مسيّرة", "طائرة مسيّرة"),
        ("é ô 😀", "é ô 😀"),
    ],
)
def test_letters_are_folded_only_where_it_saves_a_message(text: str, folded: str) -> None:
    assert fold_letters(text) == folded


def test_what_is_essential_stays_and_the_rest_as_far_as_it_fits() -> None:
    pieces = [(True, "Alarm."), (False, "Near."), (False, "North."), (True, "End.")]
    assert keep_what_fits(pieces, lambda t: len(t) <= 99) == "Alarm. Near. North. End."
    assert keep_what_fits(pieces, lambda t: len(t) <= 18) == "Alarm. Near. End."
    assert keep_what_fits(pieces, lambda t: len(t) <= 11) == "Alarm. End."
    assert keep_what_fits(pieces, lambda t: len(t) <= 10) is None
