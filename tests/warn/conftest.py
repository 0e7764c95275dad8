"""A clock that the test moves, a relay that the test owns, and alerts to send."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tocsin.words import Alert, Reason, Zone


class HandClock:
    """Stands still until it is moved; sleepers wake when their time has come."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    async def sleep_until(self, t: float) -> None:
        if t <= self._now:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._sleepers.append((t, woken))
        await woken.wait()

    async def move(self, seconds: float) -> None:
        """Forward in small steps, letting everyone act before and in between."""
        end = self._now + seconds
        for _ in range(20):
            await asyncio.sleep(0)
        while self._now < end:
            self._now = min(self._now + 0.25, end)
            due = [s for s in self._sleepers if s[0] <= self._now]
            self._sleepers = [s for s in self._sleepers if s[0] > self._now]
            for _, woken in due:
                woken.set()
            for _ in range(20):
                await asyncio.sleep(0)


class Relay:
    """A real HTTP server on loopback that notes every call and answers as told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.status = 200
        self.answer = b"ok"
        self.hold = threading.Event()
        self.hold.set()
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                relay.calls.append((self.command, self.path, body, dict(self.headers)))
                relay.hold.wait(20.0)
                self.send_response(relay.status)
                if relay.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(relay.answer)))
                self.end_headers()
                self.wfile.write(relay.answer)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a caller that hung up is part of these tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.calls]

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay()
    yield made
    made.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("did not come about within 10 s")


@pytest.fixture
def until() -> Callable[..., object]:
    """Wait in real time for what another thread or process does; 10 s at most."""
    return _until


@pytest.fixture
def zone() -> Zone:
    return Zone(
        "dam", {"fr": "le barrage", "en": "the dam"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),
        tell=("siren", "hook"),
    )  # fmt: skip


@pytest.fixture
def alarm() -> Alert:
    return Alert(
        t=1000.0,
        alert="dam-1",
        zone="dam",
        track="T1",
        level="alarm",
        kind="new",
        reasons=("inside the zone",),
        because=(Reason("inside"),),
        eta_s=(0.0, 0.0, 0.0),
        public=True,
    )
