"""A whole site on three doors at once, each fed by somebody else's program: a radar over MQTT
(mosquitto), an aircraft receiver's lines over TCP (socat), its aircraft.json from a web server."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from tests.listen.test_mqtt import MOSQUITTO, Broker
from tests.run.test_up import FRAME, RunningSite, free_port

pytestmark = pytest.mark.skipif(
    MOSQUITTO is None or shutil.which("socat") is None,
    reason="no mosquitto or socat: as root, apt-get install mosquitto socat",
)

SOURCES = """
[[source]]
id = "radar"
kind = "mqtt"
host = "127.0.0.1"
port = {mqtt}
topics = ["site/+/detections"]

[[source]]
id = "calls"
kind = "tcp-client"
host = "127.0.0.1"
port = {sbs}
format = "sbs"
sensor = "receiver"

[[source]]
id = "page"
kind = "http"
url = "http://127.0.0.1:{http}/aircraft.json"
format = "aircraft-json"
interval_s = 0.3

[[source]]
id = "gone"
kind = "tcp-client"
host = "127.0.0.1"
port = {gone}
"""

LONGEST_S = 60.0


@contextmanager
def running(command: list[str], **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **settings) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def place(east_m: float, north_m: float) -> tuple[float, float]:
    lat, lon, _ = FRAME.to_wgs84(east_m, north_m, 500.0)
    return round(float(lat), 6), round(float(lon), 6)


def radar_line(t: float, age_s: float) -> bytes:
    lat, lon = place(-800.0 + 15.0 * age_s, 900.0)
    said = {
        "t": t, "sensor": "radar", "kind": "radar", "class": {"drone": 0.9, "bird": 0.1},
        "position": {"lat": lat, "lon": lon, "alt_m": 120.0},
        "sigma": {"horizontal_m": 8.0, "alt_m": 15.0},
    }  # fmt: skip
    return json.dumps(said).encode()


def sbs_line(t: float, age_s: float) -> bytes:
    lat, lon = place(6000.0 + 80.0 * age_s, 4000.0)
    moment = datetime.fromtimestamp(t, UTC).strftime("%Y/%m/%d,%H:%M:%S.%f")[:-3]
    return f"MSG,3,1,1,4CA001,1,{moment},{moment},,3000,,,{lat},{lon},,,0,0,0,0\r\n".encode()


def aircraft_page(t: float, age_s: float) -> bytes:
    lat, lon = place(-7000.0, -5000.0 + 90.0 * age_s)
    plane = {
        "hex": "4ca002", "type": "adsb_icao", "lat": lat, "lon": lon, "seen": 0.0, "seen_pos": 0.0,
        "alt_geom": 9000, "gs": 175.0, "track": 0.0, "nic": 8, "nac_p": 9, "version": 2,
    }  # fmt: skip
    return json.dumps({"now": round(t, 3), "messages": 1, "aircraft": [plane]}).encode()


def test_three_doors_make_tracks_and_a_fourth_that_fails_stops_none(tmp_path: Path) -> None:
    web = tmp_path / "web"
    web.mkdir()
    (web / "aircraft.json").write_bytes(aircraft_page(time.time(), 0.0))
    broker = Broker(tmp_path)
    ports = {name: free_port(socket.SOCK_STREAM) for name in ("sbs", "http", "gone")}
    broker.start()
    with ExitStack() as stack:
        stack.callback(broker.kill)
        listen = f"TCP-LISTEN:{ports['sbs']},bind=127.0.0.1,reuseaddr"
        teller = stack.enter_context(
            running(["socat", "-u", "STDIN", listen], stdin=subprocess.PIPE, bufsize=0)
        )
        stack.enter_context(
            running(
                [sys.executable, "-m", "http.server", str(ports["http"]), "--bind", "127.0.0.1"],
                cwd=web, stdout=subprocess.DEVNULL,
            )
        )  # fmt: skip
        radar = Client(CallbackAPIVersion.VERSION2)
        radar.connect("127.0.0.1", broker.port)
        radar.loop_start()
        stack.callback(radar.loop_stop)
        site = RunningSite(tmp_path, SOURCES.format(mqtt=broker.port, **ports))
        stack.callback(site.process.kill)
        client = stack.enter_context(
            httpx.Client(headers={"Authorization": f"Bearer {site.token}"})
        )
        began = time.time()
        tracks: list[dict[str, object]] = []
        while time.time() - began < LONGEST_S and len(named(tracks)) < 3:
            t = time.time()
            radar.publish("site/north/detections", radar_line(t, t - began), qos=1)
            assert teller.stdin is not None
            teller.stdin.write(sbs_line(t, t - began))
            (web / "new").write_bytes(aircraft_page(t, t - began))
            (web / "new").rename(web / "aircraft.json")
            time.sleep(0.4)
            tracks = client.get(site.address + "api/v1/state").json()["tracks"]
        doors = {one["source"]: one for one in client.get(site.address + "api/v1/sources").json()}
        assert site.stop() == 0
        assert site.process.stdout is not None
        log = site.process.stdout.read()
        site.process.stdout.close()

    assert named(tracks) == {"4ca001", "4ca002", None}
    for name in ("radar", "calls", "page"):
        assert doors[name]["connected"]
        assert doors[name]["decoded"] > 0, doors
        assert not doors[name].get("refused")
    assert not doors["gone"].get("connected")
    assert doors["gone"]["why"]
    assert log.count("source gone: lost") <= 1  # the first may have come before the greeting
    assert log.count("\n") < 12


def named(tracks: list[dict[str, object]]) -> set[object]:
    """The aircraft that confirmed tracks say they are; None for what says nothing."""
    found = set()
    for track in tracks:
        if track["status"] == "confirmed":
            identity = track.get("identity")
            address = identity.get("icao24") if isinstance(identity, dict) else None
            found.add(address.lower() if isinstance(address, str) else None)
    return found
