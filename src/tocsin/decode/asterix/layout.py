"""Where each item of an ASTERIX record lies: the tables compiled, and nothing read yet.

Which items a record has is said by its presence bits, and sensors send few patterns of them: what a
pattern means is worked out once. Items of fixed length are then added up beforehand; only those of
variable length are looked at, and only for where they end.

Errors     Refused "asterix-NNN-frn-N" and "asterix-subfield-N" for a presence bit that the edition
           gives no item (its length is unknown: the rest of the block cannot be read),
           "asterix-presence" for presence bits without end and for a record without any item,
           "asterix-length" for an item that says it has no length
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tocsin.errors import Refused
from tocsin.words.asterix import Compound, Explicit, Extended, Group, Item, Repetitive, Table

Skip = Callable[[bytes, int], int]
"""From where an item starts to where it ends. May raise IndexError at the end of the data."""

MOST_PRESENCE_OCTETS = 16
"""The longest table here asks for 6."""
_SUBFIELD = "asterix-subfield"
_MOST_PLANS = 128
"""Patterns remembered a layout; a sensor sends tens of them."""


class Plan:
    """One pattern of presence bits: the items it announces, `names`, and how to find them.

    `runs` are (offsets of items of fixed length and of the variable one that ends them, octets of
    the fixed ones, the variable one's skip); `wanted` the same, but for the offsets only of the
    items that the layout was asked for, each with its place among them.
    """

    __slots__ = ("_nowhere", "names", "runs", "wanted")

    def __init__(self, names: Sequence[str], items: dict[str, Item], wanted: Sequence[str]) -> None:
        self.names = tuple(names)
        self._nowhere = [-1] * len(wanted)
        runs: list[tuple[tuple[int, ...], int, Skip | None]] = []
        offsets: list[int] = []
        size = 0
        for name in names:
            offsets.append(size)
            octets = fixed_octets(items[name])
            if octets is None:
                runs.append((tuple(offsets), size, skip_of(items[name])))
                offsets, size = [], 0
            else:
                size += octets
        if offsets:
            runs.append((tuple(offsets), size, None))
        self.runs = tuple(runs)
        told = iter(names)
        self.wanted = tuple(
            (
                tuple(
                    (wanted.index(name), offset)
                    for offset, name in zip(offsets, told, strict=False)
                    if name in wanted
                ),
                octets,
                skip,
            )
            for offsets, octets, skip in runs
        )

    def find(self, data: bytes, at: int) -> tuple[list[int], int]:
        """Where each item that the layout was asked for starts, -1 if it is not there, and where
        the last item of all ends."""
        where = self._nowhere.copy()
        for offsets, size, skip in self.wanted:
            for place, offset in offsets:
                where[place] = at + offset
            at += size
            if skip is not None:
                at = skip(data, at)
        return where, at

    def locate(self, data: bytes, at: int) -> tuple[list[int], int]:
        """Where each item starts, in the order of `names`, and where the last one ends."""
        starts: list[int] = []
        for offsets, size, skip in self.runs:
            for offset in offsets:
                starts.append(at + offset)  # noqa: PERF401, a comprehension costs twice as much
            at += size
            if skip is not None:
                at = skip(data, at)
        return starts, at

    def end(self, data: bytes, at: int) -> int:
        """Where the last item ends."""
        for _, size, skip in self.runs:
            at += size
            if skip is not None:
                at = skip(data, at)
        return at


class Layout:
    """The items that presence bits may announce, in the order of the bits."""

    def __init__(
        self,
        order: Sequence[str],
        items: dict[str, Item],
        wanted: Sequence[str] = (),
        rule: str = _SUBFIELD,
    ) -> None:
        self.items = items
        self._order = tuple(order)
        self._wanted = tuple(wanted)
        self._rule = rule
        self._records = rule != _SUBFIELD
        self._plans: dict[bytes, Plan] = {}

    def open(self, data: bytes, at: int) -> tuple[Plan, int]:
        """The plan of the record or compound item that starts here, and where its items start."""
        end = at
        while data[end] & 1:
            end += 1
        end += 1
        bits = data[at:end]
        plan = self._plans.get(bits)
        if plan is None:
            plan = self._plan(bits)
        return plan, end

    def _plan(self, bits: bytes) -> Plan:
        if len(bits) > MOST_PRESENCE_OCTETS:
            raise Refused("asterix-presence", f"{len(bits)} octets of presence bits")
        names = []
        for place in range(len(bits) * 7):
            octet, bit = divmod(place, 7)
            if bits[octet] << bit & 0x80:
                name = self._order[place] if place < len(self._order) else "-"
                if name == "-":
                    rule = f"{self._rule}-{place + 1}"
                    raise Refused(rule, f"no item has presence bit {place + 1} in this edition")
                names.append(name)
        if not names and self._records:
            raise Refused("asterix-presence", "a record without any item")
        plan = Plan(names, self.items, self._wanted)
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        self._plans[bits] = plan
        return plan


def layout_of(table: Table, wanted: Sequence[str] = ()) -> Layout:
    """The layout of a category's records; `wanted` items are found by their place in it."""
    return Layout(table.uap, dict(table.items), wanted, f"asterix-{table.category:03}-frn")


def layout_of_compound(item: Compound, wanted: Sequence[str] = ()) -> Layout:
    """The layout of the subfields of a compound item."""
    order = ["-" if part is None else part[0] for part in item.parts]
    return Layout(order, dict(part for part in item.parts if part is not None), wanted)


def fixed_octets(item: Item) -> int | None:
    """Octets of an item of fixed length, None for others."""
    return item.bits // 8 if isinstance(item, Group) else None


def skip_of(item: Item) -> Skip:
    """How the end of an item of variable length is found."""
    if isinstance(item, Extended):
        parts = [(part.bits + 1) // 8 for part in item.parts]
        return _skip_extended(parts, ends=item.parts[-1].bits % 8 == 0)
    if isinstance(item, Repetitive):
        octets = (item.group.bits + 7) // 8
        return _skip_counted(octets) if item.counted else _skip_extended([octets])
    if isinstance(item, Explicit):
        return _skip_explicit
    if isinstance(item, Compound):
        return _skip_compound(layout_of_compound(item))
    raise TypeError("an item of fixed length is not skipped by looking at it")


def _skip_extended(parts: Sequence[int], ends: bool = False) -> Skip:
    """Parts beyond those of the edition are as long as the last one of it; where that one `ends`
    the item, it has no bit that says whether another follows."""
    if set(parts) == {1} and not ends:

        def skip_octets(data: bytes, at: int) -> int:
            while data[at] & 1:
                at += 1
            return at + 1

        return skip_octets

    def skip_parts(data: bytes, at: int) -> int:
        part = 0
        while True:
            at += parts[min(part, len(parts) - 1)]
            part += 1
            if not data[at - 1] & 1 or (ends and part == len(parts)):
                return at

    return skip_parts


def _skip_counted(octets: int) -> Skip:
    return lambda data, at: at + 1 + data[at] * octets


def _skip_explicit(data: bytes, at: int) -> int:
    length = data[at]
    if length == 0:
        raise Refused("asterix-length", "an explicit item of no length")
    return at + length


def _skip_compound(layout: Layout) -> Skip:
    def skip(data: bytes, at: int) -> int:
        plan, body = layout.open(data, at)
        return plan.end(data, body)

    return skip
