"""A server that speaks ntfy's protocol, after the published API and the types of ntfy 2.

It publishes JSON at `/`, reads topics at `/TOPIC/json?poll=1&id=…`, and answers `/v1/health` and
`/TOPIC/auth`; unknown names are ignored, and errors are ntfy's, as its own server does.
"""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_TYPES = {"title": str, "message": str, "priority": int, "tags": list, "click": str,
          "actions": list}  # fmt: skip


class NtfyServer:
    """`drops` makes it accept and forget; with `token` everybody else is turned away."""

    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []
        self.drops = False
        self.token = ""
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self._answer(*here.publish(body, self._known()))

            do_PUT = do_POST  # noqa: N815

            def do_GET(self) -> None:
                self._answer(*here.read(self.path, self._known()))

            def _known(self) -> bool:
                return not here.token or self.headers["Authorization"] == f"Bearer {here.token}"

            def _answer(self, status: int, lines: list[object]) -> None:
                text = "".join(json.dumps(line) + "\n" for line in lines).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def publish(self, body: bytes, known: bool) -> tuple[int, list[object]]:
        if not known:
            return 403, [{"code": 40301, "http": 403, "error": "forbidden"}]
        try:
            said = json.loads(body)
            topic = said["topic"]
            sound = _TOPIC.fullmatch(topic) is not None
            sound &= all(isinstance(said[key], kind) for key, kind in _TYPES.items() if key in said)
            sound &= 0 <= said.get("priority", 0) <= 5 and len(said.get("actions", [])) <= 3
            sound &= all(
                a["action"] in ("view", "broadcast", "http") and a["label"] and a["url"]
                for a in said.get("actions", [])
            )
        except (ValueError, KeyError, TypeError):
            sound = False
        if not sound:
            return 400, [{"code": 40024, "http": 400, "error": "invalid request"}]
        kept = {key: said[key] for key in _TYPES if said.get(key)}
        message = {
            "id": f"m{len(self.messages):011d}", "time": int(time.time()), "event": "message",
            "topic": topic, "message": "triggered", **kept,
        }  # fmt: skip
        if not self.drops:
            self.messages.append(message)
        return 200, [message]

    def read(self, path: str, known: bool) -> tuple[int, list[object]]:
        parts = urlsplit(path)
        if parts.path == "/v1/health":
            return 200, [{"healthy": True}]
        if not known:
            return 403, [{"code": 40301, "http": 403, "error": "forbidden"}]
        topic, _, what = parts.path[1:].partition("/")
        if what == "auth":
            return 200, [{"success": True}]
        wanted = parse_qs(parts.query).get("id")
        found = [
            m for m in self.messages if m["topic"] == topic and (not wanted or m["id"] in wanted)
        ]
        return (200, list(found)) if what == "json" else (404, [{"code": 40401, "http": 404}])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
