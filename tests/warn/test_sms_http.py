"""Text messages through a real HTTP server that plays a gateway: honest, refusing, lying."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

import msgspec
import pytest
from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.ports import Clock
from tocsin.warn.registry import channel_faults, make_channel
from tocsin.words import Alert, Receipt

ONE, TWO = "+22370000001", "+22370000002"
SECRET = "hunter2-hunter2"


class Relay(Protocol):
    url: str
    status: int
    answer: bytes
    calls: list[tuple[str, str, bytes, dict[str, str]]]


def _tell(table: dict[str, object], clock: Clock, *alerts: Alert, test: bool = False) -> Receipt:
    async def run() -> Receipt:
        table.setdefault("to", [ONE, f"{TWO} ar"])
        channel = make_channel("sms", "sms-http", table, clock).channel
        texts = {"fr": plain('Alerte "1"\n& é'), "ar": plain("إنذار")}
        try:
            if test:
                return await channel.self_test()
            return [await channel.deliver(alert, texts, b"") for alert in alerts][-1]
        finally:
            await channel.close()

    return asyncio.run(run())


@pytest.fixture
def secret(tmp_path: Path) -> str:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    return str(file)


def test_json_form_and_url_are_filled_and_escaped(
    relay: Relay, clock: Clock, alarm: Alert, secret: str
) -> None:
    send = {
        "url": relay.url + "/send",
        "body": '{"to":"$to","text":"$text","key":"$id"}',
        "headers": {"Authorization": "Bearer $secret"},
    }
    assert _tell({"send": send, "secret_file": secret}, clock, alarm).delivered
    told = {
        m["to"]: m["text"] for m in (msgspec.json.decode(body) for _, _, body, _ in relay.calls)
    }
    assert told == {ONE: 'Alerte "1"\n& é', TWO: "إنذار"}
    assert {headers["Authorization"] for *_, headers in relay.calls} == {f"Bearer {SECRET}"}
    relay.calls.clear()
    form = {"url": relay.url + "/f?n=$digits", "body": "to=$to&text=$text"}
    assert _tell({"send": form, "body_type": "form"}, clock, alarm).delivered
    assert {path for _, path, _, _ in relay.calls} == {f"/f?n={ONE[1:]}", f"/f?n={TWO[1:]}"}
    told = {q["to"][0]: q["text"][0] for q in (parse_qs(b.decode()) for _, _, b, _ in relay.calls)}
    assert told[ONE] == 'Alerte "1"\n& é'


def test_a_repeat_calls_only_for_those_who_were_not_told(
    relay: Relay, clock: Clock, alarm: Alert
) -> None:
    send = {"url": relay.url + "/$digits", "method": "GET"}
    assert _tell({"send": send}, clock, alarm, alarm).delivered
    assert len(relay.calls) == 2
    assert _tell({"send": send}, clock, alarm, replace(alarm, sequence=2)).delivered
    assert len(relay.calls) == 6


def test_a_gateway_that_says_no_politely_is_found_out(
    relay: Relay, clock: Clock, alarm: Alert
) -> None:
    relay.answer = b'{"status":"no-credit"}'
    send = {"url": relay.url + "/$digits", "method": "GET"}
    receipt = _tell({"send": send, "success": '"status":"(queued|sent)"'}, clock, alarm)
    assert not receipt.delivered
    assert "recipient 1: the answer does not match success" in str(receipt.detail)
    relay.status = 503
    assert "answered 503" in str(_tell({"send": send}, clock, alarm).detail)


def test_a_gateway_that_accepts_and_drops_is_found_out_and_not_asked_to_send_again(
    relay: Relay, clock: Clock, alarm: Alert
) -> None:
    relay.answer = b'{"id":"m7","state":"queued"}'
    table: dict[str, object] = {
        "to": [ONE],
        "timeout_s": 0.5,
        "send": {"url": relay.url + "/send/$digits"},
        "confirm": {
            "call": {"url": relay.url + "/state/$key", "method": "GET"},
            "key": '"id":"([^"]+)"',
            "delivered": '"state":"delivered"',
            "failed": '"state":"failed"',
        },
    }
    lied = _tell(table, clock, alarm, alarm)
    assert not lied.delivered
    assert lied.detail == (
        "0 of 1 accepted by the gateway; recipient 1: accepted by the gateway; not confirmed"
    )
    paths = [path for _, path, _, _ in relay.calls]
    assert paths.count(f"/send/{ONE[1:]}") == 1
    assert "/state/m7" in paths
    relay.answer = b'{"id":"m7","state":"delivered"}'
    assert "1 confirmed by the receiver" in str(_tell(table, clock, alarm).detail)


def test_no_number_and_no_secret_is_in_a_receipt_or_a_fault(
    clock: Clock, alarm: Alert, secret: str
) -> None:
    send = {"url": "http://127.0.0.1:1/$digits?key=$secret", "method": "GET"}
    told = str(_tell({"send": send, "secret_file": secret}, clock, alarm))
    assert "ConnectError" in told
    assert not re.search(f"{ONE[1:]}|{SECRET}", told)
    faults = channel_faults("sms", "sms-http", {"to": ["70000001"], "send": {"url": "http://a/"}})
    assert [f.key for f in faults] == ["channels.sms.to", "channels.sms.send"]
    assert "70000001" not in str(faults)


def test_the_self_test_asks_for_the_balance_and_sends_nothing(relay: Relay, clock: Clock) -> None:
    relay.answer = b"credit: 12"
    send = {"url": relay.url + "/$digits"}
    table: dict[str, object] = {"send": send, "test_success": r"credit: [1-9]"}
    assert not _tell(dict(table), clock, test=True).delivered
    table["test"] = {"url": relay.url + "/balance", "method": "GET"}
    assert _tell(dict(table), clock, test=True).delivered
    assert [path for _, path, _, _ in relay.calls] == ["/balance"]
    relay.answer = b"credit: 0"
    assert not _tell(dict(table), clock, test=True).delivered
