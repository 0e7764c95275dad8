"""What an older release left in the cache is cleared out before numba stumbles over it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

PROGRAM = "from tocsin.earth.geodetic import frame_at; print(frame_at(0.0, 0.0).shape)"


def run(cache: Path) -> subprocess.CompletedProcess[str]:
    """Use one kernel of the ground in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_cache_that_names_what_is_gone_is_built_again(tmp_path: Path) -> None:
    first = run(tmp_path)
    assert first.returncode == 0, first.stderr
    (index,) = tmp_path.rglob("geodetic.frame_at-*.nbi")
    with index.open("rb") as file:
        version = pickle.load(file)
    index.write_bytes(pickle.dumps(version) + b"ctocsin.earth.geodetic\nBench\n.")
    assert "Bench" in run(tmp_path).stderr  # the fault is real: numba reads before it looks
    (note,) = tmp_path.rglob("geodetic.stamp")
    note.write_text("of an older release")
    again = run(tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout
