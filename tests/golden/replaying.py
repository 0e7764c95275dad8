"""Replays the staged evening in a process of its own, as a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "evening-1"
SITE = ROOT / "src" / "tocsin" / "run" / "evening" / "tocsin.toml"
RECORDS = ("detections.ndjson", "tracks.ndjson", "alerts.ndjson")
T0 = 1_795_198_200.0


def tocsin(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One run of the command line."""
    command = [sys.executable, "-m", "tocsin.run", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)


def stage(folder: Path, seed: int = 1) -> Path:
    """The evening's files."""
    tocsin("simulate", "evening", "--seed", str(seed), "-o", folder)
    return folder


def replay(scene: Path, out: Path) -> Path:
    """The evening through the road, as fast as it goes."""
    files = (scene / "detections.ndjson", scene / "remote_id.pcapng")
    tocsin("replay", *files, "--config", SITE, "--out", out)
    return out
