"""Messages that an MQTT broker hands on: the payloads of some topics, in the source's format.

Quality of service 1: a message may come twice, none is lost on the way. Retained messages are
passed over and no session is kept over there while we are away: both are old news, and old news
without a time of its own would look like the present. Messages that tell their own time may be
kept for us (`catch_up`).

Standard   MQTT 3.1.1 (OASIS)
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence

import aiomqtt

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.ports import Format

_QOS = 1
_CONNECT_S = 5.0
MOST_PAYLOAD_BYTES = 262_144
_MOST_QUEUED = 1_000

Login = Callable[[], tuple[str, str] | None]
"""User and password, read anew for each connection; None where the broker asks for none."""


class MqttTopics(Antenna):
    """Subscribed to topics of one broker; `+` and `#` are MQTT's wildcards."""

    def __init__(
        self,
        form: Format,
        host: str,
        port: int,
        topics: Sequence[str],
        *,
        client: str,
        login: Login,
        tls: ssl.SSLContext | None = None,
        keep_alive_s: int = 30,
        catch_up: bool = False,
    ) -> None:
        self._form = form
        self._host, self._port = host, port
        self._topics = [(topic, _QOS) for topic in topics]
        self._client, self._login = client, login
        self._tls, self._keep_alive_s = tls, keep_alive_s
        self._catch_up = catch_up

    async def listen(self, ear: Ear) -> None:
        """One connection, until it is lost."""
        user, password = self._login() or (None, None)
        client = aiomqtt.Client(
            self._host,
            self._port,
            identifier=self._client,
            username=user,
            password=password,
            tls_context=self._tls,
            keepalive=self._keep_alive_s,
            clean_session=not self._catch_up,
            timeout=_CONNECT_S,
            max_queued_incoming_messages=_MOST_QUEUED,
        )
        try:
            async with client:
                await client.subscribe(self._topics)
                ear.connected()
                async for message in client.messages:
                    self._take(ear, message)
                    await asyncio.sleep(0)
        except aiomqtt.MqttError as error:
            raise SourceError(str(error)) from None

    def _take(self, ear: Ear, message: aiomqtt.Message) -> None:
        payload = message.payload
        if message.retain:
            ear.refused["retained"] += 1
        elif not isinstance(payload, bytes) or len(payload) > MOST_PAYLOAD_BYTES:
            ear.refused["payload-size"] += 1
        else:
            ear.hear(self._form.datagram(payload), str(message.topic))
