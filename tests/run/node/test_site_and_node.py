"""Nodes and sites for real: `tocsin listen` beside `tocsin up`, with mosquitto, HTTPS and socat
between them; the broker is killed, the node is killed, and nothing that was kept is lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import numpy as np
import pytest
from tests.listen.test_mqtt import MOSQUITTO, Broker
from tests.run.node.staged_ear import RATE_HZ
from tests.run.test_up import RunningSite, free_port

from tocsin.decode.ear_report import read_report
from tocsin.encode.wav import write_wav
from tocsin.keep.reader import JournalReader
from tocsin.run.node.keys import enrol, public_text
from tocsin.simulate.rotors import rotor_sound
from tocsin.words import Detection, Frame
from tocsin.words.ear_report import EarEvent, EarReport

LONGEST_S = 30.0
T = TypeVar("T")

EAR = {
    "id": "north-7", "kind": "acoustic", "lat": 15.0, "lon": -13.0, "alt_m": 30.0,
    "max_range_m": 500, "p_detect": 0.8, "scan_period_s": 1.0,
}  # fmt: skip

NODE = """
[node]
id = "north-7"
to = "{to}"
microphone = "sound.wav"
heartbeat_s = 2.0
features_every_s = 0.5
{more}
"""

KNOWN = """
[decoder.ear-report.nodes]
north-7 = ["{key}"]

"""


def until(look: Callable[[], T], within_s: float = LONGEST_S) -> T:
    """What `look` gives as soon as it is something. Fails if it never is."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


class RunningNode:
    """`tocsin listen` in a process of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        key, _ = enrol(folder / "node.key")
        self.known = KNOWN.format(key=public_text(key))
        self.process: subprocess.Popen[str] | None = None

    def start(self, to: str, sound: bytes, *options: str, more: str = "") -> None:
        (self.folder / "sound.wav").write_bytes(sound)
        (self.folder / "node.toml").write_text(NODE.format(to=to, more=more))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.run", "listen", self.folder / "node.toml", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
        )  # fmt: skip

    def end(self, number: signal.Signals) -> str:
        assert self.process is not None
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=60)
        self.process = None
        return said

    def numbers(self) -> tuple[set[int], int]:
        """(numbers that wait on disk, the next one)."""
        with closing(sqlite3.connect(self.folder / "spool.sqlite")) as db:
            waiting = {n for (n,) in db.execute("SELECT number FROM report")}
            (following,) = db.execute("SELECT value FROM count WHERE name = 'next'").fetchone()
        return waiting, following


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    made = RunningNode(tmp_path / "node")
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.communicate()


class Watcher:
    """Asks a running site."""

    def __init__(self, site: RunningSite) -> None:
        self.site = site
        headers = {"Authorization": f"Bearer {site.token}"}
        self._client = httpx.Client(base_url=site.address, headers=headers)

    def get(self, path: str) -> Any:
        return self._client.get(f"api/v1/{path}").json()

    def door(self) -> dict[str, Any]:
        return next((one for one in self.get("sources") if one["source"] == "ears"), {})

    def ear(self) -> dict[str, Any]:
        told = self.get("state")["health"]
        return next((one for one in told if one["sensor"] == "north-7"), {})

    def close(self) -> None:
        self._client.close()
        if self.site.process.poll() is None:
            self.site.stop()
        assert self.site.process.stdout is not None
        self.site.process.stdout.close()

    def journal(self) -> tuple[list[EarReport], list[Detection]]:
        """Every report that came, copies too, and every detection."""
        reader = JournalReader(self.site.folder / "data" / "journal.sqlite")
        reports, detections = [], []
        for envelope in reader.read(topics=("frame", "detection")):
            if envelope.topic == "detection":
                detections.append(msgspec.json.decode(envelope.body, type=Detection))
            else:
                frame = msgspec.json.decode(envelope.body, type=Frame)
                if frame.link == "ear-report":
                    reports.append(read_report(frame.data))
        return reports, detections


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[str], Watcher]]:
    made: list[Watcher] = []

    def start(more: str) -> Watcher:
        folder = tmp_path / "site"
        folder.mkdir()
        made.append(Watcher(RunningSite(folder, more, [EAR])))
        return made[-1]

    yield start
    for one in made:
        one.close()


def rotor(seconds: float, level_db: float = -25.0) -> bytes:
    """A drone near the microphone, in a quiet place."""
    count = round(seconds * RATE_HZ)
    rng = np.random.default_rng(7)
    drone = rotor_sound(rng, RATE_HZ, count)
    sound = 10 ** (level_db / 20) * drone / np.sqrt(np.mean(drone**2))
    sound = sound + 1e-3 * rng.standard_normal(count)
    pcm = np.clip(np.rint(32_768 * sound), -32_768, 32_767).astype("<i2")
    return write_wav(pcm.tobytes(), RATE_HZ, 1)


MQTT = """
[[source]]
id = "ears"
kind = "mqtt"
host = "127.0.0.1"
port = {port}
topics = ["tocsin/ear/+/report"]
format = "ear-report"
catch_up = true
"""


@pytest.mark.fault
@pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto: apt-get install mosquitto")
def test_a_killed_broker_and_a_killed_node_lose_nothing_and_tell_nothing_twice(
    tmp_path: Path, node: RunningNode, watch: Callable[[str], Watcher]
) -> None:
    broker = Broker(tmp_path)
    # so that the broker knows, when it is back, for whom to keep what the node sends at once
    broker.lines += [
        "persistence true", f"persistence_location {tmp_path}/",
        "autosave_interval 1", "autosave_on_changes true",
    ]  # fmt: skip
    broker.start()
    try:
        site = watch(node.known + MQTT.format(port=broker.port))
        to = f"mqtt://127.0.0.1:{broker.port}/tocsin/ear"
        node.start(to, rotor(120.0))
        until(lambda: site.door().get("decoded"))
        broker.kill()
        until(lambda: len(node_waiting(node)) > 8)
        broker.start()
        until(lambda: not node_waiting(node))
        broker.kill()
        until(lambda: len(node_waiting(node)) > 4)
        node.end(signal.SIGKILL)
        left, following = node.numbers()
        assert left
        broker.start()
        node.start(to, rotor(6.0), "--speed", "max")
        assert node.process is not None
        said, _ = node.process.communicate(timeout=60)
        node.process = None
        assert not node_waiting(node)
        last = node.numbers()[1]
        until(lambda: max(numbers(site), default=0) == last - 1)
        # what the doors count is shown every two seconds
        until(lambda: site.door().get("refused", {}).get("repeated", 0) == copies(site))
        refused = site.door().get("refused", {})
    finally:
        broker.kill()
    assert "reports taken by the site" in said
    site.site.stop()
    reports, detections = site.journal()
    came = Counter(one.number for one in reports)
    first = min(came)
    again = min(n for n in came if n >= following)
    assert set(came) == {*range(first, following), *range(again, last)}
    assert set(refused) <= {"repeated"}
    told = [one.t for one in detections if one.sensor == "north-7"]
    events = {r.t for r in reports if isinstance(r.about, EarEvent) and r.about.state != "off"}
    assert sorted(told) == sorted(events)  # each once
    late = [one for one in detections if one.received is not None and one.received - one.t > 3.0]
    assert late  # what waited keeps its own time


def node_waiting(node: RunningNode) -> set[int]:
    """A running node holds its spool for itself: a copy of its files is looked at."""
    copy = node.folder.parent / "copy"
    copy.mkdir(exist_ok=True)
    for suffix in ("", "-wal"):
        file = node.folder / f"spool.sqlite{suffix}"
        if file.exists():
            shutil.copy(file, copy / file.name)
    with closing(sqlite3.connect(copy / "spool.sqlite")) as db:
        return {n for (n,) in db.execute("SELECT number FROM report")}


def copies(site: Watcher) -> int:
    came = numbers(site)
    return len(came) - len(set(came))


def numbers(site: Watcher) -> list[int]:
    return [one.number for one in site.journal()[0]]


def test_https_brings_features_health_and_a_self_test(
    tmp_path: Path, node: RunningNode, watch: Callable[[str], Watcher]
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    port = free_port(socket.SOCK_STREAM)
    site = watch(
        node.known + f'[[source]]\nid = "ears"\nkind = "http-post"\nport = {port}\n'
        f'format = "ear-report"\ncertificate = "{tmp_path / "cert.pem"}"\n'
        f'key = "{tmp_path / "key.pem"}"\n'
    )
    more = f'ca = "{tmp_path / "cert.pem"}"'
    node.start(f"https://127.0.0.1:{port}/", rotor(60.0), more=more)
    well = until(lambda: site.ear() if site.ear().get("self_test") else None)
    assert well["state"] == "alive"
    assert well["self_test"]["passed"]
    until(lambda: site.door().get("decoded"))
    heard = site.get("sensors/north-7/hearing")
    assert heard
    said = node.end(signal.SIGTERM)
    assert "windows heard" in said


@pytest.mark.skipif(shutil.which("socat") is None, reason="no socat: apt-get install socat")
def test_a_serial_line_brings_events_and_heartbeats(
    tmp_path: Path, node: RunningNode, watch: Callable[[str], Watcher]
) -> None:
    ends = [tmp_path / "radio-node", tmp_path / "radio-site"]
    line = subprocess.Popen(["socat", *(f"PTY,link={end},rawer" for end in ends)])
    try:
        until(lambda: all(end.exists() for end in ends))
        site = watch(
            node.known + f'[[source]]\nid = "ears"\nkind = "serial"\ndevice = "{ends[1]}"\n'
            'format = "ear-report"\n'
        )
        until(lambda: site.door().get("connected"))
        node.start(f"serial:{ends[0]}", rotor(60.0))
        until(lambda: site.door().get("decoded"))
        alive = until(lambda: site.ear() if site.ear().get("self_test") else None)
        assert alive["state"] == "alive"
        assert not site.door().get("refused")
        node.end(signal.SIGTERM)
    finally:
        line.kill()
        line.wait()
