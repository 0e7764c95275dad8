"""Files that grow, are rotated, cut short or taken away; folders into which files are put."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.encode.example_frames import frames as example_frames
from tests.listen.doors import NDJSON, door, first, until

from tocsin.decode.capture import CaptureFormat
from tocsin.encode import pcapng
from tocsin.listen.growing import FilesOfFolder, GrowingFile
from tocsin.words import Frame, SourceHealth

LOOK_S = 0.01


def add(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_a_file_is_followed_through_rotation_truncation_and_loss(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old news\n")

    async def run() -> tuple[list[bytes], SourceHealth, SourceHealth]:
        source = door(GrowingFile(NDJSON.splitter, path, look_s=LOOK_S))
        await source.open()
        heard: list[Frame] = []
        await until(lambda: source.health().connected)
        add(path, b"one\nhal")
        heard += await first(1, source)
        add(path, b"f\n")
        heard += await first(1, source)

        add(path, b"last of the old\nunfin")
        path.rename(tmp_path / "log.1")
        path.write_bytes(b"first of the new\n")
        heard += await first(2, source)

        path.write_bytes(b"cut\n")
        heard += await first(1, source)

        path.unlink()
        await until(lambda: not source.health().connected)
        away = source.health()
        path.write_bytes(b"back\n")
        heard += await first(1, source)
        await source.close()
        return [frame.data for frame in heard], away, source.health()

    heard, away, back = asyncio.run(run())
    assert heard == [
        b"one", b"half", b"last of the old", b"first of the new", b"cut", b"back",
    ]  # fmt: skip
    assert away.why is not None
    assert back.reconnects == 1


def test_what_stood_there_is_read_where_the_site_asks_for_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old news\n")

    async def run() -> list[Frame]:
        source = door(GrowingFile(NDJSON.splitter, path, from_start=True, look_s=LOOK_S))
        await source.open()
        found = await first(1, source)
        await source.close()
        return found

    (frame,) = asyncio.run(run())
    assert (frame.data, frame.origin, frame.source) == (b"old news", "n log", "n")


def test_a_long_file_waits_for_room_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"%d\n" % n for n in range(30_000)))

    async def run() -> tuple[list[Frame], SourceHealth]:
        source = door(
            GrowingFile(NDJSON.splitter, path, from_start=True, look_s=LOOK_S), most_waiting=20_000
        )
        await source.open()
        found = await first(30_000, source)
        await source.close()
        return found, source.health()

    found, health = asyncio.run(run())
    assert [f.data for f in found] == [b"%d" % n for n in range(30_000)]
    assert health.dropped == 0


def test_whole_files_of_a_folder_are_read_once_when_they_are_finished(tmp_path: Path) -> None:
    made = example_frames()
    (tmp_path / "before.pcapng").write_bytes(pcapng.capture(made[:1]))

    async def run() -> tuple[list[Frame], SourceHealth]:
        source = door(FilesOfFolder(CaptureFormat(), tmp_path, look_s=LOOK_S), sensor="van")
        await source.open()
        await until(lambda: source.health().connected)
        (tmp_path / "a.pcapng").write_bytes(pcapng.capture(made))
        found = await first(len(made), source)
        (tmp_path / "b.pcapng").write_bytes(b"not a capture")
        await until(lambda: source.health().refused)
        ill = source.health()
        (tmp_path / "c.pcapng").write_bytes(pcapng.capture(made[:2]))
        found += await first(2, source)
        await source.close()
        return found, ill

    found, ill = asyncio.run(run())
    assert [f.data for f in found] == [f.data for f in [*made, *made[:2]]]
    assert {f.sensor for f in found} == {"van"}
    assert [f.t for f in found[: len(made)]] == pytest.approx([f.t for f in made], abs=1e-6)
    assert ill.refused == {"format": 1}
    assert ill.why is not None
    assert ill.why.startswith("b.pcapng is not capture")
    assert ill.connected
