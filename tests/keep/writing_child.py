"""Run by the kill test: writes until it dies, and says on standard output what was acknowledged.

Arguments: journal file, name of the run, `journal` or `writer`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tocsin.keep import Journal, JournalWriter
from tocsin.words import Topic


def _entries(run: str, n: int) -> list[tuple[Topic, bytes]]:
    size = 10 + 4000 * (n % 7 == 0)  # now and then more than a page
    return [("detection", b'"%s/%d/%d %s"' % (run.encode(), n, k, b"x" * size)) for k in range(3)]


def _acknowledge(n: int) -> None:
    os.write(1, b"%d\n" % n)  # one write below PIPE_BUF is whole or not at all


def write_alone(path: Path, run: str) -> None:
    journal = Journal(path)
    n = 0
    while True:
        journal.append(float(n), _entries(run, n))
        _acknowledge(n)
        if n % 10 == 0:
            journal.checkpoint()
        n += 1


async def write_together(path: Path, run: str) -> None:
    writer = JournalWriter(lambda: Journal(path))

    async def keep(n: int) -> None:
        if await writer.keep(float(n), _entries(run, n), patience_s=5.0):
            _acknowledge(n)

    n = 0
    while True:
        await asyncio.gather(*(keep(n + k) for k in range(8)))
        n += 8


if __name__ == "__main__":
    if sys.argv[3] == "journal":
        write_alone(Path(sys.argv[1]), sys.argv[2])
    else:
        asyncio.run(write_together(Path(sys.argv[1]), sys.argv[2]))
