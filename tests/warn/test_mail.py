"""E-mail through a real SMTP server: an answer for each recipient, grey lists, TLS with a CA."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from msgspec.structs import replace
from tests.certificates import Identity
from tests.warn.plain import plain

from tocsin.ports import Clock
from tocsin.warn.registry import channel_faults, make_channel
from tocsin.words import Alert, Receipt

ONE, TWO = "mayor@example.org", "doctor@example.org"


class Office:
    """A post office: it keeps letters, and answers some recipients as it was told."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.drops = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters += [(to, message) for to in envelope.rcpt_tos]
        return "250 OK"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def port(office: Office) -> Iterator[int]:
    yield from _serve(Controller(office, "127.0.0.1", _free_port()))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _serve(controller: Controller) -> Iterator[int]:
    controller.start()
    yield controller.port
    controller.stop()


def _tell(port: int, clock: Clock, *alerts: Alert, test: bool = False, **more: object) -> Receipt:
    async def run() -> Receipt:
        table: dict[str, object] = {
            "host": "127.0.0.1", "port": port, "sender": "bell@example.org",
            "to": [ONE, f"{TWO} ar"], "security": "none", **more,
        }  # fmt: skip
        channel = make_channel("mail", "email", table, clock).channel
        texts = {"fr": plain("Alerte é"), "ar": plain("إنذار")}
        if test:
            return await channel.self_test()
        return [await channel.deliver(alert, texts, b"<alert/>") for alert in alerts][-1]

    return asyncio.run(run())


def test_each_person_gets_a_letter_of_their_own_with_the_cap_message(
    office: Office, port: int, clock: Clock, alarm: Alert
) -> None:
    receipt = _tell(port, clock, alarm)
    assert receipt.delivered
    assert receipt.detail == "2 of 2 accepted by the mail server"
    letters = dict(office.letters)
    assert set(letters) == {ONE, TWO}
    french = letters[ONE]
    assert french["To"] == ONE
    assert french["Auto-Submitted"] == "auto-generated"
    assert french["Importance"] == "high"
    assert str(french["Subject"]) == "Alerte é"
    text, cap = list(french.iter_parts())
    assert "Alerte é" in text.get_content()
    assert "إنذار" in text.get_content()  # who has no language gets all
    assert cap.get_content_type() == "application/cap+xml"
    assert cap.get_content() == b"<alert/>"
    (only, _) = list(letters[TWO].iter_parts())
    assert "Alerte" not in only.get_content()


def test_one_of_two_is_refused_for_good_and_is_named_by_place_only(
    office: Office, port: int, clock: Clock, alarm: Alert
) -> None:
    office.answers[TWO] = f"550 5.1.1 <{TWO}> no such user"
    receipt = _tell(port, clock, alarm, alarm)
    assert receipt.delivered
    assert receipt.detail == ("1 of 2 accepted by the mail server; recipient 2 refused: 550 5.1.1")
    assert [to for to, _ in office.letters] == [ONE]  # the repeat wrote to nobody again


def test_a_grey_list_is_tried_again_and_the_other_is_not_written_to_twice(
    office: Office, port: int, clock: Clock, alarm: Alert
) -> None:
    office.answers[TWO] = "451 4.7.1 greylisted, try again"

    async def run() -> tuple[Receipt, Receipt]:
        table = {"host": "127.0.0.1", "port": port, "sender": "bell@example.org",
                 "to": [ONE, TWO], "security": "none"}  # fmt: skip
        channel = make_channel("mail", "email", table, clock).channel
        first = await channel.deliver(alarm, {"fr": plain("Alerte")}, b"")
        office.answers.clear()
        return first, await channel.deliver(alarm, {"fr": plain("Alerte")}, b"")

    first, second = asyncio.run(run())
    assert not first.delivered
    assert "recipient 2: 451 4.7.1" in str(first.detail)
    assert second.delivered
    assert [to for to, _ in office.letters] == [ONE, TWO]


def test_a_later_statement_stands_in_the_thread_of_the_first(
    office: Office, port: int, clock: Clock, alarm: Alert
) -> None:
    _tell(port, clock, alarm, replace(alarm, sequence=2), to=[ONE])
    first, second = (letter for _, letter in office.letters)
    assert second["References"] == first["Message-ID"] != second["Message-ID"]


def test_a_repeat_after_a_crash_carries_the_same_name(
    office: Office, port: int, clock: Clock, alarm: Alert
) -> None:
    _tell(port, clock, alarm, to=[ONE])
    _tell(port, clock, alarm, to=[ONE])
    assert len({letter["Message-ID"] for _, letter in office.letters}) == 1


def test_a_server_that_is_not_there_is_a_failure_without_an_address(
    clock: Clock, alarm: Alert
) -> None:
    receipt = _tell(1, clock, alarm)
    assert not receipt.delivered
    assert "recipient 1: the mail server: SMTPConnectError" in str(receipt.detail)
    assert "@" not in str(receipt.detail)


def test_the_self_test_names_everybody_and_writes_to_nobody(
    office: Office, port: int, clock: Clock
) -> None:
    assert _tell(port, clock, test=True).delivered
    office.answers[TWO] = f"550 5.1.1 {TWO} unknown"
    failed = _tell(port, clock, test=True)
    assert failed.detail == "recipient 2: 550 5.1.1"
    assert office.letters == []


# the server's library leaves the socket of a client open that hung up during the TLS handshake
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_with_a_login_needs_a_certificate_of_the_named_ca(
    office: Office, clock: Clock, alarm: Alert, tmp_path: Path, security: str
) -> None:
    ca = Identity("test root", ca=True)
    server = Identity("127.0.0.1", ca, server=True)
    (tmp_path / "ca.pem").write_bytes(ca.pem)
    (tmp_path / "server.pem").write_bytes(server.pem + server.key_pem)
    password = tmp_path / "password"
    password.write_text("sesame-sesame\n")
    password.chmod(0o600)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")

    def login(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == b"sesame-sesame"
        return AuthResult(success=good)

    secured: dict[str, object] = (
        {"ssl_context": context}
        if security == "tls"
        else {"tls_context": context, "require_starttls": True}
    )
    controller = Controller(
        office, "127.0.0.1", _free_port(), authenticator=login,
        auth_required=security == "starttls", auth_require_tls=security == "starttls", **secured,
    )  # fmt: skip
    for port in _serve(controller):
        more = {"security": security, "user": "bell", "password_file": str(password)}
        stranger = _tell(port, clock, alarm, **more)
        assert not stranger.delivered
        assert office.letters == []
        told = _tell(port, clock, alarm, ca=str(tmp_path / "ca.pem"), **more)
        assert told.delivered, told.detail
    assert len(office.letters) == 2
    gc.collect()


def test_faults_show_no_address(tmp_path: Path) -> None:
    table = {"host": "a", "sender": "bell", "to": ["someone-at-example.org"], "user": "u",
             "security": "none"}  # fmt: skip
    faults = channel_faults("mail", "email", table)
    keys = [fault.key.rpartition(".")[2] for fault in faults]
    assert keys == ["to", "sender", "security"]
    assert "someone" not in str(faults)
