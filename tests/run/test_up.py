"""A whole site, for real: lines into a UDP port, the bell of a local command, the page's stream,
the journal on disk, and a clean stop."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from tocsin.earth import LocalFrame
from tocsin.keep.reader import JournalReader

FRAME = LocalFrame(15.0, -13.0)

SITE = """
[site]
name = "Clinic"
languages = ["en", "fr"]

[serve]
port = {page}

[[zone]]
id = "clinic"
names = {{ en = "the clinic", fr = "la clinique" }}
polygon = [[-13.002, 14.998], [-12.998, 14.998], [-12.998, 15.002], [-13.002, 15.002]]
tell = ["bell", "cap"]

[[source]]
id = "lines"
kind = "udp"
port = {lines}

[[channel]]
id = "bell"
kind = "siren-command"
command = ["/bin/sh", "-c", "echo $TOCSIN_LEVEL >> {rung}"]

[[channel]]
id = "cap"
kind = "cap-folder"
folder = "cap"
"""


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def sensor(name: str, kind: str) -> dict[str, object]:
    return {
        "id": name, "kind": kind, "lat": 15.0, "lon": -13.0, "alt_m": 30.0, "max_range_m": 4000,
        "p_detect": 0.9, "scan_period_s": 0.5, "sigma_range_m": 8.0, "sigma_azimuth_deg": 1.0,
        "sigma_horizontal_m": 10.0,
    }  # fmt: skip


class RunningSite:
    """`tocsin up` in a process of its own; `more` is added to its file and to its sensors."""

    def __init__(
        self, folder: Path, more: str = "", more_sensors: Sequence[dict[str, object]] = ()
    ) -> None:
        self.folder = folder
        self.lines_port = free_port(socket.SOCK_DGRAM)
        self.rung = folder / "rung"
        text = SITE.format(
            page=free_port(socket.SOCK_STREAM), lines=self.lines_port, rung=self.rung
        )
        (folder / "tocsin.toml").write_text(text + more)
        sensors = [sensor("radar", "radar"), sensor("eye", "camera"), *more_sensors]
        (folder / "sensors.json").write_text(json.dumps(sensors))
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tocsin.run", "up", str(folder / "tocsin.toml")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("the page for everybody"):
                break
        found = re.search(r"open (http://\S+/)#token=(\S+)", said)
        assert found, said
        self.address, self.token = found[1], found[2]

    def send(self, lines: list[dict[str, object]]) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            data = b"\n".join(json.dumps(line).encode() for line in lines)
            out.sendto(data, ("127.0.0.1", self.lines_port))

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    running = RunningSite(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def looks(t: float, north_m: float) -> list[dict[str, object]]:
    """What a radar and a camera say of a drone `north_m` to the north."""
    lat, lon, _ = FRAME.to_wgs84(0.0, north_m, 60.0)
    score = {"drone": 0.9, "bird": 0.1}
    return [
        {"t": t, "sensor": "radar", "kind": "radar", "class": score,
         "bearing": {"azimuth_deg": 0.0, "range_m": north_m},
         "sigma": {"azimuth_deg": 1.0, "range_m": 8.0}},
        {"t": t, "sensor": "eye", "kind": "camera", "class": score,
         "position": {"lat": float(lat), "lon": float(lon), "alt_m": 90.0},
         "sigma": {"horizontal_m": 10.0, "alt_m": 20.0}},
    ]  # fmt: skip


def test_a_site_hears_warns_remembers_and_stops(site: RunningSite) -> None:
    assert httpx.get(site.address + "api/v1/state").status_code == 401
    assert httpx.get(site.address + "health").status_code == 200
    with httpx.Client(headers={"Authorization": f"Bearer {site.token}"}) as client:
        began = time.time()
        site.send([{"nonsense": True}])
        while not site.rung.exists() and time.time() - began < 40:
            t = time.time()
            site.send(looks(t, 1100.0 - 25.0 * (t - began)))
            time.sleep(0.4)
        alerts = client.get(site.address + "api/v1/alerts").json()
        last = alerts[0]["statements"][-1]
        assert last["level"] == "alarm"
        assert last["texts"]["fr"]
        assert {w["kind"] for w in last["witnesses"]} == {"radar", "camera"}
        link = f"{site.address}api/v1/alerts/{last['alert']}/{last['sequence']}/cap.xml"
        assert b"<msgType>Update</msgType>" in client.get(link).content
        assert last["alert"].encode() in client.get(site.address + "cap/feed.xml").content
        assert client.get(site.address + "api/v1/sensors").status_code == 200
    assert "alarm" in site.rung.read_text()
    assert httpx.get(site.address + "warn/state.json").json()["zones"][0]["level"] == "alarm"

    assert site.stop() == 0
    journal = JournalReader(site.folder / "data" / "journal.sqlite")
    assert journal.verify() > 10
    topics = {envelope.topic for envelope in journal.read()}
    assert {"detection", "track", "alert", "receipt"} <= topics
    notes = [bytes(envelope.body) for envelope in journal.read(topics=["note"])]
    assert any(b"sealed-read" in note for note in notes)
    assert list((site.folder / "data" / "cap").glob("*.xml"))


def test_the_token_is_shown_once_and_never_kept(site: RunningSite) -> None:
    kept = [p for p in (site.folder / "data").rglob("*") if p.is_file()]
    assert kept
    for path in kept:
        assert site.token.encode() not in path.read_bytes()
    assert site.stop() == 0
    again = subprocess.run(
        [sys.executable, "-m", "tocsin.run", "up", str(site.folder / "none.toml")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert again.returncode == 2
    assert len(again.stderr.strip().splitlines()) == 1


def test_a_taken_source_port_stops_the_start_with_one_clear_line(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        lines = holder.getsockname()[1]
        text = SITE.format(page=free_port(socket.SOCK_STREAM), lines=lines, rung=tmp_path / "r")
        (tmp_path / "tocsin.toml").write_text(text)
        (tmp_path / "sensors.json").write_text(json.dumps([sensor("radar", "radar")]))
        site = subprocess.run(
            [sys.executable, "-m", "tocsin.run", "up", str(tmp_path / "tocsin.toml")],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert site.returncode == 1
    assert "another program listening" in site.stderr
    assert len(site.stderr.strip().splitlines()) == 1
