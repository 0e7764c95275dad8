"""`tocsin hear`: the contract of its lines, its table, its exit status and its picture."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests.hear.scripted import RATE, evening, tone_ear
from tests.hear.test_sound import written

from tocsin.run.cli import cli

__all__ = ["tone_ear"]
pytestmark = pytest.mark.usefixtures("tone_ear")


def hear(*words: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["hear", *map(str, words)], input=stdin)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.wav").write_bytes(written(evening("nnddddddnn"), RATE))
    (tmp_path / "b" / "night.flac").write_bytes(
        written(evening("nnzzcc", 44_100, 2), 44_100, "FLAC")
    )
    (tmp_path / "a.txt").write_text("drone")
    return tmp_path


def test_one_window_a_line(folder: Path) -> None:
    result = hear(folder / "a.wav", "--json")
    assert result.exit_code == 0
    found = lines(result)
    assert [one["t"] for one in found] == [k / 2 for k in range(19)]
    for one in found:
        assert one["file"] == str(folder / "a.wav")
        assert one["dur"] == 1.0
        assert {"p_drone", "level_dbfs"} <= set(one)
        assert "deaf" not in one
    p = [one["p_drone"] for one in found]
    assert max(map(float, p[:3])) < 0.1
    assert min(map(float, p[6:14])) > 0.9


def test_deaf_is_not_no_drone(folder: Path) -> None:
    found = lines(hear(folder / "b" / "night.flac", "--json"))
    assert [one.get("deaf") for one in found] == [
        None, None, None, "dropout", "silence", "silence", "silence", "dropout", "clipping",
        "clipping", "clipping",
    ][: len(found)]  # fmt: skip
    assert all((one["p_drone"] is None) == ("deaf" in one) for one in found)
    assert found[4]["level_dbfs"] is None


def test_a_folder_stands_for_the_sound_in_it(folder: Path) -> None:
    found = lines(hear(folder, "--json"))
    assert list(dict.fromkeys(one["file"] for one in found)) == [
        str(folder / "a.wav"),
        str(folder / "b" / "night.flac"),
    ]


def test_the_table_and_a_line_a_file(folder: Path) -> None:
    result = hear(folder)
    assert result.exit_code == 0
    head, row, *summaries = result.stdout.splitlines()
    assert head.split() == ["file", "start", "end", "s", "highest", "p", "mean", "p", "level",
                            "dBFS", "blade", "pass", "Hz"]  # fmt: skip
    start, end = (float(word.removeprefix("0:")) for word in row.split()[1:3])
    assert start == pytest.approx(2.0, abs=1.0)
    assert end == pytest.approx(8.5, abs=1.0)
    assert re.search(r"a.wav: 10.0 s, 1 event, drone for \d.\d s, highest", summaries[0])
    assert "deaf 0:02.0 to 0:04.0 (silence)" in summaries[1]
    assert "(clipping)" in summaries[1]


def test_standard_input_and_bare_samples(folder: Path) -> None:
    whole = (folder / "a.wav").read_bytes()
    first = lines(hear("-", "--json", stdin=whole))
    raw = np.rint(evening("nnddddddnn") * 32768).clip(-32768, 32767).astype("<i2").tobytes()
    second = lines(hear("-", "--json", "--raw", f"s16le:{RATE}:1", stdin=raw))
    assert [{**one, "file": ""} for one in first] == [{**one, "file": ""} for one in second]
    assert first[0]["file"] == "-"


def test_damage_is_told_after_what_was_heard_of_all_files(folder: Path) -> None:
    flac = written(evening("ndddd"), RATE, "FLAC")
    (folder / "0-cut.flac").write_bytes(flac[: len(flac) // 2])
    (folder / "1-cut.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    result = hear(folder, "--json")
    assert result.exit_code != 0
    names = {Path(str(one["file"])).name for one in lines(result)}
    assert names == {"0-cut.flac", "a.wav", "night.flac"}
    assert "1-cut.wav" in result.stderr
    assert "0-cut.flac byte" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["gone.wav"], "cannot be read: No such file"),
        (["."], "holds no sound file"),
        (["-", "-"], "can be read once only"),
        (["x.wav", "--plot", "x.jpg"], "draws .png and .svg only"),
        (["x.wav", "y.wav", "--plot", "x.png"], "draws one file"),
    ],
)
def test_bad_usage_is_one_clear_line(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in str(hear(*words).exception)


def test_bad_input_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing of the kind")
    words = [sys.executable, "-m", "tocsin.run", "hear", str(tmp_path / "a.wav")]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 2
    assert done.stderr.startswith("tocsin: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_is_drawn_and_is_the_same_twice(folder: Path, kind: str) -> None:
    pytest.importorskip("matplotlib")
    drawn = []
    for name in ("one", "two"):
        assert hear(folder / "a.wav", "--plot", folder / f"{name}.{kind}").exit_code == 0
        drawn.append((folder / f"{name}.{kind}").read_bytes())
    assert drawn[0].startswith(b"\x89PNG" if kind == "png" else b"<?xml")
    if kind == "png":
        assert drawn[0] == drawn[1]


@pytest.mark.parametrize("script", ["z", "zzzz", "c"])
def test_a_picture_of_nothing_heard_is_drawn_too(tmp_path: Path, script: str) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "a.wav").write_bytes(
        written(evening(script)[: 9000 if script == "c" else None], RATE)
    )
    assert hear(tmp_path / "a.wav", "--plot", tmp_path / "a.png").exit_code == 0
