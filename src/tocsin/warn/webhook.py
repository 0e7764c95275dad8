"""A JSON message to a server of the site's choosing.

Kind        `webhook`
Sends       POST, media type application/json; the alert without sensors, witnesses or positions
Signed      with `secret`: `X-Tocsin-Signature: t=<unix seconds>,v1=<hex>` where v1 is
            HMAC-SHA-256 of the secret over `<t>.<body>`; a receiver refuses an old t
Repeats     carry the same `Idempotency-Key` (alert and sequence), so that a receiver can drop them
Proves      by an answer of 2xx
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.http_call import HttpDoor, url_faults
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.receipts import SELF_TEST, receipt, self_test_receipt
from tocsin.words import Alert, AlertKind, Level, Receipt, Wording

_SHORTEST_SECRET = 16


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to, and how signed. `cap` False leaves the CAP message out of the body."""

    url: str
    secret: str | None = None
    headers: dict[str, str] = {}
    cap: bool = True


class WebhookBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """The JSON that is sent. `test` marks a self-test, which alarms nobody."""

    alert: str
    sequence: int
    t: float
    zone: str
    level: Level
    kind: AlertKind
    public: bool
    drill: bool
    automatic: bool
    codes: tuple[str, ...] = ()
    eta_s: tuple[float, float, float] | None = None
    texts: dict[str, str] = {}
    cap_xml: str | None = None
    test: bool = False


class Webhook:
    """The channel."""

    def __init__(
        self, name: str, settings: WebhookSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._door = HttpDoor(timeout_s)

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """POST the statement."""
        sent_t = self._clock.now()
        body = WebhookBody(
            alert=alert.alert,
            sequence=alert.sequence,
            t=alert.t,
            zone=alert.zone,
            level=alert.level,
            kind=alert.kind,
            public=alert.public,
            drill=alert.drill,
            automatic=alert.automatic,
            codes=tuple(reason.code for reason in alert.because),
            eta_s=alert.eta_s,
            texts={language: wording.spoken for language, wording in texts.items()},
            cap_xml=cap_xml.decode("utf-8", "replace") if self._settings.cap and cap_xml else None,
        )
        failure = await self._post(body, sent_t)
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def self_test(self) -> Receipt:
        """POST a message marked as a test."""
        sent_t = self._clock.now()
        body = WebhookBody(
            alert=SELF_TEST,
            sequence=0,
            t=sent_t,
            zone="",
            level="all-clear",
            kind="new",
            public=False,
            drill=True,
            automatic=True,
            test=True,
        )
        return self_test_receipt(self.name, self._clock, sent_t, await self._post(body, sent_t))

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()

    async def _post(self, body: WebhookBody, sent_t: float) -> str | None:
        content = msgspec.json.encode(body)
        headers = {
            **self._settings.headers,
            "Content-Type": "application/json",
            "Idempotency-Key": f"{body.alert}-{body.sequence}".encode().hex(),
        }
        if self._settings.secret is not None:
            headers["X-Tocsin-Signature"] = sign(self._settings.secret, int(sent_t), content)
        return await self._door.send(self._settings.url, "POST", content, headers)


def sign(secret: str, t: int, body: bytes) -> str:
    """The signature header's value."""
    digest = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={t},v1={digest}"


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = url_faults("url", values.get("url"))
    secret = values.get("secret")
    if isinstance(secret, str) and len(secret) < _SHORTEST_SECRET:
        what = f"is shorter than {_SHORTEST_SECRET} characters"
        faults.append(SettingFault("secret", what, "make one with: openssl rand -hex 32"))
    return faults


def _make(name: str, settings: WebhookSettings, clock: Clock, timeout_s: float) -> Channel:
    return Webhook(name, settings, clock, timeout_s)


KIND = ChannelKind("webhook", WebhookSettings, _make, _faults, cap=True)
