"""A whole node around a staged ear: what leaves it, in which order, and how often."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.run.node.staged_ear import LoudIsDrone, sound

from tocsin.decode.ear_report import EarReportFormat, EarReports, read_report
from tocsin.errors import JournalError, Refused
from tocsin.keep.spool import Spool
from tocsin.run.clock import MachineClock
from tocsin.run.node.keys import enrol, public_text
from tocsin.run.node.opening import open_node
from tocsin.run.node.settings import NodeConfig, NodeTable
from tocsin.words import Detection, Frame
from tocsin.words.ear_report import EarEvent, EarReport, Hearing, Heartbeat

START = 1_780_000_000.0


def config(folder: Path, **settings: object) -> NodeConfig:
    table = NodeTable(id="north-7", to="file:reports", microphone="sound.wav", key="k/node.key")
    enrol(folder / "k" / "node.key")
    return NodeConfig(folder, replace(table, **settings))


def heard(folder: Path, what: bytes, **settings: object) -> list[EarReport]:
    """The reports that a node makes of a sound, in their order."""
    (folder / "sound.wav").write_bytes(what)

    async def run() -> None:
        node = open_node(
            config(folder, **settings), MachineClock(), ear=LoudIsDrone(),
            real_time=False, start=START,
        )  # fmt: skip
        await node.run()

    asyncio.run(run())
    data = (folder / "reports").read_bytes()
    return [read_report(one) for one in EarReportFormat().datagram(data)]


def events(reports: list[EarReport]) -> list[EarEvent]:
    return [one.about for one in reports if isinstance(one.about, EarEvent)]


def test_a_drone_begins_goes_on_and_is_over(tmp_path: Path) -> None:
    reports = heard(tmp_path, sound((5, -40), (7, -12), (4, -40)))
    told = events(reports)
    assert [one.state for one in told] == ["on", "update", "update", "update", "off"]
    assert {one.number for one in told} == {1}
    assert {one.t_on for one in told} == {START + 5.375}
    assert told[0].bpf_hz == 180.0
    assert told[0].bearings[0].azimuth_deg == 45.0
    assert told[-1].bearings == ()
    assert told[0].level_dbfs == pytest.approx(-12.0, abs=0.5)
    numbers = [one.number for one in reports]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_every_window_leaves_once_over_a_wide_link_and_none_over_a_thin_one(tmp_path: Path) -> None:
    reports = heard(tmp_path, sound((16, -40)))
    windows = [w for one in reports if isinstance(one.about, Hearing) for w in one.about.windows]
    assert [w.t for w in windows] == [START + 0.25 * n for n in range(64)]
    assert all(len(w.bands_db) == 32 for w in windows)
    (tmp_path / "reports").unlink()
    thin = heard(tmp_path, sound((16, -40)), features="off")
    assert not any(isinstance(one.about, Hearing) for one in thin)


def test_no_sound_leaves(tmp_path: Path) -> None:
    """Four values a second and band cannot carry what 16,000 samples do."""
    what = sound((30, -12))
    heard(tmp_path, what)
    sent = (tmp_path / "reports").stat().st_size
    assert sent < 30 * 400  # bytes a second, four windows in each; the sound has 32,000
    assert what[44 : 44 + 64] not in (tmp_path / "reports").read_bytes()


def test_heartbeats_tell_what_was_heard_and_that_the_ear_tried_itself(tmp_path: Path) -> None:
    reports = heard(tmp_path, sound((65, -40)), features="off", heartbeat_s=20.0)
    beats = [(one.t, one.about) for one in reports if isinstance(one.about, Heartbeat)]
    assert len(beats) == 6  # the start, the self-test, every 20 s, the end
    first = beats[1][1].self_test
    assert first is not None
    assert (first.verdict, first.path) == ("heard", "injected")
    assert first.level_dbfs == pytest.approx(-30.0, abs=0.5)
    assert first.delay_s == pytest.approx(0.0, abs=0.002)
    covered = sum(beat.window.dur_s for _, beat in beats if beat.window is not None)
    assert covered == pytest.approx(65.0, abs=0.5)


def test_a_microphone_that_goes_deaf_is_told_at_once(tmp_path: Path) -> None:
    reports = heard(tmp_path, sound((10, -40), (10, -999)), features="off")
    beats = [(one.t, one.about.window) for one in reports if isinstance(one.about, Heartbeat)]
    deaf = [(t, w) for t, w in beats if w is not None and w.deaf]
    assert deaf[0][0] == pytest.approx(START + 10.25)
    assert deaf[-1][1].dur_s > 3.0  # enough for the site to call it deaf


def test_the_site_reads_it_all_and_nothing_twice(tmp_path: Path) -> None:
    heard(tmp_path, sound((3, -40), (4, -12), (3, -40)))
    key, fresh = enrol(tmp_path / "k" / "node.key")
    assert not fresh
    site = EarReports(EarReports.Settings({"north-7": [public_text(key)]}))
    data = (tmp_path / "reports").read_bytes()
    found: list[Detection] = []
    refused: Counter[str] = Counter()
    for message in EarReportFormat().datagram(data + data):
        try:
            found += site.decode(Frame(message, "", START + 10.0, "ear-report"))
        except Refused as error:
            refused[error.rule] += 1
    assert refused == {"repeated": site.heard}
    assert [one.t for one in found] == [START + 3.375, START + 5.375]
    assert len(site.heard_windows()) >= 40
    assert site.self_tests()[0].passed


def test_a_disk_that_fails_silences_no_ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Spool.append
    broken: list[Spool] = []

    def full(self: Spool, *given: object) -> int:
        if not broken or self is broken[0]:
            broken[:] = [self]
            raise JournalError("database or disk is full")
        return plain(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Spool, "append", full)
    reports = heard(tmp_path, sound((3, -40), (4, -12), (3, -40)))
    assert [one.state for one in events(reports)] == ["on", "update", "off"]
    numbers = [one.number for one in reports]
    assert len(set(numbers)) == len(numbers)
