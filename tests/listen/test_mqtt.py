"""The MQTT door against a real broker (Debian's mosquitto): killed and restarted, with TLS, with
a password, and with old messages that it must not take for new ones."""

from __future__ import annotations

import asyncio
import gc
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiomqtt
import pytest
from tests.listen.doors import NDJSON, door, first, until
from tests.mosquitto import MOSQUITTO, Broker

from tocsin.listen.door import Door
from tocsin.listen.mqtt import MOST_PAYLOAD_BYTES, MqttTopics
from tocsin.words import Frame, SourceHealth

pytestmark = pytest.mark.skipif(
    MOSQUITTO is None, reason="no mosquitto: as root, apt-get install mosquitto"
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path)
    yield made
    made.kill()


def listener(
    broker: Broker,
    topics: Sequence[str] = ("#",),
    login: tuple[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Door:
    return door(
        MqttTopics(
            NDJSON, "127.0.0.1" if tls is None else "localhost", broker.port, topics,
            client="t", login=lambda: login, tls=tls,
        )
    )  # fmt: skip


async def say(broker: Broker, *messages: tuple[str, bytes], retain: bool = False) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port) as client:
        for topic, payload in messages:
            await client.publish(topic, payload, qos=1, retain=retain)


def test_topics_with_wildcards_are_heard_and_others_are_not(broker: Broker) -> None:
    broker.start()

    async def run() -> tuple[list[Frame], SourceHealth]:
        await say(broker, ("site/a/drone", b"yesterday's"), retain=True)
        source = listener(broker, ["site/+/drone", "radar/#"])
        await source.open()
        await until(lambda: source.health().refused)
        await say(
            broker,
            ("site/b/drone", b"one\ntwo"),
            ("site/b/other", b"not asked for"),
            ("radar/1/x", bytes(MOST_PAYLOAD_BYTES + 1)),
            ("radar/1/y", b"three"),
        )
        found = await first(3, source)
        await source.close()
        return found, source.health()

    found, health = asyncio.run(run())
    assert [f.data for f in found] == [b"one", b"two", b"three"]
    assert [f.origin for f in found] == ["n site/b/drone", "n site/b/drone", "n radar/1/y"]
    assert health.refused == {"retained": 1, "payload-size": 1}


def test_a_broker_that_was_killed_is_found_again(broker: Broker) -> None:
    broker.start()

    async def run() -> tuple[list[Frame], SourceHealth, SourceHealth]:
        source = listener(broker)
        await source.open()
        await until(lambda: source.health().connected)
        await say(broker, ("x", b"before"))
        found = await first(1, source)
        broker.kill()
        away = await until(lambda: None if source.health().connected else source.health())
        await asyncio.to_thread(broker.start)
        await until(lambda: source.health().connected)
        await say(broker, ("x", b"after"))
        found += await first(1, source)
        await source.close()
        return found, away, source.health()

    found, away, back = asyncio.run(run())
    assert [f.data for f in found] == [b"before", b"after"]
    assert away.why
    assert back.reconnects == 1
    assert back.why is None


def test_a_password_is_asked_for_and_never_shown(broker: Broker, tmp_path: Path) -> None:
    if shutil.which("mosquitto_passwd") is None:
        pytest.skip("no mosquitto_passwd")
    kept = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(kept), "site", "s3cret"], check=True)
    broker.lines = ["allow_anonymous false", f"password_file {kept}", broker.lines[1]]
    broker.start()

    async def run() -> tuple[SourceHealth, SourceHealth]:
        good, bad = (
            listener(broker, login=("site", "s3cret")),
            listener(broker, login=("site", "x")),
        )
        await good.open()
        await bad.open()
        await until(lambda: good.health().connected)
        await until(lambda: bad.health().why)
        await good.close()
        await bad.close()
        return good.health(), bad.health()

    good, bad = asyncio.run(run())
    assert good.why is None
    assert bad.why is not None
    assert "s3cret" not in bad.why


# paho leaves the socket of a refused certificate to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_tls_by_the_certificates_that_the_site_trusts(broker: Broker, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
        ],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    cert = tmp_path / "cert.pem"
    broker.lines += [f"certfile {cert}", f"keyfile {tmp_path / 'key.pem'}"]
    broker.start()

    async def run() -> tuple[SourceHealth, SourceHealth]:
        trusting = listener(broker, tls=ssl.create_default_context(cafile=str(cert)))
        doubting = listener(broker, tls=ssl.create_default_context())
        await trusting.open()
        await doubting.open()
        await until(lambda: trusting.health().connected)
        await until(lambda: doubting.health().why)
        await trusting.close()
        await doubting.close()
        return trusting.health(), doubting.health()

    trusting, doubting = asyncio.run(run())
    gc.collect()
    assert trusting.why is None
    assert "certificate" in str(doubting.why).lower()
