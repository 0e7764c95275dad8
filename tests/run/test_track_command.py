"""`tocsin track`: files in, tracks out, bad lines counted, the same bytes every time."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from tests.fuse.scenes import T0, dam, every, hear, river

from tocsin.errors import InputError
from tocsin.run.commands.score import command as score_command
from tocsin.run.commands.track import command, read_detections, weave
from tocsin.words import Detection, Track
from tocsin.words.batch import to_batch


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A folder with the river's drone, as a user would have it."""
    rng = np.random.default_rng(1)
    heard: list[Detection] = []
    for s in dam():
        heard += hear(s, river, every(s.scan_period_s or 1.0, 20.0, 70.0), rng)
    heard.sort(key=lambda d: d.t)
    (tmp_path / "sensors.json").write_bytes(msgspec.json.encode(dam()))
    (tmp_path / "detections.ndjson").write_bytes(msgspec.json.Encoder().encode_lines(heard))
    return tmp_path


def track(scene: Path, *more: str, detections: str = "detections.ndjson") -> bytes:
    out = scene / "tracks.ndjson"
    arguments = ["--sensors", str(scene / "sensors.json"), str(scene / detections)]
    result = CliRunner().invoke(command, [*arguments, "-o", str(out), *more])
    assert result.exit_code == 0, result.output
    return out.read_bytes()


def test_writes_tracks_as_the_format_says(scene: Path) -> None:
    lines = [json.loads(line) for line in track(scene).splitlines()]
    assert {"t", "track", "status", "lat", "lon", "ve", "vn", "sigma_m", "class", "sensors"} <= set(
        lines[-2]
    )
    assert {line["status"] for line in lines} >= {"confirmed"}
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)
    sure = [line["t"] for line in lines if line["status"] == "confirmed"]
    assert max(b - a for a, b in pairwise(sure)) <= 1.0


def test_the_same_input_gives_the_same_bytes_in_another_process(scene: Path) -> None:
    here = track(scene)
    there = subprocess.run(
        [sys.executable, "-m", "tocsin.run", "track", "--sensors", "sensors.json",
         "detections.ndjson", "-o", "-"],
        cwd=scene, check=True, capture_output=True,
    )  # fmt: skip
    assert there.stdout == here


def test_stats_hold_what_the_design_names(scene: Path) -> None:
    track(scene, "--stats", str(scene / "stats.json"))
    stats = json.loads((scene / "stats.json").read_text())
    assert set(stats) == {
        "detections", "tracks", "busy_s", "det_per_s", "start_s", "peak_mib",
    }  # fmt: skip
    assert stats["detections"] == len((scene / "detections.ndjson").read_bytes().splitlines())
    assert stats["tracks"] >= 1
    assert stats["busy_s"] > 0.0


def test_bad_lines_are_counted_and_skipped(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = track(scene)
    whole = (scene / "detections.ndjson").read_bytes().splitlines(keepends=True)
    spoiled = [whole[0], b"{not json\n", b'{"t":1,"sensor":"x","kind":"sonar"}\n', *whole[1:]]
    (scene / "spoiled.ndjson").write_bytes(b"".join(spoiled))
    assert track(scene, detections="spoiled.ndjson") == good
    read_detections(str(scene / "spoiled.ndjson"))
    assert "skipped 2 bad lines" in capsys.readouterr().err


def test_nothing_usable_is_an_error_that_names_the_file(scene: Path) -> None:
    (scene / "rubbish.ndjson").write_text("one\ntwo\n")
    with pytest.raises(InputError, match="no line is a detection"):
        read_detections(str(scene / "rubbish.ndjson"))
    with pytest.raises(InputError, match="cannot be read"):
        read_detections(str(scene / "absent.ndjson"))


def test_an_empty_input_gives_an_empty_output(scene: Path) -> None:
    (scene / "empty.ndjson").write_bytes(b"")
    assert track(scene, detections="empty.ndjson") == b""


def test_late_lines_are_worked_in_by_the_time_they_were_received() -> None:
    rng = np.random.default_rng(2)
    heard: list[Detection] = []
    for s in dam():
        heard += hear(s, river, every(s.scan_period_s or 1.0, 20.0, 70.0), rng)
    late = [msgspec.structs.replace(d, received=d.t + rng.uniform(0.0, 1.0)) for d in heard]
    one = [c for _, told in weave(dam(), to_batch(late)) for c in told.tracks()]
    rng.shuffle(late)  # type: ignore[arg-type]
    two = [c for _, told in weave(dam(), to_batch(late)) for c in told.tracks()]
    assert one == two
    assert any(c.status == "confirmed" for c in one)


def test_score_reads_what_track_wrote(scene: Path) -> None:
    truth = [
        {
            "t": T0 + k,
            "id": "D1",
            "kind": "drone",
            **dict(zip(("lat", "lon", "alt_m"), p, strict=True)),
        }
        for k in range(20, 71)
        if (p := _wgs(river(float(k))))
    ]
    (scene / "truth.ndjson").write_text("".join(json.dumps(p) + "\n" for p in truth))
    track(scene)
    result = CliRunner().invoke(
        score_command,
        ["--truth", str(scene / "truth.ndjson"), str(scene / "tracks.ndjson"), "--json"],
    )
    assert result.exit_code == 0, result.output
    figures = json.loads(result.output)
    assert figures["frames"] == 51
    assert figures["gospa_m"] < 35.0
    assert figures["identity_switches"] == 0
    assert figures["false_tracks"] == 0


def _wgs(enu: tuple[float, float, float]) -> tuple[float, float, float]:
    from tests.fuse.scenes import place

    p = place(enu)
    assert p.alt_m is not None
    return p.lat, p.lon, p.alt_m


def test_tracks_decode_to_the_words() -> None:
    assert Track.__struct_fields__[:2] == ("t", "track")
