"""One channel's own hand: takes the next statement that is due, tries it, and keeps count."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from tocsin.ports import Clock, Resuming
from tocsin.warn.receipts import SELF_TEST
from tocsin.warn.registry import Post
from tocsin.words import LEVEL_ORDER, Alert, Attempt, ChannelHealth, Receipt, Wording

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
_HUNG_FACTOR = 3.0  # a siren's all-clear is two calls and a pause; beyond this a channel hangs
_MOST_WAITING = 1000
_GRAVITY = {**LEVEL_ORDER, "all-clear": LEVEL_ORDER["alarm"]}  # the end matters like the alarm


@dataclass(eq=False)
class Delivery:
    """One statement on its way to one channel.

    `begun_t` is set where a former run of Tocsin began to tell it and was killed before it knew.
    """

    alert: Alert
    texts: dict[str, Wording]
    cap_xml: bytes
    queued_t: float
    due_t: float = field(init=False)
    attempts: int = 0
    begun_t: float | None = None

    def __post_init__(self) -> None:
        self.due_t = self.queued_t


class ChannelWorker:
    """The queue and the task of one channel. `idle` is set while nothing waits.

    `note_attempt` returns when it is on record that a statement is about to be told. `former` are
    the statements that a former run of Tocsin told last, with their times.
    """

    def __init__(
        self,
        post: Post,
        clock: Clock,
        hand_on: Callable[[Receipt], None],
        note_attempt: Callable[[Attempt], Awaitable[None]],
        former: Iterable[tuple[Alert, float]] = (),
    ) -> None:
        self._post = post
        self._clock = clock
        self._hand_on = hand_on
        self._note_attempt = note_attempt
        self._former = tuple(former)
        self._queue: list[Delivery] = []
        self._told = {a.alert: a.level for a, _ in self._former if a.level != "all-clear"}
        self._news = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._health = ChannelHealth(post.channel.name)
        self._abandoned: set[asyncio.Task[Receipt]] = set()
        self.idle = asyncio.Event()
        self.idle.set()
        self._task = asyncio.create_task(self._work(), name=f"channel {post.channel.name}")

    def put(self, delivery: Delivery) -> bool:
        """Queue it if this channel is told such things; whether it was queued."""
        alert = delivery.alert
        if not self._wants(alert) or self._task.done():
            return False
        if alert.level == "all-clear":
            self._told.pop(alert.alert, None)
        else:
            self._told[alert.alert] = alert.level
        if len(self._queue) >= _MOST_WAITING:
            least = min(self._queue, key=lambda waiting: _GRAVITY[waiting.alert.level])
            self._queue.remove(least)
            self._end(least, "gave way: too many statements waited")
        self._queue.append(delivery)
        self.idle.clear()
        self._news.set()
        return True

    def put_late(self, delivery: Delivery) -> None:
        """Queue what a former run owed, or give it up where its time is over."""
        if self._clock.now() > delivery.queued_t + self._post.reach.retry_s:
            self._end(delivery, "given up: Tocsin was not running while it mattered")
        else:
            self.put(delivery)

    def health(self) -> ChannelHealth:
        """As it is now."""
        return msgspec.structs.replace(self._health, backlog=len(self._queue))

    async def self_test(self) -> Receipt:
        """Between two deliveries, never during one."""
        async with self._one_at_a_time:
            receipt = await self._within_time(self._post.channel.self_test(), self._test_failed)
        self._count(receipt)
        self._hand_on(receipt)
        return receipt

    async def close(self, patience_s: float) -> None:
        """Let a running attempt end, within reason, then stop. A second call does nothing."""
        if self._task.done():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._one_at_a_time.acquire()
        self._task.cancel()
        await asyncio.wait((self._task,))
        while self._queue:
            self._leave(self._queue.pop(0))
        self.idle.set()
        closing = asyncio.create_task(self._post.channel.close())
        done, _ = await asyncio.wait((closing,), timeout=patience_s)
        if not done:
            closing.cancel()
        elif closing.exception() is not None:
            self._hand_on(self._test_failed(f"could not be closed: {closing.exception()!r}"))

    def _wants(self, alert: Alert) -> bool:
        reach = self._post.reach
        if alert.level not in reach.levels or (alert.drill and not reach.drills):
            return False
        if self._post.once_a_level and self._told.get(alert.alert) == alert.level:
            return False
        # people who heard nothing are not told that it is over
        return alert.level != "all-clear" or alert.alert in self._told or alert.public

    async def _work(self) -> None:
        await self._carry_on()
        while True:
            delivery = self._next_due()
            if delivery is None:
                await self._wait_for_work()
            else:
                async with self._one_at_a_time:
                    await self._try(delivery)

    async def _carry_on(self) -> None:
        """Let the channel end in time what a former run began, such as a siren that still wails."""
        channel = self._post.channel
        if not isinstance(channel, Resuming):
            return
        for alert, told_t in self._former:
            async with self._one_at_a_time:
                resumed = self._as_receipt(channel.resume(alert, told_t, told=True), alert, told_t)
                await self._within_time(resumed, self._test_failed)

    def _next_due(self) -> Delivery | None:
        """The oldest statement that may be tried now; what a newer one has replaced is dropped."""
        for delivery in list(self._queue):
            troubled = delivery.attempts > 0 or self._health.consecutive_failures > 0
            newer = self._newer(delivery)
            if troubled and newer is not None:
                self._queue.remove(delivery)
                self._end(delivery, f"replaced by statement {newer.alert.sequence}")
        now = self._clock.now()
        return next((d for d in self._queue if d.due_t <= now), None)

    def _newer(self, delivery: Delivery) -> Delivery | None:
        after = self._queue[self._queue.index(delivery) + 1 :]
        return next((d for d in after if d.alert.alert == delivery.alert.alert), None)

    async def _wait_for_work(self) -> None:
        """Until something new is queued or a retry falls due."""
        if not self._queue:
            self.idle.set()
        self._news.clear()
        waits = [asyncio.create_task(self._news.wait())]
        if self._queue:
            due_t = min(delivery.due_t for delivery in self._queue)
            waits.append(asyncio.create_task(self._sleep_until(due_t)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _sleep_until(self, t: float) -> Literal[True]:
        await self._clock.sleep_until(t)
        return True

    async def _try(self, delivery: Delivery) -> None:
        """One attempt, and what follows from it."""
        delivery.attempts += 1
        started_t = self._clock.now()
        receipt = await self._within_time(
            self._attempt(delivery),
            lambda why: _failed(self._post.channel.name, delivery.alert, started_t, why),
        )
        receipt = msgspec.structs.replace(receipt, attempts=delivery.attempts)
        self._count(receipt)
        now = self._clock.now()
        pause_s = min(_FIRST_PAUSE_S * 2.0 ** (delivery.attempts - 1), _LONGEST_PAUSE_S)
        tries_again = now + pause_s <= delivery.queued_t + self._post.reach.retry_s
        if not receipt.delivered and tries_again:
            delivery.due_t = now + pause_s
            if delivery.attempts == 1:
                self._hand_on(_tries_again(receipt))
            return
        if delivery in self._queue:
            self._queue.remove(delivery)
        self._hand_on(receipt)

    async def _attempt(self, delivery: Delivery) -> Receipt:
        channel, alert = self._post.channel, delivery.alert
        begun_t, delivery.begun_t = delivery.begun_t, None
        if begun_t is not None and isinstance(channel, Resuming):
            had_told = await channel.resume(alert, begun_t, told=False)
            if had_told is not None:
                return had_told
        attempt = Attempt(channel.name, alert.alert, alert.sequence, round(self._clock.now(), 3))
        await self._note_attempt(attempt)
        return await channel.deliver(alert, dict(delivery.texts), delivery.cap_xml)

    async def _as_receipt(
        self, resumed: Coroutine[object, object, Receipt | None], alert: Alert, told_t: float
    ) -> Receipt:
        return await resumed or _failed(self._post.channel.name, alert, told_t, "was over")

    async def _within_time(
        self, attempt: Coroutine[object, object, Receipt], failed: Callable[[str], Receipt]
    ) -> Receipt:
        """The receipt; a channel that hangs or breaks its promise never to raise has failed."""
        task = asyncio.create_task(attempt)
        limit_s = self._post.reach.timeout_s * _HUNG_FACTOR
        try:
            done, _ = await asyncio.wait((task,), timeout=limit_s)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            self._abandoned.add(task)
            task.add_done_callback(self._abandoned.discard)
            return failed(f"hangs: no receipt within {limit_s:g} s")
        if task.cancelled():
            return failed("was interrupted")
        error = task.exception()
        return task.result() if error is None else failed(f"broke: {error!r}")

    def _count(self, receipt: Receipt) -> None:
        now = self._clock.now()
        self._health = msgspec.structs.replace(
            self._health,
            consecutive_failures=0 if receipt.delivered else self._health.consecutive_failures + 1,
            last_success_t=now if receipt.delivered else self._health.last_success_t,
            last_failure_t=self._health.last_failure_t if receipt.delivered else now,
            last_detail=receipt.detail,
        )

    def _leave(self, delivery: Delivery) -> None:
        """To be told when Tocsin runs again."""
        why = "not delivered: Tocsin was stopped"
        failed = _failed(self._post.channel.name, delivery.alert, delivery.queued_t, why)
        self._hand_on(_tries_again(msgspec.structs.replace(failed, attempts=delivery.attempts)))

    def _end(self, delivery: Delivery, why: str) -> None:
        failed = _failed(self._post.channel.name, delivery.alert, delivery.queued_t, why)
        self._hand_on(msgspec.structs.replace(failed, attempts=delivery.attempts))

    def _test_failed(self, why: str) -> Receipt:
        now = round(self._clock.now(), 3)
        return Receipt(
            self._post.channel.name, SELF_TEST, 0, "all-clear", now, delivered=False, detail=why
        )


def _failed(channel: str, alert: Alert, sent_t: float, why: str) -> Receipt:
    return Receipt(
        channel=channel,
        alert=alert.alert,
        sequence=alert.sequence,
        level=alert.level,
        t_sent=round(sent_t, 3),
        delivered=False,
        detail=why,
    )


def _tries_again(receipt: Receipt) -> Receipt:
    detail = f"{receipt.detail}; tries again"
    return msgspec.structs.replace(receipt, detail=detail, tries_again=True)
