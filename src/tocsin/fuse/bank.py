"""The columns of the banks of guesses: one row a thing that only bare microphones hear."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tocsin.fuse.columns import Floats, Rows

GUESSES = 40
"""Of a bank, when it begins; soon it is one or two."""


class BankRow(Protocol):
    """What is thought of a thing that only bare microphones hear: `count` guesses (east, north,
    their rates, level of the source at 1 m) at `time`, with weights `w`. Silence is worked in up to
    `swept`, `ear` heard it last, `row` is its track."""

    x: Floats
    P: Floats
    w: Floats
    time: float
    swept: float
    ear: int
    row: int
    count: int


BANK = np.dtype([
    ("x", np.float64, (GUESSES, 5)), ("P", np.float64, (GUESSES, 5, 5)), ("w", np.float64, GUESSES),
    ("time", np.float64), ("swept", np.float64),
    ("ear", np.int64), ("row", np.int64), ("count", np.int64),
], align=True)  # fmt: skip

Banks = Rows[BankRow]
