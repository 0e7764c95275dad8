"""Local programs that sound something: started without a shell's meddling, once a statement.

A program marks its statement in a folder before it starts, in its own process, which a killed
Tocsin does not take along: a statement marked there is not sounded again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import signal
from pathlib import Path

from tocsin.words import Alert

MOST_COMPLAINT_BYTES = 64 * 1024
MARKED_BEFORE = 96
"""The exit status that says: this statement had been marked."""

SOUNDED = "it had been sounded before Tocsin was stopped"
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG")
_KEEP_MARKS_S = 86_400.0
# The shell is handed everything as arguments and interprets none of it. `set -C` opens with
# O_EXCL; where the mark cannot be made for another reason, such as a full disk, the siren sounds.
_MARK_AND_RUN = (
    'if ! ( set -C; : > "$1" ) 2>/dev/null && [ -e "$1" ]; then exit 96; fi; shift; exec "$@"'
)


class Marks:
    """The marks of one channel, in a folder rid of yesterday's; without a folder there are none."""

    def __init__(self, channel: str, folder: str) -> None:
        self._channel = channel
        self._folder = Path(folder) if folder else None

    def of(self, alert: Alert, now: float) -> Path | None:
        """Where the statement is marked."""
        if self._folder is None:
            return None
        with contextlib.suppress(OSError):  # no fault of the disk matters
            self._folder.mkdir(parents=True, exist_ok=True)
            for mark in self._folder.glob(f"{self._channel}-*"):
                if now - mark.stat().st_mtime > _KEEP_MARKS_S:
                    mark.unlink(missing_ok=True)
        statement = f"{alert.alert} {alert.sequence}".encode()
        return self._folder / f"{self._channel}-{hashlib.sha256(statement).hexdigest()[:24]}"


def unmark(mark: Path | None) -> None:
    """The statement is known to have failed, and may be tried again."""
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.unlink()


def marking(mark: Path | None) -> tuple[str, ...]:
    """What stands before a program so that it marks its statement."""
    return () if mark is None else ("/bin/sh", "-c", _MARK_AND_RUN, "sh", str(mark))


def kept_environment() -> dict[str, str]:
    """What a program sees of Tocsin's own environment."""
    return {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}


def open_paper() -> int:
    """Memory for what the program complains of: a full disk must not silence a siren.

    It cannot grow: a player left behind would else fill memory with its chatter, and a pipe that
    nobody reads any more would kill it.
    """
    paper = os.memfd_create("complaints", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(paper, MOST_COMPLAINT_BYTES)
    fcntl.fcntl(paper, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return paper


def last_words(paper: int) -> str:
    """The last line the program wrote to standard error, at most 200 characters of it."""
    text = os.pread(paper, MOST_COMPLAINT_BYTES, 0).rstrip(b"\0").decode("utf-8", "replace")
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else ""


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process group, and collect the program."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
