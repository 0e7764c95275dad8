"""What the tests of the doors share: a clock that stands still, and waiting for what must come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tocsin.decode.ndjson import NdjsonFormat
from tocsin.listen.door import Antenna, Door
from tocsin.words import Frame

NOON = 43_200.0
LONGEST_S = 20.0
NDJSON = NdjsonFormat()

T = TypeVar("T")


class Noon:
    """A clock that stands still."""

    def now(self) -> float:
        return NOON

    async def sleep_until(self, t: float) -> None:
        raise AssertionError("nobody waits here")


def door(antenna: Antenna, **settings: object) -> Door:
    """A door that tries again at once."""
    given: dict[str, object] = {"link": "ndjson", "first_pause_s": 0.02, **settings}
    return Door("n", "test", Noon(), antenna, **given)  # type: ignore[arg-type]


async def until(look: Callable[[], T]) -> T:
    """What `look` gives as soon as it is something. Fails if it never is."""
    async with asyncio.timeout(LONGEST_S):
        while not (found := look()):
            await asyncio.sleep(0.01)
        return found


async def first(count: int, source: Door) -> list[Frame]:
    """The first frames that come."""
    found: list[Frame] = []

    def enough() -> bool:
        found.extend(source.drain())
        return len(found) >= count

    await until(enough)
    return found
