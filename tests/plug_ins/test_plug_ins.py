"""A stranger's decoder, built and installed as a stranger would, is found and read; a broken one is
named and stops nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "direction-finder"
BROKEN = Path(__file__).parent / "broken"


@pytest.fixture(scope="module")
def plugged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which both packages were built and installed; nothing is fetched."""
    folder = tmp_path_factory.mktemp("plugged")
    for package in (EXAMPLE, BROKEN):
        subprocess.run(
            [
                sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index",
                "--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir",
                "--root-user-action", "ignore", "--target", str(folder), str(package),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
    return folder


def tocsin(plugged: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = [str(plugged), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-m", "tocsin.run", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("form", ["direction-finder", "auto"])
def test_the_example_is_found_and_read(plugged: Path, form: str) -> None:
    ran = tocsin(plugged, "decode", str(EXAMPLE / "sample.txt"), "--format", form)
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == 6
    assert found[0]["sensor"] == "mast-2"
    assert found[0]["bearing"] == {"azimuth_deg": 41.0}
    assert [one["sigma"]["azimuth_deg"] for one in found] == [3.0, 3.0, 5.0, 3.0, 3.0, 3.0]
    assert "1 refused, finder-check-sum" in ran.stderr


def test_a_broken_plug_in_is_named_and_stops_nobody(plugged: Path) -> None:
    sample = ROOT / "tests" / "vectors" / "remote_id" / "ours.pcapng"
    ran = tocsin(plugged, "decode", str(sample))
    assert ran.returncode == 0
    assert ran.stdout
    left_out = "of the package 'tocsin-broken-example' is left out"
    why = "RuntimeError: the driver is not installed"
    assert f"the decoder 'raises' {left_out}: {why}" in ran.stderr
    assert f"the format 'raises' {left_out}: {why}" in ran.stderr
    assert f"the decoder 'no-decoder' {left_out}: no_decoder:Nothing is not a" in ran.stderr


def test_the_doctor_says_so(plugged: Path, tmp_path: Path) -> None:
    assert "raises" in tocsin(plugged, "doctor").stdout


def test_the_example_keeps_the_house_rules() -> None:
    """It is read by those who copy it: strict types, like ours."""
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(EXAMPLE / "src" / "direction_finder.py")],
        cwd=ROOT, env=os.environ | {"MYPYPATH": "src"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
