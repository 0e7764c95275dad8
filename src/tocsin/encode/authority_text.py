"""Somebody else's warning in words: who says it, what, and what to do.

The words are the authority's own, in the listener's language where it has them, else in its first:
nothing is translated. That it withdrew its warning, or that the warning has ended, is said in ours.
"""

from __future__ import annotations

from tocsin.encode.sms import fold_letters
from tocsin.encode.speech import is_short, phrase
from tocsin.words import Alert, Wording
from tocsin.words.authority import AuthorityAlert

MOST_LETTERS = 600
"""Forty seconds of speech."""

_OVER = {"authority-withdrawn": "authority.withdrawn", "authority-ended": "authority.ended"}


def authority_wording(statement: Alert, alert: AuthorityAlert | None, language: str) -> Wording:
    """One statement of a warning that is handed on, in one language."""
    for reason in statement.because:
        if reason.code in _OVER:
            sender = _sender(alert, language) or str(reason.values.get("sender", ""))
            over = phrase(_OVER[reason.code], language, {"sender": sender})
            what = str(reason.values.get("headline", ""))
            return _wording(over, what, "")
    if alert is None:
        return _wording(statement.origin or "", "", "")
    headline, instruction = own_words(alert, language)
    info = alert.info(language)
    return _wording(headline, (info and info.description) or "", instruction)


def own_words(alert: AuthorityAlert, language: str) -> tuple[str, str]:
    """Who says what; and what to do."""
    info = alert.info(language)
    if info is None:
        return alert.sender, ""
    return f"{_sender(alert, language)}: {info.headline or info.event}", info.instruction or ""


def _sender(alert: AuthorityAlert | None, language: str) -> str:
    info = None if alert is None else alert.info(language)
    if alert is None:
        return ""
    return alert.sender if info is None else info.sender_name or alert.sender


def _wording(headline: str, description: str, instruction: str) -> Wording:
    spoken = _cut(" ".join(filter(None, map(_sentence, (headline, instruction)))))
    return Wording(
        headline=_flat(headline),
        description=_cut(_flat(description)),
        instruction=_cut(_flat(instruction)),
        spoken=spoken,
        short=_short(fold_letters(spoken)),
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    """With a capital and an end, on one line."""
    flat = _flat(text)
    end = "" if not flat or flat[-1] in ".!?…" else "."
    return f"{flat[:1].upper()}{flat[1:]}{end}"


def _cut(text: str) -> str:
    """After the last whole sentence that fits, else after the last whole word."""
    if len(text) <= MOST_LETTERS:
        return text
    kept = text[:MOST_LETTERS]
    end = kept.rfind(". ")
    return kept[: end + 1] if end > MOST_LETTERS // 2 else f"{kept.rpartition(' ')[0]} …"


def _short(text: str) -> str:
    """As many words as a text message carries."""
    words = text.split()
    while words and not is_short(" ".join(words)):
        words.pop()
    return " ".join(words)
