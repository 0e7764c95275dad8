"""How fast memory is: records a second with group commit, and how long a bell waits for it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from tocsin.keep import Journal, JournalReader, JournalWriter
from tocsin.run.benches import Figure
from tocsin.words import Topic

_BODY = b'{"t":1800000000.123,"track":"T12","status":"confirmed","lat":14.34,"lon":-11.35}' * 4
_ENTRY: list[tuple[Topic, bytes]] = [("track", _BODY)]
_RECORDS = 30_000
_KEEPS = 500
_KEEPS_PER_S = 100.0


def measure() -> list[Figure]:
    """Figures of the journal on the disk of the temporary folder. Takes about ten seconds."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        grouped = asyncio.run(_grouped(Path(folder) / "grouped.db"))
        waits_ms = asyncio.run(_waits_ms(Path(folder) / "paced.db"))
        started = time.perf_counter()
        count = JournalReader(Path(folder) / "grouped.db").verify()
        verified = count / (time.perf_counter() - started)
    size = f"{len(_BODY)}-byte bodies"
    pace = f"at {_KEEPS_PER_S:g} appends a second, each fsynced"
    return [
        Figure("journal", "appends with group commit", grouped, "1/s", ">= 5000", note=size),
        Figure("journal", "keep, p50", float(np.percentile(waits_ms, 50)), "ms", note=pace),
        Figure(
            "journal", "keep, p99", float(np.percentile(waits_ms, 99)), "ms", "<= 50", note=pace
        ),
        Figure("journal", "verify", verified, "1/s", note=size),
    ]


async def _grouped(path: Path) -> float:
    """Records a second, from the first `keep` to the last one acknowledged."""
    writer = JournalWriter(lambda: Journal(path), limit_bytes=2**28)
    started = time.perf_counter()
    kept = await asyncio.gather(
        *(writer.keep(float(n), _ENTRY, patience_s=60.0) for n in range(_RECORDS))
    )
    elapsed = time.perf_counter() - started
    await writer.close()
    assert all(kept), "the journal gave up during the benchmark"
    return _RECORDS / elapsed


async def _waits_ms(path: Path) -> list[float]:
    """How long each `keep` of a steady stream took, in milliseconds."""
    writer = JournalWriter(lambda: Journal(path))
    await writer.keep(0.0, _ENTRY, patience_s=60.0)
    loop = asyncio.get_running_loop()
    due, waits = loop.time(), []
    for n in range(_KEEPS):
        due += 1.0 / _KEEPS_PER_S
        await asyncio.sleep(max(due - loop.time(), 0.0))
        started = time.perf_counter()
        await writer.keep(float(n), _ENTRY, patience_s=60.0)
        waits.append((time.perf_counter() - started) * 1000.0)
    await writer.close()
    return waits
