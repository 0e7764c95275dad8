"""Recordings: merged by time, damaged ones told at the end."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tests.encode.example_frames import frames as example_frames

from tocsin.encode import pcapng
from tocsin.errors import FormatError, InputError
from tocsin.listen.files import recorded_frames
from tocsin.run import recordings


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    made = example_frames()
    half = len(made) // 2
    (tmp_path / "a.pcapng").write_bytes(pcapng.capture(made[::2]))
    # The second file is out of order within itself.
    (tmp_path / "b.pcapng").write_bytes(pcapng.capture([*made[1::2][half // 2 :], *made[1:half:2]]))
    lines = b"".join(
        b'{"t":%d,"sensor":"r","kind":"radar"}\n' % t for t in (1780000003, 1780000001)
    )
    (tmp_path / "c.ndjson").write_bytes(lines)
    return [str(tmp_path / name) for name in ("a.pcapng", "b.pcapng", "c.ndjson")]


def test_several_files_are_one_stream_in_the_order_of_time(files: list[str]) -> None:
    found = list(recorded_frames(files, recordings.frames))
    assert len(found) == len(example_frames()) + 2
    assert [f.t for f in found] == sorted(f.t for f in found)
    assert {f.link for f in found} == {"radiotap", "nordic_ble", "ndjson"}


def test_frames_of_one_time_stay_in_the_order_of_the_files(tmp_path: Path) -> None:
    for name in "ab":
        line = b'{"t":5,"sensor":"%s","kind":"rf"}\n' % name.encode()
        (tmp_path / name).write_bytes(line * 2)
    paths = [str(tmp_path / "b"), str(tmp_path / "a")]
    assert [f.sensor for f in recorded_frames(paths, recordings.frames)] == ["b", "b", "a", "a"]


def test_a_damaged_file_gives_what_stands_before_and_is_told_at_the_end(files: list[str]) -> None:
    cut = Path(files[0])
    cut.write_bytes(cut.read_bytes()[:-10])
    found = []
    stream = recorded_frames(files, recordings.frames)
    with pytest.raises(FormatError, match=r"a\.pcapng byte \d+"):
        found.extend(stream)
    stream = recorded_frames(files, recordings.frames)
    count = 0
    try:
        for _ in stream:
            count += 1
    except FormatError:
        assert count == len(example_frames()) + 2 - 1


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match="/no/such"):
        list(recorded_frames(["/no/such"], recordings.frames))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b'{"t":5,"sensor":"s","kind":"rf"}'))
    monkeypatch.setattr(sys, "stdin", stdin)
    (frame,) = recorded_frames(["-"], recordings.frames)
    assert (frame.t, frame.origin) == (5.0, "standard input line 1")
