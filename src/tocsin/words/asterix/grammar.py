"""How the tables of ASTERIX are written: one line an item, read once into these types.

    040 Measured Position in Polar Co-ordinates = RHO:16*1/256[NM] THETA:16*360/65536[deg]

A field is `NAME:bits`, one bit where no number stands, `-` for spare bits and no name for an item
that is one field. After the bits: `s` signed (two's complement), `o` octal digits, `i` six-bit
letters (ICAO Annex 10), `a` ASCII, `x` bytes in hexadecimal; then `*scale[unit]`. `?NAME:scale`
after a scale is another scale for when the field NAME before it is 1. Before the fields:
`ext` parts that a lowest bit of 1 continues, cut by `;` (that bit is not written), `rep` a count
octet and as many, `repfx` as many as the lowest bit continues, `explicit` a length octet and
bytes, `comp` named subfields that stand on the lines below, one a bit of its own presence bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

import msgspec

Text = Literal["", "octal", "icao", "ascii", "hex"]
_TEXTS: dict[str, Text] = {"o": "octal", "i": "icao", "a": "ascii", "x": "hex"}
_FIELD = re.compile(
    r"(?P<name>[A-Z0-9_.]*[A-Z_][A-Z0-9_.]*|-)?(?:(?:^|:)(?P<bits>\d+))?(?P<mark>[soiax])?"
    r"(?:\*(?P<scale>[\d./]+)(?:\?(?P<switch>\w+):(?P<other>[\d./]+))?)?(?:\[(?P<unit>.*)\])?"
)


class Field(msgspec.Struct, frozen=True):
    """Some bits. `name` is "-" for spare bits and empty where the item is one field; the value is
    the number times `scale`, or times `other` where the field `switch` of the same item is 1."""

    name: str
    bits: int
    signed: bool = False
    text: Text = ""
    scale: float | None = None
    unit: str = ""
    switch: str = ""
    other: float = 1.0


class Group(msgspec.Struct, frozen=True):
    """Fields side by side, whole octets in all but for the bit that continues a part."""

    fields: tuple[Field, ...]

    @property
    def bits(self) -> int:
        """All of them."""
        return sum(field.bits for field in self.fields)


class Extended(msgspec.Struct, frozen=True):
    """Parts of whole octets less one bit, which says whether another part follows."""

    parts: tuple[Group, ...]


class Repetitive(msgspec.Struct, frozen=True):
    """The same group again and again: counted by a first octet, or continued by its last bit."""

    group: Group
    counted: bool


class Explicit(msgspec.Struct, frozen=True):
    """A length octet, itself included, and bytes that only their sender understands."""


class Compound(msgspec.Struct, frozen=True):
    """Subfields, each there or not; None is a bit without meaning."""

    parts: tuple[tuple[str, Item] | None, ...]


Item = Group | Extended | Repetitive | Explicit | Compound


class Table(msgspec.Struct, frozen=True):
    """One edition of one category: `uap` names the item of each presence bit, "-" for none."""

    category: int
    edition: str
    uap: tuple[str, ...]
    items: Mapping[str, Item]
    titles: Mapping[str, str]


def read_table(category: int, edition: str, texts: tuple[str, ...]) -> Table:
    """The table of an edition; what a later text says replaces what an earlier one said."""
    uap: tuple[str, ...] = ()
    items: dict[str, Item] = {}
    titles: dict[str, str] = {}
    for text in texts:
        for lines in _entries(text):
            first = lines[0]
            if first.startswith("UAP"):
                uap = tuple(first.split()[1:])
                continue
            head, _, body = first.partition(" = ")
            name, _, title = head.partition(" ")
            items[name] = _item(body.strip(), lines[1:])
            titles[name] = title
    return Table(category, edition, uap, items, titles)


def _entries(text: str) -> Iterator[list[str]]:
    """Each line with the indented ones under it."""
    entry: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if line[0] != " " and entry:
            yield entry
            entry = []
        entry.append(line)
    if entry:
        yield entry


def _item(body: str, below: list[str]) -> Item:
    kind, _, rest = body.partition(" ")
    if kind == "explicit":
        return Explicit()
    if kind == "comp":
        return Compound(tuple(_part(line) for line in below))
    if kind in {"rep", "repfx"}:
        return Repetitive(_group(rest), kind == "rep")
    if kind == "ext":
        return Extended(tuple(_group(part) for part in rest.split(";")))
    return _group(body)


def _part(line: str) -> tuple[str, Item] | None:
    name, _, body = line.strip().partition(" = ")
    return None if name == "-" else (name, _item(body, []))


def _group(text: str) -> Group:
    return Group(tuple(_field(word) for word in text.split()))


def _field(word: str) -> Field:
    match = _FIELD.fullmatch(word)
    if match is None:
        raise ValueError(f"no field of a table: {word!r}")
    mark, scale = match["mark"] or "", match["scale"]
    return Field(
        name=match["name"] or "",
        bits=int(match["bits"] or 1),
        signed=mark == "s",
        text=_TEXTS.get(mark, ""),
        scale=None if scale is None else float(Fraction(scale)),
        unit=match["unit"] or "",
        switch=match["switch"] or "",
        other=float(Fraction(match["other"] or 1)),
    )
