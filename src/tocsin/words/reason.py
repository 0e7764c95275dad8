"""Why: a code and its numbers, so that one judgement can be told in any language."""

from __future__ import annotations

import msgspec


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stable code (`closing`, `two-kinds`, …) with the values its sentence needs.

    The sentences stand in `words/catalogue/*.json`, one file a language, keyed by `code`.
    """

    code: str
    values: dict[str, str | float | int] = {}
