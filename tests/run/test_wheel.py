"""The wheel carries all that a site needs: pages, catalogues, migrations, schema, the evening."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "src" / "tocsin" / "serve" / "pages" / "index.html"

NEEDED = {
    "tocsin/serve/pages/index.html",
    "tocsin/serve/pages/warn/index.html",
    "tocsin/serve/pages/west-africa.json",
    "tocsin/words/catalogue/fr.json",
    "tocsin/encode/catalogue/fr.json",
    "tocsin/decode/cap/schema/CAP-v1.2.xsd",
    "tocsin/keep/migrations/0001_journal.sql",
    "tocsin/run/evening/tocsin.toml",
    "tocsin/run/evening/sensors.json",
    "tocsin/py.typed",
}


@pytest.mark.skipif(not PAGES.exists(), reason="the pages are not built: make web")
def test_the_wheel_is_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        points = next(n for n in names if n.endswith("entry_points.txt"))
        assert b"tocsin = tocsin.run.cli:main" in archive.read(points)
    assert names >= NEEDED
    assert not [n for n in names if "node_modules" in n or n.endswith((".pyc", ".nbc", ".nbi"))]
