"""ntfy: a push to telephones and desks through a server of the site's own.

Kind        `ntfy`
Standard    the publishing API of ntfy 2 (docs.ntfy.sh/publish), as JSON
Sends       priority by level (alarm 5 "urgent", warning 4, watch 3, all-clear 3), title, tags, a
            page to open, a button
Proves      the server's answer, which repeats the message under its own id; with `confirm`, the
            message is read back from the server's memory: one that accepts and drops is found out
Never says  that a telephone has shown it: ntfy does not know
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.http_call import HttpDoor, url_faults
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.people import read_secret, sealed_faults
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Level, Receipt, Wording

_PRIORITY: dict[Level, int] = {"alarm": 5, "warning": 4, "watch": 3, "all-clear": 3}
_TAGS: dict[Level, str] = {
    "alarm": "rotating_light", "warning": "warning", "watch": "eyes",
    "all-clear": "white_check_mark",
}  # fmt: skip
_MOST_TEXT_BYTES = 4096  # ntfy turns a longer text into an attachment
_MOST_TOPIC = 64


class NtfySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` is the server, `topic` where it publishes: whoever knows it can listen. `click` is a
    page that a tap opens; `button` its address behind a button called `button_text`, such as the
    page where an alert is acknowledged."""

    url: str
    topic: str
    token_file: str = ""
    click: str = ""
    button: str = ""
    button_text: str = "Tocsin"
    confirm: bool = False


class NtfyAction(msgspec.Struct, frozen=True):
    """A button that opens a page."""

    action: str
    label: str
    url: str


class NtfyMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is published, as JSON."""

    topic: str
    title: str
    message: str
    priority: int
    tags: tuple[str, ...]
    click: str = ""
    actions: tuple[NtfyAction, ...] = ()


class NtfyEvent(msgspec.Struct, frozen=True):
    """What the server says of a message: its answer, and a line of its memory."""

    id: str
    event: str
    topic: str
    message: str = ""


class Ntfy:
    """The channel."""

    def __init__(self, name: str, settings: NtfySettings, clock: Clock, timeout_s: float) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._door = HttpDoor(timeout_s)
        self._base = settings.url.rstrip("/")
        self._published: dict[tuple[str, int], NtfyEvent] = {}

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Publish, all languages in the zone's order under the first one's title."""
        sent_t = self._clock.now()
        key = (alert.alert, alert.sequence)
        failure = None
        if key not in self._published:
            self._published = {k: v for k, v in self._published.items() if k[0] != alert.alert}
            failure = await self._publish(key, self._message(alert, texts))
        if failure is None and self._settings.confirm:
            failure = await self._read_back(self._published[key])
        said = "read back from the server" if self._settings.confirm else "accepted by the server"
        return receipt(self.name, alert, self._clock, sent_t, failure, note=said)

    async def self_test(self) -> Receipt:
        """Ask for the server's health and whether this topic may be read; nothing is published."""
        sent_t = self._clock.now()
        answer, failure = await self._ask("/v1/health", "GET", b"")
        if failure is None and b'"healthy":true' not in answer.replace(" ", "").encode():
            failure = "the server says that it is not healthy"
        if failure is None:
            _, failure = await self._ask(f"/{self._topic}/auth", "GET", b"")
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Let go of connections."""
        await self._door.close()

    @property
    def _topic(self) -> str:
        return quote(self._settings.topic, safe="")

    def _message(self, alert: Alert, texts: dict[str, Wording]) -> NtfyMessage:
        said = self._settings
        wordings = list(texts.values())
        text = "\n\n".join(f"{w.description} {w.instruction}".strip() for w in wordings)
        actions = (NtfyAction("view", said.button_text, said.button),) if said.button else ()
        return NtfyMessage(
            topic=said.topic,
            title=wordings[0].headline.replace("\n", " ") if wordings else alert.level,
            message=text.encode()[:_MOST_TEXT_BYTES].decode("utf-8", "ignore"),
            priority=_PRIORITY[alert.level],
            tags=(_TAGS[alert.level], alert.level, *(("drill",) if alert.drill else ())),
            click=said.click,
            actions=actions,
        )

    async def _publish(self, key: tuple[str, int], message: NtfyMessage) -> str | None:
        answer, failure = await self._ask("/", "POST", msgspec.json.encode(message))
        if failure is not None:
            return failure
        try:
            event = msgspec.json.decode(answer, type=NtfyEvent)
        except msgspec.MsgspecError:
            return "the answer is not ntfy's"
        if event.event != "message" or event.message.strip() != message.message.strip():
            return "the server answered with another message"
        self._published[key] = event
        return None

    async def _read_back(self, event: NtfyEvent) -> str | None:
        """Whether the server still has it in its memory (`cache-duration`)."""
        path = f"/{self._topic}/json?poll=1&id={quote(event.id, safe='')}"
        answer, failure = await self._ask(path, "GET", b"")
        if failure is not None:
            return f"accepted by the server; reading it back: {failure}"
        for line in answer.splitlines():
            try:
                if msgspec.json.decode(line, type=NtfyEvent).id == event.id:
                    return None
            except msgspec.MsgspecError:
                continue
        return "accepted by the server, which does not have it"

    async def _ask(self, path: str, method: str, body: bytes) -> tuple[str, str | None]:
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            token = read_secret(self._settings.token_file)
        except OSError:
            return "", "the token cannot be read"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return await self._door.ask(self._base + path, method, body, headers)


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    for key in ("url", "click", "button"):
        if values.get(key):
            faults += url_faults(key, values[key])
    topic = values.get("topic")
    if isinstance(topic, str):
        plain = topic.replace("_", "").replace("-", "")
        if not (plain.isascii() and plain.isalnum() and len(topic) <= _MOST_TOPIC):
            faults.append(SettingFault("topic", "cannot be a topic", "letters, digits, - and _"))
    token = values.get("token_file")
    return faults + (sealed_faults("token_file", token) if isinstance(token, str) else [])


def _make(name: str, settings: NtfySettings, clock: Clock, timeout_s: float) -> Channel:
    return Ntfy(name, settings, clock, timeout_s)


KIND = ChannelKind("ntfy", NtfySettings, _make, _faults)
