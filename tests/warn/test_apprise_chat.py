"""Apprise through two of its plug-ins: a JSON server and an SMTP server, both real."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.warn.plain import plain

from tocsin.ports import Clock
from tocsin.warn.registry import channel_faults, make_channel
from tocsin.words import Alert, Receipt

# Apprise imports a module that Python 3.13 no longer has, and brings its own for then
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Relay(Protocol):
    url: str
    status: int
    calls: list[tuple[str, str, bytes, dict[str, str]]]


def _file(folder: Path, *lines: str) -> str:
    file = folder / "chat"
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    return str(file)


def _tell(file: str, clock: Clock, *alerts: Alert) -> Receipt:
    async def run() -> Receipt:
        channel = make_channel("chat", "apprise", {"to_file": file}, clock).channel
        texts = {"fr": plain("Alerte é"), "ar": plain("إنذار")}
        if not alerts:
            return await channel.self_test()
        return [await channel.deliver(alert, texts, b"") for alert in alerts][-1]

    return asyncio.run(run())


def test_each_address_is_told_in_its_language(
    relay: Relay, clock: Clock, alarm: Alert, tmp_path: Path
) -> None:
    base = relay.url.replace("http://", "json://")
    receipt = _tell(_file(tmp_path, f"{base}/a fr", f"{base}/b ar"), clock, alarm, alarm)
    assert receipt.delivered
    assert receipt.detail == "2 of 2 accepted by the service"
    told = {path: msgspec.json.decode(body) for _, path, body, _ in relay.calls}
    assert len(relay.calls) == 2
    assert told["/a"]["title"] == "Alerte é"
    assert told["/b"]["title"] == "إنذار"
    assert told["/a"]["type"] == "failure"


def test_a_service_that_refuses_is_a_failure_and_no_account_is_shown(
    relay: Relay, clock: Clock, alarm: Alert, tmp_path: Path
) -> None:
    relay.status = 500
    base = relay.url.replace("http://", "json://user:sesame@")
    receipt = _tell(_file(tmp_path, base), clock, alarm)
    assert not receipt.delivered
    assert "recipient 1: the service did not take it" in str(receipt.detail)
    assert "sesame" not in str(receipt)


def test_a_mail_server_is_one_of_its_services(clock: Clock, alarm: Alert, tmp_path: Path) -> None:
    letters: list[bytes] = []

    class Office:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
            assert isinstance(envelope.content, bytes)
            letters.append(envelope.content)
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    controller = Controller(Office(), "127.0.0.1", port)
    controller.start()
    try:
        address = (
            f"mailto://127.0.0.1:{port}/?from=bell@example.org&to=mayor@example.org&format=text"
        )
        assert _tell(_file(tmp_path, address), clock, alarm).delivered
    finally:
        controller.stop()
    (letter,) = letters
    assert message_from_bytes(letter, policy=default)["To"] == "mayor@example.org"


def test_the_self_test_and_the_check_know_an_address_from_a_mistake(
    clock: Clock, tmp_path: Path, relay: Relay
) -> None:
    assert _tell(_file(tmp_path, "json://127.0.0.1/a"), clock).delivered
    assert relay.calls == []
    faults = channel_faults("chat", "apprise", {"to_file": _file(tmp_path, "nosuch://sesame")})
    assert "recipient 1" in faults[0].what
    assert "sesame" not in str(faults)
