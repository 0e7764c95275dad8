"""`tocsin score`: rules from options and meta.json, clear errors, a table with honest gaps."""

from __future__ import annotations

import json
from pathlib import Path

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


def score(folder: Path, *more: str) -> dict[str, float]:
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


def test_two_standard_inputs_and_silly_cut_offs_are_refused(folder: Path) -> None:
    both = CliRunner().invoke(command, ["--truth", "-", "-"])
    assert isinstance(both.exception, InputError)
    silly = CliRunner().invoke(
        command,
        ["--truth", str(folder / "truth.ndjson"), str(folder / "tracks.ndjson"), "--c", "-1"],
    )
    assert isinstance(silly.exception, InputError)
