"""The dispatcher waits for nobody, keeps order, repeats what failed, forgets nothing silently."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.encode.speech import phrase, wordings
from tocsin.warn import Dispatcher, Post, Reach
from tocsin.words import Alert, Receipt, Wording, Zone


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


class Voice:
    """A channel that does what the test says: `fails` is asked for every attempt."""

    def __init__(self, name: str, clock: HandClock) -> None:
        self.name = name
        self.clock = clock
        self.heard: list[tuple[str, int]] = []
        self.texts: list[dict[str, Wording]] = []
        self.tried: list[tuple[float, str, int]] = []
        self.fails: Callable[[Alert], bool] = lambda alert: False
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False
        self.broken = False

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        self.tried.append((self.clock.now(), alert.alert, alert.sequence))
        await self.gate.wait()
        if self.broken:
            raise RuntimeError("a plug-in with a bug")
        failed = self.fails(alert)
        if not failed:
            self.heard.append((alert.alert, alert.sequence))
            self.texts.append(texts)
        return Receipt(
            self.name, alert.alert, alert.sequence, alert.level, self.clock.now(), not failed,
            detail="no" if failed else None,
        )  # fmt: skip

    async def self_test(self) -> Receipt:
        return Receipt(self.name, "self-test", 0, "all-clear", self.clock.now(), not self.broken)

    async def close(self) -> None:
        self.closed = True
        if self.broken:
            raise RuntimeError("cannot even close")


Test = Callable[[Dispatcher, dict[str, Voice], list[Receipt]], Awaitable[None]]


def _run(clock: HandClock, test: Test, **reach: Reach) -> list[Receipt]:
    async def run() -> list[Receipt]:
        receipts: list[Receipt] = []
        voices = {name: Voice(name, clock) for name in ("siren", "hook")}
        posts = {name: Post(v, reach.get(name, Reach())) for name, v in voices.items()}
        dispatcher = Dispatcher(posts, on_receipt=receipts.append, clock=clock)
        await test(dispatcher, voices, receipts)
        await dispatcher.close()
        await asyncio.sleep(0)
        return receipts

    return asyncio.run(asyncio.wait_for(run(), 30.0))


def test_every_channel_of_the_zone_is_told(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        told = d.tell(alarm, zone.tell, {"fr": plain("Au secours")}, b"<a/>")
        assert told == ("siren", "hook")
        assert receipts == [], "tell waited"
        await d.drain()
        assert voices["siren"].heard == voices["hook"].heard == [("dam-1", 1)]
        assert voices["hook"].texts == [{"fr": plain("Au secours")}]
        assert d.tell(replace(alarm, alert="b"), ("hook",), {}, b"") == ("hook",)
        await d.drain()
        assert len(voices["siren"].heard) == 1
        await asyncio.sleep(0)
        assert [(r.channel, r.delivered, r.attempts) for r in receipts] == [
            ("siren", True, 1), ("hook", True, 1), ("hook", True, 1),
        ]  # fmt: skip
        health = {h.channel: h for h in d.health()}
        assert health["siren"].last_success_t == 1000.0
        assert health["siren"].backlog == health["siren"].consecutive_failures == 0

    _run(clock, test)


def test_a_dead_channel_delays_no_other(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        voices["siren"].gate.clear()
        for n in range(1, 6):
            d.tell(replace(alarm, alert=f"a{n}"), zone.tell, {}, b"")
        for _ in range(50):
            await asyncio.sleep(0)
        assert [alert for alert, _ in voices["hook"].heard] == ["a1", "a2", "a3", "a4", "a5"]
        health = {h.channel: h for h in d.health()}
        assert (health["siren"].backlog, health["hook"].backlog) == (5, 0)
        voices["siren"].gate.set()
        await d.drain()
        assert [alert for alert, _ in voices["siren"].heard] == ["a1", "a2", "a3", "a4", "a5"]

    _run(clock, test)


def test_a_failure_is_repeated_with_growing_pauses_until_it_works(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        siren = voices["siren"]
        siren.fails = lambda alert: len(siren.tried) < 6
        d.tell(alarm, ("siren",), {}, b"")
        await clock.move(60.0)
        await d.drain()
        times = [t - 1000.0 for t, _, _ in siren.tried]
        assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5]
        assert siren.heard == [("dam-1", 1)]

    receipts = _run(clock, test)
    assert [(r.delivered, r.attempts, r.detail) for r in receipts] == [
        (False, 1, "no; tries again"),
        (True, 6, None),
    ]


def test_it_gives_up_in_the_end_and_says_so(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        voices["siren"].fails = lambda alert: True
        d.tell(alarm, ("siren",), {}, b"")
        await clock.move(40.0)
        await d.drain()
        (health,) = [h for h in d.health() if h.channel == "siren"]
        assert health.backlog == 0
        assert health.consecutive_failures == len(voices["siren"].tried) == 7
        assert health.last_success_t is None
        assert health.last_detail == "no"

    receipts = _run(clock, test, siren=Reach(retry_s=30.0))
    assert [(r.delivered, r.attempts) for r in receipts] == [(False, 1), (False, 7)]


def test_a_newer_statement_takes_the_place_of_a_failed_one(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        siren, only = voices["siren"], ("siren",)
        siren.fails = lambda alert: True
        d.tell(alarm, only, {}, b"")
        await clock.move(1.0)
        siren.fails = lambda alert: False
        d.tell(replace(alarm, level="all-clear", kind="update", sequence=2), only, {}, b"")
        await d.drain()
        await clock.move(60.0)
        assert siren.heard == [("dam-1", 2)], "a stale alarm rang after its all-clear"

    receipts = _run(clock, test)
    assert [(r.sequence, r.delivered, r.detail) for r in receipts] == [
        (1, False, "no; tries again"),
        (1, False, "replaced by statement 2"),
        (2, True, None),
    ]


def test_another_alert_does_not_wait_behind_a_failing_one(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        siren, only = voices["siren"], ("siren",)
        siren.fails = lambda alert: alert.alert == "poison"
        d.tell(replace(alarm, alert="poison"), only, {}, b"")
        await clock.move(10.0)  # its next try is seconds away
        before = clock.now()
        d.tell(replace(alarm, alert="real"), only, {}, b"")
        for _ in range(50):
            await asyncio.sleep(0)
        assert siren.heard == [("real", 1)]
        assert clock.now() == before

    _run(clock, test)


def test_an_all_clear_goes_only_where_the_alert_went(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        watch = replace(alarm, alert="w", level="watch", public=False)
        clear = replace(watch, level="all-clear", kind="update", sequence=2)
        assert d.tell(watch, zone.tell, {}, b"") == ("hook",)
        assert d.tell(clear, zone.tell, {}, b"") == ("hook",), "an all-clear out of the blue"
        assert d.tell(clear, zone.tell, {}, b"") == (), "it was over already"
        # after a restart nothing is remembered, but what was public is still cleared
        public = replace(clear, alert="before-restart", public=True)
        assert d.tell(public, zone.tell, {}, b"") == ("siren", "hook")
        await d.drain()

    _run(clock, test, siren=Reach(levels=("alarm", "all-clear")))


def test_drills_are_marked_and_can_be_kept_out(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        zone_ = replace(zone, languages=("fr",))
        texts = {"en": plain("Take cover"), **wordings(replace(alarm, drill=True), zone_)}
        assert d.tell(replace(alarm, drill=True), zone.tell, texts, b"") == ("hook",)
        await d.drain()
        (heard,) = voices["hook"].texts
        assert heard["fr"] == texts["fr"], "marked once"
        first, last = phrase("drill.start", "en"), phrase("drill.end", "en")
        assert heard["en"].spoken == f"{first} Take cover {last}"
        assert heard["en"].headline == "DRILL. Take cover"
        assert heard["en"].short == "DRILL. Take cover DRILL."

    _run(clock, test, siren=Reach(drills=False))


def test_a_channel_that_breaks_its_promise_is_a_failed_one(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        voices["siren"].broken = True
        d.tell(alarm, zone.tell, {}, b"")
        await clock.move(1.0)
        assert voices["hook"].heard == [("dam-1", 1)]
        voices["siren"].broken = False
        await clock.move(5.0)
        await d.drain()
        assert voices["siren"].heard == [("dam-1", 1)]
        voices["siren"].broken = True

    receipts = _run(clock, test)
    details = [r.detail or "" for r in receipts if r.channel == "siren"]
    assert "a plug-in with a bug" in details[0]
    assert "cannot even close" in details[-1]


def test_a_channel_that_hangs_is_given_up_and_tried_again(
    clock: HandClock, alarm: Alert, zone: Zone, until: Callable[..., Awaitable[None]]
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        voices["siren"].gate.clear()
        d.tell(alarm, ("siren",), {}, b"")
        await until(lambda: len(receipts) == 1)
        assert "hangs" in (receipts[0].detail or "")
        voices["siren"].gate.set()
        await clock.move(1.0)
        await d.drain()
        assert voices["siren"].heard == [("dam-1", 1)]

    _run(clock, test, siren=Reach(timeout_s=0.1))


def test_a_name_that_is_no_channel_gives_a_failed_receipt(
    clock: HandClock, alarm: Alert, zone: Zone
) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        told = d.tell(alarm, ("sirne", "hook", "hook"), {}, b"")
        assert told == ("hook",)
        await d.drain()
        assert len(voices["hook"].heard) == 1

    receipts = _run(clock, test)
    assert (receipts[0].channel, receipts[0].delivered) == ("sirne", False)


def test_closing_tells_what_was_not_delivered(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        voices["siren"].fails = lambda alert: True
        d.tell(alarm, zone.tell, {}, b"")
        await clock.move(1.0)
        await d.close()
        assert all(voice.closed for voice in voices.values())

    receipts = _run(clock, test)
    assert "Tocsin was stopped" in ([r for r in receipts if r.channel == "siren"][-1].detail or "")


def test_a_self_test_is_proof_of_life(clock: HandClock) -> None:
    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        assert (await d.self_test("siren")).delivered
        voices["hook"].broken = True
        assert not (await d.self_test("hook")).delivered
        health = {h.channel: h for h in d.health()}
        assert health["siren"].last_success_t == 1000.0
        assert health["hook"].consecutive_failures == 1
        voices["hook"].broken = False
        with pytest.raises(KeyError):
            await d.self_test("none")

    assert len(_run(clock, test)) == 2


def test_a_listener_that_fails_stops_no_channel(clock: HandClock, alarm: Alert, zone: Zone) -> None:
    async def run() -> None:
        complaints: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))

        def listen(receipt: Receipt) -> None:
            raise RuntimeError("a listener with a bug")

        voice = Voice("siren", clock)
        d = Dispatcher({"siren": Post(voice, Reach())}, on_receipt=listen, clock=clock)
        for n in range(3):
            d.tell(replace(alarm, alert=f"a{n}"), ("siren",), {}, b"")
        await d.drain()
        assert len(voice.heard) == 3
        await asyncio.sleep(0)
        assert len(complaints) == 3
        await d.close()

    asyncio.run(run())


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(0, 2)),
        st.tuples(st.just("move"), st.integers(1, 8)),
        st.tuples(st.just("fail"), st.booleans()),
    ),
    max_size=40,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
def test_whatever_happens_order_holds_and_every_statement_has_its_end(
    clock: HandClock, alarm: Alert, zone: Zone, steps: list[tuple[str, int]]
) -> None:
    """For any mix of statements, failures and time: per alert in order, each at most once, the
    last statement of each alert delivered once the channel works, and one final receipt each."""
    sent: dict[str, int] = {}

    async def test(d: Dispatcher, voices: dict[str, Voice], receipts: list[Receipt]) -> None:
        siren, failing = voices["siren"], False
        siren.fails = lambda alert: failing
        for step, value in steps:
            if step == "tell":
                name = f"a{value}"
                sent[name] = sent.get(name, 0) + 1
                d.tell(
                    replace(alarm, alert=name, sequence=sent[name]),
                    ("siren",), {}, b"",
                )  # fmt: skip
            elif step == "move":
                await clock.move(float(value))
            else:
                failing = bool(value)
        failing = False
        await clock.move(30.0)
        await d.drain()
        for name, last in sent.items():
            heard = [sequence for alert, sequence in siren.heard if alert == name]
            assert heard == sorted(set(heard)), "out of order, or twice"
            assert heard[-1] == last, "the last word was lost"

    receipts = _run(clock, test, siren=Reach(retry_s=3600.0))
    ends = [(r.alert, r.sequence) for r in receipts if not (r.detail or "").endswith("tries again")]
    assert sorted(ends) == [(name, n) for name in sorted(sent) for n in range(1, sent[name] + 1)]
