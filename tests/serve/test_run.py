"""The real server on a real socket: the stream over the wire, and an end that does not hang."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from tests.serve.feed import Feed
from tests.serve.test_app import BEARER, SHELL, TOKEN

from tocsin.errors import DoorError
from tocsin.serve import bind, hash_token, make_app, serve


def test_it_listens_on_loopback_and_a_taken_port_is_one_clear_sentence() -> None:
    with bind() as listener:
        host, port = listener.getsockname()[:2]
        assert host == "127.0.0.1"
        with pytest.raises(DoorError, match="choose another port"):
            bind(port=port)


async def _read_events(answer: httpx.Response, until: bytes) -> bytes:
    wire = b""
    async for piece in answer.aiter_raw():
        wire += piece
        if until in wire:
            return wire
    return wire


def test_a_screen_follows_loses_its_line_and_resumes() -> None:
    async def scene() -> tuple[bytes, bytes]:
        feed = Feed()
        feed.run(20)
        listener = bind()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = make_app(feed.hub, hash_token(TOKEN), pages=SHELL)
        serving = asyncio.create_task(serve(app, feed.hub, listener))
        async with httpx.AsyncClient(base_url=address, headers=BEARER, timeout=10) as client:
            async with client.stream("GET", "/api/v1/stream") as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                first = await _read_events(answer, b"event: snapshot")
            last = f"{feed.hub.stream.boot}-{feed.hub.stream.seq}"
            feed.step()
            headers = {"Last-Event-ID": last}
            async with client.stream("GET", "/api/v1/stream", headers=headers) as answer:
                second = await _read_events(answer, b"event: assessment")
                # an open stream does not keep the house from closing
                serving.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asyncio.wait_for(serving, 10)
        assert feed.hub.stream.listeners == 0
        return first, second

    first, second = asyncio.run(scene())
    assert b"event: snapshot" in first
    assert b"event: snapshot" not in second
    assert b"event: track" in second


def test_the_socket_is_free_again_afterwards() -> None:
    async def scene() -> int:
        feed = Feed()
        listener = bind()
        port = int(listener.getsockname()[1])
        app = make_app(feed.hub, hash_token(TOKEN), pages=SHELL)
        serving = asyncio.create_task(serve(app, feed.hub, listener))
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/health")
            assert answer.json()["status"] == "degraded"  # it has heard nothing yet
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        return port

    port = asyncio.run(scene())
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
