"""`tocsin export`: the files that a user gets, and the clear line that he gets instead of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.run.exporting import (
    ABOVE_THE_SEA,
    CONFIG,
    EVENING,
    GOLDEN,
    HOME,
    export,
    export_evening,
    home_messages,
)

from tocsin.earth import sea_level_height_m

NO_GEOID = sea_level_height_m(15.0, -12.0, 0.0) is None


def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tocsin.run", "export", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_evening_is_exported_as_it_was(name: str) -> None:
    if NO_GEOID and name in ABOVE_THE_SEA:
        pytest.skip("no geoid grid is installed")
    assert export_evening(name) == (EVENING / name).read_bytes()


def test_home_assistant_is_told_as_it_was() -> None:
    assert home_messages() == (EVENING / HOME).read_bytes()


def test_files_are_told_apart_by_their_content(tmp_path: Path) -> None:
    for name in ("tracks", "alerts", "detections"):
        (tmp_path / f"{name}.txt").write_bytes((EVENING / f"{name}.ndjson").read_bytes())
    found = export(*sorted(tmp_path.iterdir()), EVENING / "sensors.json", "--format", "geojson")
    kinds = {one["properties"]["feature"] for one in json.loads(found)["features"]}
    assert kinds == {"track-report", "track", "alert", "detection"}


def test_one_track_alone(tmp_path: Path) -> None:
    out = tmp_path / "t20.geojson"
    assert run(EVENING, "--format", "geojson", "--track", "T20", "-o", out).returncode == 0
    told = [one["properties"] for one in json.loads(out.read_bytes())["features"]]
    assert {one["track"] for one in told} == {"T20"}
    assert sum(one["feature"] == "alert" for one in told) == 4
    assert list(tmp_path.iterdir()) == [out]


def test_a_bad_line_is_named_and_no_half_file_is_left(tmp_path: Path) -> None:
    bad = tmp_path / "tracks.ndjson"
    lines = (EVENING / "tracks.ndjson").read_bytes().splitlines(keepends=True)
    bad.write_bytes(b"".join([*lines[:2], b"\n", b'{"t":1}\n', *lines[2:]]))
    result = run(bad, "--format", "geojson", "-o", tmp_path / "out.geojson")
    assert result.returncode == 2
    assert result.stderr.decode().count("\n") == 1
    assert f"{bad} line 4: not a track" in result.stderr.decode()
    assert list(tmp_path.iterdir()) == [bad]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lat": 95.0}, "is not on Earth"),
        ({"t": 1e18}, "is not Unix seconds"),
        ({"ve": "x"}, "str"),
    ],
)
def test_an_impossible_line_is_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    line = json.loads((EVENING / "tracks.ndjson").read_bytes().splitlines()[0])
    bad = tmp_path / "tracks.ndjson"
    bad.write_text(json.dumps(line | change) + "\n", "utf-8")
    for form in ("geojson", "kml", "stix"):
        result = run(bad, "--format", form)
        assert result.returncode == 2
        assert f"{bad} line 1: not a track" in result.stderr.decode()
        assert says in result.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.ndjson", "--format", "kml"), "nowhere.ndjson: cannot be read"),
        ((Path(__file__), "--format", "kml"), "line 1: neither tracks, alerts nor detections"),
        ((Path(__file__).parent, "--format", "kml"), "holds none of tracks.ndjson"),
        ((EVENING, "--format", "courageous"), "--at LAT,LON,HEIGHT_OVER_SEA"),
        ((EVENING, "--format", "courageous", "--at", "95,0,0"), "is not on Earth"),
        ((EVENING, "--format", "courageous", "--at", "here"), "such as 15.12,-12.73,30"),
        ((EVENING, "--format", "shapefile"), "is not one of"),
        ((EVENING, "--format", "kml", "-o", "/no/such/folder/x"), "cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: tuple[str | Path, ...], says: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert says in result.stderr.decode()
    assert result.stderr.decode().count("\n") == 1
    assert result.stdout == b""


def test_no_sensor_place_and_no_operator_is_in_any_golden() -> None:
    sensors = json.loads((EVENING / "sensors.json").read_bytes())
    secrets = [sensor["id"] for sensor in sensors]
    places = [(f"{s['lat']:.5f}", f"{s['lon']:.5f}") for s in sensors]
    operators = {
        identity["operator"]
        for line in (EVENING / "tracks.ndjson").read_bytes().splitlines()
        if "operator" in (identity := json.loads(line).get("identity", {}))
    }
    assert operators
    for name in GOLDEN:
        for line in (EVENING / name).read_text("utf-8").splitlines():
            assert not [secret for secret in (*secrets, *operators) if secret in line], name
            assert not [place for place in places if place[0] in line and place[1] in line], name


def test_zones_and_names_come_from_the_config() -> None:
    told = json.loads(export(EVENING, "--format", "geojson", "--config", CONFIG))
    assert told["name"] == "Barrage de Kaawral"
    assert told["features"][0]["properties"]["zone"] == "dam"
    bare = json.loads(export(EVENING, "--format", "geojson"))
    assert bare["name"] == "Tocsin"
