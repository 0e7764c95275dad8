"""The master test: a recorded evening goes the whole road and rings the bells that it should.

On one machine the same input gives the same bytes. On another processor the alerts are the same
with the same reasons, and numbers agree to their stated rounding.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.golden.replaying import GOLDEN, RECORDS, SITE, T0, replay, stage

from tocsin.decode import capture
from tocsin.decode.cap.faults import cap_faults
from tocsin.decode.remote_id import read_transmission
from tocsin.earth import ZoneShape
from tocsin.run.config import load_config
from tocsin.run.site import read_site
from tocsin.words.remote_id import System

pytestmark = pytest.mark.golden

SPRAYER, LIAR = "7XZQ9AGR104782", "4TKB8Z3M7Q1W5"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stage(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def out(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replay(scene, tmp_path_factory.mktemp("once"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_second_replay_gives_the_same_bytes(scene: Path, out: Path, tmp_path: Path) -> None:
    again = replay(scene, tmp_path / "again")
    names = [*RECORDS, *sorted(p.name for p in out.glob("*.xml"))]
    assert len(names) > len(RECORDS)
    for name in names:
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


def test_a_replay_into_the_same_folder_leaves_other_files_alone(
    scene: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.xml"
    mine.write_text("<mine/>")
    replay(scene, tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    replay(scene, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert mine.read_text() == "<mine/>"


def test_the_alerts_are_the_golden_ones(out: Path) -> None:
    wanted, found = lines(GOLDEN / "alerts.ndjson"), lines(out / "alerts.ndjson")
    assert len(found) == len(wanted)
    for ours, golden in zip(found, wanted, strict=True):
        assert_alike(ours, golden, "alert")
    assert {p.name for p in out.glob("*.xml")} == {p.name for p in GOLDEN.glob("*.xml")}


def assert_alike(ours: Any, golden: Any, where: str) -> None:
    """Equal words; numbers equal to a unit or two of their rounding."""
    if isinstance(golden, dict):
        assert ours.keys() == golden.keys(), where
        for key in golden:
            assert_alike(ours[key], golden[key], f"{where}.{key}")
    elif isinstance(golden, list):
        assert len(ours) == len(golden), where
        for i, (a, b) in enumerate(zip(ours, golden, strict=True)):
            assert_alike(a, b, f"{where}[{i}]")
    elif isinstance(golden, float):
        unit = 1e-6 if where.endswith((".lat", ".lon")) else 0.11
        assert ours == pytest.approx(golden, abs=unit), where
    else:
        assert ours == golden, where


def test_the_intruder_rings_every_level_once_and_is_cleared(out: Path) -> None:
    alerts = lines(out / "alerts.ndjson")
    assert [a["level"] for a in alerts] == ["watch", "warning", "alarm", "all-clear"]
    assert len({a["alert"] for a in alerts}) == 1
    alarm = alerts[2]
    assert {w["kind"] for w in alarm["witnesses"]} == {"acoustic", "rf"}
    assert any("two kinds of sensor agree" in reason for reason in alarm["reasons"])
    assert alerts[-1]["t"] - T0 < 400


def test_the_alarm_leaves_people_time_and_its_interval_holds(scene: Path, out: Path) -> None:
    """True entry lies within the interval that each statement gave."""
    zone = read_site(load_config(SITE)).zones[0]
    shape = ZoneShape(zone.polygon)
    flown = [t for t in lines(scene / "truth.ndjson") if t["id"] == "intruder"]
    inside = [
        t["t"]
        for t in flown
        if shape.contains(*(float(x) for x in shape.frame.to_enu(t["lat"], t["lon"], 0.0)[:2]))
    ]
    entry = min(inside)
    for alert in lines(out / "alerts.ndjson")[:3]:
        low, _, high = alert["eta_s"]
        assert low - 1 <= entry - alert["t"] <= high + 1, alert["level"]
    alarm = lines(out / "alerts.ndjson")[2]
    assert entry - alarm["t"] >= 30


def test_friend_birds_and_liar_are_silent_and_the_liar_is_doubted(out: Path) -> None:
    tracks = lines(out / "tracks.ndjson")
    named: dict[str, list[dict[str, Any]]] = {}
    for track in tracks:
        serial = (track.get("identity") or {}).get("serial")
        if serial:
            named.setdefault(serial, []).append(track)
    alerted = {a["track"] for a in lines(out / "alerts.ndjson")}
    assert not alerted & {t["track"] for serial in (SPRAYER, LIAR) for t in named[serial]}
    assert max(t["identity"]["suspicion"] for t in named[SPRAYER]) < 0.5
    assert named[LIAR][-1]["identity"]["suspicion"] >= 0.5
    assert named[LIAR][-1]["identity"]["reasons"]
    birds = [t for t in tracks if t["class"].get("bird", 0) > 0.5]
    assert birds


def test_every_cap_file_is_sound_and_no_secret_is_in_it(out: Path) -> None:
    for path in out.glob("*.xml"):
        xml = path.read_bytes()
        assert cap_faults(xml) == []
        assert b"array-" not in xml
        assert SPRAYER.encode() not in xml


def test_operator_positions_appear_nowhere(scene: Path, out: Path) -> None:
    """The bytes on the air hold where the operators stand; nothing that we write does. A drone
    may cross an operator's latitude or longitude, so the two are looked for together."""
    air = (scene / "remote_id.pcapng").read_bytes()
    places = set()
    for frame in capture.frames(air, "remote_id.pcapng"):
        heard = read_transmission(frame)
        for message in (m for group in (heard.groups if heard else ()) for m in group):
            if isinstance(message, System) and message.operator_lat is not None:
                places.add((f"{message.operator_lat:.5f}", f"{message.operator_lon:.5f}"))
    assert places
    for path in out.iterdir():
        for line in path.read_text("utf-8").splitlines():
            assert not [p for p in places if p[0] in line and p[1] in line], path.name
