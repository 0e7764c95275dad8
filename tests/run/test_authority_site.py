"""A whole site that listens to an authority over HTTP: shows, hands on, follows, and survives."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.certificates import Identity
from tests.decode import cap_messages
from tests.decode.cap_messages import SENDER, message, reference, sign
from tests.run.feed_server import FeedServer
from tests.run.test_cap_site import links, restart
from tests.run.test_up import RunningSite

AUTHORITY = """
[[authority]]
id = "pc"
url = "{url}"
authorities = ["national.pem"]
names = ["protection-civile.example"]
senders = ["{sender}"]
interval_s = 1
relay = "{relay}"
"""
HERE = ("14.30,-11.40 14.30,-11.30 14.40,-11.30 14.40,-11.40 14.30,-11.40",
        "14.99,-13.01 14.99,-12.99 15.01,-12.99 15.01,-13.01 14.99,-13.01")  # fmt: skip


@pytest.fixture(autouse=True)
def the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_messages, "NOW", datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(scope="module")
def national() -> Identity:
    return Identity("National authority", ca=True)


@pytest.fixture(scope="module")
def signer(national: Identity) -> Identity:
    return Identity("protection-civile.example", national)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    made = FeedServer()
    yield made
    made.close()


def start(folder: Path, server: FeedServer, national: Identity, relay: str) -> RunningSite:
    (folder / "national.pem").write_bytes(national.pem)
    return RunningSite(folder, AUTHORITY.format(url=server.url, sender=SENDER, relay=relay))


def end(site: RunningSite) -> None:
    if site.process.poll() is None:
        site.stop()
    assert site.process.stdout is not None
    site.process.stdout.close()


def here(xml: str) -> str:
    """The message, for the clinic's ground."""
    return xml.replace(*HERE)


def wait(for_what: Callable[[], Any]) -> Any:
    for _ in range(150):
        found = for_what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("did not come about within 15 s")


def standing(site: RunningSite, address: str = "") -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {site.token}"}
    answer = httpx.get(f"{address or site.address}api/v1/authorities", headers=headers)
    found: list[dict[str, Any]] = answer.json()
    return found


def rung(site: RunningSite) -> list[str]:
    return site.rung.read_text().split() if site.rung.exists() else []


@pytest.mark.fault
def test_a_press_hands_a_warning_on_and_its_end_follows_across_a_killed_run(
    tmp_path: Path, server: FeedServer, national: Identity, signer: Identity
) -> None:
    first = sign(here(message()), signer)
    server.messages["1.xml"] = first
    server.messages["2.xml"] = sign(here(message("pc-x")), Identity("x", now=datetime.now(UTC)))
    site = start(tmp_path, server, national, "ask")
    address = site.address
    try:
        (shown,) = wait(lambda: standing(site))
        assert shown["signed_by"] == "protection-civile.example"
        assert shown["may_relay"]
        assert shown["alert"]["infos"][1]["headline"] == "Armed drones near Kayes"
        public = httpx.get(f"{address}warn/state.json").json()
        (told,) = public["authorities"]
        assert told["texts"]["fr"] == ["Drones armés près de Kayes", "Mettez-vous à l’abri."]
        assert (told["where"], told.get("alarm", False)) == ("Kayes", False)
        assert public["zones"][0]["level"] == "calm", "it is not ours"
        assert rung(site) == [], "nobody has pressed"
        path = f"{address}api/v1/authorities/{shown['id']}/relay"
        assert httpx.post(path).status_code in (401, 403)
        headers = {"Authorization": f"Bearer {site.token}"}
        assert httpx.post(path, headers=headers).status_code == 201
        wait(lambda: rung(site) == ["alarm"])
        assert httpx.post(path, headers=headers).status_code == 409
        unknown = f"{address}api/v1/authorities/0000/relay"
        assert httpx.post(unknown, headers=headers).status_code == 404
        wait(lambda: httpx.get(f"{address}warn/state.json").json()["authorities"][0].get("alarm"))
        (fed,) = links(address).values()
        assert fed == first, "byte for byte, with its identifier, sender and signature"
        feed = httpx.get(f"{address}cap/feed.xml").text
        assert f"urn:cap:{SENDER}" in feed
        (file,) = wait(lambda: list((tmp_path / "data" / "cap").glob("clinic-pc-*.xml")))
        assert file.read_bytes() == first

        def refused() -> Any:
            doors = httpx.get(f"{address}api/v1/sources", headers=headers).json()
            return next((one.get("refused") for one in doors if one["source"] == "pc"), None)

        assert wait(refused) == {"certificate-untrusted": 1}

        site.process.send_signal(signal.SIGKILL)
        site.process.wait()
        process, address = restart(tmp_path)
        try:
            wait(lambda: standing(site, address))
            assert standing(site, address)[0]["relayed"][0]["level"] == "alarm"
            assert links(address) == {next(iter(links(address))): first}
            time.sleep(1.5)
            assert rung(site) == ["alarm"], "nothing is handed on twice"
            cancel = message("pc-2", "Cancel", minutes=0.2, about=[reference("pc-1")])
            server.messages["3.xml"] = sign(here(cancel), signer)
            wait(lambda: rung(site) == ["alarm", "all-clear"])
            assert standing(site, address) == []
            wait(lambda: any(b"<msgType>Cancel" in one for one in links(address).values()))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
            assert process.stdout is not None
            process.stdout.close()
    finally:
        end(site)


def test_by_itself_a_grave_warning_rings_and_its_end_is_told(
    tmp_path: Path, server: FeedServer, national: Identity, signer: Identity
) -> None:
    light = message("pc-2").replace("Extreme", "Severe")
    server.messages["2.xml"] = sign(here(light), signer)
    server.messages["3.xml"] = sign(message("pc-3"), signer)
    site = start(tmp_path, server, national, "automatic")
    try:
        wait(lambda: len(standing(site)) == 2)
        cap_messages.NOW = datetime.now(UTC).replace(microsecond=0)  # the fixture puts it back
        server.messages["1.xml"] = sign(here(message(until=0.2)), signer)  # twelve seconds
        wait(lambda: rung(site) == ["alarm"])
        told = {one["alert"]["identifier"]: one for one in standing(site)}
        assert set(told) == {"pc-1", "pc-2", "pc-3"}
        assert [one["zone"] for one in told["pc-1"]["relayed"]] == ["clinic"]
        assert told["pc-2"]["may_relay"]
        assert not told["pc-3"].get("may_relay", False), "it touches none of our ground"
        wait(lambda: rung(site) == ["alarm", "all-clear"])
        assert site.stop() == 0
        assert site.process.stdout is not None
        log = site.process.stdout.read()
        assert "authority pc: Alert" in log
        assert "Kayes" not in log, "nothing of what strangers write"
    finally:
        end(site)
    assert ("/feed.xml", 304) in server.asked
    assert len([path for path, _ in server.asked if path == "/cap/3.xml"]) == 1
