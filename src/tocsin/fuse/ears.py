"""Where the bare microphones stand, by cells, so that nobody walks through ten thousand of them.

`cells` is a hash table: a power of two of heads, then for each sensor the next one of its cell.
It follows from the sensors alone and is made anew with them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.compile import kernel
from tocsin.fuse.columns import EARS, BenchRow, Ints
from tocsin.fuse.hearing import SPILL_M
from tocsin.fuse.house import DEFAULT_REACH_M, House


def place_ears(sensors: NDArray[np.void]) -> tuple[Ints, Ints, float]:
    """The cells of the bare microphones, the rows of sensors whose silence is counted look by
    look (all, unless there are none but bare microphones), and the width of a cell: the longest
    reach, but no less than what hearing spills over, metres."""
    bare = np.flatnonzero((sensors["bare"] == 1) & (sensors["placed"] == 1))
    alone = len(bare) == len(sensors)
    others = np.arange(0 if alone else len(sensors))
    reach = np.nan_to_num(sensors["reach"][bare], nan=DEFAULT_REACH_M)
    width = float(max(reach.max(initial=0.0), SPILL_M))
    size = 1 << max(3, int(2 * len(bare)).bit_length())
    cells = np.full(size + 1 + len(sensors), -1, np.int64)
    cells[0] = size
    for row in bare[::-1].tolist():
        place = sensors["place"][row]
        slot = 1 + _slot(math.floor(place[0] / width), math.floor(place[1] / width), size)
        cells[1 + size + row] = cells[slot]
        cells[slot] = row
    return cells, others.astype(np.int64), width


def _hash(column: int, line: int, size: int) -> int:
    return ((column * 73_856_093) ^ (line * 19_349_663)) & (size - 1)


_slot = _hash
_slot_of = kernel(_hash)


@kernel
def ears_near(h: House, east: float, north: float, radius: float, b: BenchRow) -> int:
    """Rows of the bare microphones within `radius` of a place, into b.ears; how many."""
    cells, width = h.cells, h.state[0].cell
    size = cells[0]
    west, last_column = math.floor((east - radius) / width), math.floor((east + radius) / width)
    south, last_line = math.floor((north - radius) / width), math.floor((north + radius) / width)
    count = 0
    for column in range(west, last_column + 1):
        for line in range(south, last_line + 1):
            s = cells[1 + _slot_of(column, line, size)]
            while s >= 0:
                place = h.sensors[s].place
                here = math.floor(place[0] / width) == column
                if here and math.floor(place[1] / width) == line and count < EARS:
                    de, dn = place[0] - east, place[1] - north
                    if de * de + dn * dn <= radius * radius:
                        b.ears[count] = s
                        count += 1
                s = cells[1 + size + s]
    return count
