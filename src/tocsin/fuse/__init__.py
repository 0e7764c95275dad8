"""The loom: detections to tracks. Pure; columns, one row a track.

    table = new_table(sensors)
    table, changes = step(table, detections, now)

Nothing here reads a clock, draws a random number, or touches a disk: the same statements in the
same order give the same bytes. Compiled code is kept on disk by numba (see `compile`).
"""

from tocsin.fuse.door import Misalignment, deafen, misalignments, step, warm_up
from tocsin.fuse.table import Table, from_bytes, new_table, to_bytes

__all__ = [
    "Misalignment",
    "Table",
    "deafen",
    "from_bytes",
    "misalignments",
    "new_table",
    "step",
    "to_bytes",
    "warm_up",
]
