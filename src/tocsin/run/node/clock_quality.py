"""Who keeps this machine's clock, and how far it may be off: asked, never assumed.

The kernel knows whether somebody disciplines it and the largest error (adjtimex(2), RFC 5905);
chrony, where it runs, says by what. Neither: "unknown".
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import shutil
from pathlib import Path

from tocsin.words.ear_report import ClockQuality, ClockSource

_UNSYNCHRONISED = 0x40
_ASK_S = 2.0
_TIMESYNCD = Path("/run/systemd/timesync/synchronized")
_RECEIVERS = ("GPS", "PPS", "NMEA", "GNSS", "SOCK", "SHM")


class _Timex(ctypes.Structure):
    """struct timex as far as it is read, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


async def clock_quality() -> ClockQuality:
    """As it is now."""
    kernel = _kernel()
    if kernel is None:
        return ClockQuality()
    kept, error_s = kernel
    if not kept:
        return ClockQuality("none")
    source = by_chrony(await _chrony())
    if source == "unknown" and _TIMESYNCD.exists():
        source = "ntp"
    return ClockQuality(source, error_s)


def by_chrony(tracking: str) -> ClockSource:
    """What `chronyc -c tracking` says: the second of its fields names the source."""
    fields = tracking.strip().split(",")
    if len(fields) < 3 or fields[2] in ("", "0"):
        return "unknown"
    name = fields[1].upper()
    if name.startswith("PHC"):
        return "ptp"
    return "gps" if name.startswith(_RECEIVERS) else "ntp"


def _kernel() -> tuple[bool, float] | None:
    """(whether somebody keeps it, the largest error in seconds)."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        state = _Timex()
        if library.adjtimex(ctypes.byref(state)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    return not state.status & _UNSYNCHRONISED, state.maxerror / 1e6


async def _chrony() -> str:
    program = shutil.which("chronyc")
    if program is None:
        return ""
    asked = await asyncio.create_subprocess_exec(
        program, "-c", "tracking",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_ASK_S):
            said, _ = await asked.communicate()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            asked.kill()
        await asked.wait()
        return ""
    return said.decode(errors="replace")
