"""The two accidents that journals die of: the power button and the full disk."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tocsin.errors import JournalFull
from tocsin.keep import Journal, JournalHealth, JournalReader, JournalWriter

CHILD = Path(__file__).with_name("writing_child.py")
KILLS = 200
HARD_BOUND_S = 0.25  # 40 ms of patience and what a busy machine takes to wake us


def _run_until_killed(path: Path, run: str, mode: str, chance: random.Random) -> list[int]:
    """What the child acknowledged before SIGKILL found it, early (opening) or late (writing)."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(path), run, mode], stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    heard = b""
    if chance.random() < 0.75:
        heard = child.stdout.readline()
        assert heard, "the child ended by itself"
        time.sleep(chance.uniform(0.0, 0.06))
    else:
        time.sleep(chance.uniform(0.0, 0.25))
    child.kill()
    heard += child.stdout.read()
    child.stdout.close()
    assert child.wait() == -9, "the child ended by itself"
    return [int(line) for line in heard.split()]


@pytest.mark.fault
def test_nothing_acknowledged_is_lost_by_kill_at_200_random_moments(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    chance = random.Random(2)  # the moments differ by the machine all the same
    acknowledged: list[tuple[str, int]] = []
    for kill in range(KILLS):
        mode = ("journal", "writer")[kill % 2]
        done = _run_until_killed(path, f"run{kill}", mode, chance)
        acknowledged += [(f"run{kill}", n) for n in done]
        if kill % 20 == 0 and path.exists():
            Journal(path).close()
            JournalReader(path).verify()
    reader = JournalReader(path)
    count = reader.verify()
    kept: dict[tuple[str, int], int] = {}
    for envelope in reader.read():
        run, n, _ = bytes(envelope.body).strip(b'"').split(b" ")[0].decode().split("/")
        kept[(run, int(n))] = kept.get((run, int(n)), 0) + 1
    lost = [wanted for wanted in acknowledged if kept.get(wanted) != 3]
    assert lost == []
    assert all(parts == 3 for parts in kept.values()), "an append came apart"
    assert len(acknowledged) > 10 * KILLS, "the children hardly wrote: this tested nothing"
    assert count == sum(kept.values())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB that really fills up."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small tmpfs cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> Path:
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return ballast


@pytest.mark.fault
def test_a_full_disk_stops_the_journal_and_not_the_bell(small_disk: Path) -> None:
    heard: list[JournalHealth] = []
    slowest = 0.0

    async def keep_timed(writer: JournalWriter, n: int) -> bool:
        nonlocal slowest
        started = time.perf_counter()
        kept = await writer.keep(float(n), [("alert", b'{"n":%d}' % n)])
        slowest = max(slowest, time.perf_counter() - started)
        return kept

    async def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20.0
        while not condition():
            assert time.monotonic() < deadline, f"never came about: {writer.health}"
            await asyncio.sleep(0.01)

    async def run() -> None:
        nonlocal writer
        writer = JournalWriter(
            lambda: Journal(small_disk / "journal.db"),
            on_health=heard.append,
            back_off=lambda failures: 0.05,
            limit_bytes=100_000,
        )
        await writer.keep(0.0, [("note", b"{}")], patience_s=10.0)
        ballast = _fill(small_disk)
        n = 1
        while writer.health.healthy:  # what is left of the log file's last blocks fills up first
            await keep_timed(writer, n)
            n += 1
            assert n < 5000, "the disk never filled"
        await until(lambda: len(heard) == 1)
        assert heard[0].full
        assert "no room" in (heard[0].reason or "")
        results = [await keep_timed(writer, n + k) for k in range(300)]
        assert not any(results)
        assert len(heard) == 1
        while writer.health.lost == 0:  # the waiting room is bounded too
            n += 1
            await keep_timed(writer, n + 300)
        ballast.unlink()
        await until(lambda: len(heard) == 2)
        assert heard[1].healthy
        await until(lambda: writer.health.waiting == 0)
        assert await writer.keep(9e9, [("alert", b'"after"')], patience_s=10.0)
        assert await writer.close()

    writer: JournalWriter
    asyncio.run(run())
    print(f"slowest keep: {slowest * 1000:.1f} ms")
    assert slowest < HARD_BOUND_S
    reader = JournalReader(small_disk / "journal.db")
    count = reader.verify()
    bodies = [bytes(e.body) for e in reader.read(topics=("note",))]
    missing = sum(msgspec.json.decode(body).get("count", 0) for body in bodies)
    assert missing == writer.health.lost > 0
    assert count == writer.health.written
    assert bytes(list(reader.read())[-1].body) == b'"after"'


@pytest.mark.fault
def test_a_full_disk_is_named_as_such(small_disk: Path) -> None:
    with Journal(small_disk / "journal.db") as journal:
        journal.append(1.0, [("note", b"{}")])
        ballast = _fill(small_disk)
        with pytest.raises(JournalFull, match="free space"):
            journal.append(2.0, [("detection", bytes(100_000))])
        with pytest.raises(JournalFull):
            journal.checkpoint()
        assert journal.verify() == 1
        ballast.unlink()
        assert journal.append(3.0, [("detection", bytes(100_000))]) == 2
        assert journal.verify() == 2
    _fill(small_disk)
    (small_disk / "new").mkdir()
    with pytest.raises(JournalFull):
        Journal(small_disk / "new" / "journal.db")
