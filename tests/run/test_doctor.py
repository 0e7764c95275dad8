"""The doctor is never falsely green: each illness that can be made here is found."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.certificates import Identity
from tests.run.test_config import SOUND, write

from tocsin.keep.journal import Journal
from tocsin.run import health
from tocsin.run.commands.doctor import command
from tocsin.run.health import Finding, examine


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
