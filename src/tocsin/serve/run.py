"""Runs the application in the event loop that runs everything else.

The socket is bound first, so that a port of 0 is known before anybody is told the address, and a
taken port is one clear sentence. Stops within two seconds of being cancelled, open streams or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from litestar import Litestar

from tocsin.errors import DoorError
from tocsin.serve.hub import Hub

GRACE_S = 2
BACKLOG = 128


class _QuietServer(uvicorn.Server):
    """Leaves the signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A listening socket. Raises DoorError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # from here on browsers wait instead of being refused
    except OSError as error:
        listener.close()
        raise DoorError(
            error.strerror or "cannot listen",
            where=f"{host}:{port}",
            remedy="stop the other program, or choose another port",
        ) from error
    return listener


async def serve(app: Litestar, hub: Hub, listener: socket.socket) -> None:
    """Serve until cancelled; then let the screens go and close."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        ws="none",
    )
    server = _QuietServer(config)
    running = asyncio.create_task(server.serve(sockets=[listener]), name="screens")
    try:
        await asyncio.shield(running)
        if not server.started:
            raise DoorError("the pages could not be served", where="serve")
    finally:
        hub.close()
        server.should_exit = True
        await running
        listener.close()
