"""Decoders and formats of every installed package, ours included, found by their entry points.

One that cannot be loaded, or is not what it says, is left out and told of: it stops no other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

import msgspec

from tocsin.ports import Decoder, Format

DECODERS = "tocsin.decoders"
FORMATS = "tocsin.formats"
_SHAPES: dict[str, type] = {DECODERS: Decoder, FORMATS: Format}


class Plug(msgspec.Struct, frozen=True):
    """One entry point that was loaded, or `why` it was not."""

    group: str
    name: str
    package: str
    make: Callable[..., object] | None = None
    why: str = ""

    def __str__(self) -> str:
        kind = self.group.removeprefix("tocsin.").removesuffix("s")
        return f"the {kind} {self.name!r} of the package {self.package!r} is left out: {self.why}"


@cache
def plugs(group: str) -> tuple[Plug, ...]:
    """All of a group in the order of their names, those that cannot be used among them."""
    found = []
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        package = "?" if point.dist is None else point.dist.name
        try:
            make = point.load()
            made = make()
        except Exception as error:  # noqa: BLE001  a stranger's code may raise anything
            why = f"{type(error).__name__}: {error}"
            found.append(Plug(group, point.name, package, why=why))
            continue
        shape = _SHAPES[group]
        if isinstance(made, shape):
            found.append(Plug(group, point.name, package, make))
        else:
            why = f"{point.value} is not a {shape.__name__} (tocsin.ports)"
            found.append(Plug(group, point.name, package, why=why))
    return tuple(found)


def sound(group: str) -> dict[str, Callable[..., object]]:
    """What makes each of a group that can be used, by name and in the order of names."""
    return {plug.name: plug.make for plug in plugs(group) if plug.make is not None}


def left_out() -> list[Plug]:
    """Those that cannot be used, of both groups."""
    return [plug for group in _SHAPES for plug in plugs(group) if plug.make is None]
