"""The doctor is never falsely green: each illness that can be made here is found."""

from __future__ import annotations

import http.server
import json
import re
import socket
import sqlite3
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.certificates import Identity
from tests.run.test_config import SOUND, write

from tocsin.keep.journal import Journal
from tocsin.run import health
from tocsin.run.commands.doctor import command
from tocsin.run.health import examine
from tocsin.run.running import SAID, Finding
from tocsin.serve import public
from tocsin.serve.hub import TROUBLES


def find(findings: list[Finding], what: str) -> Finding:
    return next(finding for finding in findings if finding.what == what)


def test_a_machine_without_a_site_is_examined() -> None:
    assert find(examine(None), "machine").state in ("well", "weak")
    assert find(examine(None), "decoders").state == "well"


def test_a_broken_config_is_ill_and_names_the_remedy(tmp_path: Path) -> None:
    found = find(examine(write(tmp_path, "[site]\n")), "config")
    assert found.state == "ill"
    assert "tocsin check" in found.remedy


def test_one_kind_of_sensor_is_a_weakness(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND)
    assert find(examine(file), "sensors").state == "weak"
    two = [
        {"id": "a", "kind": "acoustic", "lat": 15.0, "lon": -13.0},
        {"id": "b", "kind": "rf", "lat": 15.0, "lon": -13.0},
    ]
    (tmp_path / "sensors.json").write_text(json.dumps(two))
    assert find(examine(file), "sensors").state == "well"


def test_an_altered_journal_is_ill(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND)
    assert find(examine(file), "journal").state == "weak"
    path = tmp_path / "data" / "journal.sqlite"
    path.parent.mkdir()
    with Journal(path) as journal:
        journal.append(1.0, [("note", b'{"code":"a"}'), ("note", b'{"code":"b"}')])
    assert find(examine(file), "journal").state == "well"
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER record_is_never_changed")
        connection.execute("UPDATE record SET body = X'7B7D' WHERE seq = 1")
    connection.close()
    assert find(examine(file), "journal").state == "ill"


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        file = write(tmp_path, SOUND + f"\n[serve]\nport = {port}\n")
        assert find(examine(file), "port").state == "weak"


class Answering(http.server.BaseHTTPRequestHandler):
    """A site that says how it is."""

    why: tuple[str, ...] = ()

    def do_GET(self) -> None:
        status = "degraded" if self.why else "ok"
        body = json.dumps({"status": status, "why": self.why, "mode": "live", "t": 1.0}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body if self.path == "/health" else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Not on the screen."""


@pytest.mark.parametrize(
    ("why", "state"),
    [((), "well"), (("sensor-deaf",), "weak"), (("sensor-deaf", "no-data"), "ill"),
     (("of-another-day",), "weak")],
)  # fmt: skip
def test_a_running_site_is_asked_how_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: tuple[str, ...], state: str
) -> None:
    monkeypatch.setattr(Answering, "why", why)
    with http.server.HTTPServer(("127.0.0.1", 0), Answering) as site:
        threading.Thread(target=site.handle_request, daemon=True).start()
        file = write(tmp_path, SOUND + f"\n[serve]\nport = {site.server_port}\n")
        found = find(examine(file), "running")
    assert found.state == state
    assert bool(found.remedy) == bool(why)
    if "sensor-deaf" in why:
        assert "deaf" in found.detail


def test_every_reason_of_health_has_words() -> None:
    said = set(re.findall(r'why\.append\("([a-z-]+)"\)', Path(public.__file__).read_text("utf-8")))
    assert said | TROUBLES == SAID.keys()


def test_a_full_disk_is_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_MIB", 2**40)
    assert find(examine(write(tmp_path, SOUND)), "disk").state == "ill"


def test_the_command_fails_only_for_an_illness(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(write(tmp_path, "[site]\n"))])
    assert result.exit_code == 1
    assert "tocsin check" in result.output.replace("\n", "")


def test_the_key_of_the_cap_feed_is_examined(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND)
    assert find(examine(file), "cap key").state == "weak"
    cap = '\n[cap]\nsender = "a@b.example"\nkey = "cap.key"\ncertificate = "cap.pem"\n'
    file = write(tmp_path, SOUND + cap)
    assert "cap.key" in find(examine(file), "cap key").detail
    authority = Identity("authority", ca=True)
    key, _ = Identity("warnings.example", authority).write(tmp_path, "cap")
    found = find(examine(file), "cap key")
    assert (found.state, "warnings.example" in found.detail) == ("well", True)
    key.chmod(0o644)
    assert find(examine(file), "cap key").state == "ill"
    Identity("warnings.example", authority, until_days=10).write(tmp_path, "cap")
    key.chmod(0o600)
    found = find(examine(file), "cap key")
    assert (found.state, "days left" in found.detail) == ("weak", True)
    Identity("warnings.example", authority, until_days=-0.5).write(tmp_path, "cap")
    assert "ended" in find(examine(file), "cap key").detail


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [(365.0, "well", "1 listened"), (10.0, "weak", "pc: ends"), (-0.5, "ill", "pc: ended")],
)
def test_the_certificates_of_authorities_are_examined(
    tmp_path: Path, days: float, state: str, words: str
) -> None:
    assert find(examine(write(tmp_path, SOUND)), "authorities").state == "well"
    (tmp_path / "pc.pem").write_bytes(Identity("pc", until_days=days).pem)
    authority = '\n[[authority]]\nid = "pc"\nfolder = "in"\nsigners = ["pc.pem"]\n'
    found = find(examine(write(tmp_path, SOUND + authority)), "authorities")
    assert (found.state, words in found.detail) == (state, True)
