"""Others post messages to us over HTTP or HTTPS: sensor nodes behind a mobile network.

A 202 says that the messages wait here. Where too many wait already the answer is 503, and the
sender keeps them. Nothing here tells who posts: that is for the messages' own signatures.

Standard   RFC 9110; POST to any path, the body in the source's format as in a datagram
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

from tocsin.errors import SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.ports import Format

MOST_BODY_BYTES = 262_144
_BODY_S = 10.0
_MOST_CONNECTIONS = 200
_GRACE_S = 1
_LOOK_S = 0.02

Scope = MutableMapping[str, Any]
"""What ASGI gives and takes: not ours to type."""
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]


class HttpPosts(Antenna):
    """A port that takes POSTs; TLS where there is a certificate (PEM files)."""

    def __init__(
        self,
        form: Format,
        port: int,
        host: str,
        certificate: Path | None = None,
        key: Path | None = None,
        most_bytes: int = MOST_BODY_BYTES,
    ) -> None:
        self._form = form
        self._host, self._port = host, port
        self._certificate, self._key, self._most_bytes = certificate, key, most_bytes
        self._socket: socket.socket | None = None

    async def open(self) -> None:
        """Take the port. Raises SourceError where it is taken or the certificate is no use."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self._host, self._port))
        except OSError as error:
            self.close()
            where, remedy = f"{self._host}:{self._port}", "choose another port"
            raise SourceError(error.strerror or str(error), where=where, remedy=remedy) from None

    async def listen(self, ear: Ear) -> None:
        """Until cancelled."""
        assert self._socket is not None
        config = uvicorn.Config(
            _Desk(self._form, ear, self._most_bytes),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="off",
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GRACE_S,
            ws="none",
            ssl_certfile=self._certificate,
            ssl_keyfile=self._key,
        )
        server = _QuietServer(config)
        # uvicorn closes what it is given; ours is kept for the next turn
        running = asyncio.create_task(server.serve(sockets=[self._socket.dup()]), name="posts")
        try:
            while not server.started and not running.done():
                await asyncio.sleep(_LOOK_S)
            ear.connected()
            await asyncio.shield(running)
        finally:
            server.should_exit = True
            await asyncio.gather(running, return_exceptions=True)

    def close(self) -> None:
        """Give the port back."""
        if self._socket is not None:
            self._socket.close()


class _QuietServer(uvicorn.Server):
    """Leaves the signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Desk:
    """One ASGI application: a POST's messages to the ear."""

    def __init__(self, form: Format, ear: Ear, most_bytes: int) -> None:
        self._form, self._ear, self._most_bytes = form, ear, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        status = await self._status(scope, receive)
        head = [(b"content-length", b"0")]
        if status == 405:
            head.append((b"allow", b"POST"))
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": b""})

    async def _status(self, scope: Scope, receive: Receive) -> int:
        if scope["method"] != "POST":
            return 405
        if self._ear.crowded:
            return 503
        try:
            async with asyncio.timeout(_BODY_S):
                body = await self._body(receive)
        except TimeoutError:
            return 408
        if body is None:
            self._ear.refused["body-size"] += 1
            return 413
        messages = self._form.datagram(body)
        if not messages:
            self._ear.refused["no-message"] += 1
            return 400
        self._ear.hear(messages)
        return 202

    async def _body(self, receive: Receive) -> bytes | None:
        """None where it is too long or was not sent to its end."""
        body = bytearray()
        while True:
            part = await receive()
            if part["type"] != "http.request":
                return None
            body += part.get("body", b"")
            if len(body) > self._most_bytes:
                return None
            if not part.get("more_body", False):
                return bytes(body)
