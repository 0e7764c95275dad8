"""An authority's web server, for real: a feed with ETags and the messages that it links to."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FeedServer:
    """Serves `messages` by name under /cap/, and /feed.xml that lists them, the newest first."""

    def __init__(self) -> None:
        self.messages: dict[str, bytes] = {}
        self.links: dict[str, str] = {}
        self.asked: list[tuple[str, int]] = []
        self.other: dict[str, tuple[int, bytes]] = {}
        self.headers: list[dict[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.headers.append({k.lower(): v for k, v in self.headers.items()})
                status, body = server.answer(self.path)
                etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                server.asked.append((self.path, status))
                self.send_response(status)
                self.send_header("ETag", etag)
                if status == 302:
                    self.send_header("Location", "/feed.xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a caller that hung up is part of these tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/feed.xml"

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        if path in self.other:
            return self.other[path]
        if path == "/feed.xml":
            return 200, self.feed()
        body = self.messages.get(path.removeprefix("/cap/"))
        return (404, b"") if body is None else (200, body)

    def feed(self) -> bytes:
        """Atom."""
        entries = "".join(
            f"<entry><id>{name}</id><title>x</title>"
            f"<updated>{hashlib.sha256(body).hexdigest()[:8]}</updated>"
            '<link type="application/cap+xml" '
            f'href="{self.links.get(name, f"cap/{name}")}"/></entry>'
            for name, body in reversed(self.messages.items())
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'.encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
