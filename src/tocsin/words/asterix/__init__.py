"""The dictionary of ASTERIX: which items each category has, in each edition that we read."""

from __future__ import annotations

from functools import cache

from tocsin.words.asterix import cat015, cat021, cat034, cat048, cat062, cat065, cat240
from tocsin.words.asterix.grammar import (
    Compound,
    Explicit,
    Extended,
    Field,
    Group,
    Item,
    Repetitive,
    Table,
    read_table,
)

EDITIONS: dict[int, dict[str, tuple[str, ...]]] = {
    15: cat015.EDITIONS,
    21: cat021.EDITIONS,
    34: cat034.EDITIONS,
    48: cat048.EDITIONS,
    62: cat062.EDITIONS,
    65: cat065.EDITIONS,
    240: cat240.EDITIONS,
}

USUAL_EDITIONS: dict[int, str] = {
    15: "1.2",
    21: "2.6",
    34: "1.29",
    48: "1.32",
    62: "1.21",
    65: "1.6",
    240: "1.3",
}
"""Read unless told otherwise: later editions of a category only add what earlier ones left spare,
but for CAT 021, where 0.x and 2.x are two languages."""

__all__ = [
    "EDITIONS",
    "USUAL_EDITIONS",
    "Compound",
    "Explicit",
    "Extended",
    "Field",
    "Group",
    "Item",
    "Repetitive",
    "Table",
    "table",
]


@cache
def table(category: int, edition: str) -> Table:
    """The table of a category's edition. Raises KeyError for one that is not here."""
    return read_table(category, edition, EDITIONS[category][edition])
