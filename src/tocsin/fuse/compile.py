"""Compiles the loom's arithmetic once and remembers it, so that nobody waits during an alarm.

numba judges its cached code by the *one* file a function stands in: a change in a file it calls
goes unseen. Here the stamp covers every file of this room, so that a new release or an edit never
runs half-old arithmetic. `fastmath` is never used: the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit
from numba.core.caching import (
    CacheImpl,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)

_ROOM = Path(__file__).parent
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _stamp() -> str:
    """A hash over all sources of the room, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(_ROOM.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_STAMP = _stamp()


class _Whole:
    """Freshness of the whole room instead of one file."""

    def get_source_stamp(self) -> str:
        return _STAMP


class _Chosen(_Whole, UserProvidedCacheLocator):
    """Where NUMBA_CACHE_DIR says."""


class _BesideTheSource(_Whole, InTreeCacheLocator):
    """In `__pycache__`, if it may be written."""


class _InTheUsersCache(_Whole, UserWideCacheLocator):
    """In the user's own folder, where the program is installed read-only."""


class _RoomOnly:
    """Offers the locators above to functions of this room and to no other."""

    @classmethod
    def from_function(cls, py_func: Callable[..., object], py_file: str) -> object | None:
        """The first place that can hold the cache; None for a function of another room."""
        if Path(py_file).parent != _ROOM:
            return None
        for locator in (_Chosen, _BesideTheSource, _InTheUsersCache):
            found: object | None = locator.from_function(py_func, py_file)  # type: ignore[no-untyped-call]
            if found is not None:
                return found
        return None


_LOCATORS: list[type[object]] = CacheImpl._locator_classes
if _RoomOnly not in _LOCATORS:
    _LOCATORS.insert(0, _RoomOnly)


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A part of the arithmetic: compiled into the gate that calls it."""
    return cast("Callable[_P, _R]", njit(error_model="numpy")(function))


def gate(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Where Python enters: compiled with all its parts on first use, and kept on disk."""
    return cast("Callable[_P, _R]", njit(cache=True, error_model="numpy")(function))
