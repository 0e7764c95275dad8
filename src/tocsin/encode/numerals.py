"""Numbers as they are read: digits where a voice can read them, words where none can.

Hausa and Bambara have no voice in espeak-ng, and a voice of another language would read "400" in
that language; so their numbers are written out. Only such numbers are told as a warning needs:
0 to 9,999, and halves above 1.

Source      none but general knowledge, written down by machine: no speaker has reviewed them yet,
            see docs/how-to/review-a-language.md
"""

from __future__ import annotations

from collections.abc import Callable

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_MOST = 10_000

_HAUSA = ("sifili", "ɗaya", "biyu", "uku", "huɗu", "biyar", "shida", "bakwai", "takwas", "tara")
_HAUSA_TENS = (
    "", "goma", "ashirin", "talatin", "arba’in",
    "hamsin", "sittin", "saba’in", "tamanin", "casa’in",
)  # fmt: skip
_BAMBARA = (
    "fu", "kelen", "fila", "saba", "naani", "duuru", "wɔɔrɔ", "wolonwula", "segin", "kɔnɔntɔn",
)  # fmt: skip


def write_digits(value: float, decimal: str, *, arabic: bool = False) -> str:
    """ "1.5", "1,5" or "١٫٥": no more digits than the number has."""
    text = f"{value:g}"
    if arabic:
        return text.replace(".", "٫").translate(_ARABIC_DIGITS)
    return text.replace(".", decimal)


def write_words(value: float, language: str) -> str | None:
    """The number in words; None where this language or number has none here."""
    spell = _SPELLERS.get(language)
    whole, part = divmod(value, 1.0)
    if spell is None or part not in (0.0, 0.5) or not part <= whole < _MOST:
        return None
    words = spell(int(whole))
    return words if part == 0.0 else f"{words} {_HALVES[language]}"


def _hausa(number: int) -> str:
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = "dubu" if thousands == 1 else f"dubu {_hausa(thousands)}"
        return head if rest == 0 else f"{head} da {_hausa(rest)}"
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        head = "ɗari" if hundreds == 1 else f"ɗari {_HAUSA[hundreds]}"
        return head if rest == 0 else f"{head} da {_hausa(rest)}"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _HAUSA[ones]
    if ones == 0:
        return _HAUSA_TENS[tens]
    return f"{_HAUSA_TENS[tens]} {'sha' if tens == 1 else 'da'} {_HAUSA[ones]}"


def _bambara(number: int) -> str:
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = f"waa {_bambara(thousands)}"
        return head if rest == 0 else f"{head} ni {_bambara(rest)}"
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        head = "kɛmɛ" if hundreds == 1 else f"kɛmɛ {_BAMBARA[hundreds]}"
        return head if rest == 0 else f"{head} ni {_bambara(rest)}"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _BAMBARA[ones]
    head = ("tan", "mugan")[tens - 1] if tens < 3 else f"bi {_BAMBARA[tens]}"
    return head if ones == 0 else f"{head} ni {_BAMBARA[ones]}"


_SPELLERS: dict[str, Callable[[int], str]] = {"ha": _hausa, "bm": _bambara}
_HALVES = {"ha": "da rabi", "bm": "ni tilancɛ"}
