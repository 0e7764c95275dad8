"""The whole road, live: from a detection's datagram to people's screens, and what it costs.

`tocsin up` runs in a process of its own; part of the staged evening is sent to it over UDP at its
own pace, and its stream is read as a browser would. Delay is counted from the tick that an envelope
belongs to until its bytes are here; a detection waits for its tick besides, half of one on average.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from importlib.resources import files
from pathlib import Path

import httpx
import numpy as np

from tocsin.run.benches import Figure
from tocsin.run.ticks import TICK_S

FROM_S, TO_S = 20.0, 90.0
"""The part of the evening that is sent: the drone appears, watch and warning are given."""

_TOCSIN = [sys.executable, "-m", "tocsin.run"]
_MIB = 1024.0


def measure() -> list[Figure]:
    """Delays, memory, start-up and replay speed."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as scratch:
        folder = Path(scratch)
        lines, replay_ratio = _evening(folder)
        figures = [Figure("road", "replay of the evening", replay_ratio, "x real time")]
        return figures + _live(folder, lines)


def _evening(folder: Path) -> tuple[list[dict[str, object]], float]:
    """The evening's detections in order of arrival, and how fast a replay of it went."""
    site = str(files("tocsin.run").joinpath("evening", "tocsin.toml"))
    subprocess.run([*_TOCSIN, "simulate", "evening", "-o", str(folder)], check=True)  # noqa: S603
    parts = [str(folder / "detections.ndjson"), str(folder / "remote_id.pcapng")]
    began = time.perf_counter()
    replay = [*_TOCSIN, "replay", *parts, "--config", site, "--out", str(folder / "out")]
    subprocess.run(replay, check=True)  # noqa: S603
    took = time.perf_counter() - began
    text = (folder / "out" / "detections.ndjson").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    arrived = [line.get("received", line["t"]) for line in lines]
    return lines, (max(arrived) - min(arrived)) / took


def _live(folder: Path, lines: list[dict[str, object]]) -> list[Figure]:
    port = _free_port()
    config = files("tocsin.run").joinpath("evening", "tocsin.toml").read_text("utf-8")
    source = f'\n[[source]]\nid = "bench"\nkind = "udp"\nport = {port}\n'
    (folder / "tocsin.toml").write_text(config.replace("port = 8640", "port = 0") + source, "utf-8")
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [*_TOCSIN, "up", str(folder / "tocsin.toml")], stdout=subprocess.PIPE, text=True
    )
    try:
        address, token = _wait_for(process)
        start_s = time.perf_counter() - began
        idle_mib = _resident_mib(process.pid)
        ear = _Ear(address, token)
        ear.start()
        _send(lines, port)
        time.sleep(1.0)
        busy_mib = _resident_mib(process.pid)
    finally:
        process.terminate()
        process.wait()
    alerts = ear.delays_ms.get("alert", [])
    every = [delay for delays in ear.delays_ms.values() for delay in delays]
    goal = "<= 250"
    return [
        Figure("road", "start of a site, tracker compiled before", start_s, "s"),
        Figure("road", "memory, idle", idle_mib, "MiB", "<= 200"),
        Figure("road", "memory, evening", busy_mib, "MiB", "<= 200"),
        Figure("road", "tick to stream, p50", float(np.percentile(every, 50)), "ms"),
        Figure("road", "tick to stream, p99", float(np.percentile(every, 99)), "ms", goal),
        Figure("road", "tick to stream, alerts, worst", max(alerts, default=float("nan")), "ms",
               goal, note=f"{len(alerts)} alert statements, {len(every)} envelopes"),
        Figure("road", "waiting for the tick, at most", TICK_S * 1000, "ms"),
    ]  # fmt: skip


class _Ear(threading.Thread):
    """Reads the stream as a browser does and notes how old each envelope is."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__(daemon=True)
        self._url = address + "api/v1/stream"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.delays_ms: dict[str, list[float]] = {}

    def run(self) -> None:
        """Until the site stops."""
        try:
            with httpx.stream("GET", self._url, headers=self._headers, timeout=None) as answer:  # noqa: S113
                for line in answer.iter_lines():
                    self._hear(line, time.time())
        except httpx.HTTPError:
            return

    def _hear(self, line: str, now: float) -> None:
        if not line.startswith("data:"):
            return
        said = json.loads(line[5:])
        if said.get("topic") in ("track", "assessment", "alert"):
            self.delays_ms.setdefault(said["topic"], []).append((now - said["t"]) * 1000)


def _send(lines: list[dict[str, object]], port: int) -> None:
    """The lines at their own pace, their times moved to now."""
    first = float(str(lines[0].get("received", lines[0]["t"])))
    began = time.time()
    shift = began - first - FROM_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for line in lines:
            arrived = float(str(line.get("received", line["t"])))
            if not FROM_S <= arrived - first <= TO_S:
                continue
            time.sleep(max(0.0, arrived + shift - time.time()))
            moved = {**line, "t": float(str(line["t"])) + shift}
            moved.pop("received", None)
            out.sendto(json.dumps(moved).encode(), ("127.0.0.1", port))


def _wait_for(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.match(r"open (http://\S+/)#token=(\S+)", line)
        if found:
            return found[1], found[2]
    raise RuntimeError("the site did not start")


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / _MIB


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
