"""A node's links against real other sides: mosquitto, an HTTPS door, a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import shutil
import socket
import ssl
import subprocess
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiomqtt
import httpx
import pytest
from tests.encode.ear_reports import event_report, written
from tests.listen.doors import door, first, until
from tests.listen.test_mqtt import MOSQUITTO, Broker

from tocsin.decode.ear_report import EarReportFormat
from tocsin.errors import DeliveryError
from tocsin.listen.door import Door
from tocsin.listen.http_post import MOST_BODY_BYTES, HttpPosts
from tocsin.listen.mqtt import MqttTopics
from tocsin.listen.serial import SerialLine
from tocsin.share.report_http import HttpPost
from tocsin.share.report_mqtt import MqttPost
from tocsin.share.report_serial import SerialPost
from tocsin.words import Frame, SourceHealth

FORM = EarReportFormat()
REPORTS = [written(event_report(number)) for number in range(1, 41)]
needs_mosquitto = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto: as root, apt-get install mosquitto"
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.kill()


def mqtt(broker: Broker, on_ask: object = None) -> MqttPost:
    return MqttPost(
        "north-7", "127.0.0.1", broker.port, "tocsin/ear",
        login=lambda: None, on_ask=on_ask,  # type: ignore[arg-type]
    )  # fmt: skip


def site(broker: Broker, *, catch_up: bool = False) -> Door:
    antenna = MqttTopics(
        FORM, "127.0.0.1", broker.port, ["tocsin/ear/+/report"],
        client="site", login=lambda: None, catch_up=catch_up,
    )  # fmt: skip
    return door(antenna, link="ear-report")


async def states(broker: Broker, count: int) -> list[bytes]:
    """What a newcomer and then a watcher sees of the node's state."""
    seen: list[bytes] = []
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        await client.subscribe("tocsin/ear/north-7/state")
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            seen.append(message.payload)
            if len(seen) == count:
                break
    return seen


@needs_mosquitto
def test_mqtt_reports_come_in_order_and_liveness_is_retained(broker: Broker) -> None:
    broker.start()

    async def run() -> tuple[list[Frame], list[bytes]]:
        source = site(broker)
        await source.open()
        await until(lambda: source.health().connected)
        node = mqtt(broker)
        await node.post(REPORTS[:20])
        await node.post(REPORTS[20:])
        found = await first(40, source)
        watching = asyncio.create_task(states(broker, 2))
        await asyncio.sleep(0.2)
        await node.close()
        seen = await watching
        await source.close()
        return found, seen

    found, seen = asyncio.run(run())
    assert [f.data for f in found] == REPORTS
    assert {f.link for f in found} == {"ear-report"}
    assert seen == [b"online", b"offline"]


@needs_mosquitto
def test_a_broker_that_is_killed_takes_nothing_and_takes_it_when_it_is_back(broker: Broker) -> None:
    broker.start()

    async def run() -> list[Frame]:
        source = site(broker)
        node = mqtt(broker)
        await source.open()
        await until(lambda: source.health().connected)
        await node.post(REPORTS[:1])
        broker.kill()
        with pytest.raises(DeliveryError):
            await node.post(REPORTS[1:2])
        with pytest.raises(DeliveryError):
            await node.post(REPORTS[1:2])
        await asyncio.to_thread(broker.start)
        await until(lambda: source.health().reconnects)
        await node.post(REPORTS[1:2])
        found = await first(2, source)
        await node.close()
        await source.close()
        return found

    assert [f.data for f in asyncio.run(run())] == REPORTS[:2]


@needs_mosquitto
def test_what_the_broker_took_while_the_site_was_away_is_caught_up(broker: Broker) -> None:
    broker.start()

    async def run() -> list[Frame]:
        before = site(broker, catch_up=True)
        await before.open()
        await until(lambda: before.health().connected)
        await before.close()
        node = mqtt(broker)
        await node.post(REPORTS[:5])
        await node.close()
        after = site(broker, catch_up=True)
        await after.open()
        found = await first(5, after)
        await after.close()
        return found

    assert [f.data for f in asyncio.run(run())] == REPORTS[:5]


@needs_mosquitto
def test_an_ask_of_the_site_reaches_the_node(broker: Broker) -> None:
    broker.start()
    asked: list[bytes] = []

    async def run() -> None:
        node = mqtt(broker, asked.append)
        await node.post(REPORTS[:1])
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.publish("tocsin/ear/north-7/ask", b"x" * 5000, qos=1)
            await client.publish("tocsin/ear/north-7/ask", b"keep", qos=1)
        await until(lambda: asked)
        await node.close()

    asyncio.run(run())
    assert asked == [b"keep"]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder


def posts(port: int, tls: Path | None = None) -> Door:
    pair = (None, None) if tls is None else (tls / "cert.pem", tls / "key.pem")
    return door(HttpPosts(FORM, port, "127.0.0.1", *pair), link="ear-report", most_waiting=60)


def test_https_reports_are_taken_in_order_by_a_trusted_site_only(certificate: Path) -> None:
    port = free_port()
    trusting = ssl.create_default_context(cafile=str(certificate / "cert.pem"))

    async def run() -> list[Frame]:
        source = posts(port, certificate)
        await source.open()
        await until(lambda: source.health().connected)
        url = f"https://127.0.0.1:{port}/ear"
        node = HttpPost(url, headers=dict, tls=trusting)
        await node.post(REPORTS[:10])
        await node.post(REPORTS[10:12])
        doubting = HttpPost(url, headers=dict, tls=ssl.create_default_context())
        with pytest.raises(DeliveryError, match="certificate"):
            await doubting.post(REPORTS[12:])
        found = await first(12, source)
        for one in (node, doubting):
            await one.close()
        await source.close()
        return found

    assert [f.data for f in asyncio.run(run())] == REPORTS[:12]


def test_a_site_that_is_away_full_or_wrong_takes_nothing() -> None:
    port = free_port()

    async def run() -> tuple[list[str], SourceHealth]:
        why: list[str] = []
        node = HttpPost(f"http://127.0.0.1:{port}/ear?key=s3cret", headers=dict)

        async def fails(reports: Sequence[bytes]) -> None:
            with pytest.raises(DeliveryError) as caught:
                await node.post(reports)
            why.append(str(caught.value))

        await fails(REPORTS[:1])
        source = posts(port)
        await source.open()
        await until(lambda: source.health().connected)
        await fails([])  # nothing that could be read
        await node.post(REPORTS)  # 40 of 60 wait now: more than half
        await fails(REPORTS)
        assert len(await first(40, source)) == 40
        await fails([bytes(MOST_BODY_BYTES)])
        async with httpx.AsyncClient() as stranger:
            answer = await stranger.get(f"http://127.0.0.1:{port}/")
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        await source.close()
        await fails(REPORTS[:1])
        await node.close()
        return why, source.health()

    why, health = asyncio.run(run())
    assert [text.rsplit(" ", 1)[-1] for text in why[1:4]] == ["400", "503", "413"]
    assert not any("s3cret" in text for text in why)
    assert health.refused == {"no-message": 1, "body-size": 1}


def test_a_taken_port_is_told() -> None:
    port = free_port()

    async def run() -> None:
        from tocsin.errors import SourceError

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            taken.listen()
            with pytest.raises(SourceError, match="in use"):
                await posts(port).open()

    asyncio.run(run())


def test_a_serial_line_carries_framed_reports_and_noise_costs_one(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)

    async def run() -> tuple[list[Frame], SourceHealth]:
        source = door(SerialLine(FORM.splitter, name, 115_200), link="ear-report")
        # the two ends of the line: what the node writes is what the site reads
        other, theirs = pty.openpty()
        tty.setraw(theirs)
        tty.setraw(other)
        tty.setraw(master)
        loop = asyncio.get_running_loop()
        loop.add_reader(other, lambda: os.write(master, os.read(other, 4096)))
        await source.open()
        await until(lambda: source.health().connected)
        node = SerialPost(os.ttyname(theirs), 115_200, pause_s=0.01)
        await node.post(REPORTS[:3])
        os.write(theirs, b"noise\x00\x07")
        await node.post(REPORTS[3:6])
        found = await first(6, source)
        await node.close()
        loop.remove_reader(other)
        await source.close()
        for end in (other, theirs):
            os.close(end)
        return found, source.health()

    found, health = asyncio.run(run())
    os.close(master)
    os.close(slave)
    assert [f.data for f in found] == REPORTS[:6]
    assert health.given_up_bytes == 6


def test_a_line_that_is_not_there_takes_nothing() -> None:
    async def run() -> None:
        with pytest.raises(DeliveryError, match="No such file"):
            await SerialPost("/dev/nonexistent", 9600).post(REPORTS[:1])

    asyncio.run(run())
