"""How long a text message is for a telephone network, and how it is made to fit.

Standard    3GPP TS 23.038, 6.2.1: the GSM 7-bit default alphabet and its extension table;
            23.040, 9.2.3.24.1: a message in parts gives 7 letters (3 in UCS-2) of each to a header
Folds       letters that the alphabet lacks, where losing them costs no meaning: one message
            instead of three. French ê → e, Hausa ƙ → k, Bambara ɛ → è and ɔ → ò, as Mali wrote
            them before 1982, which the alphabet has
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # each costs two: an escape, then the letter
_ALPHABET = _BASIC | _EXTENDED
_FOLDS = str.maketrans({
    "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-",
    "\u00a0": " ", "\u202f": " ", "œ": "oe", "Œ": "OE", "ç": "c", "×": "x",
    "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "Ɓ": "B", "Ɗ": "D", "Ƙ": "K", "Ƴ": "Y",
    "ɛ": "è", "ɔ": "ò", "ɲ": "ny", "ŋ": "ng", "Ɛ": "E", "Ɔ": "O", "Ɲ": "Ny", "Ŋ": "Ng",
})  # fmt: skip

_ALONE = {"gsm-7": 160, "ucs-2": 70}
_IN_PARTS = {"gsm-7": 153, "ucs-2": 67}


class SmsLength(msgspec.Struct, frozen=True):
    """A message on the network: its alphabet, its units (septets or 16 bits), its parts."""

    alphabet: Literal["gsm-7", "ucs-2"]
    units: int
    parts: int


@lru_cache(maxsize=1024)  # the sentences of a catalogue come again and again
def fold_letters(text: str) -> str:
    """The text in the GSM alphabet if folding gets it there; else as it was."""
    folded = text.translate(_FOLDS)
    if not _in_alphabet(folded):
        folded = "".join(map(_fold, folded))
    return folded if _in_alphabet(folded) else text


def sms_length(text: str) -> SmsLength:
    """How many messages this costs. A letter of two units is never cut between two parts."""
    if _in_alphabet(text):
        return _length("gsm-7", text, _EXTENDED.intersection(text))
    return _length("ucs-2", text, {letter for letter in set(text) if ord(letter) > 0xFFFF})


def keep_what_fits(pieces: Sequence[tuple[bool, str]], fits: Callable[[str], bool]) -> str | None:
    """The pieces joined, each (essential, text): the optional ones as long as they fit, in order.

    None if not even the essential ones do.
    """
    kept = [essential for essential, _ in pieces]
    if not fits(_joined(pieces, kept)):
        return None
    for i, (essential, _) in enumerate(pieces):
        if not essential:
            kept[i] = True
            if not fits(_joined(pieces, kept)):
                kept[i] = False
                break  # a later sentence may lean on this one
    return _joined(pieces, kept)


def _joined(pieces: Sequence[tuple[bool, str]], kept: Sequence[bool]) -> str:
    return " ".join(text for (_, text), keep in zip(pieces, kept, strict=True) if keep)


def _fold(letter: str) -> str:
    """A letter without its accent, where the alphabet has only that."""
    if letter in _ALPHABET:
        return letter
    plain = unicodedata.normalize("NFD", letter)[0]
    return plain if plain in _BASIC else letter


def _in_alphabet(text: str) -> bool:
    return _ALPHABET.issuperset(text)


def _length(alphabet: Literal["gsm-7", "ucs-2"], text: str, double: Collection[str]) -> SmsLength:
    """`double` are the letters of the text that cost two units."""
    units = len(text) + sum(map(text.count, double))
    if units <= _ALONE[alphabet]:
        return SmsLength(alphabet, units, 1)
    room, parts, used = _IN_PARTS[alphabet], 1, 0
    for letter in text:
        size = 2 if letter in double else 1
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return SmsLength(alphabet, units, parts)
