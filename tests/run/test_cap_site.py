"""The CAP feed of a real site: signed, verified by others, and unforgetting across a killed run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from lxml import etree
from tests.certificates import Identity
from tests.run.test_up import RunningSite, looks
from tests.xml_validators import java_verdicts, needs_java, needs_xmlsec1, xmlsec1_accepts

from tocsin.encode.cap import NAMESPACE
from tocsin.encode.cap_feed import ATOM

AUTHORITY = Identity("Test authority", ca=True)
CAP = """
[cap]
sender = "tocsin@clinic.example"
certificate = "cap.pem"
key = "cap.key"
"""


def links(address: str) -> dict[str, bytes]:
    """Every message of the feed that a stranger gets, by its address."""
    atom = etree.fromstring(httpx.get(f"{address}cap/feed.xml").content)
    found = [str(one.get("href")) for one in atom.iter(f"{{{ATOM}}}link")]
    return {href: httpx.get(urljoin(address, href)).content for href in found}


def say_until(address: str, send: RunningSite, wanted: str, began: float) -> dict[str, bytes]:
    """Fly the drone in until the feed holds what is wanted."""
    for _ in range(120):
        t = time.time()
        send.send(looks(t, max(0.0, 1100.0 - 25.0 * (t - began))))
        time.sleep(0.4)
        now = links(address)
        if any(wanted.encode() in xml for xml in now.values()):
            return now
    raise AssertionError(f"the feed never said {wanted}")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    Identity("warnings.clinic.example", AUTHORITY).write(tmp_path, "cap")
    running = RunningSite(tmp_path, CAP)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


def restart(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "tocsin.run", "up", str(folder / "tocsin.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("the page for everybody"):
            break
    found = re.search(r"open (http://\S+/)", said)
    assert found, said
    return process, found[1]


@pytest.mark.fault
@needs_xmlsec1
@needs_java
def test_the_feed_is_signed_and_survives_a_killed_run(site: RunningSite, tmp_path: Path) -> None:
    before = say_until(site.address, site, "<severity>Extreme</severity>", time.time())
    ca = tmp_path / "ca.pem"
    ca.write_bytes(AUTHORITY.pem)
    files = []
    for number, xml in enumerate(before.values()):
        files.append(tmp_path / f"fed-{number}.xml")
        files[-1].write_bytes(xml)
    files += sorted((tmp_path / "data" / "cap").glob("*.xml"))
    assert len(files) >= 2
    assert all(xmlsec1_accepts(file, ca) for file in files)
    assert java_verdicts(files, ca) == ["valid"] * len(files)

    site.process.send_signal(signal.SIGKILL)
    site.process.wait()
    process, address = restart(tmp_path)
    try:
        after = links(address)
        assert [said(xml) for xml in after.values()] == [said(xml) for xml in before.values()]
        assert all(b"ds:Signature" in xml for xml in after.values())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()


def said(xml: bytes) -> list[str]:
    """Every word of a message but its signature."""
    root = etree.fromstring(xml)
    return [e.text or "" for e in root.iter(f"{{{NAMESPACE}}}*") if not len(e)]


def test_without_its_key_a_site_rings_publishes_and_says_so(tmp_path: Path) -> None:
    running = RunningSite(tmp_path, CAP)
    try:
        fed = say_until(running.address, running, "<severity>Extreme</severity>", time.time())
        assert not any(b"Signature" in xml for xml in fed.values())
        feed = httpx.get(f"{running.address}cap/feed.xml").text
        assert 'scheme="urn:tocsin:cap:signature" term="unsigned"' in feed
        assert "cap-unsigned" in httpx.get(f"{running.address}health").json()["why"]
        assert "alarm" in running.rung.read_text()
        assert list((tmp_path / "data" / "cap").glob("*.xml"))
    finally:
        running.stop()
        assert running.process.stdout is not None
        running.process.stdout.close()
