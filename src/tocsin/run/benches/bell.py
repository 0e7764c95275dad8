"""The bell under random `kill -9`: how many alarms were lost, and how many sirens sounded twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tocsin.keep.reader import JournalReader
from tocsin.run.benches import Figure

_KILLS = 1000
_LONGEST_LIFE_S = 0.25
_RECEIPT_TRAVELS_S = 0.004  # what a relay on a LAN takes, so that kills fall into calls as well


@dataclass(frozen=True)
class Count:
    """What came of a number of kills. `relay` and `program` are how often each alarm sounded."""

    kills: int
    decided: int
    relay: Counter[str]
    program: Counter[str]

    @property
    def lost(self) -> int:
        """Alarms in the journal that one of the sirens never sounded."""
        names = [f"dam-{n + 1}" for n in range(self.decided)]
        return sum(rung[name] == 0 for rung in (self.relay, self.program) for name in names)

    @property
    def twice(self) -> int:
        """Alarms that one of the sirens began to sound again."""
        return sum(n > 1 for rung in (self.relay, self.program) for n in rung.values())


class Relay:
    """A real relay on loopback: it remembers which alarms sound, and counts the calls."""

    def __init__(self) -> None:
        self.began: Counter[str] = Counter()
        self._sounding: set[str] = set()
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                _, what, alert = self.path.split("/")
                time.sleep(_RECEIPT_TRAVELS_S / 2)
                if what == "on":
                    relay.began[alert] += 1
                    relay._sounding.add(alert)
                else:
                    relay._sounding.discard(alert)
                self._answer(b"ok")

            def do_GET(self) -> None:
                alert = self.path.split("/")[2]
                self._answer(b"is on" if alert in relay._sounding else b"is off")

            def _answer(self, body: bytes) -> None:
                time.sleep(_RECEIPT_TRAVELS_S / 2)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
                return  # a caller that was killed is what this is about

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Hang up."""
        self._server.shutdown()
        self._server.server_close()


def kill_at_random(folder: Path, kills: int, seed: int) -> Count:
    """Start the bell, kill it, start it again, and so on; at last let it end in peace."""
    rng = random.Random(seed)  # noqa: S311  moments, not secrets
    relay = Relay()
    try:
        for _ in range(kills):
            child = _start(folder, relay)
            time.sleep(rng.random() * _LONGEST_LIFE_S)
            child.send_signal(signal.SIGKILL)
            child.communicate()
        last = _start(folder, relay)
        last.communicate()
        if last.returncode != 0:
            raise RuntimeError(f"the bell ended with status {last.returncode}")
    finally:
        relay.close()
    decided = sum(1 for _ in JournalReader(folder / "journal.sqlite").read(topics=("notice",)))
    sounded = Counter((folder / "sounded.txt").read_text("ascii").split())
    return Count(kills, decided, relay.began, sounded)


def _start(folder: Path, relay: Relay) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "tocsin.run.benches.bell_child", str(folder), relay.url]
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    assert child.stdout is not None
    if child.stdout.readline() != b"ready\n":
        raise RuntimeError("the bell did not start")
    return child


def measure() -> list[Figure]:
    """A thousand kills; takes about fifteen minutes."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        count = kill_at_random(Path(folder), _KILLS, seed=1)
    note = f"{count.kills} kills at random moments, {count.decided} alarms, two sirens"
    return [
        Figure("bell", "alarms lost", float(count.lost), "", "0", note=note),
        Figure("bell", "sirens sounded twice", float(count.twice), "", "0", note=note),
    ]
