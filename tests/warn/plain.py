"""Words for tests of channels."""

from __future__ import annotations

from tocsin.words import Wording


def plain(text: str) -> Wording:
    """The same text in every part."""
    return Wording(text, text, text, text, text)
