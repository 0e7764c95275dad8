"""ntfy through a server that is true to its protocol, which Apprise's own client speaks as well."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import apprise
import pytest
from msgspec.structs import replace
from tests.warn.ntfy_server import NtfyServer
from tests.warn.plain import plain

from tocsin.ports import Clock
from tocsin.warn.registry import channel_faults, make_channel
from tocsin.words import Alert, Receipt


@pytest.fixture
def server() -> Iterator[NtfyServer]:
    made = NtfyServer()
    yield made
    made.close()


def _tell(url: str, clock: Clock, *alerts: Alert, test: bool = False, **more: object) -> Receipt:
    async def run() -> Receipt:
        table = {"url": url, "topic": "bell", **more}
        channel = make_channel("push", "ntfy", table, clock).channel
        try:
            if test:
                return await channel.self_test()
            texts = {"fr": plain("Alerte é"), "ar": plain("إنذار")}
            return [await channel.deliver(alert, texts, b"") for alert in alerts][-1]
        finally:
            await channel.close()

    return asyncio.run(run())


def test_level_is_priority_and_tag_and_the_button_leads_to_the_page(
    server: NtfyServer, clock: Clock, alarm: Alert
) -> None:
    page = "http://192.168.1.5:8080/warn"
    over = replace(alarm, sequence=2, level="all-clear", drill=True)
    receipt = _tell(server.url, clock, alarm, over, click=page, button=page, button_text="Vu")
    assert receipt.delivered
    assert receipt.detail == "accepted by the server"
    first, second = server.messages
    assert (first["title"], first["priority"]) == ("Alerte é", 5)
    assert first["tags"] == ["rotating_light", "alarm"]
    assert "إنذار" in str(first["message"])
    assert first["click"] == page
    assert first["actions"] == [{"action": "view", "label": "Vu", "url": page}]
    assert second["priority"] == 3
    assert second["tags"] == ["white_check_mark", "all-clear", "drill"]


def test_a_server_that_accepts_and_drops_is_found_out(
    server: NtfyServer, clock: Clock, alarm: Alert
) -> None:
    assert _tell(server.url, clock, alarm, confirm=True).detail == "read back from the server"
    server.drops = True
    lied = _tell(server.url, clock, alarm, confirm=True)
    assert not lied.delivered
    assert lied.detail == "accepted by the server, which does not have it"


def test_a_repeat_publishes_nothing_again(server: NtfyServer, clock: Clock, alarm: Alert) -> None:
    _tell(server.url, clock, alarm, alarm, confirm=True)
    assert len(server.messages) == 1


def test_a_token_is_sent_and_never_shown(
    server: NtfyServer, clock: Clock, alarm: Alert, tmp_path: Path
) -> None:
    server.token = "tk_sesame"
    refused = _tell(server.url, clock, alarm)
    assert refused.detail == "answered 403"
    assert _tell(server.url, clock, test=True).detail == "answered 403"
    token = tmp_path / "token"
    token.write_text("tk_sesame\n")
    token.chmod(0o600)
    assert _tell(server.url, clock, alarm, token_file=str(token)).delivered
    assert _tell(server.url, clock, test=True, token_file=str(token)).delivered
    assert len(server.messages) == 1


def test_a_web_server_that_is_no_ntfy_is_found_out(
    clock: Clock, relay: object, alarm: Alert
) -> None:
    assert _tell(relay.url, clock, alarm).detail == "the answer is not ntfy's"  # type: ignore[attr-defined]


# Apprise imports a module that Python 3.13 no longer has, and brings its own for then
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_another_client_of_ntfy_is_understood_by_the_same_server(server: NtfyServer) -> None:
    carrier = apprise.Apprise()
    assert carrier.add(server.url.replace("http://", "ntfy://") + "/bell?mode=private")
    assert carrier.notify(body="text", title="title")
    (message,) = server.messages
    assert (message["title"], message["message"]) == ("title", "text")


def test_a_topic_that_cannot_be_one_is_a_fault() -> None:
    faults = channel_faults("push", "ntfy", {"url": "http://a.example", "topic": "a/b"})
    assert [fault.key for fault in faults] == ["channels.push.topic"]
