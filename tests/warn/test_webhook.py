"""The webhook over a real server: what is sent, how it is signed, and what must not be sent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.warn.webhook import Webhook, WebhookBody, WebhookSettings
from tocsin.words import Alert, Position, Reason, Receipt, Witness

SECRET = "0123456789abcdef-secret"


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...


class Relay(Protocol):
    url: str
    status: int
    calls: list[tuple[str, str, bytes, dict[str, str]]]


def _use(
    settings: WebhookSettings, clock: HandClock, act: Callable[[Webhook], Awaitable[Receipt]]
) -> Receipt:
    async def run() -> Receipt:
        hook = Webhook("hook", settings, clock, 5.0)
        try:
            return await act(hook)
        finally:
            await hook.close()

    return asyncio.run(run())


def test_the_statement_is_posted_whole_and_signed(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    settings = WebhookSettings(relay.url + "/in", secret=SECRET, headers={"X-Site": "dam"})
    texts = {"fr": "Au secours", "en": "Help"}
    told = {tag: plain(text) for tag, text in texts.items()}
    receipt = _use(settings, clock, lambda hook: hook.deliver(alarm, told, b"<alert/>"))
    assert receipt.delivered
    method, path, body, headers = relay.calls[0]
    assert (method, path) == ("POST", "/in")
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Site"] == "dam"
    digest = hmac.new(SECRET.encode(), b"1000." + body, hashlib.sha256).hexdigest()
    assert headers["X-Tocsin-Signature"] == f"t=1000,v1={digest}"
    sent = msgspec.json.decode(body, type=WebhookBody)
    assert sent.alert == "dam-1"
    assert sent.level == "alarm"
    assert sent.codes == ("inside",)
    assert sent.texts == texts
    assert sent.cap_xml == "<alert/>"


def test_a_repeat_carries_the_same_key_and_another_statement_another(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    settings = WebhookSettings(relay.url, cap=False)

    async def thrice(hook: Webhook) -> Receipt:
        await hook.deliver(alarm, {}, b"<a/>")
        await hook.deliver(alarm, {}, b"<a/>")
        return await hook.deliver(replace(alarm, sequence=2), {}, b"<a/>")

    _use(settings, clock, thrice)
    keys = [headers["Idempotency-Key"] for _, _, _, headers in relay.calls]
    assert keys[0] == keys[1] != keys[2]
    assert all("X-Tocsin-Signature" not in headers for _, _, _, headers in relay.calls)
    assert all(b"cap_xml" not in body for _, _, body, _ in relay.calls)


def test_no_place_witness_or_serial_is_sent(relay: Relay, clock: HandClock, alarm: Alert) -> None:
    loaded = replace(
        alarm,
        position=Position(14.987654, -11.123456, 222.0),
        witnesses=(Witness("mic-secret-7", "acoustic", 1.0),),
        because=(Reason("unknown-identity", {"serial": "1581F5FJD228K00A"}),),
        reasons=("announces 1581F5FJD228K00A, which is not registered here",),
    )
    _use(WebhookSettings(relay.url), clock, lambda hook: hook.deliver(loaded, {}, b""))
    body = relay.calls[0][2]
    for secret in (b"14.98", b"11.12", b"mic-secret", b"1581F5"):
        assert secret not in body
    assert b"unknown-identity" in body


def test_a_refusal_is_a_failure(relay: Relay, clock: HandClock, alarm: Alert) -> None:
    relay.status = 401
    receipt = _use(WebhookSettings(relay.url), clock, lambda hook: hook.deliver(alarm, {}, b""))
    assert not receipt.delivered
    assert receipt.detail == "answered 401 Unauthorized"


def test_the_self_test_is_marked_as_one(relay: Relay, clock: HandClock) -> None:
    receipt = _use(WebhookSettings(relay.url), clock, lambda hook: hook.self_test())
    assert receipt.delivered
    sent = msgspec.json.decode(relay.calls[0][2], type=WebhookBody)
    assert sent.test
    assert sent.drill
    assert not sent.public
