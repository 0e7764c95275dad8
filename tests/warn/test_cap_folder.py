"""Files stand in the folder whole or not at all."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from tocsin.warn.cap_folder import CapFolder, CapFolderSettings
from tocsin.words import Alert, Receipt


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...


def _deliver(clock: HandClock, folder: Path, alert: Alert, xml: bytes) -> Receipt:
    channel = CapFolder("files", CapFolderSettings(str(folder)), clock, 5.0)
    return asyncio.run(channel.deliver(alert, {}, xml))


def test_each_statement_is_a_file(tmp_path: Path, clock: HandClock, alarm: Alert) -> None:
    folder = tmp_path / "cap"
    assert _deliver(clock, folder, alarm, b"<one/>").delivered
    assert _deliver(clock, folder, replace(alarm, sequence=2), b"<two/>").delivered
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        "dam-1-1.xml": b"<one/>",
        "dam-1-2.xml": b"<two/>",
    }
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o644 for p in folder.iterdir())


def test_an_alert_cannot_name_a_file_elsewhere(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    folder = tmp_path / "cap"
    assert _deliver(clock, folder, replace(alarm, alert="../../evil"), b"<x/>").delivered
    assert [p.name for p in folder.iterdir()] == ["..%2F..%2Fevil-1.xml"]
    assert {p.name for p in tmp_path.iterdir()} == {"cap"}


def test_a_failure_leaves_no_half_file(tmp_path: Path, clock: HandClock, alarm: Alert) -> None:
    folder = tmp_path / "cap"
    (folder / "dam-1-1.xml").mkdir(parents=True)  # cannot be replaced by a file
    receipt = _deliver(clock, folder, alarm, b"<one/>")
    assert not receipt.delivered
    assert "cannot be written" in (receipt.detail or "")
    assert [p.name for p in folder.iterdir()] == ["dam-1-1.xml"]
    missing = _deliver(clock, tmp_path / "no" / "such", alarm, b"<one/>")
    assert not missing.delivered


def test_the_self_test_leaves_nothing(tmp_path: Path, clock: HandClock) -> None:
    channel = CapFolder("files", CapFolderSettings(str(tmp_path / "cap")), clock, 5.0)
    assert asyncio.run(channel.self_test()).delivered
    assert list((tmp_path / "cap").iterdir()) == []
    (tmp_path / "file").write_text("")
    wrong = CapFolder("files", CapFolderSettings(str(tmp_path / "file")), clock, 5.0)
    assert not asyncio.run(wrong.self_test()).delivered
