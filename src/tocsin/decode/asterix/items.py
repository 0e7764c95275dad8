"""What each item of an ASTERIX record says: bits to numbers and texts, by the tables.

Values     a number times its scale in the unit of the table (NM, ft, FL and deg as they are on the
           wire); octal, letters and hexadecimal as text; an item of one field is its value, others
           a dict by field; a repetitive item is a list; raw numbers if asked for
Leaves out spare bits
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias, Union

from tocsin.decode.asterix.layout import layout_of, layout_of_compound
from tocsin.words.asterix import Compound, Extended, Field, Group, Item, Repetitive, Table

Value: TypeAlias = Union[int, float, str, "dict[str, Value]", "list[Value]"]
Read = Callable[[bytes, int, int], Value]
"""(data, start, end) of an item to what it says."""

ICAO_LETTERS = "".join(
    chr(64 + code) if 1 <= code <= 26 else chr(code) if code == 32 or 48 <= code <= 57 else "?"
    for code in range(64)
)
"""Six-bit letters (ICAO Annex 10, volume IV, table 3-9); "?" where the code is no letter."""


_FEW_BITS = 16
_MOST_REMEMBERED = 1024
"""Values an item."""


class _Bits(NamedTuple):
    """A field placed in its group: the number is `whole >> shift & mask`."""

    name: str
    shift: int
    mask: int
    sign: int
    scale: float | None
    switch: int
    other: float
    text: Callable[[int], str] | None


class ItemReader:
    """Everything that the records of one edition of one category say."""

    def __init__(self, table: Table, *, raw: bool = False) -> None:
        self._layout = layout_of(table)
        self._readers = {name: read_of(item, raw) for name, item in table.items.items()}

    def read(self, data: bytes, at: int) -> tuple[dict[str, Value], int]:
        """The items of the record that starts here, and where it ends."""
        plan, body = self._layout.open(data, at)
        starts, end = plan.locate(data, body)
        if end > len(data):
            raise IndexError(end)
        readers = self._readers
        found: dict[str, Value] = {}
        stops = [*starts[1:], end]  # one too many where there is no item
        for name, start, stop in zip(plan.names, starts, stops, strict=False):
            found[name] = readers[name](data, start, stop)
        return found, end


def read_of(item: Item, raw: bool) -> Read:
    """The reader of an item."""
    if isinstance(item, Group):
        read = _read_group(item, raw)
        few = item.bits <= _FEW_BITS or all(field.scale is None for field in item.fields)
        return _remembered(read) if few else read
    if isinstance(item, Extended):
        return _remembered(_read_extended(item, raw))
    if isinstance(item, Repetitive):
        return _read_counted(item.group, raw) if item.counted else _read_continued(item.group, raw)
    if isinstance(item, Compound):
        return _read_compound(item, raw)
    return lambda data, start, end: data[start + 1 : end].hex()


def _remembered(read: Read) -> Read:
    """Flags, names and small numbers come again and again: what they say is worked out once."""
    known: dict[bytes, Value] = {}

    def read_once(data: bytes, start: int, end: int) -> Value:
        octets = data[start:end]
        value = known.get(octets)
        if value is None:
            if len(known) >= _MOST_REMEMBERED:
                known.clear()
            value = known[octets] = read(data, start, end)
        return value.copy() if isinstance(value, dict) else value

    return read_once


def _read_group(group: Group, raw: bool) -> Read:
    fields = _placed(group, 0, raw)
    if len(group.fields) == 1 and not group.fields[0].name:
        only = fields[0]

        def read_value(data: bytes, start: int, end: int) -> Value:
            return _value(int.from_bytes(data[start:end], "big"), only)

        return read_value

    def read_fields(data: bytes, start: int, end: int) -> Value:
        return _values(int.from_bytes(data[start:end], "big"), fields)

    return read_fields


def _read_extended(item: Extended, raw: bool) -> Read:
    # The lowest bit of a part says whether another follows, but for parts of whole octets.
    parts = [
        ((part.bits + 1) // 8, _placed(part, 1 if part.bits % 8 else 0, raw)) for part in item.parts
    ]

    def read(data: bytes, start: int, end: int) -> Value:
        found: dict[str, Value] = {}
        for octets, fields in parts:
            if start >= end:
                break
            found.update(_values(int.from_bytes(data[start : start + octets], "big"), fields))
            start += octets
        return found

    return read


def _read_counted(group: Group, raw: bool) -> Read:
    octets = group.bits // 8
    read = _read_group(group, raw)
    return lambda data, start, end: [
        read(data, at, at + octets) for at in range(start + 1, end, octets)
    ]


def _read_continued(group: Group, raw: bool) -> Read:
    octets = (group.bits + 1) // 8
    fields = _placed(group, 1, raw)
    alone = not group.fields[0].name

    def read(data: bytes, start: int, end: int) -> Value:
        found: list[Value] = []
        for at in range(start, end, octets):
            whole = int.from_bytes(data[at : at + octets], "big")
            found.append(_value(whole, fields[0]) if alone else _values(whole, fields))
        return found

    return read


def _read_compound(item: Compound, raw: bool) -> Read:
    layout = layout_of_compound(item)
    readers = {part[0]: read_of(part[1], raw) for part in item.parts if part is not None}

    def read(data: bytes, start: int, end: int) -> Value:
        plan, body = layout.open(data, start)
        starts, end = plan.locate(data, body)
        stops = [*starts[1:], end]
        return {
            name: readers[name](data, first, last)
            for name, first, last in zip(plan.names, starts, stops, strict=False)
        }

    return read


def _placed(group: Group, spare: int, raw: bool) -> list[_Bits]:
    """The fields of a group with their places, counted from its lowest bit; `spare` bits follow."""
    shift = group.bits + spare
    shifts: dict[str, int] = {}
    placed = []
    for field in group.fields:
        shift -= field.bits
        shifts[field.name] = shift
        if field.name != "-":
            placed.append(_bits(field, shift, shifts, raw))
    return placed


def _bits(field: Field, shift: int, shifts: Mapping[str, int], raw: bool) -> _Bits:
    return _Bits(
        name=field.name,
        shift=shift,
        mask=(1 << field.bits) - 1,
        sign=1 << (field.bits - 1) if field.signed else 0,
        scale=None if raw else field.scale,
        switch=shifts[field.switch] if field.switch else -1,
        other=field.other,
        text=None if raw else _text(field),
    )


def _value(whole: int, bits: _Bits) -> int | float | str:
    _, shift, mask, sign, scale, switch, other, text = bits
    number = whole >> shift & mask
    if text is not None:
        return text(number)
    if sign and number & sign:
        number -= mask + 1
    if scale is None:
        return number
    if switch >= 0 and whole >> switch & 1:
        return number * other
    return number * scale


def _values(whole: int, fields: Sequence[_Bits]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for bits in fields:
        name, shift, mask, sign, scale, _, _, text = bits
        if sign or scale is not None or text is not None:
            found[name] = _value(whole, bits)
        else:
            found[name] = whole >> shift & mask
    return found


def _text(field: Field) -> Callable[[int], str] | None:
    digits = field.bits // 3
    octets = field.bits // 8
    if field.text == "octal":
        return lambda number: f"{number:0{digits}o}"
    if field.text == "hex":
        return lambda number: f"{number:0{2 * octets}x}"
    if field.text == "ascii":
        return lambda number: number.to_bytes(octets, "big").decode("latin-1")
    if field.text == "icao":
        return lambda number: letters(number, field.bits // 6)
    return None


def letters(number: int, count: int) -> str:
    """`count` six-bit letters."""
    return "".join(ICAO_LETTERS[number >> shift & 63] for shift in range(6 * count - 6, -1, -6))
