"""The siren over a real relay: sounds, stops, tells apart, and finds out a relay that lies."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from msgspec.structs import replace

from tocsin.warn.http_call import HttpCall
from tocsin.warn.siren import Siren
from tocsin.warn.siren_http import KIND, Confirmation, SirenHttpSettings
from tocsin.words import Alert

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


class Relay(Protocol):
    url: str
    status: int
    answer: bytes
    paths: list[str]
    calls: list[tuple[str, str, bytes, dict[str, str]]]


def _settings(relay: Relay, **more: object) -> SirenHttpSettings:
    return SirenHttpSettings(
        on=HttpCall(f"{relay.url}/on/$level?z=$zone", body='{"level": "$level"}'),
        off=HttpCall(f"{relay.url}/off", method="GET"),
        test=HttpCall(f"{relay.url}/status", method="GET"),
        **more,  # type: ignore[arg-type]
    )


def _siren(name: str, settings: SirenHttpSettings, clock: HandClock, timeout_s: float) -> Siren:
    made = KIND.make(name, settings, clock, timeout_s)
    assert isinstance(made, Siren)
    return made


async def _move_until(clock: HandClock, condition: Callable[[], bool]) -> None:
    """The siren's seconds pass by hand, the relay's answers in real time."""
    for _ in range(2000):
        if condition():
            return
        await clock.move(0.5)
        await asyncio.sleep(0.005)
    raise AssertionError("did not come about")


def _run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30.0))  # type: ignore[arg-type]


def test_an_alarm_sounds_for_a_minute_and_stops(
    relay: Relay, clock: HandClock, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        siren = _siren("siren", _settings(relay), clock, 5.0)
        receipt = await siren.deliver(replace(alarm, zone="d a/m"), {}, b"")
        assert receipt.delivered
        assert (receipt.channel, receipt.alert, receipt.level) == ("siren", "dam-1", "alarm")
        method, path, body, _ = relay.calls[0]
        assert (method, path, body) == ("POST", "/on/alarm?z=d%20a%2Fm", b'{"level": "alarm"}')
        await clock.move(59.0)
        await asyncio.sleep(0.05)
        assert len(relay.calls) == 1
        await clock.move(2.0)
        await until(lambda: siren._playing is not None and siren._playing.done())
        assert relay.paths[1:] == ["/off"]
        await siren.close()
        assert len(relay.calls) == 2, "a silent siren was switched off again"

    _run(test)


def test_the_all_clear_is_silence_and_then_three_pulses(
    relay: Relay, clock: HandClock, alarm: Alert, until: Until
) -> None:
    async def test() -> None:
        siren = _siren("siren", _settings(relay), clock, 5.0)
        await siren.deliver(alarm, {}, b"")
        clear = replace(alarm, level="all-clear", kind="update", sequence=2)
        telling = asyncio.create_task(siren.deliver(clear, {}, b""))
        await until(lambda: len(relay.calls) == 2)
        assert relay.paths[1] == "/off", "the pulses began without a silence before them"
        await _move_until(clock, telling.done)
        assert (await telling).delivered
        await _move_until(clock, lambda: len(relay.calls) == 8)
        on, off = "/on/all-clear?z=dam", "/off"
        assert relay.paths[1:] == [off, on, off, on, off, on, off]
        await siren.close()

    _run(test)


def test_the_all_clear_of_one_alert_does_not_silence_another(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        siren = _siren("siren", _settings(relay), clock, 5.0)
        await siren.deliver(alarm, {}, b"")
        await siren.deliver(replace(alarm, alert="dam-2"), {}, b"")
        clear = replace(alarm, level="all-clear", kind="update", sequence=2)
        receipt = await siren.deliver(clear, {}, b"")
        assert receipt.delivered
        assert "still rings" in (receipt.detail or "")
        assert relay.paths == ["/on/alarm?z=dam"] * 2
        telling = asyncio.create_task(siren.deliver(replace(clear, alert="dam-2"), {}, b""))
        await _move_until(clock, telling.done)
        assert relay.paths[2:4] == ["/off", "/on/all-clear?z=dam"]
        await siren.close()
        assert relay.paths[-1] == "/off"

    _run(test)


def test_a_lesser_signal_does_not_drown_the_alarm(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        siren = _siren("siren", _settings(relay), clock, 5.0)
        await siren.deliver(alarm, {}, b"")
        receipt = await siren.deliver(replace(alarm, alert="dam-2", level="warning"), {}, b"")
        assert receipt.delivered
        assert receipt.detail == "the siren already sounds alarm"
        assert len(relay.calls) == 1
        await siren.close()

    _run(test)


@pytest.mark.parametrize(
    ("status", "said"), [(500, "answered 500"), (404, "answered 404"), (302, "answered 302")]
)
def test_a_relay_that_refuses_is_a_failure_and_is_switched_off_in_any_case(
    relay: Relay, clock: HandClock, alarm: Alert, until: Until, status: int, said: str
) -> None:
    async def test() -> None:
        relay.status = status
        siren = _siren("siren", _settings(relay), clock, 5.0)
        receipt = await siren.deliver(alarm, {}, b"")
        assert not receipt.delivered
        assert said in (receipt.detail or "")
        assert len(relay.calls) == 1, "a redirect was followed"
        await clock.move(61.0)  # it may have switched on all the same
        await until(lambda: "/off" in relay.paths)
        relay.status = 200
        await siren.close()

    _run(test)


def test_a_dead_relay_is_a_failure(clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody is there
            call = HttpCall(f"http://127.0.0.1:{taken.getsockname()[1]}/")
            siren = _siren("siren", SirenHttpSettings(on=call, off=call), clock, 5.0)
            receipt = await siren.deliver(alarm, {}, b"")
            assert not receipt.delivered
            assert receipt.detail
            await siren.close()

    _run(test)


def test_a_relay_that_never_answers_is_a_failure(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        relay.hold.clear()  # type: ignore[attr-defined]
        siren = _siren("siren", _settings(relay), clock, 0.2)
        receipt = await siren.deliver(alarm, {}, b"")
        assert not receipt.delivered
        assert receipt.detail == "no answer within 0.2 s"
        await siren.close()

    _run(test)


def test_a_relay_that_lies_is_found_out(relay: Relay, clock: HandClock, alarm: Alert) -> None:
    async def test() -> None:
        confirm = Confirmation(f"{relay.url}/state", on='"ison":true')
        siren = _siren("siren", _settings(relay, confirm=confirm), clock, 5.0)
        relay.answer = b'{"ison":false}'
        receipt = await siren.deliver(alarm, {}, b"")
        assert not receipt.delivered
        assert "does not confirm" in (receipt.detail or "")
        relay.answer = b'{"ison":true}'
        assert (await siren.deliver(alarm, {}, b"")).delivered
        relay.answer = b" " * 10_000_000 + b'{"ison":true}'
        receipt = await siren.deliver(alarm, {}, b"")
        assert not receipt.delivered, "ten megabytes of an answer were read"
        await siren.close()

    _run(test)


def test_the_self_test_makes_no_sound(relay: Relay, clock: HandClock) -> None:
    async def test() -> None:
        siren = _siren("siren", _settings(relay), clock, 5.0)
        receipt = await siren.self_test()
        assert receipt.delivered
        assert receipt.alert == "self-test"
        assert relay.paths == ["/status"]
        relay.status = 503
        assert not (await siren.self_test()).delivered
        await siren.close()
        untestable = _siren("s", replace(_settings(relay), test=None), clock, 5.0)
        assert "no test call" in ((await untestable.self_test()).detail or "")
        await untestable.close()

    _run(test)


def test_levels_may_have_their_own_call_and_pattern(
    relay: Relay, clock: HandClock, alarm: Alert
) -> None:
    async def test() -> None:
        settings = _settings(
            relay,
            on_level={"alarm": HttpCall(f"{relay.url}/wail")},
            patterns={"alarm": ((1.0, 1.0), (1.0, 0.0))},
        )
        siren = _siren("siren", settings, clock, 5.0)
        await siren.deliver(alarm, {}, b"")
        await _move_until(clock, lambda: len(relay.calls) == 4)
        assert relay.paths == ["/wail", "/off", "/wail", "/off"]
        await siren.close()

    _run(test)
