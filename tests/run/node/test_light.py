"""A node is small: no tracker, no pages, no compiler in its process, and less than 150 MiB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.run.node.staged_ear import sound

from tocsin.run.node.keys import enrol

CHILD = """
import json, pathlib, re, sys
sys.argv = ["tocsin", "listen", sys.argv[1], "--speed", "max"]
from tocsin.run.cli import main
try:
    main()
finally:
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    # not getrusage: that counts what the parent had when it began us
    peak = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())
    print(json.dumps({"loaded": loaded, "peak_mib": int(peak[1]) / 1024}))
"""
HEAVY = {"numba", "llvmlite", "litestar", "uvicorn", "scipy", "pyproj", "shapely", "google", "lxml"}


def test_the_process_of_a_node_loads_no_more_than_it_needs(tmp_path: Path) -> None:
    enrol(tmp_path / "node.key")
    (tmp_path / "sound.wav").write_bytes(sound((20.0, -30.0)))
    (tmp_path / "node.toml").write_text(
        '[node]\nid = "n"\nmicrophone = "sound.wav"\nto = "file:reports"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "node.toml")],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert not HEAVY & set(told["loaded"])
    assert told["peak_mib"] < 150
