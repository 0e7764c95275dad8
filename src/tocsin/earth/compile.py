"""Compiles arithmetic once and remembers it, so that nobody waits during an alarm.

numba judges its cached code by the *one* file a function stands in: a change in a file it calls
goes unseen. Here the stamp covers that file and every file of these rooms that it reads from, near
or far, so that a new release or an edit never runs half-old arithmetic, and an edit recompiles only
what stands on it. `fastmath` is never used: the same input gives the same bytes. It stands here
because every room that compiles may read this one.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit
from numba.core import config, types
from numba.core.caching import (
    CacheImpl,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

if "NUMBA_OPT" not in os.environ:
    # Level 1 compiles the loom in 77 s where level 3 takes 95, and its code ran no slower: 74,000
    # statements a second against 71,000 on the crossing.
    config.OPT = config._OptLevel(1)  # type: ignore[attr-defined,no-untyped-call]
_SOURCE = Path(__file__).parent.parent
_ROOMS = ("decode", "earth", "encode", "fuse", "words")
"""Rooms with compiled code, and the words whose numbers it has built in."""
_P = ParamSpec("_P")
_R = TypeVar("_R")
_A = TypeVar("_A")

_READS = re.compile(rf"^from tocsin\.((?:{'|'.join(_ROOMS)})\.[\w.]+) import", re.MULTILINE)


def _file(module: str) -> Path:
    return _SOURCE / (module.replace(".", "/") + ".py")


@functools.cache
def _reads(module: str) -> frozenset[str]:
    """The modules of these rooms that one reads from directly."""
    found = _READS.findall(_file(module).read_text("utf-8"))
    return frozenset(name for name in found if _file(name).exists())


@functools.cache
def _stamp(module: str) -> str:
    """A hash over a module and all that it reads from in these rooms, near or far."""
    wanted, todo = {module}, [module]
    while todo:
        new = _reads(todo.pop()) - wanted
        wanted |= new
        todo += new
    digest = hashlib.sha256()
    for each in sorted(wanted):
        digest.update(_file(each).read_bytes())
    return digest.hexdigest()


class _Whole:
    """Freshness of a file and of all it stands on, instead of the one file."""

    _py_file: str
    get_cache_path: Callable[[], str]

    def get_source_stamp(self) -> str:
        path = Path(self._py_file).relative_to(_SOURCE)
        return _stamp(".".join(path.with_suffix("").parts))


class _Chosen(_Whole, UserProvidedCacheLocator):
    """Where NUMBA_CACHE_DIR says."""


class _BesideTheSource(_Whole, InTreeCacheLocator):
    """In `__pycache__`, if it may be written."""


class _InTheUsersCache(_Whole, UserWideCacheLocator):
    """In the user's own folder, where the program is installed read-only."""


@functools.cache
def _clear_out(folder: str, module: str, stamp: str) -> None:
    """Remove what another release left in the cache of this module: numba reads an old index
    before it looks at its stamp, and stops where that names a class that is no more."""
    place = Path(folder)
    note = place / f"{module}.stamp"
    with contextlib.suppress(OSError):
        if note.is_file() and note.read_text("ascii") == stamp:
            return
        for left in (*place.glob(f"{module}.*.nbi"), *place.glob(f"{module}.*.nbc")):
            left.unlink(missing_ok=True)
        place.mkdir(parents=True, exist_ok=True)
        note.write_text(stamp, "ascii")


class _OursOnly:
    """Offers the locators above to functions of these rooms and to no other."""

    @classmethod
    def from_function(cls, py_func: Callable[..., object], py_file: str) -> object | None:
        """The first place that can hold the cache; None for a function of another."""
        if Path(py_file).parent not in [_SOURCE / room for room in _ROOMS]:
            return None
        for locator in (_Chosen, _BesideTheSource, _InTheUsersCache):
            found: _Whole | None = locator.from_function(py_func, py_file)  # type: ignore[no-untyped-call]
            if found is not None:
                module = Path(py_file).stem
                _clear_out(found.get_cache_path(), module, found.get_source_stamp())
                return found
        return None


_LOCATORS: list[type[object]] = CacheImpl._locator_classes
if _OursOnly not in _LOCATORS:
    _LOCATORS.insert(0, _OursOnly)


def _lend(_: object, array: types.Array) -> object:
    def build(context: object, builder: object, _: object, args: list[object]) -> object:
        view = make_array(array)(context, builder, args[0])  # type: ignore[no-untyped-call]
        view.meminfo = view.meminfo.type(None)
        return view._getvalue()

    return array(array), build


lent = cast("Callable[[_A], _A]", intrinsic(_lend))
"""The same array without its count of owners, which compiled code otherwise adds to and takes from,
for all cores to see, each time that it names the array. Only for what outlives the call."""


def kernel(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A part of the arithmetic: compiled into the gate that calls it."""
    return cast("Callable[_P, _R]", njit(cache=True, error_model="numpy")(function))


def inlaid(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A small part, copied into whatever calls it: handing over a house costs more than its work,
    since each of its arrays goes along as seven numbers."""
    return cast(
        "Callable[_P, _R]",
        njit(cache=True, error_model="numpy", forceinline=True)(function),
    )


def gate(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Where Python enters: compiled with all its parts on first use, and kept on disk."""
    return kernel(function)
