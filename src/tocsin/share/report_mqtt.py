"""A node's reports over MQTT: each in a message of its own, acknowledged by the broker.

Standard   MQTT 3.1.1 (OASIS): quality of service 1; PREFIX/SENSOR/report holds reports and is never
           retained; PREFIX/SENSOR/state is retained and says "online", or "offline" by the node's
           will, so that its absence is seen without waiting for a heartbeat
Asks       what the site publishes on PREFIX/SENSOR/ask is handed to `on_ask`
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence

import aiomqtt

from tocsin.errors import DeliveryError, SourceError
from tocsin.share.report_post import POST_S

Login = Callable[[], tuple[str, str] | None]
"""User and password, read anew for each connection; None where the broker asks for none."""

_QOS = 1
_CONNECT_S = 5.0
_GOODBYE_S = 2.0
_MOST_ASK_BYTES = 4_096


class MqttPost:
    """One broker, connected to when there is something to post."""

    wide = True

    def __init__(
        self,
        sensor: str,
        host: str,
        port: int,
        prefix: str,
        *,
        login: Login,
        tls: ssl.SSLContext | None = None,
        keep_alive_s: int = 30,
        on_ask: Callable[[bytes], None] | None = None,
    ) -> None:
        self._sensor, self._host, self._port = sensor, host, port
        self._topic = f"{prefix}/{sensor}"
        self._login, self._tls, self._keep_alive_s = login, tls, keep_alive_s
        self._on_ask = on_ask
        self._client: aiomqtt.Client | None = None
        self._asks: asyncio.Task[None] | None = None

    async def post(self, reports: Sequence[bytes]) -> None:
        """All at once, and until each is acknowledged."""
        try:
            client = await self._connected()
            async with asyncio.timeout(POST_S):
                # one flight, sent in order; the acknowledgements come meanwhile
                topic = f"{self._topic}/report"
                await asyncio.gather(*(client.publish(topic, one, qos=_QOS) for one in reports))
        except (aiomqtt.MqttError, TimeoutError, SourceError) as error:
            await self.close()
            why = str(error) or f"no acknowledgement within {POST_S:g} s"
            raise DeliveryError(why, where=f"{self._host}:{self._port}") from None

    async def close(self) -> None:
        """Say that the node goes, where the broker still hears it."""
        client, self._client = self._client, None
        if self._asks is not None:
            self._asks.cancel()
            await asyncio.gather(self._asks, return_exceptions=True)
            self._asks = None
        if client is None:
            return
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await client.publish(f"{self._topic}/state", b"offline", qos=_QOS, retain=True)
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await client.__aexit__(None, None, None)

    async def _connected(self) -> aiomqtt.Client:
        if self._client is not None:
            return self._client
        user, password = self._login() or (None, None)
        client = aiomqtt.Client(
            self._host,
            self._port,
            identifier=f"tocsin-node-{self._sensor}",
            username=user,
            password=password,
            tls_context=self._tls,
            keepalive=self._keep_alive_s,
            timeout=_CONNECT_S,
            will=aiomqtt.Will(f"{self._topic}/state", b"offline", _QOS, retain=True),
        )
        await client.__aenter__()
        self._client = client
        await client.publish(f"{self._topic}/state", b"online", qos=_QOS, retain=True)
        if self._on_ask is not None:
            await client.subscribe(f"{self._topic}/ask", _QOS)
            self._asks = asyncio.create_task(self._hear_asks(client, self._on_ask))
        return client

    async def _hear_asks(self, client: aiomqtt.Client, on_ask: Callable[[bytes], None]) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async for message in client.messages:
                payload = message.payload
                if isinstance(payload, bytes) and len(payload) <= _MOST_ASK_BYTES:
                    on_ask(payload)
