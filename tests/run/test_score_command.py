"""`tocsin score`: rules from options and meta.json, clear errors, a table with honest gaps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tocsin.errors import InputError
from tocsin.run.commands.score import command

TRUTH = [
    {
        "t": 100.0 + k,
        "id": "D1",
        "kind": "drone",
        "lat": 13.2,
        "lon": -10.4 + 1e-4 * k,
        "alt_m": 300,
    }
    for k in range(5)
]
TRACKS = [
    {
        "t": 100.0 + k, "track": "T1", "status": "confirmed", "lat": 13.2, "lon": -10.4 + 1e-4 * k,
        "ve": 10.8, "vn": 0.0, "sigma_m": 5.0, "class": {"drone": 1.0}, "sensors": [],
    }
    for k in range(1, 5)
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "truth.ndjson", TRUTH)
    write(tmp_path / "tracks.ndjson", TRACKS)
    return tmp_path


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def score(folder: Path, *more: str) -> dict[str, Any]:
    arguments = ["--truth", str(folder / "truth.ndjson"), str(folder / "tracks.ndjson"), "--json"]
    result = CliRunner().invoke(command, [*arguments, *more])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.output)
    assert isinstance(figures, dict)
    return figures


def test_a_missed_second_costs_c_over_root_two(folder: Path) -> None:
    figures = score(folder)
    assert figures["gospa_m"] == pytest.approx(100.0 / 2**0.5 / 5, rel=1e-9)
    assert figures["first_confirmation_s"] == 1.0
    assert figures["covered_share"] == 0.8


def test_meta_beside_the_truth_is_taken_and_options_win(folder: Path) -> None:
    (folder / "meta.json").write_text('{"gospa_c_m": 10.0, "hold_s": 2.0, "seed": 1}')
    assert score(folder)["gospa_c_m"] == 10.0
    assert score(folder, "--c", "50", "--hold", "7")["gospa_c_m"] == 50.0
    assert score(folder, "--hold", "7")["hold_s"] == 7.0


def test_the_table_says_what_cannot_be_computed(folder: Path) -> None:
    write(folder / "tracks.ndjson", [])
    result = CliRunner().invoke(
        command, ["--truth", str(folder / "truth.ndjson"), str(folder / "tracks.ndjson")]
    )
    assert result.exit_code == 0
    assert "not computable" in result.output
    assert "GOSPA" in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "holds no truth"), ("{}\n", "truth.ndjson:1"), ("nonsense\n", "truth.ndjson:1")],
)
def test_truth_that_is_none_is_refused(folder: Path, content: str, said: str) -> None:
    (folder / "truth.ndjson").write_text(content)
    result = CliRunner().invoke(
        command, ["--truth", str(folder / "truth.ndjson"), str(folder / "tracks.ndjson")]
    )
    assert isinstance(result.exception, InputError)
    assert said in str(result.exception)


def test_who_it_is_needs_a_serial_number_and_says_so(folder: Path) -> None:
    claimed = [{**row, "identity": {"serial": "A1", "suspicion": 0.1}} for row in TRACKS]
    write(folder / "tracks.ndjson", claimed)
    told = score(folder)["siap"]["identity"]
    assert told["completeness"] == 1.0
    assert told["correctness"] is None
    assert told["why"] == "no tracked drone's serial number is known"
    write(folder / "truth.ndjson", [{**row, "serial": "A2"} for row in TRUTH])
    assert score(folder)["siap"]["identity"]["correctness"] == 0.0


def test_labels_tell_who_it_is_unless_it_lies(folder: Path) -> None:
    claimed = [{**row, "identity": {"serial": "A1", "suspicion": 0.1}} for row in TRACKS]
    write(folder / "tracks.ndjson", claimed)
    said = {"t": 100.0, "sensor": "r", "kind": "remote_id", "identity": {"serial": "A1"}}
    write(folder / "detections.ndjson", [said, {**said, "identity": {"serial": "other"}}, said])
    (folder / "labels.ndjson").write_text('"D1"\nnull\n"D1"\n')
    assert score(folder)["siap"]["identity"] == {
        "completeness": 1.0, "correctness": 1.0, "ambiguity": 0.0, "why": None
    }  # fmt: skip
    (folder / "meta.json").write_text('{"spoofed_serials": ["A1"]}')
    assert score(folder)["siap"]["identity"]["correctness"] is None


def test_what_it_is_is_the_likeliest_class(folder: Path) -> None:
    classes = [{}, {"drone": 0.4, "bird": 0.6}, {"drone": 0.6}, {"drone": 0.3}]
    write(
        folder / "tracks.ndjson",
        [{**row, "class": said} for row, said in zip(TRACKS, classes, strict=True)],
    )
    told = score(folder)["siap"]["kind"]
    assert (told["completeness"], told["correctness"], told["ambiguity"]) == (0.75, 0.5, 0.0)


def test_two_standard_inputs_and_silly_cut_offs_are_refused(folder: Path) -> None:
    both = CliRunner().invoke(command, ["--truth", "-", "-"])
    assert isinstance(both.exception, InputError)
    silly = CliRunner().invoke(
        command,
        ["--truth", str(folder / "truth.ndjson"), str(folder / "tracks.ndjson"), "--c", "-1"],
    )
    assert isinstance(silly.exception, InputError)


def test_the_report_stands_beside_the_figures(folder: Path) -> None:
    figures = score(folder)
    told = {f["name"]: f for f in figures["trial"]["figures"]}  # type: ignore[index]
    assert told["probability of detection"]["value"] == 1.0
    assert told["probability of detection"]["low"] < 0.3
    assert told["false tracks"]["value"] == 0.0
    assert told["detection range, 50 %"]["why"] == "no sensors.json was given"
    assert figures["siap"]["completeness"] == 0.8  # type: ignore[index]


def test_several_scenes_are_pooled_and_folders_stand_for_their_files(folder: Path) -> None:
    both = ["--truth", str(folder), "--truth", str(folder), str(folder), str(folder)]
    result = CliRunner().invoke(command, [*both, "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert len(report["scenes"]) == 2
    assert report["trial"]["flights"] == 2
    uneven = CliRunner().invoke(command, [*both, str(folder)])
    assert isinstance(uneven.exception, InputError)


def test_pictures_and_pages(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    picture, page = folder / "scene.png", folder / "report.html"
    arguments = ["--truth", str(folder), str(folder), "--plot", str(picture), "--html", str(page)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    told = page.read_text()
    assert "probability of detection" in told
    assert 'src="http' not in told
    assert "href" not in told
    wrong = CliRunner().invoke(command, [*arguments[:3], "--plot", str(folder / "scene.gif")])
    assert isinstance(wrong.exception, InputError)


def test_a_picture_of_no_tracks_at_all(folder: Path) -> None:
    pytest.importorskip("matplotlib")
    write(folder / "tracks.ndjson", [])
    picture, page = folder / "scene.svg", folder / "report.html"
    arguments = ["--truth", str(folder), str(folder), "--plot", str(picture), "--html", str(page)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert b"<svg" in picture.read_bytes()
    assert "not computable" in page.read_text()


def test_drawing_without_matplotlib_names_the_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.run.commands.score.find_spec", lambda _: None)
    arguments = ["--truth", str(folder), str(folder), "--plot", str(folder / "a.png")]
    result = CliRunner().invoke(command, arguments)
    assert isinstance(result.exception, InputError)
    assert "tocsin[study]" in str(result.exception)
