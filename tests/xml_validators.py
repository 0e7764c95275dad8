"""Validators of signed CAP that are not ours: xmlsec1, the JDK, and WMO's capvalidator."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

JAVA_PROGRAM = Path(__file__).parent / "oracles" / "VerifyXml.java"

needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="no xmlsec1")
needs_java = pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK")


def xmlsec1_accepts(file: Path, ca: Path, at: datetime | None = None) -> bool:
    """Whether xmlsec1 finds the signature good and its certificate from the authority."""
    when = [] if at is None else ["--verification-time", at.strftime("%Y-%m-%d %H:%M:%S")]
    command = ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(ca)]
    done = subprocess.run([*command, *when, str(file)], capture_output=True, text=True, timeout=60)
    return done.returncode == 0 and done.stderr.startswith("OK")


def java_verdicts(files: Sequence[Path], ca: Path, at: datetime | None = None) -> list[str]:
    """ "valid" or "invalid: why" for each file, by the JDK."""
    seconds = str(int((at or datetime.now(UTC)).timestamp()))
    done = subprocess.run(
        ["java", str(JAVA_PROGRAM), str(ca), seconds, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
