"""The benchmarks behind `tocsin bench`: one file a room, each with a `measure()`."""

from __future__ import annotations

import msgspec


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measured figure. `goal` reads like ">= 100000"; `against` names a foreign figure beside
    it and `ratio` is ours over theirs, both from the same run."""

    bench: str
    name: str
    value: float
    unit: str
    goal: str | None = None
    against: str | None = None
    ratio: float | None = None
    note: str | None = None
