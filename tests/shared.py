"""Where the recordings are that are not in this repository; tests on them skip where absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[1] / ".." / "shared"))
VECTORS = Path(__file__).parent / "vectors"


def recording(path: str) -> bytes:
    """A recording's content, by its path below `data`."""
    file = SHARED / "data" / path
    if not file.is_file():
        pytest.skip(f"no shared recording {path}")
    return file.read_bytes()
