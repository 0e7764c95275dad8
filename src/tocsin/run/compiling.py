"""Has the tracker compiled before it is needed, and not here: a compiler needs 300 MB for a minute.

Another process compiles and leaves the code on disk; this one then loads it in half a second. Where
the disk keeps nothing, it is compiled here after all.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import click

from tocsin.fuse import warm_up

_BLAS = "scipy.linalg"
_ELSEWHERE = "from tocsin.fuse import warm_up; warm_up()"


def prepare_tracker() -> None:
    """Return when a live step will find everything compiled."""
    click.echo("preparing the tracker (the first time this takes a minute or two)")
    subprocess.run([sys.executable, "-c", _ELSEWHERE], check=False)  # noqa: S603  our own program
    with _without_blas():
        warm_up()


@contextlib.contextmanager
def _without_blas() -> Iterator[None]:
    """numba asks for scipy's linear algebra when it first loads; the loom uses none of it, and on a
    small box its 13 MB are better spent. A process that has it already keeps it."""
    if _BLAS in sys.modules:
        yield
        return
    # Python's way to forbid an import
    sys.modules[_BLAS] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_BLAS]
