"""How much a sensor node asks of its computer, and how long its reports are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tocsin.decode.ear_report import EarReportFormat, read_report
from tocsin.encode.ear_report import framed
from tocsin.encode.wav import write_wav
from tocsin.run.benches import Figure
from tocsin.run.node.keys import enrol
from tocsin.simulate.rotors import rotor_sound
from tocsin.words.ear_report import EarEvent, Hearing

_RATE_HZ = 16_000
_LOOK_S = 0.02
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_SHORT_S, _LONG_S = 10, 310
"""The difference of two runs is the node at work, its start taken out."""


def measure() -> list[Figure]:
    """Figures of `tocsin listen` over a made recording, in its own process. Takes some 10 s."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        enrol(folder / "node.key")
        start_s, _ = _run(folder, _SHORT_S)
        whole_s, peak_mib = _run(folder, _LONG_S)
        data = (folder / "reports").read_bytes()
    reports = [(one, read_report(one).about) for one in EarReportFormat().datagram(data)]
    events = [len(framed(one)) for one, about in reports if isinstance(about, EarEvent)]
    windows = sum(len(one) for one, about in reports if isinstance(about, Hearing))
    busy = (whole_s - start_s) / (_LONG_S - _SHORT_S)
    note = f"{_LONG_S - _SHORT_S} s of one channel at 16 kHz"
    found = [
        Figure("node", "faster than real time, one core", 1.0 / busy, "x", ">= 20", note=note),
        Figure("node", "resident memory at most", peak_mib, "MiB", "<= 150"),
        Figure("node", "features", windows / (_LONG_S + _SHORT_S), "bytes/s"),
    ]
    if events:
        told = f"of {len(events)} told here; the longest possible is 192 (tests)"
        found.append(
            Figure("node", "longest event, framed", max(events), "bytes", "<= 200", note=told)
        )
    return found


def _run(folder: Path, seconds: int) -> tuple[float, float]:
    """(processor time in seconds, peak of resident memory in MiB) of a node that hears a file."""
    rng = np.random.default_rng(20261124)
    sound = 1e-3 * rng.standard_normal(seconds * _RATE_HZ)
    half = len(sound) // 2
    drone = rotor_sound(rng, _RATE_HZ, half)
    sound[:half] += 0.03 * drone / np.sqrt(np.mean(drone**2))
    pcm = np.clip(np.rint(32_768.0 * sound), -32_768, 32_767).astype("<i2")
    (folder / "sound.wav").write_bytes(write_wav(pcm.tobytes(), _RATE_HZ, 1))
    command = [
        sys.executable, "-m", "tocsin.run", "listen", "--id", "bench", "--to", "file:reports",
        "--microphone", "sound.wav", "--speed", "max",
    ]  # fmt: skip
    child = subprocess.Popen(  # noqa: S603  our own command
        command,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak_mib = 0.0
    while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
        # not its ru_maxrss: that counts what this process had when it began the other
        found = _PEAK.search(Path(f"/proc/{child.pid}/status").read_text("utf-8"))
        peak_mib = int(found[1]) / 1024.0 if found else peak_mib
        time.sleep(_LOOK_S)
    _, status, usage = ended
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, "the node did not run to its end"
    return usage.ru_utime + usage.ru_stime, peak_mib
