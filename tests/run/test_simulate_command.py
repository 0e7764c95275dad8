"""`tocsin simulate`: what it writes, the same in every process, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from tocsin.run.commands.simulate import command
from tocsin.run.config import read_config
from tocsin.run.scene_folder import sensors_json
from tocsin.run.sensors_file import read_sensors
from tocsin.simulate import SCENES, make_scene, site, stage_evening

EVENING = Path(str(files("tocsin.run") / "evening"))


def simulate(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "tocsin.run", "simulate", *words],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip


def test_another_process_writes_the_same_bytes(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    words = ["evening", "--seed", "5", "--duration", "20"]
    assert CliRunner().invoke(command, [*words, "-o", str(here)]).exit_code == 0
    ran = simulate(*words, "-o", str(there))
    assert ran.returncode == 0, ran.stderr
    names = {path.name for path in here.iterdir()}
    assert names == {
        "sensors.json", "detections.ndjson", "truth.ndjson", "labels.ndjson", "meta.json",
        "remote_id.pcapng",
    }  # fmt: skip
    for name in names:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


def test_the_files_are_the_scene(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["S1", "--seed", "2", "-o", str(tmp_path / "new" / "s1")])
    assert result.exit_code == 0
    staged = make_scene("approach", 2)
    folder = tmp_path / "new" / "s1"
    assert read_sensors(folder / "sensors.json") == staged.sensors
    lines = (folder / "detections.ndjson").read_bytes().splitlines()
    assert lines == [msgspec.json.encode(line) for line in staged.lines()]
    labels = (folder / "labels.ndjson").read_bytes().splitlines()
    assert [msgspec.json.decode(label) for label in labels] == list(staged.labels())
    assert len((folder / "truth.ndjson").read_bytes().splitlines()) == 151
    assert msgspec.json.decode((folder / "meta.json").read_bytes())["scenario"] == "approach"


def test_list_names_every_scene() -> None:
    result = CliRunner().invoke(command, ["list"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == [*SCENES, "flown"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["storm", "-o", "x"], "scenes: evening, approach"),
        (["S1"], "add -o FOLDER"),
        (["S1", "--drones", "5", "-o", "x"], "its own drones"),
        (["S1", "--seed", "-1", "-o", "x"], "--seed"),
        (["S1", "--duration", "0", "-o", "x"], "--duration"),
    ],
)
def test_what_it_cannot_do_is_one_clear_line(words: list[str], says: str, tmp_path: Path) -> None:
    ran = simulate(*[str(tmp_path / "x") if w == "x" else w for w in words])
    assert ran.returncode == 2
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = simulate("S1", "--duration", "5", "-o", str(tmp_path / "file"))
    assert ran.returncode == 2
    assert "cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_shipped_sensors_are_the_evenings() -> None:
    staged = stage_evening(1, 5.0)
    assert (EVENING / "sensors.json").read_bytes() == sensors_json(staged.sensors)


def test_the_shipped_config_is_sound_and_is_the_evenings() -> None:
    config, faults = read_config(EVENING / "tocsin.toml")
    assert [str(fault) for fault in faults] == []
    assert config is not None
    (zone,), (friend,) = config.zones, config.friends
    stage, permit = site.zone(), site.sprayer()
    assert tuple(map(tuple, zone.polygon)) == stage.polygon
    assert (zone.id, zone.names) == (stage.id, stage.names)
    assert (zone.floor_m, zone.ceiling_m) == (stage.floor_m, stage.ceiling_m)
    assert friend.area is not None
    assert tuple(map(tuple, friend.area)) == permit.area
    assert (friend.serial, friend.label) == (permit.serial, permit.label)
    assert (friend.ceiling_m, friend.max_speed_mps) == (permit.ceiling_m, permit.max_speed_mps)
    assert config.sensors_file == EVENING / "sensors.json"


def test_the_shipped_rules_are_the_defaults_that_the_comment_promises() -> None:
    table = tomllib.loads((EVENING / "tocsin.toml").read_text("utf-8"))
    (zone,) = table["zone"]
    defaults = msgspec.structs.asdict(site.zone().rules)
    assert zone["rules"].items() <= defaults.items()
