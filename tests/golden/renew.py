"""Writes the golden evening anew: `python -m tests.golden.renew`. Say why in the commit."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.golden.replaying import GOLDEN, replay, stage

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        out = replay(stage(Path(scratch) / "scene"), Path(scratch) / "out")
        shutil.rmtree(GOLDEN, ignore_errors=True)
        GOLDEN.mkdir()
        for path in [out / "alerts.ndjson", *sorted(out.glob("*.xml"))]:
            shutil.copy(path, GOLDEN / path.name)
