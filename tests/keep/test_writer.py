"""No bell waits for memory, nothing is reordered, and what is missing is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import JournalError, JournalFull
from tocsin.keep import Head, Journal, JournalHealth, JournalReader, JournalWriter
from tocsin.keep.waiting import Batch, Waiting
from tocsin.words import Topic

Entries = Iterable[tuple[Topic, bytes]]


class SickStore:
    """A store that hangs or refuses for as long as the test says."""

    def __init__(self) -> None:
        self.records: list[tuple[float, Topic, bytes]] = []
        self.groups: list[int] = []
        self.fault: JournalError | None = None
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.entered = threading.Event()
        self.closed = 0

    def append_batches(self, batches: Iterable[tuple[float, Entries]]) -> int:
        self.entered.set()
        assert self.open_gate.wait(20.0), "the test never let the store go"
        if self.fault is not None:
            raise self.fault
        group = [(t, topic, body) for t, entries in batches for topic, body in entries]
        self.records += group
        self.groups.append(len(group))
        return len(self.records)

    def checkpoint(self) -> Head:
        if self.fault is not None:
            raise self.fault
        return Head(len(self.records), bytes(32))

    def close(self) -> None:
        self.closed += 1


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("did not come about within 10 s")


def _at_once(failures: int) -> float:
    return 0.01


def test_kept_means_on_disk(tmp_path: Path) -> None:
    async def run() -> None:
        writer = JournalWriter(lambda: Journal(tmp_path / "j.db"))
        assert await writer.keep(1.0, [("alert", b"{}"), ("track", b"{}")], patience_s=10.0)
        assert [e.seq for e in JournalReader(tmp_path / "j.db").read()] == [1, 2]
        assert await writer.keep(2.0, [])
        assert writer.health == JournalHealth(healthy=True, written=2, last_seq=2)
        assert await writer.close()
        assert not await writer.keep(3.0, [("note", b"{}")]), "a closed writer keeps nothing"

    asyncio.run(run())
    assert JournalReader(tmp_path / "j.db").verify() == 2
    assert (tmp_path / "j.db.head").read_text().splitlines()[1] == "2"


def test_many_callers_share_one_flush_and_keep_their_order() -> None:
    async def run() -> SickStore:
        store = SickStore()
        writer = JournalWriter(lambda: store)
        store.open_gate.clear()
        first = asyncio.create_task(writer.keep(0.0, [("note", b"first")], patience_s=20.0))
        await _until(store.entered.is_set)
        rest = [
            asyncio.create_task(writer.keep(float(n), [("note", b"%d" % n)], patience_s=20.0))
            for n in range(500)
        ]
        await asyncio.sleep(0)
        store.open_gate.set()
        assert all(await asyncio.gather(first, *rest))
        await writer.close()
        return store

    store = asyncio.run(run())
    assert [body for _, _, body in store.records[1:]] == [b"%d" % n for n in range(500)]
    assert store.groups == [1, 500]


def test_a_hanging_disk_never_holds_the_bell_and_loses_nothing() -> None:
    async def run() -> SickStore:
        store = SickStore()
        writer = JournalWriter(lambda: store)
        store.open_gate.clear()
        for n in range(5):
            assert not await writer.keep(float(n), [("alert", b"%d" % n)])
        assert store.records == []
        assert writer.health.waiting == 5
        store.open_gate.set()
        assert await writer.close()
        return store

    store = asyncio.run(run())
    assert [body for _, _, body in store.records] == [b"%d" % n for n in range(5)]


@pytest.mark.parametrize("fault", [JournalFull("no room"), JournalError("input/output error")])
def test_trouble_is_told_once_and_overcome_alone(fault: JournalError) -> None:
    async def run() -> None:
        store, heard, opened = SickStore(), list[JournalHealth](), list[int]()

        def open_store() -> SickStore:
            opened.append(1)
            return store

        writer = JournalWriter(open_store, on_health=heard.append, back_off=_at_once)
        assert await writer.keep(1.0, [("note", b"before")], patience_s=10.0)
        store.fault = fault
        await writer.keep(2.0, [("alert", b"during")])
        await _until(lambda: len(heard) == 1)
        for n in range(20):
            assert not await writer.keep(3.0 + n, [("alert", b"more")])
        await asyncio.sleep(0.1)
        assert len(heard) == 1, "the same trouble was told twice"
        assert not heard[0].healthy
        assert heard[0].full == isinstance(fault, JournalFull)
        assert heard[0].reason == str(fault)
        store.fault = None
        await _until(lambda: len(heard) == 2)
        assert heard[1].healthy
        assert await writer.keep(99.0, [("note", b"after")], patience_s=10.0)
        assert await writer.close()
        bodies = [body for _, _, body in store.records]
        assert bodies == [b"before", b"during", *[b"more"] * 20, b"after"]
        # a full disk leaves the file sound; any other fault has it opened anew
        assert (len(opened) == 1) == isinstance(fault, JournalFull)

    asyncio.run(run())


def test_a_journal_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    async def run() -> None:
        heard: list[JournalHealth] = []
        path = tmp_path / "file" / "j.db"
        (tmp_path / "file").write_text("in the way")
        writer = JournalWriter(lambda: Journal(path), on_health=heard.append, back_off=_at_once)
        assert not await writer.keep(1.0, [("alert", b"{}")])
        await _until(lambda: len(heard) == 1)
        assert not heard[0].healthy
        (tmp_path / "file").unlink()
        await _until(lambda: len(heard) == 2)
        await _until(lambda: writer.health.written == 1)
        assert await writer.close()
        assert JournalReader(path).verify() == 1

    asyncio.run(run())


def test_what_finds_no_room_is_counted_in_its_place() -> None:
    async def run() -> SickStore:
        store = SickStore()
        writer = JournalWriter(lambda: store, limit_bytes=2000, back_off=_at_once)
        store.open_gate.clear()
        for n in range(40):
            assert not await writer.keep(float(n), [("detection", b"%03d" % n)], patience_s=0.0)
        assert not await writer.keep(40.0, [("alert", b"decided")], patience_s=0.0)
        lost = writer.health.lost
        store.open_gate.set()
        await _until(lambda: writer.health.waiting == 0)
        assert await writer.keep(50.0, [("health", b"later")], patience_s=10.0)
        assert writer.health.lost == lost
        await writer.close()
        return store

    store = asyncio.run(run())
    notes = [msgspec.json.decode(b) for _, topic, b in store.records if topic == "note"]
    kept = [body for _, topic, body in store.records if topic == "detection"]
    assert kept == [b"%03d" % n for n in range(len(kept))], "the oldest were kept, in order"
    assert 0 < len(kept) < 40
    assert notes == [{"code": "records-missing", "count": 40 - len(kept)}]
    topics = [topic for _, topic, _ in store.records]
    assert topics == ["detection"] * len(kept) + ["note", "alert", "health"]


def test_closing_while_the_disk_is_full_gives_up_honestly() -> None:
    async def run() -> None:
        store = SickStore()
        store.fault = JournalFull("no room")
        writer = JournalWriter(lambda: store)
        assert not await writer.keep(1.0, [("alert", b"{}")])
        assert not await writer.close(patience_s=10.0)
        assert not writer.health.healthy
        assert store.closed == 1

    asyncio.run(run())


def test_a_time_that_is_none_is_refused() -> None:
    async def run() -> None:
        writer = JournalWriter(SickStore)
        with pytest.raises(ValueError, match="nan"):
            await writer.keep(float("nan"), [("note", b"{}")])
        await writer.close()

    asyncio.run(run())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_writer_is_not_shown_as_healthy() -> None:
    class Broken(SickStore):
        def append_batches(self, batches: Iterable[tuple[float, Entries]]) -> int:
            raise RuntimeError("a fault of ours")

    async def run() -> None:
        writer = JournalWriter(Broken)
        assert not await writer.keep(1.0, [("alert", b"{}")])
        await _until(lambda: not writer.health.healthy)
        assert not await writer.keep(2.0, [("alert", b"{}")])

    asyncio.run(run())


@given(
    st.lists(st.tuples(st.sampled_from(["detection", "alert"]), st.integers(0, 300)), max_size=60),
    st.integers(300, 4000),
    st.data(),
)
@settings(deadline=None)
def test_the_queue_is_bounded_and_accounts_for_every_record(
    offered: list[tuple[Topic, int]], limit: int, data: st.DataObject
) -> None:
    """Whatever is put and taken, written + noted as missing = offered, in order."""
    waiting = Waiting(limit)
    out: list[Batch] = []
    for n, (topic, size) in enumerate(offered):
        waiting.put(Batch(float(n), ((topic, b"x" * size),)))
        assert waiting.cost_bytes <= limit
        if data.draw(st.booleans()):
            taken = waiting.first(data.draw(st.integers(1, limit)))
            if data.draw(st.booleans()):  # a failed write takes nothing
                out += taken
                waiting.drop(len(taken))
    while taken := waiting.first(1):
        out += taken
        waiting.drop(len(taken))
    bodies = [(topic, body) for batch in out for topic, body in batch.entries]
    written = [(topic, len(body)) for topic, body in bodies if topic != "note"]
    missing = sum(msgspec.json.decode(body)["count"] for topic, body in bodies if topic == "note")
    assert len(written) + missing == len(offered)
    assert missing == waiting.lost
    times = [batch.t for batch in out]
    assert times == sorted(times)
    remaining = iter(offered)
    assert all(item in remaining for item in written), "order was not kept"
