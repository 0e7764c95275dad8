"""A site between its nodes and its parent, for real: two nodes register over TCP and see a drone,
and the parent node that the site registers with is told of the track and of the alert."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.run.test_sapient import registration, sample
from tests.run.test_up import free_port

import tocsin.encode.sapient as say
from tocsin.decode.sapient import Prefixed, read_message
from tocsin.earth import LocalFrame
from tocsin.encode.ulid import ulid_of, uuid_of

PARENT = uuid_of("parent")
SITE = """
[site]
name = "Clinic"

[serve]
port = {page}

[[zone]]
id = "clinic"
names = {{ en = "the clinic", fr = "la clinique" }}
polygon = [[-13.002, 14.998], [-12.998, 14.998], [-12.998, 15.002], [-13.002, 15.002]]

[[source]]
id = "nodes"
kind = "sapient"
port = {nodes}

[[peer]]
id = "above"
kind = "sapient"
host = "127.0.0.1"
port = {parent}
"""


class Parent:
    """A fusion node above the site: accepts whoever registers and remembers what it was told."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.told: list[SapientMessage] = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        link, _ = self.listener.accept()
        splitter = Prefixed()
        with link:
            while data := link.recv(65_536):
                for packet in splitter.feed(data):
                    message = read_message(packet)
                    self.told.append(message)
                    if message.HasField("registration"):
                        ack = say.registration_ack(PARENT, message.node_id, time.time())
                        link.sendall(say.framed(ack))

    def has(self, content: str) -> bool:
        return any(m.WhichOneof("content") == content for m in list(self.told))

    def wait_for(self, content: str, seconds: float = 30) -> SapientMessage:
        end = time.time() + seconds
        while time.time() < end:
            for message in list(self.told):
                if message.WhichOneof("content") == content:
                    return message
            time.sleep(0.05)
        raise AssertionError(f"no {content} among {[m.WhichOneof('content') for m in self.told]}")


class Node:
    """One sensor node that has registered."""

    def __init__(self, name: str, kind: int, port: int) -> None:
        self.id = uuid_of(name)
        self.link = socket.create_connection(("127.0.0.1", port))
        self.link.settimeout(10)
        data = registration(kind, node=self.id)
        self.link.sendall(len(data).to_bytes(4, "little") + data)
        (ack,) = Prefixed().feed(self.link.recv(65_536))
        assert read_message(ack).registration_ack.acceptance
        status = sample("StatusReport.Goodbye.json", self.id)
        status.status_report.system = status.status_report.SYSTEM_OK
        self.link.sendall(say.framed(status))

    def see(self, lat: float, lon: float, alt_m: float) -> None:
        now = time.time()
        said = SapientMessage(node_id=self.id)
        said.timestamp.FromNanoseconds(int(now * 1e9))
        told = said.detection_report
        told.report_id, told.object_id = ulid_of(f"{now}", now), ulid_of(self.id)
        at = told.location
        at.x, at.y, at.z, at.x_error, at.y_error, at.z_error = lon, lat, alt_m, 8e-5, 8e-5, 10.0
        at.coordinate_system, at.datum = 1, 1  # type: ignore[assignment]
        kind = told.classification.add(type="Air Vehicle", confidence=0.95)
        kind.sub_class.add(type="UAV Rotary Wing", confidence=0.95, level=1)
        self.link.sendall(say.framed(said))


def test_nodes_report_and_the_parent_is_told(tmp_path: Path) -> None:
    parent = Parent()
    nodes_port = free_port(socket.SOCK_STREAM)
    text = SITE.format(page=free_port(socket.SOCK_STREAM), nodes=nodes_port, parent=parent.port)
    (tmp_path / "tocsin.toml").write_text(text)
    (tmp_path / "sensors.json").write_text(json.dumps([]))
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tocsin.run", "up", str(tmp_path / "tocsin.toml")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    nodes: list[Node] = []
    try:
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("the page for everybody"):
                break
        found = re.search(r"open (http://\S+/)#token=(\S+)", said)
        assert found, said
        types = Registration.NodeType
        nodes += [
            Node("radar", types.NODE_TYPE_RADAR, nodes_port),
            Node("camera", types.NODE_TYPE_CAMERA, nodes_port),
        ]
        frame = LocalFrame(15.0, -13.0, 30.0)
        began = time.time()
        while (gone := time.time() - began) < 6 or (gone < 25 and not parent.has("alert")):
            north = 700.0 - 15.0 * gone
            lat, lon, alt = frame.to_wgs84(0.0, north, 80.0)
            for node in nodes:
                node.see(float(lat), float(lon), float(alt))
            time.sleep(0.3)
        headers = {"Authorization": f"Bearer {found[2]}"}
        state = httpx.get(found[1] + "api/v1/state", headers=headers).json()
        assert parent.told[0].HasField("registration")
        assert parent.wait_for("status_report").status_report.mode == "watch"
        seen = parent.wait_for("detection_report").detection_report
        assert abs(seen.location.x + 13.0) < 1e-3
        assert 15.0 < seen.location.y < 15.01
        reports = [m for m in parent.told if m.HasField("detection_report")]
        assert {m.detection_report.object_id for m in reports} == {seen.object_id}
        assert -18 < reports[-1].detection_report.enu_velocity.north_rate < -12
        alert = parent.wait_for("alert").alert
        assert alert.associated_detection[0].object_id == seen.object_id
        assert not [m for m in parent.told if m.HasField("task")]
        (track,) = state["tracks"]
        assert sorted(track["sensors"]) == sorted(node.id for node in nodes)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        process.stdout.close()
        parent.listener.close()
        for node in nodes:
            node.link.close()
