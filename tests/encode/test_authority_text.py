"""What is read aloud of somebody else's warning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.assess.test_relay import FIRST, INSIDE, T, notice
from tests.decode.cap_messages import message, reference

from tocsin.assess.relay import first_statement, next_statement
from tocsin.encode.authority_text import MOST_LETTERS, authority_wording
from tocsin.encode.speech import is_short
from tocsin.words import Alert

SAID = first_statement(FIRST, INSIDE, T, automatic=True)


def test_the_words_are_the_authority_s_in_each_language() -> None:
    french = authority_wording(SAID, FIRST.alert, "fr")
    assert french.spoken == "Protection civile: Drones armés près de Kayes. Mettez-vous à l’abri."
    assert french.headline == "Protection civile: Drones armés près de Kayes"
    assert french.instruction == "Mettez-vous à l’abri."
    assert french.description == "Drones seen over the river."
    english = authority_wording(SAID, FIRST.alert, "en")
    assert english.spoken == "Civil Protection: Armed drones near Kayes. Take cover."
    assert authority_wording(SAID, FIRST.alert, "ha") == french, "its first, never silence"


def test_without_headline_or_name_there_is_still_something_to_say() -> None:
    infos = tuple(
        replace(info, headline=None, sender_name=None, instruction=None)
        for info in FIRST.alert.infos
    )
    bare = replace(FIRST.alert, infos=infos)
    spoken = authority_wording(SAID, bare, "fr").spoken
    assert spoken == "Alertes@protection-civile.example: Drone."


def with_instruction(text: str) -> str:
    infos = tuple(replace(info, instruction=text) for info in FIRST.alert.infos)
    return authority_wording(SAID, replace(FIRST.alert, infos=infos), "en").spoken


def test_a_long_text_is_cut_at_a_sentence_or_a_word() -> None:
    assert len(with_instruction("Take cover. " * 200)) <= MOST_LETTERS
    assert with_instruction("Take cover. " * 200).endswith("cover.")
    assert with_instruction("word " * 500).endswith("word …")


@given(st.text(max_size=2000), st.text(max_size=500))
def test_whatever_it_says_a_text_message_and_a_radio_carry_the_beginning(
    instruction: str, headline: str
) -> None:
    infos = tuple(
        replace(info, instruction=instruction, headline=headline) for info in FIRST.alert.infos
    )
    told = authority_wording(SAID, replace(FIRST.alert, infos=infos), "fr")
    assert is_short(told.short)
    assert len(told.spoken) <= MOST_LETTERS + 2
    assert told.spoken


def test_its_withdrawal_and_its_end_are_said_in_our_words() -> None:
    ended = next_statement(SAID, FIRST, INSIDE, T + 9999)
    assert ended is not None
    told = authority_wording(ended, FIRST.alert, "en")
    assert told.spoken == "The warning of Civil Protection has ended."
    assert told.description == "Drones armés près de Kayes"
    cancel = notice(message("pc-3", "Cancel", minutes=2, about=[reference("pc-1")]))
    withdrawn = next_statement(SAID, cancel, INSIDE, T + 120)
    assert withdrawn is not None
    for language, words in (
        ("fr", "Protection civile a retiré son avertissement."),
        ("ha", "Protection civile ta janye gargaɗinta."),
        ("ar", "سحب Protection civile تحذيره."),
    ):
        assert authority_wording(withdrawn, cancel.alert, language).spoken == words
    assert authority_wording(withdrawn, None, "fr").spoken == words_of_nobody(withdrawn)


def words_of_nobody(statement: Alert) -> str:
    """Where the message itself is forgotten, its sender's name is kept in the statement."""
    return f"{statement.because[0].values['sender']} a retiré son avertissement."
