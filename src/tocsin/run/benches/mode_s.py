"""How fast ADS-B is read: recorded squitters as AVR lines, from bytes to detections, on one core.

pyModeS reads the same messages where `TOCSIN_PYMODES` names an interpreter that has it. Seconds are
the processor's; best of five passes (foreign: of two). Without the shared recording there is none.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from time import process_time

from tocsin.decode.mode_s import Adsb, AvrFormat
from tocsin.run.benches import Figure

_PASSES = 5
_CLOCK_HZ = 12e6  # of the time stamps of AVR lines
_PYMODES = """
import json, sys, time
import pyModeS
rows = json.load(sys.stdin)
best = 1e9
for _ in range(2):
    pipe = pyModeS.PipeDecoder(); start = time.process_time()
    for t, message in rows: pipe.decode(message, timestamp=t)
    best = min(best, time.process_time() - start)
print(len(rows) / best)
"""


def measure() -> list[Figure]:
    """Messages a second, and the ratio to pyModeS where it is found."""
    shared = Path(os.environ.get("TOCSIN_SHARED", "../shared"))
    file = shared / "data/surveillance/pymodes_raw/sample_data_adsb.csv"
    if not file.is_file():
        return []
    with file.open(newline="") as lines:
        rows = [(float(row[0]), row[1]) for row in csv.reader(lines)]
    first = rows[0][0]
    data = b"".join(
        b"@%012X%s;\n" % (int((t - first) * _CLOCK_HZ) + 1, message.encode()) for t, message in rows
    )
    best = min(_seconds(data, first) for _ in range(_PASSES))
    theirs = _pymodes(rows)
    return [
        Figure(
            "mode-s",
            "ADS-B, AVR lines to detections",
            round(len(rows) / best),
            "messages/s",
            against="" if theirs is None else f"pyModeS {theirs:.0f} messages/s",
            ratio=None if theirs is None else round(len(rows) / best / theirs, 2),
        )
    ]


def _seconds(data: bytes, start: float) -> float:
    decoder = Adsb()
    began = process_time()
    for frame in AvrFormat().frames(data, "avr", sensor="s", start=start, skipped=Counter()):
        decoder.decode(frame)
    return process_time() - began


def _pymodes(rows: list[tuple[float, str]]) -> float | None:
    python = os.environ.get("TOCSIN_PYMODES")
    if not python:
        return None
    out = subprocess.run(  # noqa: S603, the user names the interpreter
        [python, "-c", _PYMODES], input=json.dumps(rows), capture_output=True, text=True
    )
    return float(out.stdout) if out.returncode == 0 else None
