"""Compiles the loom's arithmetic once and remembers it, so that nobody waits during an alarm.

numba judges its cached code by the *one* file a function stands in: a change in a file it calls
goes unseen. Here the stamp covers that file and every file of this room that it reads from, near or
far, so that a new release or an edit never runs half-old arithmetic, and an edit recompiles only
what stands on it. `fastmath` is never used: the same input gives the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import re
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


_READS = re.compile(r"^from tocsin\.fuse\.(\w+) import", re.MULTILINE)


@functools.cache
def _reads(name: str) -> frozenset[str]:
    """The modules of the room that one reads from directly."""
    return frozenset(_READS.findall((_ROOM / f"{name}.py").read_text("utf-8")))


@functools.cache
def _stamp(name: str) -> str:
    """A hash over a module and all that it reads from in this room, near or far."""
    wanted, todo = {name}, [name]
    while todo:
        new = _reads(todo.pop()) - wanted
        wanted |= new
        todo += new
    digest = hashlib.sha256()
    for each in sorted(wanted):
        digest.update((_ROOM / f"{each}.py").read_bytes())
    return digest.hexdigest()


class _Whole:
    """Freshness of a file and of all it stands on, instead of the one file."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return _stamp(Path(self._py_file).stem)


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
    return cast("Callable[_P, _R]", njit(cache=True, error_model="numpy")(function))


def gate(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Where Python enters: compiled with all its parts on first use, and kept on disk."""
    return cast("Callable[_P, _R]", njit(cache=True, error_model="numpy")(function))
