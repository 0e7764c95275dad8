"""Text messages through any gateway that is called by HTTP.

Kind        `sms-http`
Sends       one call a recipient, as form, JSON or text after the site's own template
Fills       `$to`, `$digits` (without the plus), `$text` (the short form), `$id` (the same in a
            repeat), `$secret`; each is escaped as its place asks
Proves      that the gateway took it: an answer of 2xx that matches `success`; with `confirm`, by
            asking the gateway afterwards what became of it
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from string import Template
from typing import Literal
from urllib.parse import quote, quote_plus

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.http_call import HttpCall, HttpDoor, call_faults
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.people import (
    Letter,
    PeopleChannel,
    Person,
    Round,
    is_phone,
    people_faults,
    people_reader,
    read_secret,
    sealed_faults,
)
from tocsin.words import Alert

_AT_ONCE = 4
_ASK_S = 1.0
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}


class SmsConfirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Asked until the answer matches `delivered` or `failed`. `$key` is what `key`, an expression
    with one group, finds in the gateway's first answer."""

    call: HttpCall
    key: str
    delivered: str
    failed: str = ""


class SmsHttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The gateway. `success` is an expression that the answer must match somewhere. `test` is a
    call that proves the account without sending, such as one for the balance."""

    send: HttpCall
    to: tuple[str, ...] = ()
    to_file: str = ""
    body_type: Literal["json", "form", "text"] = "json"
    success: str = ""
    secret_file: str = ""
    confirm: SmsConfirmation | None = None
    test: HttpCall | None = None
    test_success: str = ""


class SmsHttp:
    """The carrier: one call a person, a few at a time."""

    def __init__(self, settings: SmsHttpSettings, timeout_s: float) -> None:
        self._settings = settings
        self._door = HttpDoor(timeout_s)
        self._taken: dict[str, str] = {}
        self.accepted = "accepted by the gateway"

    async def carry(
        self, alert: Alert, letters: Sequence[Letter], cap_xml: bytes, going: Round
    ) -> None:
        """Call for each; nobody waits behind a slow one."""
        try:
            secret = await asyncio.to_thread(read_secret, self._settings.secret_file)
        except OSError:
            for letter in letters:
                going.note(letter, "failed", "the secret cannot be read")
            return
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(letter: Letter) -> None:
            async with room:
                await self._send(alert, letter, secret, going)

        await asyncio.gather(*(one(letter) for letter in letters))

    async def probe(self, people: Sequence[Person], timeout_s: float) -> str | None:
        """The configured call."""
        test = self._settings.test
        if test is None:
            return "cannot be tested: no call is configured for it"
        secret = await asyncio.to_thread(read_secret, self._settings.secret_file)
        answer, failure = await self._call(test, {"secret": secret})
        if failure is None and not re.search(self._settings.test_success, answer):
            return "the answer does not match test_success"
        return failure

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()

    async def _send(self, alert: Alert, letter: Letter, secret: str, going: Round) -> None:
        said = f"{alert.alert}\0{alert.sequence}\0{letter.person.address}"
        name = hashlib.sha256(said.encode()).hexdigest()[:32]
        if name not in self._taken:
            words = {
                "to": letter.person.address,
                "digits": letter.person.address.removeprefix("+"),
                "text": letter.wordings[0].short,
                "id": name,
                "secret": secret,
            }
            answer, failure = await self._call(self._settings.send, words)
            if failure is None and not re.search(self._settings.success, answer):
                failure = "the answer does not match success"
            if failure is not None:
                going.note(letter, "failed", failure)
                return
            if self._settings.confirm is None:
                going.note(letter, "accepted")
                return
            found = re.search(self._settings.confirm.key, answer)
            self._taken[name] = found[1] if found and found.lastindex else ""
        await self._confirm(name, letter, secret, going)

    async def _confirm(self, name: str, letter: Letter, secret: str, going: Round) -> None:
        """Ask until the gateway knows; it is never sent again while the gateway has it."""
        asked = self._settings.confirm
        assert asked is not None
        words = {"key": self._taken[name], "id": name, "secret": secret}
        going.note(letter, "failed", "accepted by the gateway; not confirmed")
        while True:
            answer, failure = await self._call(asked.call, words)
            if failure is None and re.search(asked.delivered, answer):
                going.note(letter, "confirmed")
                return
            if failure is None and asked.failed and re.search(asked.failed, answer):
                del self._taken[name]
                going.note(letter, "failed", "the gateway says that it could not be delivered")
                return
            await asyncio.sleep(_ASK_S)

    async def _call(self, call: HttpCall, words: dict[str, str]) -> tuple[str, str | None]:
        kind = self._settings.body_type
        escape: dict[str, Callable[[str], str]] = {
            "json": _in_json, "form": quote_plus, "text": str,
        }  # fmt: skip
        headers = {
            "Content-Type": _TYPES[kind],
            **{key: _fill(value, words, _in_header) for key, value in call.headers.items()},
        }
        url = _fill(call.url, words, lambda text: quote(text, safe=""))
        body = _fill(call.body, words, escape[kind]).encode()
        return await self._door.ask(url, call.method, body, headers)


def _fill(template: str, words: dict[str, str], escape: Callable[[str], str]) -> str:
    return Template(template).safe_substitute({k: escape(v) for k, v in words.items()})


def _in_json(text: str) -> str:
    """Fit to stand between the quotes of a JSON string."""
    return msgspec.json.encode(text).decode()[1:-1]


def _in_header(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = people_faults(values, is_phone, "+22370000001")
    for key in ("send", "test"):
        faults += call_faults(key, values.get(key))
    send = values.get("send")
    if isinstance(send, HttpCall) and not re.search(r"\$\{?(to|digits)\b", send.url + send.body):
        faults.append(SettingFault("send", "never names the number", "put $to into url or body"))
    confirm = values.get("confirm")
    expressions = {key: values.get(key) for key in ("success", "test_success")}
    if isinstance(confirm, SmsConfirmation):
        faults += call_faults("confirm.call", confirm.call)
        expressions |= {f"confirm.{k}": getattr(confirm, k) for k in ("key", "delivered", "failed")}
    for key, expression in expressions.items():
        try:
            re.compile(expression if isinstance(expression, str) else "")
        except re.error as error:
            faults.append(SettingFault(key, f"is no expression: {error}", 'such as "queued|sent"'))
    file = values.get("secret_file")
    return faults + (sealed_faults("secret_file", file) if isinstance(file, str) else [])


def _make(name: str, settings: SmsHttpSettings, clock: Clock, timeout_s: float) -> Channel:
    read = people_reader(settings.to, settings.to_file)
    return PeopleChannel(name, SmsHttp(settings, timeout_s), read, clock, timeout_s)


KIND = ChannelKind("sms-http", SmsHttpSettings, _make, _faults)
