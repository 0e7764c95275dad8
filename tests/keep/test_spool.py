"""The spool of a node: in order, bounded, never the same number twice, alive after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import JournalError
from tocsin.keep.spool import KINDS, Kind, Spool


def fill(spool: Spool, *kinds: Kind, size: int = 100) -> list[int]:
    return [spool.append(kind, lambda n: n.to_bytes(4, "big").ljust(size, b"\0")) for kind in kinds]


def test_reports_leave_in_their_order_once_they_are_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "deep" / "spool", 1000)
    assert fill(spool, "event", "features", "heartbeat") == [1000, 1001, 1002]
    assert [n for n, _ in spool.waiting(2)] == [1000, 1001]
    spool.taken([1000, 1001])
    assert [n for n, _ in spool.waiting(9)] == [1002]
    assert len(spool) == 1
    spool.close()


def test_numbers_go_on_after_it_is_opened_again(tmp_path: Path) -> None:
    first = Spool(tmp_path / "spool", 1000)
    fill(first, "event")
    events = [first.next_event(), first.next_event()]
    first.close()
    second = Spool(tmp_path / "spool", 500)
    assert fill(second, "event") == [1001]
    assert [*events, second.next_event()] == [1, 2, 3]
    assert [n for n, _ in second.waiting(9)] == [1000, 1001]
    second.close()


def test_a_lost_disk_goes_on_above_the_old_numbers() -> None:
    """By the time: an old copy of the spool that is put back uses no number again."""
    spool = Spool(None, 1_780_000_000)
    assert fill(spool, "event") == [1_780_000_000]
    spool.close()


def test_the_oldest_features_go_first_and_events_last() -> None:
    spool = Spool(None, 0, most_bytes=500)
    fill(spool, "event", "features", "heartbeat", "features", "event")
    fill(spool, "event")
    assert [n for n, _ in spool.waiting(9)] == [0, 2, 3, 4, 5]
    fill(spool, "event", "event")
    assert [n for n, _ in spool.waiting(9)] == [0, 4, 5, 6, 7]
    fill(spool, "event")
    assert [n for n, _ in spool.waiting(9)] == [4, 5, 6, 7, 8]
    assert spool.lost == 4
    spool.close()


@given(st.lists(st.sampled_from(KINDS), max_size=40), st.integers(1, 9))
def test_whatever_goes_the_rest_keeps_its_order_and_the_bound(kinds: list[Kind], room: int) -> None:
    spool = Spool(None, 7, most_bytes=100 * room)
    fill(spool, *kinds)
    numbers = [n for n, _ in spool.waiting(99)]
    assert numbers == sorted(numbers)
    assert len(numbers) == min(room, len(kinds))
    assert len(numbers) + spool.lost == len(kinds)
    events = kinds.count("event")
    kept = [kinds[n - 7] for n in numbers]
    assert kept.count("event") == min(events, room)
    spool.close()


def test_what_cannot_be_written_leaves_no_trace() -> None:
    spool = Spool(None, 5)

    def fail(number: int) -> bytes:
        raise ValueError(number)

    with pytest.raises(ValueError, match="5"):
        spool.append("event", fail)
    assert fill(spool, "event") == [5]
    spool.close()


def test_a_second_process_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    fill(spool, "event")
    with pytest.raises(JournalError, match="locked"):
        Spool(tmp_path / "spool", 0)
    spool.close()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"nonsense" * 100)
    with pytest.raises(JournalError, match="not a database"):
        Spool(tmp_path / "spool", 0)


CHILD = """
import sys
from pathlib import Path
from tocsin.keep.spool import Spool
spool = Spool(Path(sys.argv[1]), 0)
while True:
    n = spool.append("features" if len(spool) % 3 else "event", lambda n: b"%06d" % n)
    print(n, flush=True)
"""


@pytest.mark.fault
def test_a_kill_in_the_middle_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "spool"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True,
        env=dict(os.environ),
    )  # fmt: skip
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(200)]
    child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().split()]
    child.wait()
    child.stdout.close()
    spool = Spool(path, 0)
    kept = spool.waiting(10**6)
    assert [n for n, _ in kept][: len(said)] == said
    assert all(data == b"%06d" % n for n, data in kept)
    assert spool.append("event", lambda n: b"x") == kept[-1][0] + 1
    spool.close()
